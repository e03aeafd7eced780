/** Package encoding/csv (RFC 4180, with the error texts of Go's encoding/csv). */
import { encodeJson } from "../../encoding/json.ts";
import type { BuiltinPackage, Data } from "../contract.ts";
import { CallFailure } from "../contract.ts";
import { define, textOf } from "../signature.ts";

function encodeField(value: Data): string {
  const text = typeof value === "string" ? value : encodeJson(value);
  const quoted = text === "\\." || /[",\r\n]|^\s/.test(text);
  return quoted ? `"${text.replaceAll('"', '""')}"` : text;
}

interface Place {
  readonly line: number;
  readonly column: number;
}

class CsvReader {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string) {
    this.#text = text.replaceAll("\r\n", "\n").replace(/\r$/, "");
  }

  records(): string[][] {
    const records: string[][] = [];
    while (this.#at < this.#text.length) {
      if (this.#text.charAt(this.#at) === "\n") {
        this.#lineEnd();
        continue;
      }
      const line = this.#line;
      const record = this.#record();
      if (record.length !== (records[0] ?? record).length) {
        throw new CallFailure(`record on line ${line}: wrong number of fields`);
      }
      records.push(record);
    }
    return records;
  }

  #lineEnd(): void {
    this.#at++;
    this.#line++;
    this.#lineStart = this.#at;
  }

  #record(): string[] {
    const startLine = this.#line;
    const fields: string[] = [];
    for (;;) {
      fields.push(this.#text.charAt(this.#at) === '"' ? this.#quoted(startLine) : this.#bare(startLine));
      if (this.#text.charAt(this.#at) === ",") {
        this.#at++;
        continue;
      }
      if (this.#at < this.#text.length) this.#lineEnd();
      return fields;
    }
  }

  #bare(startLine: number): string {
    const start = this.#at;
    for (; this.#at < this.#text.length; this.#at++) {
      const c = this.#text.charAt(this.#at);
      if (c === "," || c === "\n") break;
      if (c === '"') this.#fail(startLine, this.#place(this.#at), 'bare " in non-quoted-field');
    }
    return this.#text.slice(start, this.#at);
  }

  #quoted(startLine: number): string {
    const parts: string[] = [];
    for (;;) {
      const start = this.#at + 1;
      const end = this.#text.indexOf('"', start);
      const stop = end < 0 ? this.#text.length : end;
      for (let i = this.#text.indexOf("\n", start); i >= 0 && i < stop; i = this.#text.indexOf("\n", i + 1)) {
        this.#line++;
        this.#lineStart = i + 1;
      }
      parts.push(this.#text.slice(start, stop));
      if (end < 0) this.#fail(startLine, this.#endPlace(), 'extraneous or missing " in quoted-field');
      this.#at = end + 1;
      const c = this.#text.charAt(this.#at);
      if (c === '"') parts.push('"');
      else if (c === "," || c === "\n" || c === "") return parts.join("");
      else this.#fail(startLine, this.#place(end), 'extraneous or missing " in quoted-field');
    }
  }

  #place(at: number): Place {
    return { line: this.#line, column: new TextEncoder().encode(this.#text.slice(this.#lineStart, at)).length + 1 };
  }

  /** Where an open quote is noticed: at the end of the last line that has text. */
  #endPlace(): Place {
    if (this.#lineStart < this.#text.length || this.#line === 1) return this.#place(this.#text.length);
    const lastStart = this.#text.lastIndexOf("\n", this.#text.length - 2) + 1;
    return { line: this.#line - 1, column: new TextEncoder().encode(this.#text.slice(lastStart)).length + 1 };
  }

  #fail(startLine: number, place: Place, problem: string): never {
    const where = `parse error on line ${place.line}, column ${place.column}`;
    throw new CallFailure(`${startLine === place.line ? "" : `record on line ${startLine}; `}${where}: ${problem}`);
  }
}

export const csvPackage: BuiltinPackage = {
  path: "encoding/csv",
  functions: [
    define("Encode", ["value"], "string", (call) =>
      call
        .value(0)
        .elements()
        .map(
          (row) =>
            `${row
              .elements()
              .map((field) => encodeField(field.data()))
              .join(",")}\n`,
        )
        .join(""),
    ),
    define("Decode", ["bytes"], "list", (call) => new CsvReader(textOf(call.bytes(0))).records()),
  ],
};
