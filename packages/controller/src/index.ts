/**
 * controller: the runtime under every reconciler. Watches fill caches, changes become keys in a queue, workers reconcile
 * one key at a time, outcomes decide when to look again.
 */
export type {
  AdmissionHandler,
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
