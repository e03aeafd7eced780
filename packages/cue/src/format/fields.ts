/**
 * Fields: as rows of a table, so that values, attributes and comments stand in columns, or by themselves when the value
 * has to start on a line of its own.
 */
import { breakFor, commentAfter, commentDoc, docBlock, inLine, slot, stacked, withComments } from "./comment-docs.ts";
import { group, hardBreak, joined, nest, noFlat, softSpace, space, text, word } from "./document.ts";
import type { Doc, Row } from "./document.ts";
import { armTable, armsOf } from "./infix.ts";
import type { Printer } from "./printer.ts";
import { collapsesInto, docComment, gapOf, isField, newLine, startsLine } from "./tree.ts";
import type * as tree from "./tree.ts";

/** The labels of `a: b: c`, outermost first. */
export interface Chain {
  readonly fields: readonly tree.Field[];
  readonly leaf: tree.Field;
}

/** The labels that share a row, or undefined when the value starts on a line of its own. */
export function rowChain(field: tree.Field): Chain | undefined {
  const fields = collapsible(chainOf(field));
  const leaf = fields.at(-1) ?? field;
  const apart = startsLine(leaf.value) || docComment(leaf.value) !== undefined || leaf.comments.some(({ slot: at }) => at === "suffix");
  return apart ? undefined : { fields, leaf };
}

function chainOf(field: tree.Field): tree.Field[] {
  const fields = [field];
  for (let at = field; ;) {
    const { value } = at;
    if (value.type !== "Struct" || value.braced || value.items.length !== 1 || value.comments.length > 0) return fields;
    const [inner] = value.items;
    if (!isField(inner)) return fields;
    fields.push(inner);
    at = inner;
  }
}

/** The whole chain when it can stand on one line, else its first field alone. */
function collapsible(fields: readonly tree.Field[]): readonly tree.Field[] {
  const [head, ...inner] = fields;
  const fits =
    head?.comments.every(({ slot: at }) => at === "doc" || at === "trailing") === true &&
    inner.every((field) => field.comments.length === 0 && gapOf(field) < newLine) &&
    fields.slice(0, -1).every((field) => field.attributes.length === 0);
  return fits ? fields : fields.slice(0, 1);
}

/** The rows of a field - more than one when it has several comments - and the comments to stand below them. */
export function fieldRows(printer: Printer, { fields, leaf }: Chain): { rows: Row[]; below: tree.Comment[] } {
  const head = fields[0] ?? leaf;
  const { beside, joinedOn, below } = sortComments(head);
  const lifted = isLeaf(leaf.value) ? leaf.value.comments.filter((comment) => comment.sameLine && comment.slot !== "doc") : [];
  const docs = [...beside, ...lifted].map(commentDoc);
  const extra = joinedOn.map(commentDoc);
  let columns =
    docs.length > 1
      ? [...docs.slice(0, -1), stacked([docs.at(-1), ...extra])]
      : docs.length + extra.length > 0
        ? [stacked([...docs, ...extra])]
        : [];
  const commented = columns.length > 0 || below.length > 0;

  let value: Doc | undefined;
  let attributes = attributesDoc(leaf.attributes);
  const arms = columns.length > 0 && leaf.value.type === "Infix" && /^[|&]$/.test(leaf.value.op) ? armsOf(leaf.value) : [];
  if (leaf.value.type === "Infix" && arms.some((arm) => arm.comments.length > 0)) {
    // The comments of the arms and that of the field share a column.
    value = withComments(leaf.value, armTable(printer, leaf.value, arms, stacked(columns)));
    value = joined([value, attributes === undefined ? undefined : space, attributes]);
    attributes = undefined;
    columns = [];
  } else if (lifted.length > 0) {
    const kept = leaf.value.comments.filter((comment) => !lifted.includes(comment));
    value = withComments(leaf.value, printer.core(leaf.value), kept);
  } else value = printer.term(leaf.value);

  const [first, ...more] = columns;
  const cells = [keysDoc(printer, fields), value];
  if (attributes !== undefined || first !== undefined) cells.push(attributes);
  if (first !== undefined) cells.push(first);
  const merged = fields.length > 1 && value?.compound !== true ? keysDoc(printer, fields, value) : undefined;
  const heading = docBlock(head.comments, gapOf(head));
  const rows: Row[] = [{ separator: undefined, heading, cells, comment: commented, breakable: true, merged }];
  for (const comment of more)
    rows.push({ separator: hardBreak, cells: [undefined, undefined, undefined, comment], comment: true, breakable: true });
  return { rows, below };
}

/** Which comments after a field go beside it, are joined on to the last of them, or go below. */
function sortComments(field: tree.Field): { beside: tree.Comment[]; joinedOn: tree.Comment[]; below: tree.Comment[] } {
  const beside: tree.Comment[] = [];
  const joinedOn: tree.Comment[] = [];
  const below: tree.Comment[] = [];
  for (const comment of slot(field.comments, "trailing")) {
    if (comment.sameLine || (comment.gap === newLine && beside.length > 0)) beside.push(comment);
    else (comment.gap >= newLine ? below : joinedOn).push(comment);
  }
  return { beside, joinedOn, below };
}

function isLeaf(term: tree.Term): boolean {
  return term.type === "Leaf" || term.type === "MultilineString";
}

/** The labels of a chain, innermost group first, so that the width breaks it as little as needed. */
function keysDoc(printer: Printer, fields: readonly tree.Field[], value?: Doc): Doc | undefined {
  let doc = value;
  for (const field of [...fields].reverse()) {
    const key = keyDoc(printer, field);
    doc = doc === undefined ? key : group(joined([key, nest(joined([softSpace, doc]))]));
  }
  return doc;
}

function keyDoc(printer: Printer, { alias, label, postfixAlias, mark }: tree.Field): Doc | undefined {
  const name = label.kind === "term" ? joined([text(label.open), printer.term(label.term), text(label.close)]) : word(label.text);
  return joined([alias === undefined ? undefined : word(`${alias}=`), name, word(`${postfixAlias}${mark}:`)]);
}

export function attributesDoc(attributes: readonly string[]): Doc | undefined {
  return text(attributes.join(" "));
}

/** A field by itself. */
export function fieldDoc(printer: Printer, field: tree.Field): Doc | undefined {
  const { value, attributes, comments } = field;
  const suffixes = slot(comments, "suffix");
  const braceless = value.type === "Struct" && !value.braced;
  const chained = collapsesInto(value);
  const inner = chained ? value.items[0] : undefined;
  const below = chained ? startsLine(inner) : !braceless && startsLine(value);
  const apart = docComment(value) !== undefined || below || suffixes.length > 0;
  const beside = suffixes.filter(inLine);
  const above = suffixes.filter((comment) => !inLine(comment));

  const key = joined([keyDoc(printer, field), ...beside.map(commentAfter)]);
  const bare = chained && attributes.length === 0;
  let valueDoc = bare ? printer.items(value.items) : printer.term(value);
  const attributed = attributesDoc(attributes);
  if (attributed !== undefined) valueDoc = joined([valueDoc, space, attributed]);
  if (apart) {
    valueDoc = joined([hardBreak, ...above.flatMap((comment) => [commentDoc(comment), hardBreak]), valueDoc]);
    // A chain goes on where it was, unless its next label starts a line.
    if (!chained || docComment(value) !== undefined || below) valueDoc = nest(valueDoc);
  } else valueDoc = joined([space, valueDoc]);

  const before = slot(comments, "doc").flatMap((comment, i) => [i > 0 ? breakFor(comment.gap, hardBreak) : undefined, commentDoc(comment)]);
  const after = slot(comments, "trailing").map((comment) => joined([commentAfter(comment), noFlat]));
  return joined([...before, before.length > 0 ? hardBreak : undefined, key, valueDoc, ...after]);
}
