/** What may be known of a vertex, as bits; tasks need some and complete some. */
/** No ancestor will add a conjunct. */
export const allAncestorsProcessed = 1;
/** It is settled whether the field is there. */
export const arcTypeKnown = 2;
export const valueKnown = 4;
/** It is a known scalar, or will never be one. */
export const scalarKnown = 8;
export const fieldConjunctsKnown = 16;
/** No field will be added. */
export const fieldSetKnown = 32;
export const allTasksCompleted = 64;
export const subFieldsProcessed = 128;
export const disjunctionTask = 256;
export const childConjunctsDone = 512;

export const allKnown: number = 0x3ff & ~childConjunctsDone;
/** These are met when no task is left that may contribute; the others are signalled. */
export const counterMask: number = arcTypeKnown | valueKnown | fieldConjunctsKnown | allTasksCompleted | disjunctionTask;
export const autoUnblock: number = scalarKnown | arcTypeKnown;

export const genericConjunct: number = allTasksCompleted | scalarKnown | valueKnown | fieldConjunctsKnown;
export const genericDisjunction: number = genericConjunct | disjunctionTask;
export const fieldConjunct: number = allTasksCompleted | fieldConjunctsKnown | valueKnown;
export const scalarValue: number = scalarKnown | disjunctionTask;
export const needFieldConjunctsKnown: number = fieldConjunctsKnown | allAncestorsProcessed;
export const needFieldSetKnown: number = fieldSetKnown | allAncestorsProcessed;
export const needTasksDone: number = allAncestorsProcessed | allTasksCompleted;
export const concreteKnown: number = scalarKnown;

/** How to go on when a condition is not met: not at all, as far as it goes, wait for it, or make an end of it. */
export type RunMode = "ignore" | "attempt" | "yield" | "finalize";

export interface Flags {
  readonly condition: number;
  readonly mode: RunMode;
  readonly checkTypos?: boolean;
  /** The value must be concrete to be of use. */
  readonly concrete?: boolean;
}
