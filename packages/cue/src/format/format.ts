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
import { applyStyle } from "./style.ts";
import type * as tree from "./tree.ts";

export interface FormatOptions {
  /** `cue fmt -s`: labels without needless quotes, structs of one field without braces, one `...` at the end. */
  readonly simplify?: boolean;
  /** The source that the offsets of an expression or of declarations point into. Without it they have no layout. */
  readonly source?: string;
}

/** A file, with a line break at its end. */
export function formatFile(file: ast.File, options: FormatOptions = {}): string {
  return printItems(readFile(file), options);
}

/** Declarations, with a line break at their end. */
export function formatDeclarations(decls: readonly ast.Declaration[], options: FormatOptions = {}): string {
  return printItems(readDeclarations(decls, options.source ?? ""), options);
}

/** An expression, without a line break at its end. */
export function formatExpression(expr: ast.Expression, options: FormatOptions = {}): string {
  const term = readExpression(expr, options.source ?? "");
  const value: tree.SourceFile = { type: "SourceFile", items: [{ type: "Embedding", value: term, attributes: [], comments: [], gap: 0 }], comments: [] };
  applyStyle(value, options.simplify === true);
  analyse([term]);
  return render(new Printer().term(term));
}

function printItems(file: tree.SourceFile, options: FormatOptions): string {
  applyStyle(file, options.simplify === true);
  analyse(file.items);
  return render(new Printer().file(file));
}
