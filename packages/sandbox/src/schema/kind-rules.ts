/** Small rules that several kinds share. */
import type { KubeObject } from "@slipway/kube";
import { deepEqual } from "@slipway/std";
import type { FieldProblem } from "./field-problem.ts";
import { invalid } from "./field-problem.ts";
import type { Fields } from "./fields.ts";
import { child, valueAt } from "./fields.ts";

export function specOf(object: KubeObject): Fields {
  return child(object, "spec");
}

/** Refuses a change of the field at `path`. */
export function immutable(...path: readonly string[]): (next: KubeObject, old: KubeObject) => FieldProblem[] {
  return (next, old) => {
    const value = valueAt(next, path);
    return deepEqual(value, valueAt(old, path)) ? [] : [invalid(path.join("."), value, "field is immutable")];
  };
}
