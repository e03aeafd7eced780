/** The validators matchN and matchIf: how a value fits schemas that it need not fit. */
import type { Bottom } from "./bottom.ts";
import type { BuiltinCall } from "./call.ts";
import { checkFailure } from "./check.ts";
import type { Context } from "./context.ts";
import { arcMember } from "./expr.ts";
import { elementsOf } from "./builtin-functions.ts";
import { isRegular } from "./label.ts";
import { finalize } from "./unify.ts";
import type { Value } from "./value.ts";
import { boolValue, intValue, isIncomplete, unwrap } from "./value.ts";
import { Vertex } from "./vertex.ts";

function tryUnify(ctx: Context, self: Value, check: Value): Bottom | undefined {
  return checkFailure(ctx, self, check, { demand: "complete" });
}

/** The value without its constraints: what a validator looks at must not lead to the validator again. */
function dataOnly(ctx: Context, value: Value): Value {
  if (!(value instanceof Vertex)) return value;
  finalize(ctx, value);
  return copyData(ctx, value, undefined);
}

function copyData(ctx: Context, given: Vertex, parent: Vertex | undefined): Vertex {
  const vertex = given.derefValue();
  const copy = new Vertex(parent, given.label);
  copy.isData = true;
  copy.status = "finalized";
  const { base } = vertex;
  if (ctx.step()) {
    copy.base = ctx.exhausted;
    return copy;
  }
  copy.base = base?.type === "bottom" && base.childError === true ? { type: "structMarker" } : base;
  if (base?.type === "disjunction") {
    const [first] = base.values;
    if (base.defaults === 1 && first instanceof Vertex) return copyData(ctx, first, parent);
  }
  for (const arc of vertex.arcs) if (arc.arc === arcMember && isRegular(arc.label)) copy.addArc(copyData(ctx, arc, copy));
  return copy;
}

function onlyValidator(ctx: Context, call: BuiltinCall): Bottom | undefined {
  if (call.isValidator) return undefined;
  const { name } = call.builtin;
  return ctx.newBottom("eval", `${name} is a validator and should not be used as a function`, []);
}

export function matchN(ctx: Context, call: BuiltinCall): Value | undefined {
  const misuse = onlyValidator(ctx, call);
  if (misuse !== undefined) return misuse;
  const [self, bound, list] = call.args;
  if (self === undefined || bound === undefined) return undefined;
  const data = dataOnly(ctx, self);
  const elements = elementsOf(ctx, list);
  if (elements === undefined) return undefined;
  let count = 0;
  let possible = 0;
  for (const element of elements) {
    const error = tryUnify(ctx, data, element);
    if (error === undefined) count++;
    else if (isIncomplete(error)) possible++;
  }
  const fits = (value: number): boolean => tryUnify(ctx, intValue(value), bound) === undefined;
  if (fits(count)) return boolValue(true);
  let code: Bottom["code"] = "eval";
  for (let i = 1; i <= possible; i++) if (fits(count + i)) code = "incomplete";
  const message = ctx.newMessage(undefined, "%s matched, expected %s", [String(count), unwrap(bound) ?? bound]);
  return { type: "bottom", position: undefined, code, messages: [message], node: ctx.vertex, literal: false };
}

export function matchIf(ctx: Context, call: BuiltinCall): Value | undefined {
  const misuse = onlyValidator(ctx, call);
  if (misuse !== undefined) return misuse;
  const [self, condition, then, otherwise] = call.args;
  if (self === undefined || condition === undefined || then === undefined || otherwise === undefined) return undefined;
  const data = dataOnly(ctx, self);
  const failed = tryUnify(ctx, data, condition);
  const error = tryUnify(ctx, data, failed === undefined ? then : otherwise);
  if (error === undefined) return boolValue(true);
  return {
    type: "bottom",
    position: undefined,
    code: isIncomplete(error) ? "incomplete" : "eval",
    messages: error.messages,
    node: ctx.vertex,
    literal: false,
  };
}
