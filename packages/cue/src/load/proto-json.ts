/**
 * JSON as protobuf writes it (`json+pb`): numbers may be strings and bytes are base64, and only the schema says which.
 * Literals are replaced in place, so that positions hold.
 */
import type { CueError, SourceFile, Value } from "../api.ts";
import { decodeBase64 } from "../encoding/base64.ts";
import { parseFile } from "../syntax/parser.ts";
import { Document } from "./json-schema/schema-node.ts";
import type { SchemaNode } from "./json-schema/schema-node.ts";
import { loadError } from "./load-error.ts";

export type Rewritten = { readonly ok: true; readonly source: SourceFile } | { readonly ok: false; readonly errors: readonly CueError[] };

/** Values inside one another beyond this stay as they are. */
const maxDepth = 500;

/** The text with the literals that `schema` wants. */
export function rewriteProtoJson(source: SourceFile, schema: Value): Rewritten {
  const doc = new Document(parseFile(source.text, source.filename).file);
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = [];
  const errors: CueError[] = [];
  const walk = (node: SchemaNode, wanted: Value, path: readonly (string | number)[]): void => {
    if (path.length > maxDepth) return;
    for (const [name, inner] of doc.fields(node) ?? []) walk(inner, wanted.lookup([name]), [...path, name]);
    for (const [index, inner] of (doc.elements(node) ?? []).entries()) walk(inner, wanted.lookup([index]), [...path, index]);
    const text = doc.string(node);
    if (text === undefined) return;
    const kind = wanted.incompleteKind();
    const { start, end } = node.expr;
    if ((kind === "int" || kind === "float" || kind === "number") && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text))
      edits.push({ start, end, text });
    if (kind !== "bytes") return;
    const bytes = decodeBase64(new TextEncoder().encode(text));
    if ("badAt" in bytes)
      errors.push({ ...loadError(`failed to decode base64: illegal base64 data at input byte ${bytes.badAt}`, [node.at]), path });
    else edits.push({ start, end, text: `'${[...bytes.bytes].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}'` });
  };
  walk(doc.root, schema, []);
  if (errors.length > 0) return { ok: false, errors };
  let text = "";
  let at = 0;
  for (const edit of edits.sort((a, b) => a.start - b.start)) {
    text += source.text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return { ok: true, source: { filename: source.filename, text: text + source.text.slice(at) } };
}
