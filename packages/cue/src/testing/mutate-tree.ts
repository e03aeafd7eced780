/** Puts parts of programs into others, by their syntax trees: most results parse, and mean something. */
import { compile } from "../compile/program.ts";
import { parseFile } from "../syntax/parser.ts";
import type { Random } from "./random.ts";

interface Span {
  readonly role: "expression" | "declaration" | "label";
  readonly start: number;
  readonly end: number;
}

const declarations = new Set(["Field", "Ellipsis", "Embedding", "Let", "Comprehension"]);
const neither = new Set(["File", "Package", "Import", "Attribute", "For", "If", "LetClause", "Try", "Bad"]);
const spanCache = new Map<string, readonly Span[]>();

function spansOf(text: string): readonly Span[] {
  const known = spanCache.get(text);
  if (known !== undefined) return known;
  const spans: Span[] = [];
  const left: unknown[] = [parseFile(text, "in.cue").file];
  while (left.length > 0) {
    const node = left.pop();
    if (typeof node !== "object" || node === null) continue;
    const { type, start, end } = node as { type?: unknown; start?: unknown; end?: unknown };
    if (
      typeof type === "string" &&
      typeof start === "number" &&
      typeof end === "number" &&
      start >= 0 &&
      end > start &&
      !neither.has(type)
    ) {
      const role = declarations.has(type) ? "declaration" : type.endsWith("Label") ? "label" : "expression";
      spans.push({ role, start, end });
    }
    left.push(...(Object.values(node) as unknown[]));
  }
  if (spanCache.size > 500) spanCache.clear();
  spanCache.set(text, spans);
  return spans;
}

/** Small expressions and declarations that programs of the corpus may lack. */
const expressions: readonly string[] = [
  ...'_ _|_ null true 0 1 -1 1.5 1e3 "a" "" \'x\' int string number bool {} [] [...] {...} a b c x a.b x.y #A #D _h'.split(" "),
  ...'*1|int *a|1 1|2|3 *"a"|string >0 <10 >=a !=null =~"^a" ==1 len(a) close({a:1}) and([int,a]) or([1,a]) {a:1}|{b:2} *{a:1}|{...} a&b a+1 a/2 !a -a'.split(
    " ",
  ),
  ...'[...int] [a,b] [a,...] [if(a>0){a}] [for(x)in[1,2]{x}] a[0] a[b] a[1:] "\\(a)" (a) {a} {#A} #D&{a:1} error("e") matchN(1,[a,int]) matchIf(a,b,_) strings.ToUpper(a)'.split(
    " ",
  ),
  "[for k, v in a {k}]",
  "{for k, v in a {(k): v}}",
  "list.Sort(a, list.Ascending)",
  "list.Concat([a, b])",
  "list.FlattenN(a, -1)",
  'strings.Split(a, "")',
  "strings.MinRunes(2)",
  "json.Marshal(a)",
  "json.Unmarshal(a)",
  "yaml.Marshal(a)",
  "yaml.Unmarshal(a)",
  "strconv.Atoi(a)",
  "struct.MaxFields(1)",
  "list.MaxItems(1)",
  "list.UniqueItems()",
  "regexp.Match(a, b)",
  "math.Sqrt(a)",
  "{a: 1, b: a, ...}",
  "{[string]: int}",
  '{[=~"^x"]: a}',
  "{n: 1, self: n, if n > 0 {m: 2}}",
  "{5, #u: 1}",
];
const moreDeclarations: readonly string[] = [
  "a: b",
  "b: a",
  "a: a.b",
  "x: {y: x}",
  "#D: {n?: #D}",
  "#D: {v: int | *1, ...}",
  "#A: {a: #D}",
  "x: #D & {v: 2}",
  "a?: int",
  "a!: int",
  "if a != _|_ {b: a}",
  "if b == _|_ {c: 1}",
  "for k, v in a {(k): v}",
  'for i, v in [1, 2] let w = v {"f\\(i)": w}',
  "let a = x",
  "let l = {x: 1}",
  "[string]: _",
  "[X=string]: {name: X}",
  "(a): 1",
  '"\\(a)-x": 2',
  "...",
  "...int",
  "_h: {a: 1}",
  "a: *_|_ | {...}",
  "x=y: x.z",
  "y: z: 1",
  "#D",
  "a",
];

/** One to five changes. `donors` are programs whose parts are put in. */
export function mutateTree(random: Random, text: string, donors: readonly string[]): string {
  let changed = text;
  for (let left = 1 + random.below(5); left > 0 && changed.length < 8000; left--) changed = change(random, changed, donors);
  return withNames(withImports(changed));
}

function change(random: Random, text: string, donors: readonly string[]): string {
  const spans = spansOf(text);
  const target = spans.length === 0 ? undefined : random.pick(spans);
  const splice = (start: number, end: number, part: string): string => text.slice(0, start) + part + text.slice(end);
  if (target === undefined || random.chance(6)) return `${text}\n${part(random, "declaration", text, donors)}\n`;
  if (target.role === "declaration") {
    if (random.chance(5)) return splice(target.start, target.end, "");
    const other = part(random, "declaration", text, donors);
    return random.chance(2) ? splice(target.start, target.end, other) : splice(target.start, target.start, `${other}, `);
  }
  const own = text.slice(target.start, target.end);
  if (target.role === "label") return splice(target.start, target.end, part(random, "label", text, donors));
  const other = part(random, "expression", text, donors);
  if (random.chance(4))
    return splice(target.start, target.end, `(${own} ${random.pick(["&", "|", "+", "==", "!=", "&&", "*", "-", "<"])} ${other})`);
  return splice(target.start, target.end, random.chance(4) ? `(${other})` : other);
}

/** A part in that role: of this program, of another, or of the lists above. */
function part(random: Random, role: Span["role"], text: string, donors: readonly string[]): string {
  const choice = random.below(3);
  if (choice === 0 && role !== "label") return random.pick(role === "expression" ? expressions : moreDeclarations);
  const source = choice === 1 ? random.pick(donors) : text;
  const spans = spansOf(source).filter((span) => span.role === role && span.end - span.start < 400);
  if (spans.length === 0) return role === "declaration" ? random.pick(moreDeclarations) : "a";
  const span = random.pick(spans);
  return source.slice(span.start, span.end);
}

const packages: Readonly<Record<string, string>> = {
  json: "encoding/json",
  list: "list",
  math: "math",
  regexp: "regexp",
  strconv: "strconv",
  strings: "strings",
  struct: "struct",
  yaml: "encoding/yaml",
};

/** Imports what a part that was put in refers to. */
function withImports(text: string): string {
  const missing = Object.entries(packages).filter(([name, path]) => text.includes(`${name}.`) && !text.includes(`"${path}"`));
  return /^package /m.test(text) ? text : missing.map(([, path]) => `import "${path}"\n`).join("") + text;
}

/** Declares what is referred to and not there, or nothing of the program would be evaluated. */
function withNames(text: string): string {
  const { diagnostics } = compile([{ filename: "in.cue", text }], { unusedImports: "ignore" });
  const names = diagnostics.map((each) => /^reference "([^"]+)" not found/.exec(each.message)?.[1]);
  return text + [...new Set(names)].map((name) => (name === undefined ? "" : `\n${name}: _`)).join("");
}
