/** What data lacks: values that are not concrete, and fields that are required. Told with all their declarations. */
import type { Bottom } from "../engine/bottom.ts";
import { addNodePositions } from "../engine/context.ts";
import { arcRequired, exprOf } from "../engine/expr.ts";
import type { Engine } from "../engine/instance.ts";
import type { Label } from "../engine/label.ts";
import { isInt, labelName } from "../engine/label.ts";
import type { Value } from "../engine/value.ts";
import type { Vertex } from "../engine/vertex.ts";

/** `value`: what is known of it. `path`: by which it was come to; a shared value has another of its own. */
export function incompleteValue(engine: Engine, vertex: Vertex, value: Value, path: readonly Label[]): Bottom {
  const bottom = errorOf(engine, vertex, path, "incomplete value %s", [value]);
  const positions = bottom.messages[0]?.positions ?? [];
  for (const { elem } of vertex.conjuncts) {
    const expr = exprOf(elem);
    // Where a struct begins tells nothing about what it lacks.
    if (expr.type !== "structLit" && expr.type !== "comprehension") {
      addNodePositions(expr, (at) => {
        if (at !== undefined) positions.push(at);
      });
    }
  }
  return bottom;
}

export function missingField(engine: Engine, arc: Vertex, path: readonly Label[]): Bottom {
  const bottom = errorOf(engine, arc, path, "field is required but not present", []);
  for (const { elem } of arc.conjuncts) {
    const isRequired = elem.type !== "field" || elem.arc === arcRequired;
    if (isRequired && elem.position !== undefined) bottom.messages[0]?.positions.push(elem.position);
  }
  return bottom;
}

function errorOf(engine: Engine, vertex: Vertex, path: readonly Label[], format: string, args: readonly unknown[]): Bottom {
  const { ctx } = engine;
  const saved = ctx.vertex;
  ctx.vertex = vertex;
  const bottom = ctx.newBottom("incomplete", format, args, "nowhere");
  ctx.vertex = saved;
  const names = path.map((label) => (isInt(label) ? label : labelName(label)));
  return { ...bottom, messages: bottom.messages.map((message) => ({ ...message, path: names })) };
}
