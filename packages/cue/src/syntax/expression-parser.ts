/** Expressions: operators by precedence, operands, literals. What a struct holds is read by the class that extends it. */
import type * as ast from "./ast.ts";
import type { Piece } from "./decode-string.ts";
import { decodePieces, decodeString } from "./decode-string.ts";
import { maxNesting, TokenStream } from "./token-stream.ts";

const binaryPrecedence: ReadonlyMap<string, number> = new Map([
  ["|", 1],
  ["&", 2],
  ["||", 3],
  ["&&", 4],
  ...["==", "!=", "<", "<=", ">", ">=", "=~", "!~"].map((operator) => [operator, 5] as const),
  ["+", 6],
  ["-", 6],
  ...["*", "/", "div", "mod", "quo", "rem"].map((operator) => [operator, 7] as const),
]);
const wordOperators = new Set(["div", "mod", "quo", "rem"]);
const unaryOperators = new Set(["+", "-", "!", "*", "<", "<=", ">", ">=", "!=", "=~", "!~", "=="]);
/** Selectors, indices and calls in a row; each is a level of the tree. */
const maxChain = 2 * maxNesting;

/** `X=expr`, before it is known what it names. */
export interface AliasExpression extends ast.Node {
  readonly type: "Alias";
  readonly name: string;
  readonly expr: ast.Expression;
}

export abstract class ExpressionParser extends TokenStream {
  /** `[X=expr]`: only a label may be written so. */
  protected readonly listAliases: Map<ast.ListLit, AliasExpression> = new Map();

  protected abstract structBody(): ast.Declaration[];
  protected abstract comprehension(): ast.Comprehension | ast.Ident;

  protected startsExpression(): boolean {
    const { kind, text } = this.token;
    if (kind === "op") return unaryOperators.has(text) || text === "_|_" || text === "(" || text === "[" || text === "{";
    return kind === "ident" || kind === "int" || kind === "float" || kind === "string";
  }

  protected expression(): ast.Expression {
    if (!this.enter()) return this.bad(this.token.start);
    const expr = this.binary(1, this.#unary());
    this.leave();
    return expr;
  }

  /** An expression, or one with a name before it. */
  protected aliased(): ast.Expression | AliasExpression {
    return this.#aliasOf(this.expression());
  }

  #aliasOf(left: ast.Expression): ast.Expression | AliasExpression {
    if (!this.isOp("=")) return left;
    this.advance();
    const expr = this.expression();
    if (left.type === "Ident") return { type: "Alias", name: left.name, expr, start: left.start, end: this.previousEnd };
    this.problem(this.token.start, "expected identifier for alias");
    return expr;
  }

  protected binary(lowest: number, first: ast.Expression): ast.Expression {
    let left = first;
    for (;;) {
      const { kind, text, start: opStart } = this.token;
      const isOperator = kind === "op" || (kind === "ident" && wordOperators.has(text));
      const precedence = isOperator ? (binaryPrecedence.get(text) ?? 0) : 0;
      if (precedence < lowest) return left;
      this.advance();
      const right = this.binary(precedence + 1, this.#unary());
      left = { type: "Binary", op: text as ast.Binary["op"], opStart, left, right, start: left.start, end: this.previousEnd };
    }
  }

  #unary(): ast.Expression {
    const { start, text, kind } = this.token;
    if (kind !== "op" || !unaryOperators.has(text)) return this.#primary(this.#operand());
    this.advance();
    if (!this.enter()) return this.bad(start);
    const operand = this.#unary();
    this.leave();
    return { type: "Unary", op: text as ast.Unary["op"], opStart: start, operand, start, end: this.previousEnd };
  }

  #primary(operand: ast.Expression): ast.Expression {
    const { start } = operand;
    let expr = operand;
    for (let length = 0; ; length++) {
      if (length === maxChain) {
        this.problem(this.token.start, `more than ${maxChain} selectors, indices and calls in a row`);
        this.giveUp();
        return expr;
      }
      if (this.accept(".")) {
        const label = this.#selectorLabel();
        expr = { type: "Selector", operand: expr, label, start, end: this.previousEnd };
      } else if (this.isOp("[")) expr = this.#indexOrSlice(expr);
      else if (this.isOp("(")) expr = this.#call(expr);
      else if (this.isOp("...")) {
        this.advance();
        expr = { type: "PostfixEllipsis", operand: expr, start, end: this.previousEnd };
      } else return expr;
    }
  }

  #selectorLabel(): ast.Selector["label"] {
    const { start, end, kind, text } = this.token;
    if (kind === "ident") {
      this.advance();
      return { type: "IdentLabel", name: text, start, end };
    }
    if (kind === "string" && /"[^"]/y.test(this.source.slice(start, start + 2))) {
      const literal = this.#string();
      if (literal.type === "BasicLit")
        return { type: "StringLabel", value: decodeString(literal.raw).value, raw: literal.raw, start, end: literal.end };
      this.problem(start, "invalid selector: interpolation");
      return { type: "StringLabel", value: "", raw: '""', start, end: literal.end };
    }
    this.expected("selector");
    return { type: "IdentLabel", name: "_", start: this.previousEnd, end: this.previousEnd };
  }

  #indexOrSlice(operand: ast.Expression): ast.Expression {
    const { start } = operand;
    this.advance();
    const low = this.isOp(":") ? undefined : this.expression();
    if (this.accept(":")) {
      const high = this.isOp("]") ? undefined : this.expression();
      this.expect("]");
      return { type: "Slice", operand, low, high, start, end: this.previousEnd };
    }
    this.expect("]");
    return { type: "Index", operand, index: low ?? this.bad(start), start, end: this.previousEnd };
  }

  #call(callee: ast.Expression): ast.Call {
    const { start: parenStart } = this.advance();
    const args: ast.Expression[] = [];
    while (!this.isOp(")") && this.token.kind !== "eof") {
      args.push(this.expression());
      if (!this.#separator(")", "argument list")) break;
    }
    this.expectClosing(")", "argument list");
    return { type: "Call", callee, args, parenStart, start: callee.start, end: this.previousEnd };
  }

  /** A comma, or a report that one is missing; false before the closing bracket. Always forward otherwise. */
  #separator(close: string, context: string): boolean {
    if (this.isOp(close) || this.token.kind === "eof") return false;
    if (this.token.kind === "comma") this.advance();
    else if (this.isOp("}") || this.isOp("]") || this.isOp(")")) return false;
    else {
      this.problem(this.token.start, `missing ',' in ${context}`);
      this.skipToken();
    }
    return true;
  }

  protected skipToken(): void {
    if (this.token.kind === "string") this.#string();
    else this.advance();
  }

  #operand(): ast.Expression {
    const { kind, text, start, end } = this.token;
    if (kind === "string") return this.#string();
    if (kind === "ident" || kind === "int" || kind === "float") {
      this.advance();
      if (kind !== "ident") return { type: "BasicLit", kind, raw: text, start, end };
      if (text === "null") return { type: "BasicLit", kind: "null", raw: text, start, end };
      if (text === "true" || text === "false") return { type: "BasicLit", kind: "bool", raw: text, start, end };
      return { type: "Ident", name: text, start, end };
    }
    if (this.accept("_|_")) return { type: "Bottom", start, end };
    if (this.isOp("{")) return this.struct();
    if (this.isOp("[")) return this.#list();
    if (this.accept("(")) {
      const expr = this.expression();
      this.expect(")");
      return { type: "Paren", expr, start, end: this.previousEnd };
    }
    this.expected("operand");
    this.toNextComma();
    return this.bad(start);
  }

  /** Past what cannot be read, to a comma or a bracket that closes something around it. */
  protected toNextComma(): void {
    let depth = 0;
    for (; this.token.kind !== "eof"; this.skipToken()) {
      if (depth === 0 && this.token.kind === "comma") return;
      if (this.isOp("{") || this.isOp("[") || this.isOp("(")) depth++;
      if (this.isOp("}") || this.isOp("]") || this.isOp(")")) {
        if (depth === 0) return;
        depth--;
      }
    }
  }

  /** Where the token is `{`. */
  protected struct(): ast.StructLit {
    if (!this.enter()) return this.noStruct();
    const { start } = this.token;
    this.advance();
    const decls = this.structBody();
    this.expectClosing("}", "struct literal");
    this.leave();
    return { type: "StructLit", decls, comments: [], start, end: this.previousEnd };
  }

  protected noStruct(): ast.StructLit {
    return { type: "StructLit", decls: [], comments: [], start: this.previousEnd, end: this.previousEnd };
  }

  #list(): ast.ListLit {
    const { start } = this.advance();
    const elements: (ast.Expression | ast.Comprehension | ast.Ellipsis)[] = [];
    let alias: AliasExpression | undefined;
    while (!this.isOp("]") && this.token.kind !== "eof") {
      if (this.isOp("...")) {
        elements.push(this.listEllipsis());
        if (this.token.kind === "comma") this.advance();
        break;
      }
      const element = this.isIdent("for") || this.isIdent("if") ? this.comprehension() : this.aliased();
      if (element.type === "Alias") alias = element;
      elements.push(element.type === "Alias" ? element.expr : element);
      if (!this.#separator("]", "list literal")) break;
    }
    this.expectClosing("]", "list literal");
    const list: ast.ListLit = { type: "ListLit", elements, comments: [], start, end: this.previousEnd };
    if (alias !== undefined) this.listAliases.set(list, alias);
    return list;
  }

  protected listEllipsis(): ast.Ellipsis {
    const { start } = this.advance();
    const value = this.startsExpression() ? this.expression() : undefined;
    return { type: "Ellipsis", value, comments: [], start, end: this.previousEnd };
  }

  #string(): ast.BasicLit | ast.Interpolation {
    const { start } = this.token;
    const open = this.scanner.openString(start);
    const kind = open.char === '"' ? "string" : "bytes";
    const pieces: Piece[] = open.whole === undefined ? [] : [open.whole];
    const exprs: ast.Expression[] = [];
    let broken = open.broken;
    while (pieces.length <= exprs.length) {
      const piece = this.scanner.stringPiece(open, pieces.length === 0);
      pieces.push(piece);
      broken ||= !piece.terminated;
      if (!piece.interpolation) break;
      this.token = this.next();
      exprs.push(this.expression());
      // The text goes on directly after the parenthesis; it is not to be read as tokens.
      if (!this.isOp(")")) {
        this.problem(this.token.start, "expected ')' for string interpolation");
        broken = true;
        if (this.token.kind === "eof") pieces.push({ text: "", at: this.scanner.position });
      }
    }
    const end = Math.max(this.scanner.position, start);
    const raw = this.source.slice(start, end);
    this.previousEnd = end;
    this.token = this.next();
    const decoded = decodePieces(open, pieces);
    if (!broken) for (const { at, message } of decoded.problems) this.problem(at, message);
    if (exprs.length === 0) return { type: "BasicLit", kind, raw, start, end };
    return { type: "Interpolation", kind, parts: decoded.parts, exprs, raw, start, end };
  }
}
