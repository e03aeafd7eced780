/** Which groups of closedness are part of which, as one vertex sees it. */
import type { NodeState, Replacement } from "./state.ts";

export class Groups {
  readonly #containments: readonly number[];
  /** What stands for a group, by the group. */
  readonly #redirects = new Map<number, number[]>();
  readonly #around = new Map<number, ReadonlySet<number>>();

  constructor(n: NodeState) {
    this.#containments = n.ctx.containments;
    for (let at: NodeState | undefined = n; at !== undefined; at = at.node.parent?.state)
      for (const each of at.replacements) this.#redirect(each);
  }

  #redirect({ from, to }: Replacement): void {
    const known = this.#redirects.get(to);
    if (known === undefined) this.#redirects.set(to, [from]);
    else known.push(from);
  }

  /** Whether `child` is the group or, by containment and by what stands for what, part of it. */
  contains(group: number, child: number): boolean {
    if (group === child) return true;
    let around = this.#around.get(child);
    if (around === undefined) this.#around.set(child, (around = this.#closure(child)));
    return around.has(group);
  }

  #closure(child: number): ReadonlySet<number> {
    const found = new Set<number>();
    const pending = [child];
    for (let start = pending.pop(); start !== undefined; start = pending.pop())
      for (let at = start; at !== 0 && !found.has(at); at = this.#containments[at] ?? 0) {
        found.add(at);
        for (const from of this.#redirects.get(at) ?? []) pending.push(from);
      }
    return found;
  }
}
