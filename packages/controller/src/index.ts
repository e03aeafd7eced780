/**
 * controller: the runtime under every reconciler. Watches fill caches, changes become keys in a queue, workers reconcile
 * one key at a time, outcomes decide when to look again.
 *
 * Pipeline: informer.ts → object-store.ts → controller.ts (queue.ts) → reconcile → track-writes.ts → API server.
 * Start reading at `types.ts` (what a reconciler sees), then `runtime.ts`. Servers live in `@slipway/controller/node`.
 */
export type {
  AdmissionHandler,
  AdmissionPolicy,
  AdmissionRequest,
  AdmissionResponse,
  AdmissionWebhook,
  Cache,
  ControllerDefinition,
  ConversionHandler,
  EventRecorder,
  Feature,
  Outcome,
  ReconcileContext,
  Watch,
  WebhookRule,
} from "./types.ts";
export { after, done, ownerKeys } from "./types.ts";
export type { Runtime, RuntimeOptions } from "./runtime.ts";
export { createRuntime } from "./runtime.ts";
export type { ReconcileResult, RuntimeMetrics } from "./metrics.ts";
export type { WorkQueue, WorkQueueOptions } from "./queue.ts";
export { createWorkQueue } from "./queue.ts";
export type { ChangeHandler, Informer, InformerOptions, RelistReason } from "./informer.ts";
export { cacheView, createInformer } from "./informer.ts";
export type { IndexFunction, ObjectChange } from "./object-store.ts";
export { trackWrites } from "./track-writes.ts";
export { gateWrites } from "./gate-writes.ts";
export type { EventRecorderOptions } from "./events.ts";
export { createEventRecorder } from "./events.ts";
export type { LeaderElectionOptions, LeaderElector } from "./leader-election.ts";
export { createLeaderElector } from "./leader-election.ts";
export type { ShardClaim, ShardHandlers, ShardOptions, Shards } from "./shard-contract.ts";
export { createShards } from "./shards.ts";
export { shardOf } from "./shard-leases.ts";
export type { ControllerErrorCode } from "./errors.ts";
