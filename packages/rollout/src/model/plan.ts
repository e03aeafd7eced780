/**
 * What a release is to do: all from the spec, nothing from state. Dialects translate their objects into it; the engine
 * reads nothing else of a spec.
 */
import type { IntOrString } from "@slipway/kube";
import type { JsonObject } from "@slipway/std";

/** Where requests go while a step lasts. */
export interface RouteTarget {
  /** Share of the candidate in percent, 0 to 100; absent: by `matches` only. */
  readonly weight?: number;
  /** Requests that go to the candidate whatever the weight: Gateway API match objects, ORed. */
  readonly matches?: readonly JsonObject[];
  readonly requestHeaderModifier?: JsonObject;
}

/** Something that must say yes before the next step. */
export type Gate = { readonly type: "approval" } | { readonly type: "timer"; readonly durationMs: number };

export interface StepPlan {
  /** Pods of the candidate: a count, or a percentage of the workload's replicas rounded up. */
  readonly capacity: IntOrString;
  /** Absent: the step routes nothing, and routes of earlier steps are taken back. */
  readonly route?: RouteTarget;
  readonly gates: readonly Gate[];
}

/** Why a release is left, and so by which way. */
export type Exit = "success" | "rollback" | "supersede" | "disabled" | "deleted" | "orphaned";

/**
 * The actions of which every way of leaving is made.
 * - `unmark`: the user's control over the workload is back
 * - `unpin`: the stable backend selects both revisions again
 * - `restore-routes`: all requests go to the stable backend
 * - `drop-backend`: the candidate's own backend is deleted
 * - `resume`: the workload goes on natively (in `success`: until it is wholly on the new revision)
 * - `release`: the candidate's own pods are deleted
 */
export type LeaveStep = "unmark" | "unpin" | "restore-routes" | "drop-backend" | "resume" | "release";

export interface ReleasePlan {
  readonly steps: readonly StepPlan[];
  /** Changes when steps change in what they do (not in how they pause). */
  readonly hash: string;
  /** Requests are routed by us. */
  readonly routed: boolean;
  /** The candidate gets a backend of its own, and the stable backend is pinned to the stable revision. */
  readonly ownBackend: boolean;
  /** Wait after each change of a backend or a route, for the data plane to follow. */
  readonly graceMs: number;
  /** Wait before the first step, so that a change of the plan may arrive together with the change of the template. */
  readonly startDelayMs: number;
  /** Unready candidate pods that are tolerated. */
  readonly failureThreshold: IntOrString;
  readonly leaving: Readonly<Record<Exit, readonly LeaveStep[]>>;
  /** No step forward. Rollback, deletion and scaling still work. */
  readonly frozen: boolean;
  readonly disabled: boolean;
  /** Disabled, and nothing of ours may stay on the workload. */
  readonly detached: boolean;
  readonly deleting: boolean;
  /** After it, an unfinished wait for pods needs a person; nothing is undone by itself. */
  readonly progressDeadlineMs: number;
}
