/** `error`: code, message and arguments decide; positions and sub-errors are counted apart. */
import type { CueError, Program, Value } from "@slipway/cue";
import type { ExpectedError, Position, Verdict } from "./vectors.ts";
import { failed, short } from "./vectors.ts";

/** An error with those that made it up, where the implementation tells them. */
type Nested = CueError & { readonly causes?: readonly Nested[] };

const codes: Readonly<Record<CueError["category"], readonly string[]>> = {
  eval: ["eval"],
  closed: ["eval"],
  incomplete: ["incomplete"],
  cycle: ["cycle"],
  structuralCycle: ["structural_cycle"],
  user: ["user"],
  syntax: ["syntax"],
  budget: [],
};

/** What is asked to be a literal and is some other expression is no literal. */
export function judgeBadLiteral(program: Program, value: Value, expected: ExpectedError): Verdict {
  const [decl] = program.files[0]?.decls ?? [];
  const type = decl?.type === "Field" ? decl.value.type : "Bad";
  const isLiteral = type === "BasicLit" || type === "Interpolation" || type === "Unary";
  return isLiteral ? judgeError(program, value, expected) : { outcome: "passed" };
}

export function judgeError(program: Program, value: Value, expected: ExpectedError): Verdict {
  const found = errorsOf(program, value, expected);
  if (found.length === 0) return failed(`want ${describe(expected)}; got no error: ${short(valueText(value))}`);
  const match = found.find((error) => matches(error, expected));
  const chosen = match ?? found[0];
  const positions = expected.pos === undefined || chosen === undefined ? undefined : samePositions(chosen, expected.pos);
  const suberrors = expected.suberr === undefined || chosen === undefined ? undefined : sameSuberrors(chosen, expected.suberr);
  const apart = { ...(positions === undefined ? {} : { positions }), ...(suberrors === undefined ? {} : { suberrors }) };
  if (match === undefined) {
    const got = found.slice(0, 3).map((error) => `[${codeOf(error)}] ${error.message}`);
    return { ...failed(`want ${describe(expected)}; got ${short(got.join(" | "), 200)}`), ...apart };
  }
  return { outcome: "passed", ...apart };
}

/** The errors the assertion may speak of, the one of the value itself first. */
function errorsOf(program: Program, value: Value, expected: ExpectedError): readonly Nested[] {
  const found: Nested[] = [];
  if (expected.path !== undefined && expected.path !== "") {
    // The path is relative to the value; an error reported for the value may tell the same place as its own path.
    const below = value.lookup(expected.path);
    const own = below.exists() ? below.error() : undefined;
    if (own !== undefined) found.push(own);
  }
  const own = value.error();
  if (own !== undefined) found.push(own);
  if (found.length === 0 || expected.any === true || expected.path !== undefined) found.push(...value.validate());
  if (found.length === 0) {
    const json = value.toJson();
    if (!json.ok) found.push(...json.errors);
  }
  if (found.length === 0) found.push(...program.diagnostics.filter((each): each is CueError => "category" in each));
  return found;
}

function codeOf(error: CueError): string {
  // The implementation may tell the reference's own code where its categories are finer or coarser.
  if (error.code.endsWith("COMPILE")) return "compile";
  return codes[error.category][0] ?? error.category;
}

function matches(error: Nested, expected: ExpectedError): boolean {
  if (expected.code !== undefined && !expected.code.split("|").includes(codeOf(error))) return false;
  return messageMatches(error, expected);
}

function messageMatches(error: Nested, expected: ExpectedError): boolean {
  const texts = [error, ...(error.causes ?? [])].map((each) =>
    each.path.length > 0 ? `${each.path.join(".")}: ${each.message}` : each.message,
  );
  return texts.some((text) => {
    if (expected.contains !== undefined && !containsText(text, expected.contains)) return false;
    if (expected.containsRe !== undefined && !new RegExp(expected.containsRe).test(text)) return false;
    return (expected.args ?? []).every((arg) => hasArgument(text, arg));
  });
}

/** The vectors of literals name errors by the reference's variables: what those say, or any syntax error where one stands for all. */
const namedErrors: Readonly<Record<string, RegExp>> = {
  errSyntax: /./,
  errSurrogate: /surrogate/,
  errEscapedLastNewline: /last newline of multiline string cannot be escaped/,
  errMissingClosingNewline: /not terminated|closing newline/,
  errMissingOpeningNewline: /newline after multiline quote/,
  invalidWhitespaceError: /invalid whitespace/,
};

/** Contains it literally, or as a format whose verbs stand for anything. */
function containsText(text: string, wanted: string): boolean {
  if (text.includes(wanted) || namedErrors[wanted]?.test(text) === true) return true;
  if (!/%[vsdqT]/.test(wanted)) return false;
  const pattern = wanted
    .split(/%[vsdqT]/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[\\s\\S]*");
  return new RegExp(pattern).test(text);
}

/** Arguments are texts or patterns (`(foo|bar)`). */
function hasArgument(text: string, arg: string): boolean {
  if (text.includes(arg)) return true;
  try {
    return /^\(.*\|.*\)$/.test(arg) && new RegExp(arg).test(text);
  } catch {
    return false;
  }
}

function samePositions(error: CueError, expected: readonly Position[]): boolean {
  const key = ([file, line, column]: Position): string => `${file}:${line}:${column}`;
  const got = new Set(error.at.map((at) => key([at.file.replace(/^\.\//, ""), at.line, at.column])));
  const want = new Set(expected.map(key));
  return got.size === want.size && [...want].every((each) => got.has(each));
}

/** The expected sub-errors are found among those told, each at most once. */
function sameSuberrors(error: Nested, expected: readonly ExpectedError[]): boolean {
  const left = [...flatten(error.causes ?? [])];
  return expected.every((wanted) => {
    const index = left.findIndex((each) => matches(each, wanted) && (wanted.pos === undefined || samePositions(each, wanted.pos)));
    if (index < 0) return false;
    left.splice(index, 1);
    return true;
  });
}

function* flatten(errors: readonly Nested[]): Generator<Nested> {
  for (const error of errors) {
    yield error;
    yield* flatten(error.causes ?? []);
  }
}

function describe(expected: ExpectedError): string {
  const { pos: _positions, suberr, ...rest } = expected;
  return `error ${short({ ...rest, ...(suberr === undefined ? {} : { suberr: suberr.map((each) => each.contains ?? each.code ?? "") }) }, 240)}`;
}

function valueText(value: Value): string {
  const json = value.toJson();
  return json.ok ? (JSON.stringify(json.value) ?? "") : value.describe();
}
