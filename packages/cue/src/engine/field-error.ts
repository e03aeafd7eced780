/** Errors about a field that is looked up and not there. */
import type { Bottom } from "./bottom.ts";
import type { Context } from "./context.ts";
import type { Position } from "./expr.ts";
import { bottomKind, kindText, listKind, structKind } from "./kind.ts";
import type { Label } from "./label.ts";
import { isInt, isRegular, labelName, selectorText } from "./label.ts";
import { matchPattern } from "./pattern.ts";
import { isOpenedFromAbove } from "./typocheck.ts";
import { isCyclePlaceholder } from "./value.ts";
import type { Vertex } from "./vertex.ts";

export function acceptsField(ctx: Context, vertex: Vertex, label: Label): boolean {
  if (vertex.accepts(label, (pattern, at) => matchPattern(ctx, pattern, at))) return true;
  const at = vertex.derefValue();
  if (!isRegular(label) || isInt(label) || (at.kind() & structKind) === 0) return false;
  return at.state === undefined ? at.isFree : at.closedRecursive && !at.closedOnce && !at.state.isDefinition && isOpenedFromAbove(at.state);
}

export function reportFieldIndexError(ctx: Context, vertex: Vertex, position: Position | undefined, label: Label): void {
  const kind = vertex.kind();
  if (isInt(label) && kind !== bottomKind && (kind & listKind) === 0) {
    ctx.addBottom({
      ...ctx.newBottom("eval", "invalid index %s (found %s, want list)", [String(label), kindText(kind)], position),
      node: vertex,
    });
    return;
  }
  const bottom = isInt(label)
    ? fieldError(ctx, vertex, position, label, "index out of range [%s] with length %s", [String(label), String(vertex.elements().length)])
    : fieldError(ctx, vertex, position, label, "undefined field: %s", [selectorText(label)]);
  ctx.addBottom(bottom);
}

export function newFieldCycleError(ctx: Context, vertex: Vertex, position: Position | undefined, label: Label): Bottom {
  return fieldError(ctx, vertex, position, label, "cyclic reference to field %s", [labelName(label)]);
}

function fieldError(
  ctx: Context,
  vertex: Vertex,
  position: Position | undefined,
  label: Label,
  format: string,
  args: readonly string[],
): Bottom {
  let code: Bottom["code"] = "incomplete";
  const own = vertex.bottom();
  if (own !== undefined && !isCyclePlaceholder(own)) code = own.code;
  else if (vertex.state?.errors?.code === "cycle") code = "cycle";
  else if (!acceptsField(ctx, vertex, label)) code = "eval";
  return { ...ctx.newBottom(code, format, args, position), node: vertex };
}
