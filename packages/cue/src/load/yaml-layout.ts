/** YAML documents as CUE text in which values keep their lines, and their columns where there is room. */
import { LineCounter, isMap, isScalar, isSeq, parseAllDocuments } from "yaml";
import type { Data } from "../builtins/contract.ts";
import { jsonString } from "../encoding/json.ts";
import { Decimal, formatDecimal } from "../number/decimal.ts";

type Place = unknown;

/**
 * `documents` are the values of `text`; its nodes tell where they are. `files` leaves the braces out of a struct, so that
 * its first field keeps its column.
 */
export function layoutYaml(text: string, documents: readonly Data[], files: boolean): readonly string[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    schema: "failsafe",
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
    lineCounter: lines,
  });
  const nodes = Array.isArray(parsed) ? parsed.map((each) => each.contents) : [];
  return documents.map((data, index) =>
    new Layout(lines).document(nodes.length === documents.length ? nodes[index] : undefined, data, files),
  );
}

/** Data as CUE text on one line. */
export function cueText(data: Data): string {
  return new Layout(new LineCounter()).document(undefined, data, false).trimEnd();
}

class Layout {
  readonly #lines: LineCounter;
  #text = "";
  #line = 1;
  #column = 1;

  constructor(lines: LineCounter) {
    this.#lines = lines;
  }

  document(node: Place, data: Data, file: boolean): string {
    if (file && data instanceof Map) this.#fields(node, data as ReadonlyMap<string, Data>);
    else this.#value(node, data);
    return `${this.#text}\n`;
  }

  #write(text: string): void {
    this.#text += text;
    this.#column += text.length;
  }

  /** Goes to the node's place, if it is ahead. */
  #moveTo(node: Place): void {
    const offset = rangeOf(node);
    if (offset === undefined) return;
    const { line, col } = this.#lines.linePos(offset);
    if (line > this.#line) {
      this.#text += "\n".repeat(line - this.#line);
      this.#line = line;
      this.#column = 1;
    }
    if (line === this.#line && col > this.#column) this.#write(" ".repeat(col - this.#column));
  }

  #fields(node: Place, fields: ReadonlyMap<string, Data>): void {
    const pairs = isMap(node) && node.items.length === fields.size ? node.items : [];
    let index = 0;
    for (const [label, item] of fields) {
      const pair = pairs[index];
      // Keys that were merged or written twice do not stand where the field does.
      const same = pair !== undefined && isScalar(pair.key) && pair.key.value === label;
      if (index > 0) this.#write(",");
      this.#moveTo(same ? pair.key : undefined);
      this.#write(`${/^[a-zA-Z$][\w$]*$/.test(label) && !reserved.has(label) ? label : jsonString(label)}:`);
      this.#moveTo(same && !startsBelow(pair.value) ? pair.value : undefined);
      this.#value(same ? pair.value : undefined, item);
      index++;
    }
  }

  /** The data's depth is bounded by its decoder. */
  #value(node: Place, data: Data): void {
    if (data instanceof Map) {
      this.#write("{");
      this.#fields(node, data as ReadonlyMap<string, Data>);
      this.#write("}");
    } else if (Array.isArray(data)) {
      const items = isSeq(node) && node.items.length === data.length ? node.items : [];
      this.#write("[");
      for (const [index, item] of (data as readonly Data[]).entries()) {
        if (index > 0) this.#write(",");
        if (!startsBelow(items[index])) this.#moveTo(items[index]);
        this.#value(items[index], item);
      }
      this.#write("]");
    } else this.#write(scalarText(data));
  }
}

const reserved = new Set(["package", "import", "for", "in", "if", "let", "true", "false", "null"]);

/** A block collection begins with its first element, and the bracket that CUE needs goes before that. */
function startsBelow(node: Place): boolean {
  return (isMap(node) || isSeq(node)) && node.flow !== true;
}

function rangeOf(node: Place): number | undefined {
  if (typeof node !== "object" || node === null || !("range" in node)) return undefined;
  const { range } = node;
  return Array.isArray(range) && typeof range[0] === "number" ? range[0] : undefined;
}

function scalarText(data: Data): string {
  if (typeof data === "string") return jsonString(data);
  if (data instanceof Decimal) return formatDecimal(data);
  if (data instanceof Uint8Array) return `'${[...data].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}'`;
  return String(data);
}
