/** Which fields of a program have to be computed again when some of them are filled. */
import type { CompiledPackage } from "../engine/instance.ts";
import { isStatic } from "../engine/instance.ts";
import type { Label } from "../engine/label.ts";

/** The fields given, and those that name one of them, directly or through others; undefined where it cannot be told. */
export type Dependents = (labels: Iterable<Label>) => ReadonlySet<Label> | undefined;

export function dependentsOf(compiled: CompiledPackage): Dependents {
  // A pattern, an embedding or a comprehension may say something about any field.
  if (!compiled.literals.every(isStatic)) return () => undefined;
  const namedBy = new Map<Label, Label[]>();
  for (const [from, labels] of compiled.references)
    for (const label of labels) {
      const list = namedBy.get(label);
      if (list === undefined) namedBy.set(label, [from]);
      else list.push(from);
    }
  return (labels) => {
    const found = new Set(labels);
    for (const label of found) for (const from of namedBy.get(label) ?? []) found.add(from);
    return found;
  };
}
