/** What is asked of the value itself: `kind`, `closed`, `allows`, `type` and `text`. */
import type { Value } from "@slipway/cue";
import { moduleAt } from "./landing.ts";
import type { Expectation, Verdict } from "./vectors.ts";
import { failed, passed, short } from "./vectors.ts";

export function judgeKind(value: Value, expected: string): Verdict {
  const got = [value.kind(), value.incompleteKind()];
  return got.some((kind) => kind === expected) ? passed : failed(`want kind ${expected}; got ${got.join(", ")}`);
}

/** A string or bytes literal by what it stands for. */
export function judgeText(value: Value, expectation: Expectation): Verdict {
  if (expectation.type !== undefined) {
    const kind = judgeKind(value, expectation.type);
    if (kind.outcome !== "passed") return kind;
  }
  if (expectation.text === undefined) return passed;
  const json = value.toJson();
  if (!json.ok) return failed(`want ${short(expectation.text)}; got error ${short(json.errors[0]?.message ?? "")}`);
  const got = value.kind() === "bytes" && typeof json.value === "string" ? Buffer.from(json.value, "base64").toString() : json.value;
  return got === expectation.text ? passed : failed(`want text ${short(expectation.text)}; got ${short(got)}`);
}

interface Marks {
  readonly CueValue: new (...args: never) => Value & { finished(): { readonly closedRecursive: boolean } | undefined };
}

const marks = await moduleAt<Marks>("value/cue-value.ts");

/** The vectors tell of the mark that definitions leave, on scalars and beside an ellipsis too. */
export function judgeClosed(value: Value, expected: boolean): Verdict {
  const isMarked = marks?.CueValue !== undefined && value instanceof marks.CueValue && value.finished()?.closedRecursive === true;
  const closed = value.isClosed() || isMarked;
  return closed === expected ? passed : failed(`want closed ${expected}; got ${closed}`);
}

/** The selectors `string` and `int` stand for any label and any index. */
export function judgeAllows(value: Value, expected: { readonly selector: string; readonly ok: boolean }): Verdict {
  const { selector } = expected;
  const ok = selector === "string" ? value.allowsAnyField() : value.allows(selector === "int" ? value.elements().length : selector);
  return ok === expected.ok ? passed : failed(`want allows ${selector} ${expected.ok}; got ${ok}`);
}
