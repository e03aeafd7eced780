/** What is remembered of a release between two decisions. Small and serialisable; a dialect maps it to its status. */
import type { Exit, LeaveStep } from "./plan.ts";

/**
 * - `unbound`: the workload does not exist; `idle`: nothing to do; `off`: disabled; `gone`: may be deleted
 * - `starting`: a new revision was seen, and is held
 * - `rolling`: in a step; `frozen`: the same, by the user's wish without moving
 * - `superseding`: the attempt is taken back for a newer revision
 * - `leaving`: on the way out by `exit`
 */
export type Phase = "unbound" | "idle" | "off" | "starting" | "rolling" | "frozen" | "superseding" | "leaving" | "gone";

/** In a step: `prepare` → `capacity` → `route` → `analyse` → `gate` → `ready`; `done` after the last. */
export type StepState = "prepare" | "capacity" | "route" | "analyse" | "gate" | "ready" | "done";

export interface Attempt {
  readonly stable: string;
  readonly candidate: string;
  /** What the candidate's pods carry, for selecting them; empty until there are some. */
  readonly candidatePods: string;
  readonly planHash: string;
  /** The user's name for the release, or the candidate. */
  readonly id: string;
  /** 1-based. */
  readonly step: number;
  /** -1 after the last. A user may set another: a jump. */
  readonly next: number;
  readonly stepState: StepState;
  /** When `stepState` began; milliseconds since the epoch. */
  readonly since: number;
}

export type ActName = "pin" | "unpin" | "restore-routes" | "backend" | "drop-backend" | "route" | "resume" | "release" | "hold";

export interface ReleaseState {
  readonly phase: Phase;
  /** When `phase` began; milliseconds since the epoch. */
  readonly since: number;
  /** Of the present release, or of the last one. */
  readonly attempt?: Attempt;
  /** While `leaving` or `superseding`; without a step, at the first one. */
  readonly exit?: Exit;
  readonly leaveStep?: LeaveStep | "end";
  /** How the present revision was caught. */
  readonly guard?: Guard;
  /** When each kind of act was last decided on; waits for the data plane are counted from it. Written before the act. */
  readonly acted: Readonly<Partial<Record<ActName, number>>>;
}

/** `admission`: held by the webhook before anything moved. `late`: held by us after the native controller had begun. */
export type Guard = "admission" | "late";
