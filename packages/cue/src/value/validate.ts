/** All errors of a value and of what is below it. */
import type { Bottom } from "../engine/bottom.ts";
import { arcMember, arcRequired } from "../engine/expr.ts";
import type { Engine } from "../engine/instance.ts";
import { isLet, isRegular } from "../engine/label.ts";
import { isConcrete, isIncomplete } from "../engine/value.ts";
import type { Vertex } from "../engine/vertex.ts";
import { orderedArcs } from "../print/field-order.ts";
import { settle } from "./cue-value.ts";
import { incompleteValue, missingField } from "./missing.ts";

/** With `concrete`, what is not concrete and what is missing too. Each error once. */
export function validateVertex(engine: Engine, vertex: Vertex, concrete: boolean): readonly Bottom[] {
  const errors: Bottom[] = [];
  visit(engine, vertex, concrete, errors, new Set());
  return errors;
}

function visit(engine: Engine, vertex: Vertex, concrete: boolean, errors: Bottom[], seen: Set<Vertex>): void {
  engine.finalize(vertex);
  const at = concrete ? settle(engine, vertex) : vertex.derefValue();
  if (seen.has(at)) return;
  seen.add(at);
  const own = at.bottom();
  const counts = own !== undefined && (concrete || !isIncomplete(own));
  if (counts && own.childError !== true) errors.push(own);
  if (own !== undefined && own.hasRecursive !== true) return;
  if (own === undefined && concrete && !isConcrete(at)) errors.push(incompleteValue(engine, vertex, at.value() ?? at));
  const before = errors.length;
  for (const arc of orderedArcs(at)) {
    if (isLet(arc.label)) continue;
    if (arc.arc === arcRequired) {
      if (concrete) errors.push(missingField(engine, arc));
      continue;
    }
    if (arc.arc === arcMember) visit(engine, arc, concrete && isRegular(arc.label), errors, seen);
  }
  // An expression may be in error by what it refers to, which is no part of it.
  if (counts && own.childError === true && errors.length === before) errors.push(own);
}
