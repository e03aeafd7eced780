/** Damages CUE text by tokens, so that most results still parse in part. */
import type { Random } from "./random.ts";

const token =
  /\/\/[^\n]*|"""[\s\S]*?"""|#*"(?:\\.|[^"\\\n])*"#*|'(?:\\.|[^'\\\n])*'|[#_$\p{L}][\w$]*|[0-9][\w.]*|\.\.\.|[=!<>]=|[=!]~|&&|\|\||_\|_|\s+|./gsu;

export function tokensOf(text: string): string[] {
  return text.match(token) ?? [];
}

/** What is put in: syntax, names of the language, values at the edge of something. */
const material: readonly string[] = [
  ..."{}[]()&|*+-/!?:,.=<>~@#_\n".split(""),
  ...'... _|_ != == =~ !~ >= <= && || \\( $ ; ` \' " """'.split(" "),
  ..."_ null true false int float number string bytes bool uint8 int64 rune top bottom error".split(" "),
  ..."if for in let import package len close and or div mod quo rem matchN matchIf self try else otherwise func __proto__ constructor".split(
    " ",
  ),
  ..."0 1 -1 2 0x7fffffffffffffff 1e1000 1e-1000 1E+9 0.1 1K 1.5Gi 9007199254740993 99999999999999999999999999999999999999999999 0b1 0o7 1_000".split(
    " ",
  ),
  ...'"" "a" "b" "\\u0000" "\\U0010FFFF" "é" "\u{1F600}" "\\(a)" \'\\xff\' #"\\#(a)"# "[a-z]+" "(" "a-b"'.split(" "),
  ..."a b c x y #A #B #D _h _#p $do $params $returns parameter context output".split(" "),
  "[string]: _",
  '[=~"^a"]: int',
  "[X=string]: X",
  "(a): 1",
  '"\\(a)": 1',
  "a?: int",
  "a!: int",
  "a: a",
  "a: b\nb: a",
  "a: a + 1",
  "#D: {n: #D}",
  "#D: {n?: #D}\nx: #D",
  "x: {y: x}",
  "x: [...x]",
  "x: *1 | int",
  "x: *x | 1",
  "x: {a: 1} | {b: 2} | *{c: 3}",
  "if a != _|_ {b: 1}",
  "if a == _|_ {a: 1}",
  "for k, v in a {(k): v}",
  'for x in [1, 2, 3] {"\\(x)": x}',
  "let L = a",
  "close({a: int})",
  "a[0]",
  "a.b.c",
  "a[1:2]",
  "@tag(a)",
  "@if(x)",
  'strings.Join(["a"], ",")',
  "list.Range(0, 10, 1)",
  "list.Concat([[1], [2]])",
  "json.Marshal(a)",
  'json.Unmarshal("{")',
  'yaml.Unmarshal("a: [")',
  "yaml.Marshal(a)",
  'strconv.Atoi("12")',
  'regexp.FindAll("a*", "aaa", -1)',
  "math.Pow(10, 400)",
  'strings.Repeat("ab", 3)',
  "list.Sort([2, 1], list.Ascending)",
  "struct.MinFields(1)",
  "matchN(1, [int, string])",
  'import "strings"\n',
  'import "list"\n',
  'import "encoding/json"\n',
  'import "nowhere.org/x"\n',
  "package p\n",
  "// comment\n",
];

/** One to six small damages. `donors` give pieces of other programs. */
export function mutateProgram(random: Random, text: string, donors: readonly string[]): string {
  let tokens = tokensOf(text);
  for (let left = 1 + random.below(6); left > 0; left--) tokens = mutateOnce(random, tokens, donors);
  const result = tokens.join("");
  return result.length > 20_000 ? result.slice(0, 20_000) : result;
}

function mutateOnce(random: Random, tokens: readonly string[], donors: readonly string[]): string[] {
  const at = random.below(tokens.length + 1);
  const length = 1 + random.below(random.chance(4) ? 30 : 4);
  const piece = tokens.slice(at, at + length);
  const insert = (index: number, pieces: readonly string[]): string[] => [...tokens.slice(0, index), ...pieces, ...tokens.slice(index)];
  switch (random.below(9)) {
    case 0:
      return [...tokens.slice(0, at), ...tokens.slice(at + length)];
    case 1:
      return insert(at, piece);
    case 2:
      return insert(random.below(tokens.length + 1), piece);
    case 3:
      return [...tokens.slice(0, at), random.pick(material), ...tokens.slice(at + 1)];
    case 4:
      return insert(at, [random.pick(material)]);
    case 5: {
      const donor = tokensOf(random.pick(donors));
      const from = random.below(donor.length + 1);
      return insert(at, ["\n", ...donor.slice(from, from + 1 + random.below(40)), "\n"]);
    }
    case 6: {
      const names = tokens.filter((each) => /^[#_$a-zA-Z]/.test(each));
      if (names.length === 0) return [...tokens];
      return [...tokens.slice(0, at), random.pick(names), ...tokens.slice(at + 1)];
    }
    case 7:
      return nest(random, tokens, at);
    default: {
      const other = random.below(tokens.length + 1);
      const swapped = [...tokens];
      const [a, b] = [swapped[at], swapped[other]];
      if (a !== undefined && b !== undefined) [swapped[at], swapped[other]] = [b, a];
      return swapped;
    }
  }
}

const brackets: readonly (readonly [string, string])[] = [
  ["{", "}"],
  ["[", "]"],
  ["(", ")"],
  ["{a: ", "}"],
  ["close(", ")"],
  ["a: ", ""],
  ["-", ""],
  ["!", ""],
  ['"\\(', ')"'],
  ["1 | ", ""],
  ["a.", ""],
];

/** The same bracket, at times very deep. */
function nest(random: Random, tokens: readonly string[], at: number): string[] {
  const [open, close] = random.pick(brackets);
  const depth = random.chance(8) ? 3000 : 1 + random.below(6);
  const inner = tokens.slice(at, at + 3);
  return [...tokens.slice(0, at), open.repeat(depth), ...inner, close.repeat(depth), ...tokens.slice(at + 3)];
}
