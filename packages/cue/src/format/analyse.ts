/** Marks what the layout of a node depends on below it: gaps, line starts, comments at its end. */
import { collapsesInto, gapOf, leadingGap, newLine } from "./tree.ts";
import type * as tree from "./tree.ts";
import { partsOf, visit } from "./walk.ts";

interface Marks {
  gapInside: boolean;
  lineInside: boolean;
  /** Has gaps that no node inside keeps as its own layout. */
  uncovered: boolean;
}

export function analyse(roots: readonly tree.Node[]): void {
  const order: tree.Node[] = [];
  visit(roots, (node) => order.push(node));
  const marks = new Map<tree.Node, Marks>();
  // Parts before the nodes that hold them.
  for (const node of order.reverse()) {
    const own = gapOf(node);
    const found: Marks = { gapInside: false, lineInside: false, uncovered: own !== 0 };
    // A field's label is a part of it, and starts where it starts.
    if (node.type === "Field") found.gapInside = own !== 0;
    if (node.type === "Field" && own >= newLine) found.lineInside = true;
    for (const part of partsOf(node)) {
      const below = marks.get(part);
      const gap = gapOf(part);
      found.gapInside ||= gap !== 0 || below?.gapInside === true;
      // Every comment ends its line.
      found.lineInside ||= gap >= newLine || part.comments.length > 0 || below?.lineInside === true;
      found.uncovered ||= below?.uncovered === true;
    }
    const authored = found.uncovered && keepsLayout(node);
    if (authored) found.uncovered = false;
    marks.set(node, found);
    const last = tail(node);
    node.layout = {
      gapInside: found.gapInside,
      lineInside: found.lineInside,
      authored,
      endsInOwnLine:
        last?.layout?.endsInOwnLine === true ||
        node.comments.some(({ slot, sameLine, gap }) => slot === "trailing" && !sameLine && gap >= newLine),
      endsInComment: last?.layout?.endsInComment === true || node.comments.some(({ slot }) => endsNode(node, slot)),
    };
  }
}

function endsNode(node: tree.Node, slot: tree.Comment["slot"]): boolean {
  return slot === "trailing" || (slot !== "doc" && !holdsComments(node));
}

/** Whether a node prints what stands in its `prefix` and `suffix` inside itself. */
export function holdsComments(node: tree.Node): boolean {
  return node.type === "Struct" || node.type === "List" || node.type === "Infix";
}

function keepsLayout(node: tree.Node): boolean {
  switch (node.type) {
    case "Struct":
      return node.braced;
    case "List":
      return node.bracketed;
    case "Application":
    case "Indexing":
    case "Infix":
      return true;
    default:
      return false;
  }
}

/** The part that a node ends with, unless it ends with a bracket. */
function tail(node: tree.Node): tree.Node | undefined {
  switch (node.type) {
    case "List":
    case "Application":
    case "Indexing":
    case "Slicing":
    case "Parenthesised":
      return undefined;
    case "Struct":
      return undefined;
    case "Field":
      return collapsesInto(node.value) ? node.value.items[0] : node.value;
    case "Import":
      return node.parenthesised ? undefined : node.specs.at(-1);
    default:
      return partsOf(node).at(-1);
  }
}

/**
 * The node starts on the line of what stands before it, comes without comments, and will break inside; nor does it end in
 * a comment, which would swallow the bracket after it.
 */
export function hugs(node: tree.Node): boolean {
  return gapOf(node) < newLine && node.comments.length === 0 && breaksInside(node) && node.layout?.endsInComment !== true;
}

export function breaksInside(node: tree.Node): boolean {
  return gapOf(node) >= newLine || node.layout?.lineInside === true;
}

export function anyStartsLine(nodes: readonly tree.Node[]): boolean {
  return nodes.some((node) => leadingGap(node) >= newLine);
}
