/** Which parts of a schema allow which others. */
import type { SubsumptionMode } from "../api.ts";
import type { Instance } from "../value/cue-value.ts";
import { CueValue } from "../value/cue-value.ts";
import type { Node } from "./node.ts";

export class Subsumption {
  readonly #instance: Instance;

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  covers(a: Node, b: Node, mode: SubsumptionMode): boolean {
    if (a.vertex === b.vertex) return true;
    return this.#value(a).subsumes(this.#value(b), { mode });
  }

  /** Without those that are equal to one before. */
  distinct(nodes: readonly Node[]): readonly Node[] {
    const kept: Node[] = [];
    for (const node of nodes) {
      if (!kept.some((each) => this.covers(each, node, "none") && this.covers(node, each, "none"))) kept.push(node);
    }
    return kept;
  }

  #value(node: Node): CueValue {
    return new CueValue(this.#instance, node.vertex, []);
  }
}
