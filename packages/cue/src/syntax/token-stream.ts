/** The tokens of a text with one token of look-ahead, the problems found on the way, and the limit of nesting. */
import type { Diagnostic } from "@slipway/std";
import type * as ast from "./ast.ts";
import { positionAt } from "./position.ts";
import type { Token } from "./scanner.ts";
import { Scanner } from "./scanner.ts";

/** Deeper than any text that people or programs write, and no danger to the stacks of those who walk the tree. */
export const maxNesting = 500;
const maxDiagnostics = 10;
const keywords = new Set(["for", "in", "if", "let", "true", "false", "null"]);

export class TokenStream {
  protected readonly scanner: Scanner;
  protected token: Token;
  /** Where the last token that was taken ended. */
  protected previousEnd = 0;
  readonly #filename: string;
  /** Offset of the problem told last, and its line from start to end. */
  #lastProblem = -1;
  #problemLine: readonly [number, number] = [-1, -1];
  #nesting = 0;
  #gaveUp = false;

  constructor(text: string, filename: string) {
    this.scanner = new Scanner(text);
    this.#filename = filename;
    this.token = this.scanner.next();
  }

  get source(): string {
    return this.scanner.source;
  }

  diagnostics(): Diagnostic[] {
    const problems = [...this.scanner.problems].sort((a, b) => a.at - b.at).slice(0, maxDiagnostics);
    return problems.map(({ at, message }) => ({
      code: "CUE_SYNTAX",
      severity: "error",
      path: [],
      at: [{ file: this.#filename, ...positionAt(this.source, at) }],
      message,
    }));
  }

  protected advance(): Token {
    const token = this.token;
    this.previousEnd = token.end;
    this.token = this.next();
    return token;
  }

  protected next(): Token {
    const end = this.source.length;
    return this.#gaveUp ? { kind: "eof", text: "EOF", start: end, end } : this.scanner.next();
  }

  protected isOp(text: string): boolean {
    return this.token.kind === "op" && this.token.text === text;
  }

  protected isIdent(text: string): boolean {
    return this.token.kind === "ident" && this.token.text === text;
  }

  /** A comma that a line break stands for. */
  protected isLineBreak(): boolean {
    return this.token.kind === "comma" && this.token.text === "\n";
  }

  protected accept(text: string): boolean {
    if (!this.isOp(text)) return false;
    this.advance();
    return true;
  }

  protected expect(text: string): void {
    if (!this.accept(text)) this.expected(`'${text}'`);
  }

  /** The closing bracket of something whose last line may lack its comma. */
  protected expectClosing(text: string, context: string): void {
    if (this.isLineBreak()) {
      this.problem(this.token.start, `missing ',' before newline in ${context}`);
      this.advance();
    }
    this.expect(text);
  }

  /** Only the first problem of a line is told: what follows is mostly its consequence. */
  protected problem(at: number, message: string): void {
    const { problems } = this.scanner;
    const last = problems.at(-1);
    if (last !== undefined && last.at !== this.#lastProblem) {
      this.#lastProblem = last.at;
      this.#problemLine = [this.source.lastIndexOf("\n", last.at - 1) + 1, endOfLine(this.source, last.at)];
    }
    const [start, end] = this.#problemLine;
    if (at >= start && at <= end) return;
    // More than are told need not be kept.
    if (problems.length < 10 * maxDiagnostics) problems.push({ at, message });
  }

  protected expected(what: string): void {
    this.problem(this.token.start, `expected ${what}, found ${this.#found()}`);
  }

  #found(): string {
    const { kind, text } = this.token;
    if (kind === "ident") return keywords.has(text) ? `'${text}'` : `'IDENT' ${text}`;
    if (kind === "int" || kind === "float") return `'${kind.toUpperCase()}' ${text}`;
    if (kind === "string") {
      const literal = this.scanner.tokenText(this.token);
      return `'${literal.endsWith("(") ? "INTERPOLATION" : "STRING"}' ${literal}`;
    }
    if (kind === "comma" && text === "\n") return "newline";
    return kind === "attribute" ? `'ATTRIBUTE' ${text}` : `'${text}'`;
  }

  /** Enters one level of nesting; where there are too many, the text ends here. Each success needs a `leave`. */
  protected enter(): boolean {
    if (this.#nesting < maxNesting) {
      this.#nesting++;
      return true;
    }
    this.problem(this.token.start, `nested more than ${maxNesting} levels deep`);
    this.giveUp();
    return false;
  }

  protected leave(): void {
    this.#nesting--;
  }

  /** Nothing sensible can follow: the text ends here. */
  protected giveUp(): void {
    this.#gaveUp = true;
    this.token = this.next();
  }

  /** In place of what should start here; it may be empty, behind the last token. */
  protected bad(start: number): ast.BadExpression {
    return { type: "Bad", start: Math.min(start, this.previousEnd), end: this.previousEnd };
  }
}

function endOfLine(source: string, at: number): number {
  const end = source.indexOf("\n", at);
  return end < 0 ? source.length : end;
}
