/** What functions of built-in packages return, as values of the program. */
import type { Handle, Result } from "../builtins/contract.ts";
import { Decimal } from "../number/decimal.ts";
import type { Context } from "./context.ts";
import type { Position } from "./expr.ts";
import { ValueHandle } from "./handle.ts";
import { regularLabel } from "./label.ts";
import { intValue, structMarker } from "./value.ts";
import type { Value } from "./value.ts";
import { rootCloseInfo, Vertex } from "./vertex.ts";

/** A value of the program from what a function returned. */
export function fromResult(ctx: Context, result: Result, position: Position | undefined): Value {
  if (result === null) return { type: "null", position };
  switch (typeof result) {
    case "boolean":
      return { type: "bool", value: result, position };
    case "string":
      return { type: "string", value: result, position };
    case "bigint":
      return intValue(result, position);
    default:
  }
  if (result instanceof Decimal) return { type: "float", value: result, position };
  if (result instanceof Uint8Array) return { type: "bytes", value: result, position };
  if (result instanceof ValueHandle) return result.value;
  if ("handle" in result) return fromResult(ctx, (result as Handle).data(), position);
  const vertex = new Vertex(undefined, "");
  vertex.isDynamic = true;
  vertex.isData = true;
  if (isMap(result)) {
    vertex.base = structMarker;
    for (const [name, each] of result) addData(ctx, vertex, regularLabel(name), each, position);
  } else {
    vertex.base = { type: "listMarker", isOpen: false };
    result.forEach((each, i) => {
      addData(ctx, vertex, i, each, position);
    });
  }
  vertex.status = "finalized";
  return vertex;
}

function isMap(result: object): result is ReadonlyMap<string, Result> {
  return result instanceof Map;
}

function addData(ctx: Context, parent: Vertex, label: string | number, result: Result, position: Position | undefined): void {
  const value = fromResult(ctx, result, position);
  const arc = new Vertex(parent, label);
  // A value of the program stays where it is; what was made just now moves here.
  if (value instanceof Vertex && !(result instanceof ValueHandle)) {
    arc.base = value.base;
    arc.isData = true;
    arc.setArcs(value.arcs);
    for (const each of value.arcs) each.parent = arc;
    arc.status = "finalized";
  } else if (value instanceof Vertex) arc.conjuncts = [{ env: undefined, elem: value, close: rootCloseInfo }];
  else {
    arc.base = value;
    arc.isData = true;
    arc.status = "finalized";
  }
  parent.addArc(arc);
}
