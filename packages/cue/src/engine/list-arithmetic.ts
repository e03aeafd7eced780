/** `+` and `*` of lists: refused since v0.11, accepted where stored definitions rely on them. */
import type { Context } from "./context.ts";
import { finalize } from "./unify.ts";
import type { Value } from "./value.ts";
import { Vertex } from "./vertex.ts";

const maxElements = 1_000_000;

export function joinLists(ctx: Context, left: Value, right: Value): Value {
  if (!ctx.host.compatibility.listArithmetic)
    return ctx.newBottom("eval", "addition of lists is superseded by list.Concat; see https://cuelang.org/e/v0.11-list-arithmetic", []);
  return newList([...elementsOf(ctx, left), ...elementsOf(ctx, right)]);
}

export function repeatList(ctx: Context, list: Value, count: bigint): Value {
  if (!ctx.host.compatibility.listArithmetic)
    return ctx.newBottom(
      "eval",
      "multiplication of lists is superseded by list.Repeat; see https://cuelang.org/e/v0.11-list-arithmetic",
      [],
    );
  const elements = elementsOf(ctx, list);
  if (count * BigInt(elements.length) > BigInt(maxElements)) return ctx.newBottom("eval", "result of repetition is too large", []);
  const all: Vertex[] = [];
  for (let i = 0n; i < count; i++) all.push(...elements);
  return newList(all);
}

function elementsOf(ctx: Context, value: Value): Vertex[] {
  if (!(value instanceof Vertex)) return [];
  finalize(ctx, value);
  return value.elements();
}

/** A closed list of these. */
export function newList(elements: readonly Vertex[]): Vertex {
  const list = new Vertex(undefined, "");
  list.isDynamic = true;
  list.base = { type: "listMarker", isOpen: false };
  elements.forEach((element, i) => {
    const arc = new Vertex(list, i);
    arc.conjuncts = element.conjuncts;
    arc.base = element;
    arc.status = "finalized";
    list.addArc(arc);
  });
  list.status = "finalized";
  return list;
}
