/**
 * House style: what the author's layout is changed to before it is printed. Declarations stand on lines of their own
 * unless all of a struct stands on one; a blank line sets off the package clause, imports, and documented declarations
 * after definitions and other things than fields.
 */
import { mergeEllipses, simplifyLabels, unbrace } from "./simplify.ts";
import { blank, docComment, gapOf, isField, leadingGap, newLine, noGap, raiseGap, section, setGap, tight } from "./tree.ts";
import type * as tree from "./tree.ts";
import { visit } from "./walk.ts";

export interface Style {
  readonly simplify: boolean;
  /** Whether to set gaps. */
  readonly layout: boolean;
}

export function applyStyle(file: tree.SourceFile, { simplify, layout }: Style): void {
  if (simplify) {
    simplifyLabels(file.items);
    file.items = mergeEllipses(file.items);
  }
  const kept = new Set<tree.Struct>();
  const chained = new Set<tree.Field>();
  if (layout) layOut(file.items, "file");
  visit(file.items, (node) => {
    switch (node.type) {
      case "Struct":
        if (simplify) node.items = mergeEllipses(node.items);
        if (layout && !kept.has(node) && layOut(node.items, node.braced ? "braced" : "braceless")) closeOnOwnLine(node);
        break;
      case "Field":
        if (simplify && !chained.has(node)) for (const link of unbrace(node)) chained.add(link);
        break;
      case "Comprehension":
        for (const body of [node.value, node.fallback]) {
          if (body === undefined || kept.has(body)) continue;
          kept.add(body);
          if (simplify) body.items = mergeEllipses(body.items);
          if (layout) layOutBody(body);
        }
        break;
      case "Import":
        if (layout) layOutImports(node);
        break;
      case "Interpolated":
        if (!node.texts.some((text) => text.includes("\n"))) for (const struct of keepOnLine(node)) kept.add(struct);
        break;
      default:
    }
  });
}

/** The body of a comprehension opens on the line of its clauses, and breaks after the brace unless written compactly. */
function layOutBody(body: tree.Struct): void {
  if (!body.braced) {
    body.braced = true;
    body.gap = blank;
  } else if (body.gap >= newLine) body.gap = blank;
  if (layOut(body.items, "body")) closeOnOwnLine(body);
}

function closeOnOwnLine(struct: tree.Struct): void {
  if (struct.closeGap < newLine) struct.closeGap = newLine;
}

/** Sets the gaps between declarations; answers whether the first goes to a line of its own. */
function layOut(items: readonly tree.Item[], kind: "file" | "braced" | "braceless" | "body"): boolean {
  const [first] = items;
  if (first === undefined) return false;
  if (kind !== "file") {
    const inline = items.some((item) => [tight, blank].some((gap) => gap === leadingGap(item)));
    if (inline && !items.some((item) => hasDoc(item) || endsInComment(item))) return false;
  }
  const opens = kind !== "file" && ((kind === "braced" && items.length > 1) || kind === "body" || hasDoc(first));
  if (opens) raiseGap(first, newLine);
  for (const [i, item] of items.entries()) {
    const previous = items[i - 1];
    if (previous !== undefined) raiseGap(item, gapAfter(previous, item));
  }
  return opens;
}

function gapAfter(previous: tree.Item, item: tree.Item): tree.Gap {
  if (previous.type === "Package" || previous.type === "Import") return section;
  if (docComment(item) === undefined) return newLine;
  return isField(previous) && !isDefinition(previous) ? newLine : section;
}

export function isDefinition({ label }: tree.Field): boolean {
  return label.kind === "name" && /^_?#/.test(label.text);
}

function hasDoc(item: tree.Item): boolean {
  return docComment(item) !== undefined || (item.type === "Embedding" && docComment(item.value) !== undefined);
}

function endsInComment(item: tree.Item): boolean {
  let at: tree.Node | undefined = item;
  while (at !== undefined) {
    if (at.comments.some(({ slot, sameLine }) => slot === "trailing" || slot === "suffix" || (sameLine && slot === "prefix"))) return true;
    switch (at.type) {
      case "Field":
      case "Embedding":
      case "Let":
      case "Aliased":
        at = at.value;
        break;
      case "Infix":
        at = at.right;
        break;
      case "Prefixed":
        at = at.operand;
        break;
      default:
        at = undefined;
    }
  }
  return false;
}

function layOutImports(node: tree.Import): void {
  if (!node.parenthesised && node.specs.length <= 1) return;
  if (node.closeGap < newLine) node.closeGap = newLine;
  if (node.specs.length > 1) for (const spec of node.specs) raiseGap(spec, newLine);
}

/** A string on one line has its interpolations on that line, unless comments stand in them. Answers the structs there. */
function keepOnLine({ exprs }: tree.Interpolated): tree.Struct[] {
  const inside: tree.Node[] = [];
  visit(exprs, (node) => inside.push(node));
  if (inside.some((node) => node.comments.length > 0)) return [];
  for (const node of inside) if (gapOf(node) >= newLine) setGap(node, noGap);
  return inside.filter((node) => node.type === "Struct");
}
