/**
 * Syntax trees to text as `cue fmt` writes it (the layout of the reference's v0.18 printer). Trees from the parser keep
 * the line breaks, blank lines and comments of their source; trees without source (`start` is -1) are laid out to fit
 * 80 columns.
 */
import type * as ast from "../syntax/ast.ts";
import { analyse } from "./analyse.ts";
import { Printer } from "./printer.ts";
import { readDeclarations, readExpression, readFile } from "./read-tree.ts";
import { render } from "./render.ts";
import type { Shape } from "./render.ts";
import { applyStyle } from "./style.ts";
import { noGap } from "./tree.ts";
import type * as tree from "./tree.ts";
import { visit } from "./walk.ts";

export interface FormatOptions {
  /** `cue fmt -s`: labels without needless quotes, structs of one field without braces, one `...` at the end. */
  readonly simplify?: boolean;
  /** The source that the offsets of an expression or of declarations point into. Without it they have no layout. */
  readonly source?: string;
  /** Four spaces a level instead of a tab, as `cue eval` prints. */
  readonly spaces?: boolean;
  /** All on one line, without comments: `a: 1, b: {c: 2, d: 3}`. */
  readonly compact?: boolean;
}

/** A file, with a line break at its end. */
export function formatFile(file: ast.File, options: FormatOptions = {}): string {
  return printItems(readFile(options.compact === true ? { ...file, source: "" } : file), options);
}

/** Declarations, with a line break at their end. */
export function formatDeclarations(decls: readonly ast.Declaration[], options: FormatOptions = {}): string {
  return printItems(readDeclarations(decls, sourceOf(options)), options);
}

/** An expression, without a line break at its end. */
export function formatExpression(expr: ast.Expression, options: FormatOptions = {}): string {
  const value = readExpression(expr, sourceOf(options));
  const embedding: tree.Embedding = { type: "Embedding", value, attributes: [], comments: [], gap: noGap };
  prepare({ type: "SourceFile", items: [embedding], comments: [] }, options);
  return render(new Printer().term(value), shapeOf(options));
}

function printItems(file: tree.SourceFile, options: FormatOptions): string {
  const printed = options.compact === true ? { ...file, comments: [] } : file;
  prepare(printed, options);
  return `${render(new Printer().file(printed), shapeOf(options))}\n`;
}

function prepare(file: tree.SourceFile, { simplify, compact }: FormatOptions): void {
  if (compact === true) clearLayout(file.items);
  applyStyle(file, { simplify: simplify === true, layout: compact !== true });
  analyse(file.items);
}

function clearLayout(items: readonly tree.Item[]): void {
  visit(items, (node) => {
    node.gap = noGap;
    node.comments = [];
  });
}

function sourceOf({ source, compact }: FormatOptions): string {
  return compact === true ? "" : (source ?? "");
}

function shapeOf({ spaces, compact }: FormatOptions): Shape {
  return { indentation: spaces === true ? "    " : "\t", oneLine: compact === true };
}
