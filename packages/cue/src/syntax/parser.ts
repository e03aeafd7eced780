/**
 * Recursive descent over the token stream, one token of look-ahead plus saved positions for labels. Never throws: what
 * cannot be read becomes a diagnostic and a `Bad` expression, and reading goes on at the next declaration.
 * Nesting is limited, so that no input can overflow the stack.
 *
 * Over 600 lines because declarations and expressions are one mutual recursion over one token stream.
 */
import type { Diagnostic } from "@slipway/std";
import type * as ast from "./ast.ts";
import { attachComments } from "./comments.ts";
import { decodeString } from "./decode-string.ts";
import { positionAt } from "./position.ts";
import type { Token } from "./scanner.ts";
import { Scanner } from "./scanner.ts";

export interface ParsedFile {
  readonly file: ast.File;
  readonly diagnostics: readonly Diagnostic[];
}

const maxNesting = 400;
const maxDiagnostics = 10;

export function parseFile(text: string, filename: string): ParsedFile {
  const parser = new Parser(text, filename);
  const file = parser.file();
  return { file: attachComments(file, parser.scanner.comments), diagnostics: parser.diagnostics() };
}

export function parseExpression(
  text: string,
  filename: string,
): { readonly expr: ast.Expression; readonly diagnostics: readonly Diagnostic[] } {
  const parser = new Parser(text, filename);
  const expr = parser.wholeExpression();
  return { expr, diagnostics: parser.diagnostics() };
}

const binaryPrecedence: Readonly<Record<string, number>> = {
  "|": 1,
  "&": 2,
  "||": 3,
  "&&": 4,
  "==": 5,
  "!=": 5,
  "<": 5,
  "<=": 5,
  ">": 5,
  ">=": 5,
  "=~": 5,
  "!~": 5,
  "+": 6,
  "-": 6,
  "*": 7,
  "/": 7,
  div: 7,
  mod: 7,
  quo: 7,
  rem: 7,
};
const unaryOperators = new Set(["+", "-", "!", "*", "<", "<=", ">", ">=", "!=", "=~", "!~", "=="]);

class Parser {
  readonly scanner: Scanner;
  readonly #filename: string;
  readonly #problems: { readonly at: number; readonly message: string }[] = [];
  #token: Token;
  #previousEnd = 0;
  #nesting = 0;
  #gaveUp = false;

  constructor(text: string, filename: string) {
    this.scanner = new Scanner(text);
    this.#filename = filename;
    this.#token = this.scanner.next();
  }

  diagnostics(): Diagnostic[] {
    const all = [...this.scanner.problems, ...this.#problems].sort((a, b) => a.at - b.at).slice(0, maxDiagnostics);
    return all.map((problem) => ({
      code: "CUE_SYNTAX",
      severity: "error",
      path: [],
      at: [{ file: this.#filename, ...positionAt(this.scanner.source, problem.at) }],
      message: problem.message,
    }));
  }

  file(): ast.File {
    const attributes: ast.Attribute[] = [];
    let clause: ast.PackageClause | undefined;
    const imports: ast.ImportSpec[] = [];
    while (this.#token.kind === "attribute") {
      attributes.push(this.#attribute());
      this.#skipCommas();
    }
    if (this.#isIdent("package")) {
      const { start } = this.#advance();
      const name = this.#token;
      if (name.kind !== "ident") this.#expected("package name");
      else {
        this.#advance();
        clause = { type: "Package", name: name.text, start, end: name.end, comments: [] };
      }
      this.#skipCommas();
    }
    while (this.#isIdent("import")) {
      this.#import(imports);
      this.#skipCommas();
    }
    const decls = this.#declarations("EOF");
    return {
      type: "File",
      filename: this.#filename,
      source: this.scanner.source,
      package: clause,
      imports,
      attributes,
      decls,
      comments: [],
      start: 0,
      end: this.scanner.source.length,
    };
  }

  wholeExpression(): ast.Expression {
    const expr = this.#expression();
    this.#skipCommas();
    if (this.#token.kind !== "eof") this.#expected("end of the expression");
    return expr;
  }

  // --- tokens

  #advance(): Token {
    const token = this.#token;
    this.#previousEnd = token.end;
    this.#token = this.#next();
    return token;
  }

  #next(): Token {
    const end = this.scanner.source.length;
    return this.#gaveUp ? { kind: "eof", text: "EOF", start: end, end, newline: false } : this.scanner.next();
  }

  #isOp(text: string): boolean {
    return this.#token.kind === "op" && this.#token.text === text;
  }

  #isIdent(text: string): boolean {
    return this.#token.kind === "ident" && this.#token.text === text;
  }

  #accept(text: string): boolean {
    if (!this.#isOp(text)) return false;
    this.#advance();
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) this.#expected(`'${text}'`);
  }

  #skipCommas(): void {
    while (this.#token.kind === "comma") this.#advance();
  }

  #problem(at: number, message: string): void {
    if (this.#problems.at(-1)?.at !== at) this.#problems.push({ at, message });
  }

  #expected(what: string): void {
    const token = this.#token;
    const found =
      token.kind === "comma" && token.text === "\n"
        ? "newline"
        : token.kind === "eof"
          ? "'EOF'"
          : token.kind === "string"
            ? "STRING"
            : token.kind === "number"
              ? `number ${token.text}`
              : token.kind === "ident"
                ? `IDENT ${token.text}`
                : `'${token.text}'`;
    this.#problem(token.start, `expected ${what}, found ${found}`);
  }

  #nested<T>(read: () => T, otherwise: () => T): T {
    if (this.#nesting >= maxNesting) {
      this.#problem(this.#token.start, `nested more than ${maxNesting} levels deep`);
      // Nothing sensible can follow: the text ends here.
      this.#gaveUp = true;
      this.#token = this.#next();
      return otherwise();
    }
    this.#nesting++;
    try {
      return read();
    } finally {
      this.#nesting--;
    }
  }

  #bad(start: number): ast.BadExpression {
    return { type: "Bad", start, end: Math.max(start, this.#previousEnd) };
  }

  // --- declarations

  #import(imports: ast.ImportSpec[]): void {
    this.#advance();
    if (!this.#accept("(")) {
      this.#importSpec(imports);
      return;
    }
    this.#skipCommas();
    while (!this.#isOp(")") && this.#token.kind !== "eof") {
      const before = this.#token.start;
      this.#importSpec(imports);
      this.#skipCommas();
      if (this.#token.start === before) this.#advance();
    }
    this.#expect(")");
  }

  #importSpec(imports: ast.ImportSpec[]): void {
    const { start } = this.#token;
    let alias: string | undefined;
    if (this.#token.kind === "ident") alias = this.#advance().text;
    if (this.#token.kind !== "string") {
      this.#expected("import path");
      return;
    }
    const literal = this.#string();
    const text = literal.type === "BasicLit" ? decodeString(literal.raw).value : "";
    const colon = text.lastIndexOf(":");
    imports.push({
      type: "Import",
      path: colon < 0 ? text : text.slice(0, colon),
      alias,
      qualifier: colon < 0 ? undefined : text.slice(colon + 1),
      comments: [],
      start,
      end: literal.end,
    });
  }

  #attribute(): ast.Attribute {
    const token = this.#advance();
    const open = token.text.indexOf("(");
    return {
      type: "Attribute",
      name: token.text.slice(1, open),
      body: token.text.slice(open + 1, -1),
      comments: [],
      start: token.start,
      end: token.end,
    };
  }

  #attributes(): ast.Attribute[] {
    const attributes: ast.Attribute[] = [];
    while (this.#token.kind === "attribute") attributes.push(this.#attribute());
    return attributes;
  }

  #declarations(close: "EOF" | "}"): ast.Declaration[] {
    const decls: ast.Declaration[] = [];
    for (;;) {
      this.#skipCommas();
      if (this.#token.kind === "eof" || (close === "}" && this.#isOp("}"))) return decls;
      const before = this.#token.start;
      decls.push(this.#declaration());
      if (!this.#atDeclarationEnd(close)) {
        this.#expected("operand or ','");
        this.#recover(before);
      }
    }
  }

  #atDeclarationEnd(close: "EOF" | "}"): boolean {
    const { kind } = this.#token;
    return kind === "comma" || kind === "eof" || (close === "}" && this.#isOp("}"));
  }

  /** Skips to the next declaration of this level, always forward. */
  #recover(before: number): void {
    if (this.#token.start === before) this.#skipToken();
    let depth = 0;
    while (this.#token.kind !== "eof") {
      if (depth === 0 && (this.#token.kind === "comma" || this.#isOp("}"))) return;
      if (this.#isOp("{") || this.#isOp("[") || this.#isOp("(")) depth++;
      if (this.#isOp("}") || this.#isOp("]") || this.#isOp(")")) depth--;
      this.#skipToken();
    }
  }

  #skipToken(): void {
    if (this.#token.kind === "string") this.#string();
    else this.#advance();
  }

  #declaration(): ast.Declaration {
    const token = this.#token;
    const { start } = token;
    if (token.kind === "attribute") return this.#attribute();
    if (this.#isOp("...")) {
      this.#advance();
      const value = this.#startsExpression() ? this.#expression() : undefined;
      return { type: "Ellipsis", value, comments: [], start, end: this.#previousEnd };
    }
    if (token.kind === "ident" && (token.text === "for" || token.text === "if" || token.text === "try")) {
      const comprehension = this.#comprehensionOrField(token.text);
      if (comprehension !== undefined) return comprehension;
    }
    if (this.#isIdent("let")) {
      const binding = this.#let();
      if (binding !== undefined) return binding;
    }
    return this.#fieldOrEmbedding();
  }

  /** `let x = ...`, unless it is a field called `let`. */
  #let(): ast.LetClause | undefined {
    const after = this.scanner.source.slice(this.#token.end).match(/^[ \t]*([?!]?:|=[^=~])/);
    if (after !== null) return undefined;
    const { start } = this.#advance();
    const name = this.#token.kind === "ident" ? this.#advance().text : (this.#expected("identifier"), "_");
    this.#expect("=");
    const value = this.#expression();
    return { type: "Let", name, value, comments: [], start, end: this.#previousEnd };
  }

  #comprehensionOrField(word: string): ast.Comprehension | undefined {
    const rest = this.scanner.source.slice(this.#token.end);
    if (/^[ \t]*[?!]?:/.test(rest) || (word !== "if" && word !== "for")) return undefined;
    return this.#comprehension();
  }

  #comprehension(): ast.Comprehension {
    const { start } = this.#token;
    const clauses = this.#clauses();
    const value = this.#structOrBad();
    let fallback: ast.StructLit | undefined;
    if (this.#isIdent("else") || this.#isIdent("otherwise")) {
      this.#advance();
      fallback = this.#structOrBad();
    }
    return { type: "Comprehension", clauses, value, fallback, comments: [], start, end: this.#previousEnd };
  }

  #clauses(): ast.Clause[] {
    const clauses: ast.Clause[] = [];
    for (;;) {
      // Between clauses a comma or a line break may stand.
      if (clauses.length > 0 && this.#token.kind === "comma") this.#advance();
      const { start } = this.#token;
      if (this.#isIdent("for")) {
        this.#advance();
        let value = this.#identifier();
        let key: string | undefined;
        if (this.#token.kind === "comma" && this.#token.text === ",") {
          this.#advance();
          key = value;
          value = this.#identifier();
        }
        if (this.#isIdent("in")) this.#advance();
        else this.#expected("'in'");
        const source = this.#expression();
        clauses.push({ type: "For", key, value, source, start, end: this.#previousEnd });
      } else if (this.#isIdent("if")) {
        this.#advance();
        const condition = this.#expression();
        clauses.push({ type: "If", condition, start, end: this.#previousEnd });
      } else if (this.#isIdent("let") && clauses.length > 0) {
        this.#advance();
        const name = this.#identifier();
        this.#expect("=");
        const value = this.#expression();
        clauses.push({ type: "LetIn", name, value, start, end: this.#previousEnd });
      } else return clauses;
    }
  }

  #identifier(): string {
    if (this.#token.kind === "ident") return this.#advance().text;
    this.#expected("identifier");
    return "_";
  }

  #structOrBad(): ast.StructLit {
    if (this.#isOp("{")) return this.#struct();
    this.#expected("'{'");
    return { type: "StructLit", decls: [], comments: [], start: this.#token.start, end: this.#token.start };
  }

  #fieldOrEmbedding(): ast.Field | ast.Embedding {
    const { start } = this.#token;
    let alias: string | undefined;
    // `X=label: v`: an identifier directly before `=`.
    if (this.#token.kind === "ident" && /^[ \t]*=(?![=~])/.test(this.scanner.source.slice(this.#token.end))) {
      alias = this.#advance().text;
      this.#advance();
    }
    const expr = this.#isOp("[") ? this.#listOrPattern() : this.#expression();
    const label = this.#labelOf(expr);
    const constraint = this.#isOp("?") ? "optional" : this.#isOp("!") ? "required" : "none";
    if (constraint !== "none") this.#advance();
    if (!this.#isOp(":")) {
      if (alias !== undefined || constraint !== "none" || expr.type === "Pattern") this.#expected("':'");
      const attributes = this.#attributes();
      const shown: ast.Expression = expr.type === "Pattern" ? this.#bad(start) : expr;
      return { type: "Embedding", expr: shown, attributes, comments: [], start, end: this.#previousEnd };
    }
    const colon = this.#advance();
    if (label === undefined) this.#problem(expr.start, "invalid field label");
    const { value, valueAlias, attributes } = this.#fieldValue();
    return {
      type: "Field",
      label: label ?? { type: "StringLabel", value: "", raw: "", start: expr.start, end: colon.start },
      alias,
      valueAlias,
      constraint,
      value,
      attributes,
      comments: [],
      start,
      end: this.#previousEnd,
    };
  }

  /** What follows a colon: a value, or for `a: b: v` a struct of one field. */
  #fieldValue(): { value: ast.Expression; valueAlias: string | undefined; attributes: ast.Attribute[] } {
    return this.#nested(
      () => {
        let valueAlias: string | undefined;
        const { start } = this.#token;
        if (this.#token.kind === "ident" && /^[ \t]*=(?![=~])/.test(this.scanner.source.slice(this.#token.end)) && !this.#chained()) {
          valueAlias = this.#advance().text;
          this.#advance();
        }
        if (this.#chained()) {
          const inner = this.#fieldOrEmbedding();
          const value: ast.StructLit = { type: "StructLit", decls: [inner], comments: [], start, end: this.#previousEnd };
          return { value, valueAlias, attributes: [] };
        }
        const value = this.#expression();
        return { value, valueAlias, attributes: this.#attributes() };
      },
      () => ({ value: this.#bad(this.#token.start), valueAlias: undefined, attributes: [] }),
    );
  }

  /** Whether another label with its colon stands here: `a: b: v`. Looks ahead in the text of this line. */
  #chained(): boolean {
    const { source } = this.scanner;
    let at = this.#token.start;
    if (this.#token.kind === "eof" || this.#token.kind === "comma") return false;
    // An alias before the label.
    const aliased = /^[\p{L}_$][\p{L}\p{Nd}_$]*[ \t]*=(?![=~])[ \t]*/u.exec(source.slice(at, at + 200));
    if (aliased !== null) at += aliased[0].length;
    const end = labelEnd(source, at);
    return end !== undefined && /^[ \t]*[?!]?:(?!:)/.test(source.slice(end, end + 50));
  }

  #labelOf(expr: ast.Expression | PatternNode): ast.Label | undefined {
    const { start, end } = expr;
    switch (expr.type) {
      case "Ident":
        return { type: "IdentLabel", name: expr.name, start, end };
      case "BasicLit":
        if (expr.kind === "string") return { type: "StringLabel", value: decodeString(expr.raw).value, raw: expr.raw, start, end };
        if (expr.kind === "null" || expr.kind === "bool") return { type: "IdentLabel", name: expr.raw, start, end };
        if (expr.kind === "int") return { type: "StringLabel", value: expr.raw, raw: expr.raw, start, end };
        return undefined;
      case "Interpolation":
        return { type: "InterpolationLabel", expr, start, end };
      case "Paren":
        return { type: "DynamicLabel", expr: expr.expr, start, end };
      case "Pattern":
        return { type: "PatternLabel", expr: expr.expr, alias: expr.alias, start, end };
      case "ListLit": {
        const only = expr.elements[0];
        if (expr.elements.length !== 1 || only === undefined || only.type === "Ellipsis" || only.type === "Comprehension") return undefined;
        return { type: "PatternLabel", expr: only, alias: undefined, start, end };
      }
      default:
        return undefined;
    }
  }

  #listOrPattern(): ast.Expression | PatternNode {
    const { start } = this.#token;
    const aliased = /^\[\s*([\p{L}_$][\p{L}\p{Nd}_$]*)\s*=(?![=~])/u.exec(this.scanner.source.slice(start, start + 200));
    if (aliased === null) return this.#expression();
    this.#advance();
    const alias = this.#advance().text;
    this.#advance();
    const expr = this.#expression();
    this.#expect("]");
    return { type: "Pattern", expr, alias, start, end: this.#previousEnd };
  }

  // --- expressions

  #startsExpression(): boolean {
    const token = this.#token;
    if (token.kind === "ident" || token.kind === "number" || token.kind === "string") return true;
    return token.kind === "op" && (unaryOperators.has(token.text) || ["_|_", "(", "[", "{"].includes(token.text));
  }

  #expression(): ast.Expression {
    return this.#nested(
      () => this.#binary(1),
      () => this.#bad(this.#token.start),
    );
  }

  #binary(lowest: number): ast.Expression {
    let left = this.#unary();
    for (;;) {
      const operator = this.#binaryOperator();
      const precedence = operator === undefined ? 0 : (binaryPrecedence[operator] ?? 0);
      if (operator === undefined || precedence < lowest) return left;
      const { start: opStart } = this.#advance();
      const right = this.#binary(precedence + 1);
      left = { type: "Binary", op: operator, opStart, left, right, start: left.start, end: this.#previousEnd };
    }
  }

  #binaryOperator(): ast.Binary["op"] | undefined {
    const { kind, text } = this.#token;
    const operator = (kind === "op" || (kind === "ident" && ["div", "mod", "quo", "rem"].includes(text))) && text in binaryPrecedence;
    return operator ? (text as ast.Binary["op"]) : undefined;
  }

  #unary(): ast.Expression {
    const { start, text, kind } = this.#token;
    if (kind === "op" && unaryOperators.has(text)) {
      this.#advance();
      const operand = this.#nested(
        () => this.#unary(),
        () => this.#bad(start),
      );
      return { type: "Unary", op: text as ast.Unary["op"], opStart: start, operand, start, end: this.#previousEnd };
    }
    return this.#primary();
  }

  #primary(): ast.Expression {
    let expr = this.#operand();
    for (;;) {
      const { start } = expr;
      if (this.#isOp(".")) {
        this.#advance();
        const label = this.#selectorLabel();
        expr = { type: "Selector", operand: expr, label, start, end: this.#previousEnd };
      } else if (this.#isOp("[")) expr = this.#indexOrSlice(expr);
      else if (this.#isOp("(")) {
        this.#advance();
        const args: ast.Expression[] = [];
        this.#skipCommas();
        while (!this.#isOp(")") && this.#token.kind !== "eof") {
          args.push(this.#expression());
          if (this.#token.kind === "comma") this.#advance();
          else if (!this.#isOp(")")) {
            this.#expected("',' or ')'");
            break;
          }
        }
        this.#expect(")");
        expr = { type: "Call", callee: expr, args, start, end: this.#previousEnd };
      } else if (this.#isOp("...") && expr.type !== "BasicLit") {
        this.#advance();
        expr = { type: "PostfixEllipsis", operand: expr, start, end: this.#previousEnd };
      } else return expr;
    }
  }

  #selectorLabel(): ast.Selector["label"] {
    const { start, end, kind, text } = this.#token;
    if (kind === "ident") {
      this.#advance();
      return { type: "IdentLabel", name: text, start, end };
    }
    if (kind === "string") {
      const literal = this.#string();
      if (literal.type === "BasicLit")
        return { type: "StringLabel", value: decodeString(literal.raw).value, raw: literal.raw, start, end: literal.end };
    }
    this.#expected("selector");
    return { type: "IdentLabel", name: "_", start, end: start };
  }

  #indexOrSlice(operand: ast.Expression): ast.Expression {
    const { start } = operand;
    this.#advance();
    this.#skipCommas();
    const low = this.#isOp(":") ? undefined : this.#expression();
    this.#skipCommas();
    if (this.#accept(":")) {
      const high = this.#isOp("]") ? undefined : this.#expression();
      this.#skipCommas();
      this.#expect("]");
      return { type: "Slice", operand, low, high, start, end: this.#previousEnd };
    }
    this.#expect("]");
    return { type: "Index", operand, index: low ?? this.#bad(start), start, end: this.#previousEnd };
  }

  #operand(): ast.Expression {
    const { kind, text, start, end } = this.#token;
    switch (kind) {
      case "ident":
        this.#advance();
        if (text === "null") return { type: "BasicLit", kind: "null", raw: text, start, end };
        if (text === "true" || text === "false") return { type: "BasicLit", kind: "bool", raw: text, start, end };
        return { type: "Ident", name: text, start, end };
      case "number":
        this.#advance();
        return { type: "BasicLit", kind: isFloat(text) ? "float" : "int", raw: text, start, end };
      case "string":
        return this.#string();
      case "op":
        if (text === "_|_") {
          this.#advance();
          return { type: "Bottom", start, end };
        }
        if (text === "{") return this.#struct();
        if (text === "[") return this.#listLit();
        if (text === "(") {
          this.#advance();
          this.#skipCommas();
          const expr = this.#expression();
          this.#skipCommas();
          this.#expect(")");
          return { type: "Paren", expr, start, end: this.#previousEnd };
        }
        break;
      default:
    }
    this.#expected("operand");
    return this.#bad(start);
  }

  #struct(): ast.StructLit {
    const { start } = this.#token;
    return this.#nested(
      () => {
        this.#advance();
        const decls = this.#declarations("}");
        this.#expect("}");
        return { type: "StructLit", decls, comments: [], start, end: this.#previousEnd };
      },
      () => ({ type: "StructLit", decls: [], comments: [], start, end: start }),
    );
  }

  #listLit(): ast.ListLit {
    const { start } = this.#advance();
    const elements: (ast.Expression | ast.Comprehension | ast.Ellipsis)[] = [];
    this.#skipCommas();
    while (!this.#isOp("]") && this.#token.kind !== "eof") {
      const element = this.#token;
      if (this.#isOp("...")) {
        this.#advance();
        const value = this.#startsExpression() ? this.#expression() : undefined;
        elements.push({ type: "Ellipsis", value, comments: [], start: element.start, end: this.#previousEnd });
      } else if (this.#isIdent("for") || this.#isIdent("if")) elements.push(this.#comprehension());
      else elements.push(this.#expression());
      if (this.#token.kind === "comma") this.#skipCommas();
      else if (!this.#isOp("]")) {
        this.#expected("',' or ']'");
        break;
      }
    }
    this.#expect("]");
    return { type: "ListLit", elements, comments: [], start, end: this.#previousEnd };
  }

  #string(): ast.BasicLit | ast.Interpolation {
    const { start } = this.#token;
    const quote = this.scanner.openString(this.#token);
    const kind = quote.char === '"' ? "string" : "bytes";
    const exprs: ast.Expression[] = [];
    for (;;) {
      const piece = this.scanner.stringPiece(quote);
      if (!piece.interpolation) break;
      this.#token = this.#next();
      exprs.push(this.#expression());
      if (!this.#isOp(")")) {
        this.#expected("')' for string interpolation");
        break;
      }
      // The text goes on directly after the parenthesis; it is not to be read as tokens.
    }
    const end = this.scanner.position;
    const raw = this.scanner.source.slice(start, end);
    this.#previousEnd = end;
    this.#token = this.#next();
    const decoded = decodeString(raw);
    for (const problem of decoded.problems) this.#problem(start + problem.at, problem.message);
    if (exprs.length === 0) return { type: "BasicLit", kind, raw, start, end };
    return { type: "Interpolation", kind, parts: decoded.parts, exprs, raw, start, end };
  }
}

/** `[X=string]` before it is known to be a label. */
interface PatternNode extends ast.Node {
  readonly type: "Pattern";
  readonly expr: ast.Expression;
  readonly alias: string;
}

function isFloat(text: string): boolean {
  return !/^0[xXbBoO]/.test(text) && (/[.]/.test(text) ? !/[KMGTP]/.test(text) : /[eE]/.test(text));
}

/** The end of a label at `at`, or `undefined` when none stands there. */
function labelEnd(source: string, at: number): number | undefined {
  const ident = /^(?:_?#)?[\p{L}\p{Nd}_$]+/u.exec(source.slice(at, at + 300));
  if (ident !== null) return at + ident[0].length;
  const char = source[at];
  if (char === '"' || char === "#") {
    const simple = /^#*"(?:[^"\\\n]|\\.)*"#*/.exec(source.slice(at, at + 2000));
    return simple === null ? undefined : at + simple[0].length;
  }
  if (char !== "(" && char !== "[") return undefined;
  let depth = 0;
  for (let i = at; i < source.length && i < at + 4000; i++) {
    const c = source[i];
    if (c === '"') {
      const text = /^"(?:[^"\\\n]|\\.)*"/.exec(source.slice(i, i + 2000));
      if (text === null) return undefined;
      i += text[0].length - 1;
    } else if (c === "(" || c === "[" || c === "{") depth++;
    else if (c === ")" || c === "]" || c === "}") {
      depth--;
      if (depth === 0) return i + 1;
    }
  }
  return undefined;
}
