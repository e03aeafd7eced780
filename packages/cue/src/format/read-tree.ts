/**
 * Syntax trees to what the printer works on. Gaps and the places of comments are read from the source; nodes without
 * one (`start` is -1) have no gaps, and the comments that they carry.
 *
 * Recursion follows nesting, which the parser limits; operands to the left, which it does not, are read in a loop.
 */
import type * as ast from "../syntax/ast.ts";
import { quoteString } from "../syntax/quote.ts";
import { isIdentifier, numberText } from "./literals.ts";
import { attributeText, clauseParts, composed, postfixText, selectorText, separator } from "./node-texts.ts";
import { readImports } from "./read-imports.ts";
import { SourceReader } from "./source-reader.ts";
import type { Part } from "./source-reader.ts";
import { blank, headOf, newLine, noGap, precedenceOf, raiseGap, section, tight } from "./tree.ts";
import type * as tree from "./tree.ts";

type Extension = Extract<ast.Expression, { type: "Binary" | "Selector" | "Index" | "Slice" | "Call" | "PostfixEllipsis" }>;

/** More than the parser lets expressions nest. What programs nest deeper is not printed, so that no tree overflows the stack. */
const maxDepth = 510;

function tooDeep(): tree.Leaf {
  const comment: tree.Comment = { lines: ["// nested too deep"], gap: blank, slot: "trailing", sameLine: true, lead: false };
  return { type: "Leaf", text: "_|_", comments: [comment], gap: noGap };
}

export function readFile(file: ast.File): tree.SourceFile {
  const reader = new TreeReader(file.source, file);
  const parts = [
    ...file.attributes.map((attribute) => reader.itemPart(attribute)),
    ...(file.package === undefined ? [] : [reader.packagePart(file.package)]),
    ...readImports(reader, file),
    ...written(file.decls).map((decl) => reader.itemPart(decl)),
  ];
  // Attributes of the file stand before and after its package clause.
  if (file.source !== "") parts.sort((a, b) => a.start - b.start);
  const items = reader.parts(parts);
  return { type: "SourceFile", items, comments: [...reader.rest(items.at(-1)), ...reader.detached(file)] };
}

export function readExpression(expr: ast.Expression, source: string): tree.Term {
  return new TreeReader(source, expr).term(expr);
}

export function readDeclarations(decls: readonly ast.Declaration[], source: string): tree.SourceFile {
  const reader = new TreeReader(source, decls);
  const items = reader.parts(written(decls).map((decl) => reader.itemPart(decl)));
  return { type: "SourceFile", items, comments: reader.rest(items.at(-1)) };
}

export class TreeReader extends SourceReader {
  #depth = 0;

  // --- declarations

  packagePart(clause: ast.PackageClause): Part<tree.Item> {
    return this.part(clause, () => ({
      type: "Package",
      name: clause.name,
      comments: this.detached(clause),
      gap: this.gap(clause),
    }));
  }

  itemPart(decl: ast.Declaration): Part<tree.Item> {
    return this.part(decl, () => this.#item(decl));
  }

  #item(decl: ast.Declaration): tree.Item {
    const comments = this.detached(decl);
    const gap = this.gap(decl);
    switch (decl.type) {
      case "Field":
        return this.#field(decl);
      case "Let":
        return { type: "Let", name: decl.name, value: this.#owned(decl.value), comments, gap };
      case "Ellipsis":
        return this.#ellipsis(decl);
      case "Embedding":
        return { type: "Embedding", value: this.term(decl.expr), attributes: decl.attributes.map(attributeText), comments, gap };
      case "Comprehension":
        return this.#comprehension(decl);
      case "Attribute":
        return { type: "Attribute", text: attributeText(decl), comments, gap };
    }
  }

  #field(decl: ast.Field): tree.Field {
    const comments = this.detached(decl);
    const { value: expr, postfixAlias } = decl;
    const label = this.#label(decl.label, postfixAlias);
    const valueAlias = postfixAlias === undefined ? decl.valueAlias : undefined;
    const chained = this.#chained(expr);
    const before = chained ? { doc: [], rest: [] } : this.before(expr, "suffix");
    comments.push(...before.rest);
    let value = this.term(expr);
    if (valueAlias !== undefined)
      value = { type: "Aliased", start: `${valueAlias}=${separator(expr)}`, value, comments: [], gap: this.known(expr) ? tight : noGap };
    value.comments.unshift(...before.doc);
    if (chained && value.type === "Struct") braceCommented(value);
    return {
      type: "Field",
      label,
      alias: postfixAlias === undefined ? decl.alias : undefined,
      postfixAlias: postfixAlias === undefined ? "" : postfixText(postfixAlias),
      mark: decl.constraint === "optional" ? "?" : decl.constraint === "required" ? "!" : "",
      value,
      attributes: decl.attributes.map(attributeText),
      comments,
      gap: this.gap(decl),
    };
  }

  /** The inner part of `a: b: c`, which has no braces. */
  #chained(expr: ast.Expression): boolean {
    return expr.type === "StructLit" && this.known(expr) && this.source[expr.start] !== "{";
  }

  #label(label: ast.Label, postfixAlias: ast.PostfixAlias | undefined): tree.FieldLabel {
    switch (label.type) {
      case "IdentLabel":
        return { kind: "name", text: isIdentifier(label.name) ? label.name : quoteString(label.name) };
      case "StringLabel": {
        const simple = label.raw !== "" && !/^#|^"""/.test(label.raw);
        return { kind: "string", text: simple ? label.raw : quoteString(label.value), value: label.value };
      }
      case "InterpolationLabel":
        return { kind: "term", open: "", term: this.term(label.expr), close: "" };
      case "DynamicLabel":
        return { kind: "term", open: "(", term: this.#owned(label.expr), close: ")" };
      case "PatternLabel":
        return {
          kind: "term",
          open: label.alias === undefined || postfixAlias !== undefined ? "[" : `[${label.alias}=${separator(label.expr)}`,
          term: this.#owned(label.expr),
          close: "]",
        };
    }
  }

  #ellipsis(node: ast.Ellipsis): tree.Ellipsis {
    return {
      type: "Ellipsis",
      value: node.value === undefined ? undefined : this.#owned(node.value),
      comments: this.detached(node),
      gap: this.gap(node),
    };
  }

  #comprehension(node: ast.Comprehension): tree.Comprehension {
    const comments = this.detached(node);
    const clauses = this.parts(node.clauses.map((clause) => this.part(clause, () => this.#clause(clause))));
    // Clauses stand together, and so do the comments between them.
    for (const { comments: between } of clauses) for (const comment of between) if (comment.gap === section) comment.gap = newLine;
    const before = this.before(node.value, "trailing");
    comments.push(...before.rest);
    const value = this.#struct(node.value);
    value.comments.unshift(...before.doc);
    const fallback = node.fallback === undefined ? undefined : this.#struct(node.fallback);
    return { type: "Comprehension", clauses, value, fallback, comments, gap: noGap };
  }

  #clause(clause: ast.Clause & { readonly comments?: readonly ast.Comment[] }): tree.Clause {
    const { head, expr } = clauseParts(clause);
    const above = clause.comments === undefined ? [] : this.detached({ ...clause, comments: clause.comments });
    // No comment can stand inside a clause where the next line would be another declaration.
    const comments = [...above, ...this.before(expr).doc];
    return { type: "Clause", head, value: this.term(expr), comments, gap: this.gap(clause) };
  }

  // --- expressions

  /** An expression with all comments before it. */
  #owned(expr: ast.Expression): tree.Term {
    const { doc } = this.before(expr);
    const term = this.term(expr);
    term.comments.unshift(...doc);
    return term;
  }

  term(expr: ast.Expression): tree.Term {
    if (this.#depth >= maxDepth) return tooDeep();
    this.#depth++;
    const term = this.#spine(expr);
    this.#depth--;
    return term;
  }

  /** An expression with its operands to the left. */
  #spine(expr: ast.Expression): tree.Term {
    const extensions: Extension[] = [];
    let at = expr;
    for (let inner = operandOf(at); inner !== undefined; inner = operandOf(at)) {
      extensions.push(at as Extension);
      at = inner;
    }
    let term = this.#primary(at);
    for (const extension of extensions.reverse()) term = this.#extend(extension, term);
    return term;
  }

  #extend(node: Extension, operand: tree.Term): tree.Term {
    const head = headOf(operand);
    switch (node.type) {
      case "Binary":
        return this.#infix(node, operand);
      case "Selector":
        return { type: "Selection", operand, head, label: selectorText(node.label), comments: [], gap: noGap };
      case "Index": {
        const index = this.#owned(node.index);
        return {
          type: "Indexing",
          operand,
          head,
          index,
          openGap: this.#openGap(node),
          closeGap: this.closeGap(node),
          comments: [],
          gap: noGap,
        };
      }
      case "Slice": {
        const low = node.low === undefined ? undefined : this.#owned(node.low);
        const high = node.high === undefined ? undefined : this.#owned(node.high);
        return { type: "Slicing", operand, head, low, high, comments: [], gap: noGap };
      }
      case "Call": {
        const args = this.parts(node.args.map((arg) => this.part(arg, () => this.term(arg))));
        const comments = this.close(node, args);
        return {
          type: "Application",
          operand,
          head,
          args,
          openGap: this.#openGap(node),
          closeGap: this.closeGap(node),
          comments,
          gap: noGap,
        };
      }
      case "PostfixEllipsis":
        return { type: "Opened", operand, head, comments: [], gap: noGap };
    }
  }

  #openGap(node: ast.Node): tree.Gap {
    return this.known(node) ? tight : noGap;
  }

  #infix(node: ast.Binary, left: tree.Term): tree.Infix {
    const before = this.before(node.right, "suffix");
    const right = this.term(node.right);
    right.comments.unshift(...before.doc);
    const precedence = precedenceOf(node.op);
    let adds = precedence === 6;
    let multiplies = precedence === 7;
    if (left.type === "Infix" && precedenceOf(left.op) >= precedence) {
      adds ||= left.adds;
      multiplies ||= left.multiplies;
    }
    if (right.type === "Infix" && precedenceOf(right.op) > precedence) {
      adds ||= right.adds;
      multiplies ||= right.multiplies;
    }
    return { type: "Infix", op: node.op, left, right, head: headOf(left), adds, multiplies, comments: before.rest, gap: noGap };
  }

  #primary(expr: ast.Expression): tree.Term {
    const gap = this.gap(expr);
    const leaf = (text: string): tree.Leaf => ({ type: "Leaf", text, comments: [], gap });
    switch (expr.type) {
      case "Ident":
        return leaf(expr.name);
      case "BasicLit":
        return this.#literal(expr, gap);
      case "Interpolation":
        return this.#interpolation(expr, gap);
      case "StructLit":
        return this.#struct(expr);
      case "ListLit":
        return this.#list(expr);
      case "Unary":
        return { type: "Prefixed", op: expr.op, operand: this.#owned(expr.operand), comments: [], gap };
      case "Paren": {
        const inner = this.#owned(expr.expr);
        return { type: "Parenthesised", inner, openGap: gap, closeGap: this.closeGap(expr), comments: [], gap };
      }
      case "Bottom":
        return { ...leaf("_|_"), comments: this.detached({ ...expr, comments: expr.comments ?? [] }) };
      case "Bottom":
        return { ...leaf("_|_"), comments: this.detached({ ...expr, comments: expr.comments ?? [] }) };
      default:
        return leaf("_|_");
    }
  }

  #literal({ kind, raw }: ast.BasicLit, gap: tree.Gap): tree.Term {
    if (kind === "int" || kind === "float") return { type: "Leaf", text: numberText(raw), comments: [], gap };
    const text = raw.replaceAll("\r\n", "\n");
    return { type: text.includes("\n") ? "MultilineString" : "Leaf", text, comments: [], gap };
  }

  #interpolation(expr: ast.Interpolation, gap: tree.Gap): tree.Term {
    const texts = this.known(expr) ? this.#fragments(expr) : expr.raw === "" ? composed(expr) : undefined;
    if (texts !== undefined) return { type: "Interpolated", texts, exprs: expr.exprs.map((inner) => this.term(inner)), comments: [], gap };
    if (this.known(expr)) this.takeBefore(expr.end);
    const text = expr.raw.replaceAll("\r\n", "\n");
    return { type: text.includes("\n") ? "MultilineString" : "Leaf", text, comments: [], gap };
  }

  /** The text around the expressions, with the parentheses; undefined when more than white space stands in them. */
  #fragments(expr: ast.Interpolation): string[] | undefined {
    const texts: string[] = [];
    let from = expr.start;
    for (const inner of expr.exprs) {
      const piece = this.source.slice(from, inner.start).trimEnd();
      if (!piece.endsWith("(") || inner.end < inner.start) return undefined;
      texts.push(piece);
      from = inner.end;
    }
    texts.push(this.source.slice(from, expr.end));
    const tidy = texts.map((piece, i) => (i === 0 ? piece : piece.trimStart()).replaceAll("\r\n", "\n"));
    return tidy.every((piece, i) => i === 0 || piece.startsWith(")")) ? tidy : undefined;
  }

  #struct(node: ast.StructLit): tree.Struct {
    const braced = this.known(node) ? this.source[node.start] === "{" : node.gap !== undefined;
    const items = this.parts(written(node.decls).map((decl) => this.itemPart(decl)));
    const comments = [...(braced ? this.close(node, items) : []), ...this.detached(node, true)];
    return {
      type: "Struct",
      items,
      braced,
      closeGap: braced ? this.closeGap(node) : noGap,
      comments,
      gap: braced ? this.gap(node) : noGap,
    };
  }

  #list(node: ast.ListLit): tree.List {
    const bracketed = this.known(node);
    const elements = this.parts(node.elements.map((element) => this.part(element, () => this.#element(element))));
    const comments = [...this.close(node, elements), ...this.detached(node, true)];
    return {
      type: "List",
      elements,
      bracketed,
      closeGap: this.closeGap(node),
      omitsCommas: bracketed && this.#omitsCommas(node),
      comments,
      gap: this.gap(node),
    };
  }

  #element(element: ast.ListLit["elements"][number]): tree.Element {
    if (element.type === "Ellipsis") return this.#ellipsis(element);
    return element.type === "Comprehension" ? this.#comprehension(element) : this.term(element);
  }

  /** Whether the source leaves out a comma between elements, or after the only one. */
  #omitsCommas({ elements, end }: ast.ListLit): boolean {
    const [first] = elements;
    if (elements.length === 1 && first !== undefined) return !this.#commaBetween(first.end, end - 1);
    return elements.some((element, i) => i > 0 && !this.#commaBetween(elements[i - 1]?.end ?? element.start, element.start));
  }

  #commaBetween(from: number, to: number): boolean {
    return this.source
      .slice(from, to)
      .replace(/\/\/.*/g, "")
      .includes(",");
  }
}

/** A label with comments of its own cannot go on the line of the labels before it: it gets braces. */
function braceCommented(struct: tree.Struct): void {
  const [inner] = struct.items;
  if (inner === undefined || inner.comments.length === 0) return;
  raiseGap(inner, newLine);
  struct.braced = true;
  struct.gap = blank;
  struct.closeGap = newLine;
}

function operandOf(expr: ast.Expression): ast.Expression | undefined {
  switch (expr.type) {
    case "Binary":
      return expr.left;
    case "Selector":
    case "Index":
    case "Slice":
    case "PostfixEllipsis":
      return expr.operand;
    case "Call":
      return expr.callee;
    default:
      return undefined;
  }
}

/** Declarations that stand in the text. */
function written(decls: readonly ast.Declaration[]): readonly ast.Declaration[] {
  return decls.filter((decl) => decl.type !== "Let" || decl.implied !== true);
}
