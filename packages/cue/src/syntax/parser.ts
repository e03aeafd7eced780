/**
 * CUE source text to a syntax tree (language specification v0.14-0.15), by recursive descent over the token stream with
 * one token of look-ahead. Never throws: what cannot be read becomes a diagnostic `CUE_SYNTAX` in the reference's words
 * and a `Bad` expression, and reading goes on at the next declaration. Nesting is limited, so that no input can overflow
 * the stack.
 */
import type { Diagnostic } from "@slipway/std";
import type * as ast from "./ast.ts";
import { attachComments } from "./comments.ts";
import type { CommentHolder } from "./comments.ts";
import { decodeString } from "./decode-string.ts";
import type { AliasExpression } from "./expression-parser.ts";
import { ExpressionParser } from "./expression-parser.ts";
import { quoteString } from "./quote.ts";

export interface ParsedFile {
  readonly file: ast.File;
  readonly diagnostics: readonly Diagnostic[];
}

export function parseFile(text: string, filename: string): ParsedFile {
  const parser = new Parser(text, filename);
  const file = parser.file(filename);
  return { file, diagnostics: parser.diagnostics() };
}

export function parseExpression(
  text: string,
  filename: string,
): { readonly expr: ast.Expression; readonly diagnostics: readonly Diagnostic[] } {
  const parser = new Parser(text, filename);
  const expr = parser.wholeExpression();
  return { expr, diagnostics: parser.diagnostics() };
}

/** What stands before the colon of a field, as far as it has been read. */
interface FieldHead {
  readonly label: ast.Label;
  readonly start: number;
  readonly alias: string | undefined;
}

const noImportPath = /[!"#$%&'()*,:;<=>?[\\\]^{|}`\ufffd\s]|[^\p{L}\p{M}\p{N}\p{P}\p{S}]/u;

/** Before what a comprehension gives where it yields nothing; newer versions have one or the other. */
const fallbackWords = new Set(["else", "otherwise", "fallback"]);

class Parser extends ExpressionParser {
  readonly #holders: CommentHolder[] = [];
  /** For the labels of the field read last. */
  readonly #impliedLets: ast.LetClause[] = [];

  file(filename: string): ast.File {
    const attributes: ast.Attribute[] = [];
    const imports: ast.ImportSpec[] = [];
    let decls: ast.Declaration[] = [];
    let clause: ast.PackageClause | undefined;
    // A text that starts with what is no token is hardly CUE.
    if (this.scanner.problems.length === 0) {
      this.#leadingAttributes(attributes);
      if (this.isIdent("package")) clause = this.#package();
      this.#leadingAttributes(attributes);
      while (this.isIdent("import")) this.#import(imports);
      decls = this.structBody();
      if (this.token.kind !== "eof") this.expected("'EOF'");
    }
    this.#refuseListAliases();
    const { source } = this;
    const file = { type: "File", filename, source, package: clause, imports, attributes, decls, start: 0, end: source.length } as const;
    return { ...file, comments: attachComments(source, this.#holders, this.scanner.comments) };
  }

  wholeExpression(): ast.Expression {
    const expr = this.expression();
    if (this.isLineBreak()) this.advance();
    if (this.token.kind !== "eof") this.expected("'EOF'");
    this.#refuseListAliases();
    return expr;
  }

  #refuseListAliases(): void {
    for (const alias of this.listAliases.values()) this.problem(alias.start, "alias values not allowed in this position");
  }

  #holder<T extends CommentHolder>(node: T): T {
    this.#holders.push(node);
    return node;
  }

  // --- before the declarations

  #leadingAttributes(into: ast.Attribute[]): void {
    while (this.token.kind === "attribute") {
      into.push(this.#attribute());
      this.#declarationComma();
    }
  }

  #package(): ast.PackageClause {
    const { start } = this.advance();
    const name = this.#identifier();
    const clause = this.#holder({ type: "Package", name, start, end: this.previousEnd, comments: [] } as const);
    this.#comma();
    return clause;
  }

  /** After a clause that ends with its line. */
  #comma(): void {
    if (this.token.kind === "comma") this.advance();
    else if (this.token.kind !== "eof" && !this.isOp(")")) this.#missingComma("','");
  }

  #missingComma(what: string): void {
    this.expected(what);
    while (this.token.kind !== "comma" && this.token.kind !== "eof") this.skipToken();
    if (this.token.kind === "comma") this.advance();
  }

  #import(imports: ast.ImportSpec[]): void {
    this.advance();
    if (!this.accept("(")) {
      this.#importSpec(imports);
      return;
    }
    while (!this.isOp(")") && this.token.kind !== "eof") this.#importSpec(imports);
    this.expect(")");
    this.#comma();
  }

  #importSpec(imports: ast.ImportSpec[]): void {
    const { start } = this.token;
    let alias: string | undefined;
    if (this.token.kind === "ident") alias = this.advance().text;
    if (this.token.kind !== "string") {
      this.#missingComma("'STRING'");
      return;
    }
    const pathStart = this.token.start;
    const literal = this.expression();
    const text = literal.type === "BasicLit" ? decodeString(literal.raw).value : "";
    const colon = text.lastIndexOf(":");
    const path = colon < 0 ? text : text.slice(0, colon);
    if (literal.type !== "BasicLit" || path === "" || noImportPath.test(path))
      this.problem(pathStart, `invalid import path: ${this.source.slice(pathStart, literal.end)}`);
    const qualifier = colon < 0 ? undefined : text.slice(colon + 1);
    imports.push(this.#holder({ type: "Import", path, alias, qualifier, comments: [], start, end: literal.end }));
    this.#comma();
  }

  #attribute(): ast.Attribute {
    const { text, start, end } = this.advance();
    const open = text.indexOf("(");
    const name = open < 0 ? text.slice(1) : text.slice(1, open).trimEnd();
    const body = open < 0 ? "" : text.slice(open + 1, text.endsWith(")") ? -1 : undefined);
    return this.#holder({ type: "Attribute", name, body, comments: [], start, end });
  }

  #attributes(): ast.Attribute[] {
    const attributes: ast.Attribute[] = [];
    while (this.token.kind === "attribute") attributes.push(this.#attribute());
    return attributes;
  }

  // --- declarations

  /** Up to a closing brace or the end. */
  protected override structBody(): ast.Declaration[] {
    const decls: ast.Declaration[] = [];
    while (!this.isOp("}") && this.token.kind !== "eof") {
      decls.push(...this.#takeImpliedLets(this.#declaration()));
      this.#declarationComma();
    }
    return decls;
  }

  /** The comma after a declaration. Where another token stands, all up to the next comma is passed over. */
  #declarationComma(): void {
    if (this.isOp("}") || this.token.kind === "eof") return;
    if (this.token.kind !== "comma") {
      this.problem(this.token.start, "missing ',' in struct literal");
      if (!this.isOp("{") && !this.isOp("[") && !this.isOp("(")) this.skipToken();
      this.toNextComma();
    }
    if (this.token.kind === "comma") this.advance();
  }

  #declaration(): ast.Declaration {
    const { kind, text, start } = this.token;
    if (kind === "attribute") return this.#attribute();
    if (this.isOp("...")) return this.#holder(this.listEllipsis());
    if (kind === "ident" && (text === "for" || text === "if")) {
      const comprehension = this.comprehension();
      return comprehension.type === "Comprehension" ? comprehension : this.#fieldOrEmbedding(this.#labelled(comprehension));
    }
    if (kind === "ident" && text === "let") {
      const { end } = this.advance();
      if (this.token.kind === "ident") return this.#let(start);
      return this.#fieldOrEmbedding(this.#labelled({ type: "Ident", name: "let", start, end }));
    }
    return this.#fieldOrEmbedding(this.aliased());
  }

  /** A keyword that turned out to be a name may still be an alias. */
  #labelled(ident: ast.Ident): ast.Expression | AliasExpression {
    if (!this.accept("=")) return ident;
    return { type: "Alias", name: ident.name, expr: this.expression(), start: ident.start, end: this.previousEnd };
  }

  #let(start: number): ast.LetClause {
    const name = this.#identifier();
    this.expect("=");
    const value = this.expression();
    return this.#holder({ type: "Let", name, value, comments: [], start, end: this.previousEnd });
  }

  /** Where the token is `for` or `if`; what starts like one may be a field of that name. */
  protected override comprehension(): ast.Comprehension | ast.Ident {
    const { start, text: keyword, end } = this.advance();
    const isName = this.isOp(":") || this.isOp("=") || this.isOp("?") || this.token.kind === "comma" || this.token.kind === "eof";
    if (isName || (this.isOp("!") && /[ \t]*:/y.test(this.source.slice(this.token.end, this.token.end + 20))))
      return { type: "Ident", name: keyword, start, end };
    const clauses = this.#clauses(keyword, start);
    const value = this.#structOrBad();
    let fallback: ast.StructLit | undefined;
    if (this.token.kind === "ident" && fallbackWords.has(this.token.text)) {
      this.advance();
      fallback = this.#structOrBad();
    }
    const comprehension: ast.Comprehension = {
      type: "Comprehension",
      clauses,
      value,
      fallback,
      comments: [],
      start,
      end: this.previousEnd,
    };
    return this.#holder(comprehension);
  }

  /** The keyword of the first one has been taken. */
  #clauses(first: string, firstStart: number): ast.Clause[] {
    const clauses: ast.Clause[] = [];
    let keyword = first;
    let start = firstStart;
    for (;;) {
      if (keyword === "for") clauses.push(this.#forClause(start));
      else if (keyword === "if") {
        const condition = this.expression();
        clauses.push({ type: "If", condition, start, end: this.previousEnd });
      } else {
        const name = this.#identifier();
        this.expect("=");
        const value = this.expression();
        clauses.push({ type: "LetIn", name, value, start, end: this.previousEnd });
      }
      // Between clauses a comma or a line break may stand.
      if (this.token.kind === "comma") this.advance();
      if (!this.isIdent("for") && !this.isIdent("if") && !this.isIdent("let")) return clauses;
      ({ text: keyword, start } = this.advance());
    }
  }

  #forClause(start: number): ast.Clause {
    let value = this.#identifier();
    let key: string | undefined;
    if (this.token.kind === "comma" && !this.isLineBreak()) {
      this.advance();
      key = value;
      value = this.#identifier();
    }
    if (this.isIdent("in")) this.advance();
    else this.expected("'in'");
    const source = this.expression();
    return { type: "For", key, value, source, start, end: this.previousEnd };
  }

  #identifier(): string {
    if (this.token.kind === "ident") return this.advance().text;
    this.expected("'IDENT'");
    return "_";
  }

  #structOrBad(): ast.StructLit {
    if (this.isOp("{")) return this.struct();
    this.expected("'{'");
    return this.noStruct();
  }

  #fieldOrEmbedding(expr: ast.Expression | AliasExpression): ast.Declaration {
    const head = this.#fieldHead(expr);
    if (head !== undefined && this.#atFieldMark()) return this.#field(head);
    const { start } = expr;
    if (expr.type === "Alias") {
      this.problem(start, 'use of deprecated old-style alias; use "let X = expr" instead (deprecated as of v0.1.4)');
      return this.#holder({ type: "Let", name: expr.name, value: expr.expr, comments: [], start, end: this.previousEnd });
    }
    const attributes = this.#attributes();
    if (head !== undefined && this.token.kind !== "comma" && this.token.kind !== "eof" && !this.isOp("}")) {
      if (expr.type === "Ident" && expr.name === "try") this.problem(start, "try clauses are not supported");
      else this.expected("label or ':'");
    }
    return this.#holder({ type: "Embedding", expr, attributes, comments: [], start, end: this.previousEnd });
  }

  #atFieldMark(): boolean {
    return this.isOp(":") || this.isOp("?") || this.isOp("!") || this.isOp("~");
  }

  #fieldHead(expr: ast.Expression | AliasExpression): FieldHead | undefined {
    const label = this.#labelOf(expr.type === "Alias" ? expr.expr : expr);
    if (label === undefined) return undefined;
    return { label, start: expr.start, alias: expr.type === "Alias" ? expr.name : undefined };
  }

  /** From the mark after the label on. */
  #field(head: FieldHead): ast.Field {
    this.#checkLabel(head.label);
    const postfixAlias = this.accept("~") ? this.#postfixAlias(head) : undefined;
    const constraint = this.isOp("?") ? "optional" : this.isOp("!") ? "required" : "none";
    if (constraint !== "none") this.advance();
    let rest: Pick<ast.Field, "value" | "valueAlias" | "attributes"> = {
      value: this.bad(this.token.start),
      valueAlias: undefined,
      attributes: [],
    };
    if (this.accept(":")) rest = this.#fieldValue();
    else this.expected("':'");
    const { label, alias, start } = head;
    const field: ast.Field = { type: "Field", label, alias, ...rest, constraint, comments: [], start, end: this.previousEnd };
    return this.#holder(postfixAlias === undefined ? field : this.#withPostfixAlias(field, postfixAlias));
  }

  #checkLabel(label: ast.Label): void {
    if (label.type === "IdentLabel" && label.name.startsWith("__"))
      this.problem(label.start, "identifiers starting with '__' are reserved");
  }

  /** What follows a colon: a value, or for `a: b: v` a struct of one field. */
  #fieldValue(): Pick<ast.Field, "value" | "valueAlias" | "attributes"> {
    const { start } = this.token;
    if (!this.enter()) return { value: this.bad(start), valueAlias: undefined, attributes: [] };
    const expr = this.aliased();
    const head = this.#atFieldMark() ? this.#fieldHead(expr) : undefined;
    let value: ast.Expression = expr.type === "Alias" ? expr.expr : expr;
    let valueAlias = expr.type === "Alias" ? expr.name : undefined;
    let attributes: ast.Attribute[] = [];
    if (head === undefined) attributes = this.#attributes();
    else {
      const inner = this.#field(head);
      value = { type: "StructLit", decls: this.#takeImpliedLets(inner), comments: [], start, end: this.previousEnd };
      valueAlias = undefined;
    }
    this.leave();
    return { value, valueAlias, attributes };
  }

  /** What follows the `~`: a name for the value, or `(K,V)`. */
  #postfixAlias(head: FieldHead): ast.PostfixAlias {
    if (head.alias !== undefined) this.problem(head.start, "a field has only one alias");
    if (!this.accept("(")) return { key: undefined, value: this.#aliasName() };
    const first = this.#aliasName();
    if (this.accept(")")) return { key: undefined, value: first };
    if (this.token.kind === "comma") this.advance();
    else this.expected("','");
    const value = this.#aliasName();
    this.expect(")");
    return { key: first, value };
  }

  #aliasName(): string | undefined {
    const name = this.#identifier();
    return name === "_" ? undefined : name;
  }

  /** As if written with the aliases of before. */
  #withPostfixAlias(field: ast.Field, postfixAlias: ast.PostfixAlias): ast.Field {
    const { key, value } = postfixAlias;
    const { label } = field;
    if (label.type === "PatternLabel")
      return { ...field, label: { ...label, alias: key ?? label.alias }, valueAlias: field.valueAlias ?? value, postfixAlias };
    if (key !== undefined) {
      const { start, end } = field;
      this.#impliedLets.push({ type: "Let", name: key, value: labelExpression(label), implied: true, comments: [], start, end });
    }
    return { ...field, alias: value, postfixAlias };
  }

  /** The field, and the names that its label got. */
  #takeImpliedLets(field: ast.Declaration): ast.Declaration[] {
    return [field, ...this.#impliedLets.splice(0)];
  }

  #labelOf(expr: ast.Expression): ast.Label | undefined {
    const { start, end } = expr;
    switch (expr.type) {
      case "Ident":
        return { type: "IdentLabel", name: expr.name, start, end };
      case "BasicLit":
        if (expr.kind === "string") return { type: "StringLabel", value: decodeString(expr.raw).value, raw: expr.raw, start, end };
        return expr.kind === "null" || expr.kind === "bool" ? { type: "IdentLabel", name: expr.raw, start, end } : undefined;
      case "Interpolation":
        return expr.kind === "string" ? { type: "InterpolationLabel", expr, start, end } : undefined;
      case "Paren":
        return { type: "DynamicLabel", expr: expr.expr, start, end };
      case "ListLit":
        return this.#atFieldMark() ? this.#patternLabel(expr) : undefined;
      default:
        return undefined;
    }
  }

  #patternLabel(list: ast.ListLit): ast.Label {
    const { start, end } = list;
    const [only, ...others] = list.elements;
    const alias = this.listAliases.get(list)?.name;
    this.listAliases.delete(list);
    if (only !== undefined && others.length === 0 && only.type !== "Ellipsis" && only.type !== "Comprehension")
      return { type: "PatternLabel", expr: only, alias, start, end };
    if (only?.type === "Comprehension") this.problem(only.start, "comprehension values not allowed in this position");
    else this.problem(start, "square bracket must have exactly one element");
    return { type: "PatternLabel", expr: this.bad(start), alias, start, end };
  }
}

/** The name of a field as a string. */
function labelExpression(label: Exclude<ast.Label, { type: "PatternLabel" }>): ast.Expression {
  if (label.type === "InterpolationLabel" || label.type === "DynamicLabel") return label.expr;
  const { start, end } = label;
  return { type: "BasicLit", kind: "string", raw: label.type === "StringLabel" ? label.raw : quoteString(label.name), start, end };
}
