/** Documents to text: 80 columns, of which a level of indentation takes four. */
import { hardBreak } from "./document.ts";
import type { Doc, Width } from "./document.ts";
import { renderTable } from "./table.ts";

const lineWidth = 80;
const tabWidth = 4;

/** How a document is to be laid out at its place. */
export interface Place {
  readonly indent: number;
  readonly flat: boolean;
  /** The width does not count: inside an unbounded scope. */
  readonly unbounded: boolean;
  /** Soft breaks stay flat whatever the mode: directly inside an unbounded scope. */
  readonly settled: boolean;
  /** No width breaks the line. */
  readonly oneLine: boolean;
  /** The next group must not become flat. */
  readonly linked: boolean;
}

export interface Shape {
  /** Of one level. */
  readonly indentation: string;
  /** Breaks no line that need not be broken, however long. */
  readonly oneLine: boolean;
}

export function render(doc: Doc | undefined, shape: Shape): string {
  const output = new Output(shape);
  output.render(doc, { indent: 0, flat: shape.oneLine, unbounded: false, settled: false, oneLine: shape.oneLine, linked: false });
  return output.text();
}

export class Output {
  readonly #shape: Shape;
  readonly #pieces: string[] = [];
  column = 0;
  /** Indentation of the last line break. */
  lastIndent = 0;

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  text(): string {
    return this.#pieces.join("");
  }

  write(piece: string, width: number): void {
    this.#pieces.push(piece);
    this.column += width;
  }

  newline(indent: number): void {
    this.#pieces.push("\n" + this.#shape.indentation.repeat(indent));
    this.column = indent * tabWidth;
    this.lastIndent = indent;
  }

  roomAt(indent: number): number {
    return Math.max(lineWidth - indent * tabWidth, 1);
  }

  render(doc: Doc | undefined, place: Place): void {
    if (doc === undefined) return;
    const stack: (readonly [Doc, Place])[] = [[doc, place]];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const [current, at] = top;
      switch (current.kind) {
        case "text":
          this.write(current.text, current.flat);
          break;
        case "soft":
          if (at.flat || at.settled) this.write(current.text, current.flat);
          else this.newline(at.indent);
          break;
        case "hard":
          this.newline(at.indent);
          break;
        case "bare":
          this.#pieces.push("\n");
          this.column = 0;
          break;
        case "concat":
          for (let i = current.parts.length - 1; i >= 0; i--) {
            const part = current.parts[i];
            if (part !== undefined) stack.push([part, at]);
          }
          break;
        case "nest":
          stack.push([current.child, { ...at, indent: at.indent + 1 }]);
          break;
        case "group":
          stack.push([current.child, this.#grouped(current.child, { ...at, settled: false })]);
          break;
        case "scope": {
          stack.push([current.child, this.#grouped(current.child, scoped(at, current.width))]);
          break;
        }
        case "linked":
          stack.push([current.child, { ...at, settled: false, linked: at.linked || !at.flat }]);
          break;
        case "switch": {
          const side = at.flat ? current.unbroken : current.broken;
          if (side !== undefined) stack.push([side, at]);
          break;
        }
        case "table":
          renderTable(this, current.rows, { ...at, linked: false });
          break;
        case "body":
          this.#body(current, at, stack);
          break;
      }
    }
  }

  #grouped(child: Doc, at: Place): Place {
    if (at.oneLine) return { ...at, flat: true };
    if (at.linked) return { ...at, linked: false };
    if (at.flat) return at;
    const room = lineWidth - this.column;
    const fits = at.unbounded ? child.flat !== Infinity : room > 0 && child.flat <= room;
    return fits ? { ...at, flat: true } : at;
  }

  #body(doc: Extract<Doc, { kind: "body" }>, at: Place, stack: (readonly [Doc, Place])[]): void {
    if (at.flat || doc.child.flat > this.roomAt(at.indent + 1)) {
      stack.push([doc.child, at]);
      return;
    }
    const inside = { ...at, indent: at.indent + 1, flat: true, linked: false };
    stack.push([hardBreak, at]);
    if (doc.trailingComma !== undefined) stack.push([doc.trailingComma, inside]);
    stack.push([doc.child, inside], [hardBreak, inside]);
  }
}

function scoped(at: Place, width: Width): Place {
  if (at.oneLine) return at;
  if (width === "line") return { ...at, unbounded: true, settled: true, oneLine: true };
  const unbounded = width === "unbounded";
  return { ...at, flat: unbounded && at.flat, unbounded, settled: unbounded };
}
