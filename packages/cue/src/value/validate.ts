/** All errors of a value and of what is below it. */
import type { Bottom } from "../engine/bottom.ts";
import { arcMember, arcRequired } from "../engine/expr.ts";
import type { Engine } from "../engine/instance.ts";
import type { Label } from "../engine/label.ts";
import { isLet, isRegular } from "../engine/label.ts";
import { isConcrete, isIncomplete } from "../engine/value.ts";
import type { Vertex } from "../engine/vertex.ts";
import { orderedArcs } from "../print/field-order.ts";
import { settle } from "./cue-value.ts";
import { incompleteValue, missingField } from "./missing.ts";

/** With `concrete`, what is not concrete and what is missing too. Each error once. */
export function validateVertex(engine: Engine, vertex: Vertex, concrete: boolean): readonly Bottom[] {
  const errors: Bottom[] = [];
  visit(engine, vertex, concrete, errors, vertex.path(), { loosely: new Set(), concretely: new Set() });
  return errors;
}

/** A definition need not be concrete; what shares its value must. */
interface Seen {
  readonly loosely: Set<Vertex>;
  readonly concretely: Set<Vertex>;
}

function visit(engine: Engine, vertex: Vertex, concrete: boolean, errors: Bottom[], path: Label[], seen: Seen): void {
  engine.finalize(vertex);
  const at = concrete ? settle(engine, vertex) : vertex.derefValue();
  const visited = concrete ? seen.concretely : seen.loosely;
  if (visited.has(at)) return;
  visited.add(at);
  const own = at.bottom();
  const counts = own !== undefined && (concrete || !isIncomplete(own));
  if (counts && own.childError !== true) errors.push(own);
  if (own !== undefined && own.hasRecursive !== true) return;
  if (own === undefined && concrete && !isConcrete(at)) errors.push(incompleteValue(engine, vertex, at.value() ?? at, path));
  const before = errors.length;
  for (const arc of orderedArcs(at)) {
    if (isLet(arc.label)) continue;
    if (arc.arc === arcRequired) {
      if (concrete) errors.push(missingField(engine, arc, [...path, arc.label]));
      continue;
    }
    if (arc.arc !== arcMember) continue;
    path.push(arc.label);
    visit(engine, arc, concrete && isRegular(arc.label), errors, path, seen);
    path.pop();
  }
  // An expression may be in error by what it refers to, which is no part of it.
  if (counts && own.childError === true && errors.length === before) errors.push(own);
}
