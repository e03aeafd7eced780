/** What is told of values without comparing them in depth. */
import type { Context } from "../engine/context.ts";
import { equalValues } from "../engine/equality.ts";
import { arcOptional } from "../engine/expr.ts";
import type { Label } from "../engine/label.ts";
import { matchPattern } from "../engine/pattern.ts";
import { finalize, newInlineVertex } from "../engine/unify.ts";
import type { BasicType, BuiltinValidator, Value } from "../engine/value.ts";
import type { Vertex } from "../engine/vertex.ts";

/** The functions of two programs are told by their names. */
export function sameValidator(ctx: Context, x: BuiltinValidator, y: BuiltinValidator): boolean {
  if (x.builtin.packageName !== y.builtin.packageName || x.builtin.name !== y.builtin.name || x.args.length !== y.args.length) return false;
  return x.args.every((arg, i) => equalValues(ctx, arg, y.args[i] ?? arg, true));
}

export function samePattern(ctx: Context, x: Value, y: Value): boolean {
  return x.type === "validator" && y.type === "validator" ? sameValidator(ctx, x, y) : equalValues(ctx, x, y, false);
}

export function isPresent(arc: Vertex | undefined): arc is Vertex {
  return arc !== undefined && arc.arc <= arcOptional;
}

export function isUnconstrained(vertex: Vertex): boolean {
  return vertex.derefValue().base?.type === "top";
}

/** A place that shares the value of another may be closed where the other is not. */
export function isClosedStruct(vertex: Vertex): boolean {
  if (vertex.derefValue().isList()) return false;
  for (let at = vertex; ; at = at.base) {
    if (at.isClosedStruct()) return true;
    if (at.base?.type !== "vertex") return false;
  }
}

/** What the patterns of a struct, or the open end of a list, say about a field. */
export function constraintAt(ctx: Context, vertex: Vertex, label: Label): Vertex | undefined {
  const conjuncts = (vertex.patterns ?? []).flatMap(({ pattern, constraint }) =>
    matchPattern(ctx, pattern, label) ? constraint.conjuncts : [],
  );
  if (conjuncts.length === 0) return undefined;
  const made = newInlineVertex(
    ctx,
    conjuncts.map((each) => (each.env === undefined ? each : { ...each, env: { ...each.env, dynamicLabel: label, cache: undefined } })),
  );
  made.label = label;
  made.closedRecursive = vertex.closedRecursive;
  finalize(ctx, made);
  return made;
}

export function singleKinds(type: BasicType): readonly BasicType[] {
  const kinds: BasicType[] = [];
  for (let bit = 1; bit <= type.kind; bit *= 2) if ((type.kind & bit) !== 0) kinds.push({ ...type, kind: bit });
  return kinds;
}
