/** The errors of a value and of all values below it, those that more data may resolve included. */
import type { CueError, Value } from "../api.ts";
import { isLet } from "../engine/label.ts";
import type { Vertex } from "../engine/vertex.ts";
import { toCueError } from "../value/cue-error.ts";
import { CueValue } from "../value/cue-value.ts";

/** One error a value, with the others of the same value as its causes; in the order in which the fields came about. */
export function collectErrors(value: Value): readonly CueError[] {
  if (!(value instanceof CueValue)) return value.validate();
  const { vertex } = value;
  if (vertex === undefined) return value.validate();
  value.finished();
  const found: CueError[] = [];
  const open: Vertex[] = [vertex];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const bottom = next.bottom();
    if (bottom !== undefined) {
      if (bottom.childError !== true) found.push(toCueError(bottom));
      if (bottom.hasRecursive !== true) continue;
    }
    for (let i = next.arcs.length - 1; i >= 0; i--) {
      const arc = next.arcs[i];
      if (arc !== undefined && !isLet(arc.label)) open.push(arc);
    }
  }
  return found;
}
