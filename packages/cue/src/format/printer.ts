/** Nodes to documents. */
import { breakFor, commentDoc, docBlock, inLine, slot, stacked, withComments } from "./comment-docs.ts";
import { callDoc, indexDoc, listDoc, sliceDoc, structDoc } from "./brackets.ts";
import { blankLine, group, hardBreak, joined, nest, scope, softComma, softEmpty, space, table, text, word } from "./document.ts";
import type { Doc, Row } from "./document.ts";
import { attributesDoc, fieldDoc, fieldRows, rowChain } from "./fields.ts";
import { infixDoc, parenthesise } from "./infix.ts";
import { marginOf, multilineDoc, multilineString } from "./literals.ts";
import { isDefinition } from "./style.ts";
import { docComment, gapOf, isField, leadingGap, newLine, section, tightest } from "./tree.ts";
import type * as tree from "./tree.ts";

export class Printer {
  /** How many subscripts stand around what is printed; operators in them have fewer spaces. */
  #subscripts = 0;

  depth(): number {
    return this.#subscripts;
  }

  inSubscript<T>(print: () => T): T {
    this.#subscripts++;
    const printed = print();
    this.#subscripts--;
    return printed;
  }

  /** Inside braces and brackets operators have their spaces again. */
  atTop<T>(print: () => T): T {
    const saved = this.#subscripts;
    this.#subscripts = 0;
    const printed = print();
    this.#subscripts = saved;
    return printed;
  }

  // --- files and declarations

  file({ items, comments }: tree.SourceFile): Doc | undefined {
    const authored = items.length > 0 && items.some((item) => item.layout?.gapInside === true || leadingGap(item) > 0);
    const leading = joined(comments.flatMap((comment, i) => (i > 0 ? [blankLine, commentDoc(comment)] : [commentDoc(comment)])));
    const between = leading !== undefined && items.length > 0 ? blankLine : undefined;
    return scope(authored ? "unbounded" : "bounded", joined([leading, between, this.items(items)]));
  }

  /** Declarations one after the other, with tables of those fields that follow each other. */
  items(items: readonly tree.Item[]): Doc | undefined {
    const docs: (Doc | undefined)[] = [];
    const apart = items.some((item, i) => i > 0 && leadingGap(item) >= newLine);
    let rows: Row[] = [];
    let labels = 0;
    const flush = (): void => {
      docs.push(rows[0]?.separator, table(rows));
      rows = [];
      labels = 0;
    };
    for (const [i, item] of items.entries()) {
      const previous = items[i - 1];
      let separator = previous === undefined ? undefined : separatorOf(item, previous);
      if (apart && separator === softComma) separator = hardBreak;
      if (separator === blankLine) flush();
      const chain = isField(item) ? rowChain(item) : undefined;
      if (chain === undefined) {
        flush();
        docs.push(separator, isField(item) ? fieldDoc(this, item) : withComments(item, this.item(item)));
        continue;
      }
      const made = fieldRows(this, chain);
      const [first] = made.rows;
      if (first !== undefined) first.separator = separator;
      // Comments above a field and chains of another length start a new table.
      if (first?.heading !== undefined || (labels !== 0 && labels !== chain.fields.length)) flush();
      for (const row of made.rows) rows.push(row);
      labels = chain.fields.length;
      if (made.below.length === 0) continue;
      flush();
      for (const comment of made.below) docs.push(breakFor(comment.gap, hardBreak), commentDoc(comment));
    }
    flush();
    return joined(docs);
  }

  /** A declaration without its comments, unless it is a field. */
  item(item: tree.Item): Doc | undefined {
    switch (item.type) {
      case "Field":
        return fieldDoc(this, item);
      case "Let":
        return joined([word(`let ${item.name} = `), this.term(item.value)]);
      case "Embedding": {
        const attributes = attributesDoc(item.attributes);
        return joined([this.term(item.value), attributes === undefined ? undefined : space, attributes]);
      }
      case "Ellipsis":
        return joined([word("..."), item.value && this.term(item.value)]);
      case "Comprehension":
        return this.#comprehension(item);
      case "Attribute":
        return multilineString(item.text);
      case "Package":
        return word(`package ${item.name}`);
      case "Import":
        return this.#imports(item);
    }
  }

  #imports({ specs, parenthesised, closeGap }: tree.Import): Doc | undefined {
    const [only] = specs;
    if (!parenthesised && specs.length === 1 && docComment(only) === undefined && only !== undefined)
      return withComments(only, joined([word("import "), text(only.text)]));
    const inside = tables(
      specs.map((spec, i) => {
        const comments = slot(spec.comments, "trailing");
        const beside = comments.filter(inLine).map(commentDoc);
        const below = comments.filter((comment) => !inLine(comment));
        const row: Row = {
          separator: breakFor(leadingGap(spec), i > 0 ? softComma : softEmpty),
          heading: docBlock(spec.comments, gapOf(spec)),
          cells: beside.length > 0 ? [text(spec.text), stacked(beside)] : [text(spec.text)],
          comment: comments.length > 0,
        };
        return { row, below };
      }),
    );
    return group(joined([word("import ("), nest(inside), breakFor(closeGap, softEmpty), word(")")]));
  }

  #comprehension({ clauses, value, fallback }: tree.Comprehension): Doc | undefined {
    const docs: (Doc | undefined)[] = [];
    let afterComment = false;
    for (const [i, clause] of clauses.entries()) {
      const apart = afterComment || docComment(clause) !== undefined || leadingGap(clause) >= newLine;
      if (i > 0) docs.push(apart ? hardBreak : space);
      docs.push(withComments(clause, joined([word(`${clause.head} `), this.term(clause.value)])));
      afterComment = clause.layout?.endsInComment === true;
    }
    docs.push(afterComment || leadingGap(value) >= newLine ? hardBreak : space, this.term(value));
    if (fallback === undefined) return joined(docs);
    const [only] = clauses;
    const keyword = clauses.length === 1 && only?.head === "if" ? "else " : "otherwise ";
    docs.push(value.layout?.endsInComment === true ? hardBreak : space, word(keyword), this.term(fallback));
    return joined(docs);
  }

  // --- expressions

  /** An expression with its comments. */
  term(term: tree.Term): Doc | undefined {
    return withComments(term, this.core(term));
  }

  element(element: tree.Element): Doc | undefined {
    return withComments(element, this.elementCore(element));
  }

  elementCore(element: tree.Element): Doc | undefined {
    return element.type === "Comprehension" || element.type === "Ellipsis" ? this.item(element) : this.core(element);
  }

  /** An expression without its comments. */
  core(term: tree.Term): Doc | undefined {
    switch (term.type) {
      case "Leaf":
        return text(term.text);
      case "MultilineString":
        return multilineString(term.text);
      case "Interpolated":
        return this.#interpolated(term);
      case "Struct":
        return structDoc(this, term);
      case "List":
        return listDoc(this, term);
      case "Infix":
        return infixDoc(this, term);
      case "Prefixed":
        return this.#prefixed(term);
      case "Parenthesised":
        return this.#parenthesised(term);
      case "Aliased":
        return joined([word(term.start), this.term(term.value)]);
      default:
        return this.#postfixed(term);
    }
  }

  #prefixed({ op, operand }: tree.Prefixed): Doc | undefined {
    const inner = parenthesise(this.core(operand), operand, tightest);
    // `!` before `=~` would be another operator.
    const merges = operand.type === "Prefixed" && /^[!<>=]$/.test(op) && operand.op.startsWith("=");
    return withComments(operand, joined([word(op), merges ? space : undefined, inner]));
  }

  #parenthesised(node: tree.Parenthesised): Doc | undefined {
    let inner = node.inner;
    while (inner.type === "Parenthesised" && inner.comments.length === 0) inner = inner.inner;
    const doc = this.term(inner);
    return joined([word("("), leadingGap(inner) >= newLine ? nest(joined([hardBreak, doc])) : doc, word(")")]);
  }

  #postfixed(node: tree.Postfixed): Doc | undefined {
    const links: tree.Postfixed[] = [];
    let at: tree.Term = node;
    while (isPostfixed(at)) {
      links.push(at);
      at = at.operand;
    }
    let doc = parenthesise(this.term(at), at, tightest);
    for (const link of links.reverse()) {
      doc = this.#extended(link, doc);
      if (link !== node) doc = withComments(link, doc);
    }
    return doc;
  }

  #extended(node: tree.Postfixed, operand: Doc | undefined): Doc | undefined {
    switch (node.type) {
      case "Selection":
        return joined([operand, word(`.${node.label}`)]);
      case "Indexing":
        return indexDoc(this, node, operand);
      case "Slicing":
        return sliceDoc(this, node, operand);
      case "Application":
        return callDoc(this, node, operand);
      case "Opened":
        return joined([operand, word("...")]);
    }
  }

  #interpolated({ texts, exprs }: tree.Interpolated): Doc | undefined {
    const lines: (Doc | string)[][] = [[]];
    for (const [i, piece] of texts.entries()) {
      const [first = "", ...others] = piece.split("\n");
      lines.at(-1)?.push(first);
      for (const line of others) lines.push([line]);
      const expr = exprs[i];
      const doc = expr === undefined ? undefined : this.inSubscript(() => this.term(expr));
      if (doc !== undefined) lines.at(-1)?.push(doc);
    }
    const doc = multilineDoc(lines, marginOf(texts.at(-1) ?? ""));
    return lines.length === 1 && doc?.flat !== Infinity ? scope("line", doc) : doc;
  }
}

/** Rows in tables, which end at blank lines and at comments between rows. */
function tables(entries: readonly { readonly row: Row; readonly below: readonly tree.Comment[] }[]): Doc | undefined {
  const docs: (Doc | undefined)[] = [];
  let rows: Row[] = [];
  const flush = (): void => {
    docs.push(rows[0]?.separator, table(rows));
    rows = [];
  };
  for (const { row, below } of entries) {
    if (row.separator === blankLine || row.heading !== undefined) flush();
    rows.push(row);
    if (below.length > 0) flush();
    for (const comment of below) docs.push(breakFor(comment.gap, hardBreak), commentDoc(comment));
  }
  flush();
  return joined(docs);
}

function isPostfixed(term: tree.Term): term is tree.Postfixed {
  return (
    term.type === "Selection" ||
    term.type === "Indexing" ||
    term.type === "Slicing" ||
    term.type === "Application" ||
    term.type === "Opened"
  );
}

/** The break before a declaration: as written, and after comments such that nothing becomes a part of them. */
function separatorOf(item: tree.Item, previous: tree.Item): Doc {
  let gap = leadingGap(item);
  const { layout } = previous;
  if (gap < section && layout?.gapInside === true && layout.endsInOwnLine && (!isField(previous) || isDefinition(previous))) gap = section;
  if (gap < newLine && layout?.endsInComment === true) gap = newLine;
  return breakFor(gap, softComma);
}
