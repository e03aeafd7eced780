/** A JSON document as a syntax tree, so that what is wrong with a schema is told at its place. JSON is CUE. */
import type { SourcePosition } from "@slipway/std";
import type { Expression, File } from "../../syntax/ast.ts";
import { decodeString } from "../../syntax/decode-string.ts";
import { positionAt } from "../../syntax/position.ts";

/** One value of the document. */
export interface SchemaNode {
  readonly expr: Expression;
  readonly at: SourcePosition;
  /** Where the key of this value is. */
  readonly keyAt: SourcePosition;
}

export class Document {
  readonly root: SchemaNode;
  readonly #file: File;

  /** `file` holds one JSON value. */
  constructor(file: File) {
    this.#file = file;
    const [only] = file.decls;
    const bare = file.decls.length > 0 && only?.type === "Field";
    // YAML comes without the braces of its outermost struct.
    const expr: Expression = bare
      ? { type: "StructLit", decls: file.decls, comments: [], start: file.start, end: file.end }
      : only?.type === "Embedding"
        ? only.expr
        : { type: "StructLit", decls: [], comments: [], start: file.start, end: file.end };
    this.root = { expr, at: this.#position(expr.start), keyAt: this.#position(expr.start) };
  }

  #position(offset: number): SourcePosition {
    return { file: this.#file.filename, ...positionAt(this.#file.source, offset) };
  }

  /** The fields of a struct in order; undefined for anything else. */
  fields(node: SchemaNode): readonly (readonly [string, SchemaNode])[] | undefined {
    if (node.expr.type !== "StructLit") return undefined;
    const found: (readonly [string, SchemaNode])[] = [];
    for (const decl of node.expr.decls) {
      if (decl.type !== "Field") continue;
      const { label, value } = decl;
      const name = label.type === "StringLabel" ? label.value : label.type === "IdentLabel" ? label.name : undefined;
      if (name === undefined) continue;
      const quoted = label.type === "StringLabel" ? 1 : 0;
      found.push([name, { expr: value, at: this.#position(value.start), keyAt: this.#position(label.start + quoted) }]);
    }
    return found;
  }

  field(node: SchemaNode, name: string): SchemaNode | undefined {
    return this.fields(node)?.find(([each]) => each === name)?.[1];
  }

  elements(node: SchemaNode): readonly SchemaNode[] | undefined {
    if (node.expr.type !== "ListLit") return undefined;
    return node.expr.elements.flatMap((each) =>
      each.type === "Comprehension" || each.type === "Ellipsis"
        ? []
        : [{ expr: each, at: this.#position(each.start), keyAt: this.#position(each.start) }],
    );
  }

  string(node: SchemaNode | undefined): string | undefined {
    const expr = node?.expr;
    return expr?.type === "BasicLit" && expr.kind === "string" ? decodeString(expr.raw).value : undefined;
  }

  bool(node: SchemaNode | undefined): boolean | undefined {
    const expr = node?.expr;
    return expr?.type === "BasicLit" && expr.kind === "bool" ? expr.raw === "true" : undefined;
  }

  /** A number as written. */
  number(node: SchemaNode | undefined): string | undefined {
    const expr = node?.expr;
    if (expr?.type === "BasicLit" && (expr.kind === "int" || expr.kind === "float")) return expr.raw;
    if (expr?.type === "Unary" && expr.op === "-" && expr.operand.type === "BasicLit") return `-${expr.operand.raw}`;
    return undefined;
  }

  /** The value as CUE text on one line. */
  text(node: SchemaNode): string {
    const { source } = this.#file;
    return source.slice(node.expr.start, node.expr.end).replace(/\s*\n\s*/g, " ");
  }
}
