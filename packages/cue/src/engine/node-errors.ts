/** Errors of a vertex and of what is below it. */
import { combineErrors, severityOf } from "./bottom.ts";
import type { Bottom } from "./bottom.ts";
import { setBaseValue } from "./share.ts";
import type { Elem, Position } from "./expr.ts";
import { kindText } from "./kind.ts";
import { selectorText } from "./label.ts";
import type { Label } from "./label.ts";
import type { NodeState } from "./state.ts";
import type { CloseInfo, Vertex } from "./vertex.ts";
import { isIncomplete } from "./value.ts";
import type { Value } from "./value.ts";

/** A fatal error below makes the vertex an error too; an incomplete one is only kept. */
export function addChildError(n: NodeState, bottom: Bottom): void {
  const vertex = n.node;
  vertex.childErrors = combineErrors(vertex.childErrors, bottom);
  if (isIncomplete(bottom)) return;
  const base = vertex.base;
  if (base?.type !== "bottom" || base.closeCheck === true) {
    setBaseValue(n, {
      type: "bottom",
      position: undefined,
      code: bottom.code,
      value: vertex,
      hasRecursive: true,
      childError: true,
      closeCheck: bottom.closeCheck === true,
      messages: bottom.messages,
      node: vertex,
      literal: false,
    });
    return;
  }
  base.hasRecursive = true;
  if (severityOf(base.code) > severityOf(bottom.code)) base.code = bottom.code;
}

export function reportConflict(
  n: NodeState,
  a: Elem | Vertex,
  b: Elem | Vertex,
  kindA: number,
  kindB: number,
  ...closes: readonly CloseInfo[]
): void {
  const bottom =
    kindA === kindB
      ? n.ctx.newBottom("eval", "conflicting values %s and %s", [a, b], "nowhere")
      : n.ctx.newBottom(
          "eval",
          "conflicting values %s and %s (mismatched types %s and %s)",
          [a, b, kindText(kindA), kindText(kindB)],
          "nowhere",
        );
  for (const close of closes) bottom.messages[0]?.positions.push(...n.ctx.placesOf(close));
  n.addBottom({ ...bottom, node: n.node });
}

export function reportFieldMismatch(n: NodeState, position: Position | undefined, label: Label, value: Value | undefined): void {
  const args: unknown[] = [`"${selectorText(label)}"`, value ?? "_"];
  n.addBottom(n.ctx.newBottom("eval", "cannot combine regular field %s with %s", args, position));
}
