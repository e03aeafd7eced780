/** Unification of a value with a schema that it need not fit. */
import type { Bottom } from "./bottom.ts";
import type { Context } from "./context.ts";
import type { ErrorSearch } from "./find-errors.ts";
import { findErrors } from "./find-errors.ts";
import { formatValue } from "./format.ts";
import { finalize, newInlineVertex } from "./unify.ts";
import type { Value } from "./value.ts";
import { Vertex } from "./vertex.ts";

/** What keeps `value & schema` from what is demanded. A check within the same check would never end. */
export function checkFailure(ctx: Context, value: Value, schema: Value, search: ErrorSearch): Bottom | undefined {
  const check = { schema: schema instanceof Vertex ? schema.derefValue() : schema, value };
  const isWithinItself = ctx.checking.some((each) => each.schema === check.schema && formatValue(each.value) === formatValue(value));
  if (isWithinItself) return ctx.newBottom("structural", "structural cycle", []);
  ctx.checking.push(check);
  try {
    const both = newInlineVertex(ctx, [
      { env: undefined, elem: value, close: ctx.close },
      { env: undefined, elem: schema, close: ctx.close },
    ]);
    finalize(ctx, both);
    return findErrors(ctx, both, search);
  } finally {
    ctx.checking.pop();
  }
}
