/** Import declarations with their groups, which the syntax tree does not keep: read from the source between the specs. */
import type * as ast from "../syntax/ast.ts";
import { quoteString } from "../syntax/quote.ts";
import type { Part, SourceReader } from "./source-reader.ts";
import { noGap } from "./tree.ts";
import type * as tree from "./tree.ts";

interface Group {
  readonly start: number;
  readonly parenthesised: boolean;
  readonly specs: ast.ImportSpec[];
}

export function readImports(reader: SourceReader, file: ast.File): Part<tree.Item>[] {
  const groups: Group[] = [];
  let from = Math.max(0, file.package?.end ?? 0, ...headerEnds(file));
  for (const spec of file.imports) {
    const opening = reader.known(spec) ? openingBetween(file.source, from, spec.start) : undefined;
    const last = groups.at(-1);
    if (opening !== undefined) groups.push({ ...opening, specs: [spec] });
    else if (last !== undefined) last.specs.push(spec);
    else groups.push({ start: -1, parenthesised: file.imports.length > 1, specs: [spec] });
    from = spec.end;
  }
  return groups.map((group) => importPart(reader, group));
}

function headerEnds({ attributes, imports: [first] }: ast.File): number[] {
  return attributes.map(({ end }) => end).filter((end) => first === undefined || end <= first.start);
}

/** The keyword before a spec, and whether a parenthesis follows it. */
function openingBetween(source: string, from: number, to: number): { start: number; parenthesised: boolean } | undefined {
  const between = source.slice(from, to).replace(/\/\/.*/g, (comment) => " ".repeat(comment.length));
  const at = between.lastIndexOf("import");
  return at < 0 ? undefined : { start: from + at, parenthesised: between.includes("(", at) };
}

function importPart(reader: SourceReader, { start, parenthesised, specs }: Group): Part<tree.Item> {
  const end = parenthesised && start >= 0 ? closingAfter(reader.source, specs.at(-1)?.end ?? start) : (specs.at(-1)?.end ?? start);
  return {
    start,
    end,
    read: () => {
      const read = reader.parts(specs.map((spec) => ({ start: spec.start, end: spec.end, read: () => specOf(reader, spec) })));
      const before = start < 0 || !parenthesised ? [] : reader.takeBefore(end - 1);
      for (const { lines, gap, sameLine } of before) read.at(-1)?.comments.push({ lines, gap, sameLine, slot: "trailing", lead: false });
      return {
        type: "Import",
        specs: read,
        parenthesised,
        closeGap: parenthesised && start >= 0 ? reader.gapAt(end - 1) : noGap,
        comments: [],
        gap: start < 0 ? noGap : reader.gapAt(start),
      };
    },
  };
}

/** The offset after the parenthesis that closes a group. */
function closingAfter(source: string, from: number): number {
  const closing = /(?:[^)/]|\/\/.*)*\)/y;
  closing.lastIndex = from;
  return closing.test(source) ? closing.lastIndex : from;
}

function specOf(reader: SourceReader, spec: ast.ImportSpec): tree.ImportSpec {
  const written = reader.known(spec) ? /["'#].*$/s.exec(reader.source.slice(spec.start, spec.end))?.[0] : undefined;
  const path = written ?? quoteString(spec.qualifier === undefined ? spec.path : `${spec.path}:${spec.qualifier}`);
  const text = spec.alias === undefined ? path : `${spec.alias} ${path}`;
  return { type: "ImportSpec", text, comments: reader.detached(spec), gap: reader.gap(spec) };
}
