/** YAML text of concrete data, laid out as the reference does it: two spaces a level, block style throughout. */
import type { Data } from "../builtins/contract.ts";
import { Decimal, formatDecimal } from "../number/decimal.ts";
import { encodeBase64 } from "./base64.ts";
import { isList, isMap } from "./unify-data.ts";
import { inlineString, scalarShape } from "./yaml-scalar.ts";

/** Longer keys need the explicit form `? key`. In bytes. */
const maxSimpleKey = 128;

interface Open {
  readonly entries: Iterator<readonly [string | number, Data]>;
  readonly column: number;
  /** The first entry continues the line that a `- ` began. */
  inline: boolean;
}

class YamlWriter {
  readonly #parts: string[] = [];
  readonly #open: Open[] = [];
  #lineStart = true;

  write(data: Data): string {
    if (!this.#openBlock(data, 0, true)) this.#scalar(data, 2);
    for (let top = this.#open.at(-1); top !== undefined; top = this.#open.at(-1)) {
      const next = top.entries.next();
      if (next.done === true) {
        this.#open.pop();
        continue;
      }
      if (top.inline) top.inline = false;
      else this.#newLine(top.column);
      const [key, value] = next.value;
      if (typeof key === "number") this.#element(value, top.column);
      else this.#field(key, value, top.column);
    }
    if (!this.#lineStart) this.#push("\n");
    return this.#parts.join("");
  }

  #push(text: string): void {
    this.#parts.push(text);
    this.#lineStart = text.endsWith("\n");
  }

  #newLine(column: number): void {
    if (!this.#lineStart) this.#push("\n");
    if (column > 0) this.#push(" ".repeat(column));
  }

  #openBlock(data: Data, column: number, inline: boolean): boolean {
    const entries = isMap(data) && data.size > 0 ? data.entries() : isList(data) && data.length > 0 ? data.entries() : undefined;
    if (entries === undefined) return false;
    this.#open.push({ entries, column, inline });
    return true;
  }

  #element(value: Data, column: number): void {
    this.#push("- ");
    if (!this.#openBlock(value, column + 2, true)) this.#scalar(value, column + 2);
  }

  #field(key: string, value: Data, column: number): void {
    const simple = !key.includes("\n") && new TextEncoder().encode(key).length <= maxSimpleKey;
    if (!simple) {
      this.#push("? ");
      this.#string(key, column + 2);
      this.#newLine(column);
      this.#push(": ");
      if (!this.#openBlock(value, column + 2, true)) this.#scalar(value, column + 2);
      return;
    }
    this.#push(`${inlineString(key)}:`);
    if (this.#openBlock(value, column + 2, false)) return;
    this.#push(" ");
    this.#scalar(value, column + 2);
  }

  #scalar(value: Data, column: number): void {
    if (typeof value === "string") this.#string(value, column);
    else if (isMap(value)) this.#push("{}");
    else if (isList(value)) this.#push("[]");
    else if (value instanceof Uint8Array) this.#push(`!!binary ${encodeBase64(value) || '""'}`);
    else this.#push(value instanceof Decimal ? formatDecimal(value) : String(value));
  }

  #string(text: string, column: number): void {
    if (!text.includes("\n") || !scalarShape(text).literal) {
      this.#push(inlineString(text));
      return;
    }
    const indentHint = /^[ \n]/.test(text) ? "2" : "";
    const chomp = text.endsWith("\n") ? (text === "\n" || text.endsWith("\n\n") ? "+" : "") : "-";
    this.#push(`|${indentHint}${chomp}\n`);
    const margin = " ".repeat(column);
    const lines = text.split("\n");
    const last = lines.pop() ?? "";
    this.#push(lines.map((line) => (line === "" ? "\n" : `${margin}${line}\n`)).join(""));
    if (last !== "") this.#push(`${margin}${last}`);
  }
}

/** One YAML document with its final newline and without a `---`. Bytes become `!!binary`. */
export function encodeYaml(data: Data): string {
  return new YamlWriter().write(data);
}

/** Documents with `---` between them. */
export function encodeYamlStream(documents: readonly Data[]): string {
  return documents.map(encodeYaml).join("---\n");
}
