/** What the runtime counts. An application binds it to its metrics library; label values come from bounded sets. */
import type { RelistReason } from "./informer.ts";

export type ReconcileResult = "done" | "after" | "failed" | "terminal" | "bug";

export interface RuntimeMetrics {
  /** Exactly once a reconcile. */
  reconciled(controller: string, result: ReconcileResult, durationMs: number): void;
  /** The number of ready keys, whenever it may have changed. */
  queueLength(controller: string, length: number): void;
  /** A key reconciled without end while nothing changed, and is slowed down from now on. */
  slowedDown?(controller: string): void;
  /** A kind's state is read anew. `resource` is `plural.group`. */
  relisted(resource: string, reason: RelistReason): void;
}

export const noMetrics: RuntimeMetrics = { reconciled: () => {}, queueLength: () => {}, relisted: () => {} };
