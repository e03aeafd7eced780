/** The errors of a value and of what is below it, as functions that validate tell them. */
import type { Bottom } from "./bottom.ts";
import { combineErrors } from "./bottom.ts";
import type { Context } from "./context.ts";
import { addNodePositions } from "./context.ts";
import { arcMember, arcRequired } from "./expr.ts";
import type { Demand } from "../builtins/contract.ts";
import { isLet, isRegular, selectorText } from "./label.ts";
import { finalize } from "./unify.ts";
import { isConcrete, isIncomplete } from "./value.ts";
import { Vertex } from "./vertex.ts";

export interface ErrorSearch {
  readonly demand: Demand;
  /** One fatal error is enough. */
  readonly first?: boolean;
  /** Where in the value something is incomplete is told by a path. */
  readonly paths?: boolean;
}

/** The errors together, the fatal ones alone where there are any. */
export function findErrors(ctx: Context, vertex: Vertex, search: ErrorSearch): Bottom | undefined {
  let found: Bottom | undefined;
  const seen = new Set<Vertex>();
  const open: { readonly vertex: Vertex; readonly demand: Demand }[] = [{ vertex, demand: search.demand }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (ctx.step()) return ctx.exhausted;
    const { demand } = next;
    const final = demand !== "consistent";
    finalize(ctx, next.vertex);
    const at = final ? settle(ctx, next.vertex) : next.vertex.derefValue();
    if (seen.has(at)) continue;
    seen.add(at);
    const own = at.bottom();
    if (own !== undefined) {
      if (own.childError !== true && (final || !isIncomplete(own))) found = combineErrors(found, own);
      if (own.hasRecursive !== true && own.childError !== true) continue;
    } else if (demand === "concrete" && !isConcrete(at)) {
      // The error is told at the place that checks: where in the value it is must be said.
      const path = search.paths === true ? next.vertex.path() : [];
      const place = path.length === 0 ? "" : `${path.map(selectorText).join(".")}: `;
      const bottom = errorAt(ctx, next.vertex, "%sincomplete value %s", [place, at.value() ?? at]);
      addNodePositions(next.vertex, (position) => {
        if (position !== undefined) bottom.messages[0]?.positions.push(position);
      });
      found = combineErrors(found, bottom);
    }
    if (search.first === true && found !== undefined && !isIncomplete(found)) return found;
    for (let i = at.arcs.length - 1; i >= 0; i--) {
      const arc = at.arcs[i];
      if (arc === undefined || isLet(arc.label)) continue;
      if (arc.arc === arcMember) open.push({ vertex: arc, demand: isRegular(arc.label) ? demand : "consistent" });
      else if (arc.arc === arcRequired && final) found = combineErrors(found, errorAt(ctx, arc, "field is required but not present", []));
    }
  }
  return found;
}

function settle(ctx: Context, vertex: Vertex): Vertex {
  let at = vertex.derefValue();
  while (at.base?.type === "disjunction" && at.base.defaults === 1) {
    const [first] = at.base.values;
    if (!(first instanceof Vertex)) {
      const chosen = new Vertex(at.parent, at.label);
      chosen.base = first;
      chosen.status = "finalized";
      return chosen;
    }
    finalize(ctx, first);
    at = first.derefValue();
  }
  return at;
}

/** An incomplete error about `vertex`. */
export function errorAt(ctx: Context, vertex: Vertex, format: string, args: readonly unknown[]): Bottom {
  const saved = ctx.vertex;
  ctx.vertex = vertex;
  const bottom = ctx.newBottom("incomplete", format, args);
  ctx.vertex = saved;
  return bottom;
}
