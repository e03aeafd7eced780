/** The places that a value depends on. */
import type { PathElement } from "../api.ts";
import type { Label } from "../engine/label.ts";
import { isHidden, isInt, isString, labelName } from "../engine/label.ts";
import type { Vertex } from "../engine/vertex.ts";
import type { ReferenceScope } from "./places.ts";
import { isLocal } from "./places.ts";
import { inheritedReferencesOf, referencesOf } from "./references.ts";

/**
 * Paths outside of the value at `own`, counted from `root`, that its expressions, and those of its fields, refer to; each once,
 * in order. A value that was computed from an expression is at no path.
 */
export function dependenciesOf(
  scope: ReferenceScope,
  vertex: Vertex,
  root: Vertex,
  own: readonly Label[],
): readonly (readonly PathElement[])[] {
  const isPlaced = !isComputed(vertex);
  const found = new Map<string, readonly PathElement[]>();
  for (const { path } of [...referencesOf(scope, vertex), ...(isPlaced ? inheritedReferencesOf(scope, root, own) : [])]) {
    if (path.length === 0 || (isPlaced && startsWith(path, own))) continue;
    const elements = path.map(pathElement);
    found.set(JSON.stringify(elements), elements);
  }
  return [...found.values()];
}

function isComputed(vertex: Vertex): boolean {
  let at = vertex;
  while (at.parent !== undefined && !isLocal(at)) at = at.parent;
  return isLocal(at);
}

export function startsWith(path: readonly Label[], prefix: readonly Label[]): boolean {
  return prefix.length <= path.length && prefix.every((label, i) => label === path[i]);
}

export function pathElement(label: Label): PathElement {
  if (isInt(label)) return label;
  const name = labelName(label);
  return isString(label) ? name : isHidden(label) ? { hidden: name } : { definition: name };
}
