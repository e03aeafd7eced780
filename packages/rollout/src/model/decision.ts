import type { RouteTarget } from "./plan.ts";
import type { ReleaseState } from "./state.ts";

/** What to do to the cluster, in words of the model. A style or a router says which writes that is. */
export type Action =
  /** Makes the guard know the workload. */
  | { readonly type: "adopt" }
  /** Takes back what `adopt` did. */
  | { readonly type: "disown" }
  /** Stops the native controller between revisions, and announces the release. */
  | { readonly type: "hold" }
  | { readonly type: "unmark" }
  | { readonly type: "resume" }
  | { readonly type: "create-candidate" }
  | { readonly type: "scale-candidate"; readonly to: number }
  | { readonly type: "release" }
  | { readonly type: "pin"; readonly revision: string }
  | { readonly type: "unpin" }
  | { readonly type: "backend"; readonly revision: string }
  | { readonly type: "drop-backend" }
  | { readonly type: "route"; readonly target: RouteTarget }
  | { readonly type: "restore-routes" };

/** What happened, once; dialects turn it into events. */
export type Happening =
  | { readonly type: "rolled-back" }
  | { readonly type: "superseded" }
  | { readonly type: "unguarded" }
  | { readonly type: "step-upgraded"; readonly step: number };

export interface WaitingFor {
  /** `Deployment default/web-x2k4f`. */
  readonly object: string;
  /** `3 of 4 pods are ready`. */
  readonly condition: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** After it, a person has to decide; nothing is undone by itself. */
  readonly deadline?: number;
  /** What ends the wait: `approve`, or what happens by itself. */
  readonly unblock: Unblock;
}

/** `approve`: a person; `time`: the deadline passing; `cluster`: the named object changing; `edit`: a change of spec. */
export type Unblock = "approve" | "time" | "cluster" | "edit";

export interface Decision {
  readonly state: ReleaseState;
  /** To be done in order, after `state` is stored. Each may be repeated without harm. */
  readonly actions: readonly Action[];
  readonly happenings: readonly Happening[];
  readonly waitingFor?: WaitingFor;
  /** When to look again even if nothing changes; milliseconds since the epoch. */
  readonly wakeAt?: number;
}
