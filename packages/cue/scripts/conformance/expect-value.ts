/** What is asked of the value itself: `kind`, `closed`, `allows`, `type` and `text`. */
import { compile } from "@slipway/cue";
import type { Value } from "@slipway/cue";
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

export function judgeClosed(value: Value, expected: boolean): Verdict {
  const closed = !allows(value, "zz_not_declared_anywhere");
  return closed === expected ? passed : failed(`want closed ${expected}; got ${closed}`);
}

export function judgeAllows(value: Value, expected: { readonly selector: string; readonly ok: boolean }): Verdict {
  const ok =
    expected.selector === "int"
      ? allowsElement(value)
      : allows(value, expected.selector === "string" ? "zz_not_declared" : expected.selector);
  return ok === expected.ok ? passed : failed(`want allows ${expected.selector} ${expected.ok}; got ${ok}`);
}

/** Whether a field of that name may be added: adding any value there makes no new error. */
function allows(value: Value, label: string): boolean {
  const any = compile("_").instance();
  const before = value.validate().length;
  return (
    value.root
      .fill([...value.path, label], any)
      .lookup(value.path)
      .validate().length <= before
  );
}

/** Whether one more element may be added to a list. */
function allowsElement(value: Value): boolean {
  if (value.kind() !== "list") return false;
  const open = compile(`[${"_, ".repeat(value.elements().length + 1)}...]`).instance();
  return value.unify(open).validate().length === 0;
}
