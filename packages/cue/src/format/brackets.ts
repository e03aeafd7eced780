/**
 * Structs, lists and calls: what opens, what closes, and whether the inside is indented. Where the author broke lines,
 * lines break; without an author, where the width asks for it.
 */
import { anyStartsLine, breaksInside, hugs } from "./analyse.ts";
import { breakFor, commentBlock, commentDoc, docBlock, inLine, slot, softBreakFor } from "./comment-docs.ts";
import {
  body,
  comma,
  hardBreak,
  joined,
  linked,
  nest,
  scope,
  softEmpty,
  softSpace,
  space,
  table,
  text,
  whenBroken,
  word,
} from "./document.ts";
import type { Doc, Row } from "./document.ts";
import type { Printer } from "./printer.ts";
import { docComment, gapOf, isField, leadingGap, newLine, noGap } from "./tree.ts";
import type * as tree from "./tree.ts";

interface Brackets {
  readonly node: tree.Struct | tree.List | tree.Application;
  readonly before: Doc | undefined;
  readonly open: string;
  readonly close: string;
  readonly openGap: tree.Gap;
  readonly closeGap: tree.Gap;
  readonly parts: readonly tree.Node[];
  /** Comments between the brackets that belong to no part. */
  readonly interior: boolean;
  readonly trailingComma: boolean;
}

interface Layout {
  readonly hugsFirst: boolean;
  readonly hugsLast: boolean;
  readonly sharesIndent: boolean;
  readonly trailingComma: boolean;
  readonly opening: Doc;
  readonly closing: Doc;
}

/** Groups a node's text: with the author's line breaks, or by the width. */
export function keepLayout(node: tree.Node, doc: Doc | undefined): Doc | undefined {
  return scope(node.layout?.authored === true ? "unbounded" : "bounded", doc);
}

export function structDoc(printer: Printer, node: tree.Struct): Doc | undefined {
  return printer.atTop(() => {
    const { items, comments } = node;
    const interior = hasInterior(comments);
    const [only] = items;
    if (only === undefined && !interior) return word("{}");
    if (items.length === 1 && only !== undefined && !interior && !isField(only) && hugs(only))
      return joined([word("{"), printer.item(only), word("}")]);
    const brackets: Brackets = {
      node,
      before: undefined,
      open: "{",
      close: "}",
      openGap: node.braced ? node.gap : noGap,
      closeGap: node.closeGap,
      parts: items,
      interior,
      trailingComma: false,
    };
    return assemble(brackets, layOut(brackets), withInterior(comments, printer.items(items)));
  });
}

export function listDoc(printer: Printer, node: tree.List): Doc | undefined {
  return printer.atTop(() => {
    const { elements, comments } = node;
    const interior = hasInterior(comments);
    const [only] = elements;
    if (only === undefined && !interior) return word("[]");
    if (elements.length === 1 && only !== undefined && !interior && hugs(only))
      return joined([word("["), printer.element(only), word("]")]);
    const brackets: Brackets = {
      node,
      before: undefined,
      open: "[",
      close: "]",
      openGap: node.gap,
      closeGap: node.closeGap,
      parts: elements,
      interior,
      trailingComma: !node.omitsCommas,
    };
    const layout = layOut(brackets);
    const shaped = !interior && allDetached(elements);
    const rows = elementRows(printer, elements, { trailing: layout.trailingComma && !shaped, shaped, omitsCommas: node.omitsCommas });
    const inner = withInterior(comments, table(rows));
    return shaped ? shapedBody(brackets, inner) : assemble(brackets, layout, inner);
  });
}

export function callDoc(printer: Printer, node: tree.Application, callee: Doc | undefined): Doc | undefined {
  const { args } = node;
  const [only] = args;
  const interior = hasInterior(node.comments);
  if (only === undefined && !interior) return joined([callee, word("()")]);
  if (args.length === 1 && only !== undefined && hugs(only)) return joined([callee, word("("), printer.term(only), word(")")]);
  const brackets: Brackets = {
    node,
    before: callee,
    open: "(",
    close: ")",
    openGap: node.openGap,
    closeGap: node.closeGap,
    parts: args,
    interior,
    trailingComma: true,
  };
  const layout = layOut(brackets);
  const shaped = !interior && allDetached(args);
  const rows = elementRows(printer, args, { trailing: layout.trailingComma && !shaped, shaped, omitsCommas: false });
  const inner = withInterior(node.comments, table(rows));
  return shaped ? shapedBody(brackets, inner) : assemble(brackets, layout, inner);
}

export function hasInterior(comments: readonly tree.Comment[]): boolean {
  return comments.some((comment) => comment.slot === "prefix" || comment.slot === "suffix");
}

function withInterior(comments: readonly tree.Comment[], inner: Doc | undefined): Doc | undefined {
  const pieces = [commentBlock(slot(comments, "prefix")), inner, commentBlock(slot(comments, "suffix"))].filter(
    (piece) => piece !== undefined,
  );
  return joined(pieces.flatMap((piece, i) => (i > 0 ? [hardBreak, piece] : [piece])));
}

function layOut(brackets: Brackets): Layout {
  const { node, parts, interior, closeGap, openGap } = brackets;
  const [first] = parts;
  const documented = parts.some((part) => docComment(part) !== undefined);
  const soleOpener =
    !interior && !documented && !parts.some(hasPostComment) && parts.length === 1 && first !== undefined && isOpener(first);
  const hugsFirst = soleOpener && gapOf(first) < newLine;
  const hugsLast = soleOpener && closeGap < newLine;
  const gap = first === undefined ? openGap : leadingGap(first);
  // After a comment nothing can stand on its line.
  const commented = parts.at(-1)?.layout?.endsInComment === true;
  // A label between two braces would be hard to see: `{field: {`.
  const forced = (isField(first) && breaksInside(first)) || (commented && gap === noGap);
  const sharesIndent =
    node.layout?.authored === true &&
    !interior &&
    !documented &&
    !hugsFirst &&
    !forced &&
    (opensOnSameLine(parts) || !anyStartsLine(parts));
  const header = headerComment(node, first);
  const closesBelow = commented || header || interior || gap >= newLine || forced || closeGap >= newLine;
  const severalLines = (parts.length > 1 || node.type === "Application") && (closesBelow || node.layout?.authored !== true);
  const trailingComma = brackets.trailingComma && !hugsLast && (node.layout?.gapInside !== true || closeGap >= newLine || severalLines);
  return {
    hugsFirst,
    hugsLast,
    sharesIndent,
    trailingComma,
    opening: header ? space : interior ? hardBreak : breakFor(gap, forced ? hardBreak : softEmpty),
    closing: closesBelow ? breakFor(closeGap, hardBreak) : softBreakFor(closeGap),
  };
}

function assemble({ node, before, open, close }: Brackets, layout: Layout, inner: Doc | undefined): Doc | undefined {
  const opened = layout.hugsFirst ? inner : layout.sharesIndent ? joined([layout.opening, inner]) : nest(joined([layout.opening, inner]));
  return keepLayout(node, joined([before, word(open), opened, layout.hugsLast ? undefined : layout.closing, word(close)]));
}

function shapedBody({ node, before, open, close, trailingComma }: Brackets, inner: Doc | undefined): Doc | undefined {
  return keepLayout(node, joined([before, word(open), body(inner, trailingComma ? comma : undefined), word(close)]));
}

/** A comment on the line of the opening bracket. */
function headerComment(node: tree.Node, first: tree.Node | undefined): boolean {
  const prefix = node.comments.find((comment) => comment.slot === "prefix");
  if (prefix !== undefined && inLine(prefix)) return true;
  const doc = docComment(first);
  return doc !== undefined && inLine(doc);
}

function opensOnSameLine(parts: readonly tree.Node[]): boolean {
  for (const part of parts) {
    if (leadingGap(part) >= newLine) return false;
    if (isOpener(part) && breaksInside(part)) return true;
  }
  return false;
}

/** Indents what it breaks inside, so that what holds it need not. */
export function isOpener(node: tree.Node): boolean {
  switch (node.type) {
    case "Struct":
    case "List":
    case "Parenthesised":
    case "Application":
    case "Indexing":
      return true;
    case "Embedding":
      return isOpener(node.value);
    default:
      return false;
  }
}

/** A comment below an element, which is to stay there. */
function hasPostComment(node: tree.Node): boolean {
  const holds = node.type === "Struct" || node.type === "List" || node.type === "Infix";
  return node.comments.some((comment) => comment.slot !== "doc" && !inLine(comment) && (!holds || comment.slot === "trailing"));
}

/** Bracketed, and not laid out by an author. */
function isDetached(node: tree.Node): boolean {
  switch (node.type) {
    case "Struct":
      return (node.braced ? node.gap : noGap) === noGap && node.closeGap === noGap;
    case "List":
      return node.gap === noGap && node.closeGap === noGap;
    case "Parenthesised":
    case "Application":
    case "Indexing":
      return node.openGap === noGap && node.closeGap === noGap;
    default:
      return false;
  }
}

function allDetached(nodes: readonly tree.Node[]): boolean {
  return nodes.length > 0 && nodes.every((node) => isDetached(node) && docComment(node) === undefined && !hasPostComment(node));
}

// --- elements of lists, arguments of calls

interface ElementStyle {
  readonly trailing: boolean;
  readonly shaped: boolean;
  readonly omitsCommas: boolean;
}

const commaWhenBroken = whenBroken(comma, undefined);
const commaWhenFlat = whenBroken(undefined, comma);

function elementRows(printer: Printer, elements: readonly tree.Element[], style: ElementStyle): Row[] {
  const rows: Row[] = [];
  let previous: { readonly detached: boolean; readonly commented: boolean } | undefined;
  for (const [i, element] of elements.entries()) {
    const last = i === elements.length - 1;
    const ending = last ? (style.trailing ? commaWhenBroken : undefined) : style.omitsCommas ? commaWhenFlat : comma;
    const { row, below } = elementRow(printer, element, ending);
    if (style.shaped) row.cells[0] = linked(row.cells[0]);
    const detached = isDetached(element);
    if (previous !== undefined) {
      const adjacent = previous.detached && detached && !previous.commented && row.heading === undefined;
      row.separator = adjacent ? space : breakFor(leadingGap(element), previous.commented ? hardBreak : softSpace);
    }
    previous = { detached, commented: row.comment || below.length > 0 };
    rows.push(row, ...below.map((comment) => commentRow(comment)));
  }
  return rows;
}

function commentRow(comment: tree.Comment): Row {
  return { separator: breakFor(comment.gap, hardBreak), cells: [], raw: commentDoc(comment), comment: false };
}

/** The comma goes before the comments, and comments below the element to rows of their own. */
function elementRow(printer: Printer, element: tree.Element, ending: Doc | undefined): { row: Row; below: tree.Comment[] } {
  let own = element.comments;
  let core: Doc | undefined;
  // The comments of `...T` may stand at its type.
  if (element.type === "Ellipsis" && element.value !== undefined && element.value.comments.length > 0) {
    own = [...own, ...element.value.comments];
    core = joined([word("..."), printer.core(element.value)]);
  } else core = printer.elementCore(element);
  const holds = element.type === "Struct" || element.type === "List" || element.type === "Infix";
  const after = own.filter((comment) => comment.slot === "trailing" || (comment.slot !== "doc" && !holds));
  const beside = after.filter(inLine);
  const cells: (Doc | undefined)[] = [joined([core, ending])];
  if (beside.length > 0)
    cells.push(joined(beside.flatMap((comment, i) => (i > 0 ? [hardBreak, commentDoc(comment)] : [commentDoc(comment)]))));
  return {
    row: { separator: undefined, heading: docBlock(own, gapOf(element)), cells, comment: after.length > 0 },
    below: after.filter((comment) => !inLine(comment)),
  };
}

/** `[index]`, `[low:high]`. */
export function indexDoc(printer: Printer, node: tree.Indexing, operand: Doc | undefined): Doc | undefined {
  const index = printer.inSubscript(() => printer.term(node.index));
  return keepLayout(node, joined([operand, word("["), nest(joined([softBreakFor(gapOf(node.index)), index])), word("]")]));
}

export function sliceDoc(printer: Printer, node: tree.Slicing, operand: Doc | undefined): Doc | undefined {
  const { low, high } = node;
  const apart = printer.depth() === 0 && low !== undefined && high !== undefined && (low.type === "Infix" || high.type === "Infix");
  const [lowDoc, highDoc] = printer.inSubscript(() => [low && printer.term(low), high && printer.term(high)]);
  return joined([operand, word("["), lowDoc, text(apart ? " : " : ":"), highDoc, word("]")]);
}
