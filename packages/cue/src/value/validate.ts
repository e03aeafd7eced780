/** All errors of a value and of what is below it. */
import type { Bottom } from "../engine/bottom.ts";
import { arcMember, arcRequired } from "../engine/expr.ts";
import type { Engine } from "../engine/instance.ts";
import { isLet, isRegular } from "../engine/label.ts";
import { isConcrete, isIncomplete } from "../engine/value.ts";
import type { Vertex } from "../engine/vertex.ts";
import { orderedArcs } from "../print/field-order.ts";
import { settle } from "./cue-value.ts";

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
  if (own !== undefined) {
    if ((concrete || !isIncomplete(own)) && own.childError !== true) errors.push(own);
    if (own.hasRecursive !== true) return;
  } else if (concrete && !isConcrete(at)) {
    const { ctx } = engine;
    const saved = ctx.vertex;
    ctx.vertex = vertex;
    const message = at.base?.type === "disjunction" ? "unresolved disjunction %s" : "incomplete value %s";
    errors.push(ctx.newBottom("incomplete", message, [at.value() ?? at], undefined));
    ctx.vertex = saved;
  }
  for (const arc of orderedArcs(at)) {
    if (isLet(arc.label)) continue;
    if (arc.arc === arcRequired) {
      if (concrete) errors.push({ ...engine.ctx.newBottom("incomplete", "field is required but not present", [], undefined), node: arc });
      continue;
    }
    if (arc.arc === arcMember) visit(engine, arc, concrete && isRegular(arc.label), errors, seen);
  }
}
