/**
 * The contract between reconcilers and the runtime that drives them. Reconcilers know nothing of queues and watches;
 * the runtime knows nothing of releases and workflows.
 */
import type { KubeClient, KubeObject, ObjectKey, OwnerReference, Resource } from "@slipway/kube";
import type { Clock, Logger, Tracer } from "@slipway/std";

/** What a reconcile leaves behind. Each outcome is one branch of one switch in the loop and one metric. */
export type Outcome =
  | { readonly type: "done" }
  /** Look again after `ms`; an event looks sooner. */
  | { readonly type: "after"; readonly ms: number }
  /** Retried with exponential backoff (or the error's own advice). Thrown AppErrors count as this. */
  | { readonly type: "failed"; readonly error: Error }
  /** Counted and logged, not retried until the object changes. */
  | { readonly type: "terminal"; readonly error: Error };

export const done: Outcome = { type: "done" };

export function after(ms: number): Outcome {
  return { type: "after", ms };
}

/** A watched kind's objects, as last seen. Shared: never change an object in place. */
export interface Cache<T extends KubeObject = KubeObject> {
  readonly resource: Resource;
  get(key: ObjectKey): T | undefined;
  list(filter?: { readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> }): T[];
  /** Objects for which the named index function gave `value`. */
  byIndex(index: string, value: string): T[];
  /** True once the first list has arrived. */
  readonly synced: boolean;
}

export interface EventRecorder {
  /**
   * Records a Kubernetes Event about `object`. Equal events are counted, not repeated. Never throws, never blocks a
   * reconcile: failures are logged.
   */
  event(object: KubeObject, type: "Normal" | "Warning", reason: string, message: string): void;
}

export interface ReconcileContext {
  /** Writes are read-your-writes: after a write through it, a cached read never shows something older. */
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** Requests of `client` are spans already; this is for what else takes time. */
  readonly tracer: Tracer;
  readonly events: EventRecorder;
  readonly signal: AbortSignal;
  cache<T extends KubeObject = KubeObject>(resource: Resource): Cache<T>;
}

export interface Watch {
  readonly resource: Resource;
  /** Keys to reconcile when `object` changed; default: its own key. `old` is the previous state, absent on first sight. */
  toKeys?(object: KubeObject, old: KubeObject | undefined, caches: ReconcileContext["cache"]): readonly ObjectKey[];
  readonly indexes?: Readonly<Record<string, (object: KubeObject) => readonly string[]>>;
  /**
   * A kind the cluster may not serve (a CRD that may come later): waiting for it must not hold up the others.
   * Default false.
   */
  readonly optional?: boolean;
}

export interface ControllerDefinition {
  /** Lower-case, used in logs, metrics and events: `rollout`. */
  readonly name: string;
  readonly watches: readonly Watch[];
  /** Parallel reconciles of different keys. Default 4. One key never runs twice at once. */
  readonly concurrency?: number;
  reconcile(key: ObjectKey, context: ReconcileContext): Promise<Outcome>;
}

/** A key's owner in `ownerReferences`, as a key of the owner's kind in the same namespace: for `Watch.toKeys`. */
export function ownerKeys(kind: string): (object: KubeObject) => readonly ObjectKey[] {
  return (object) =>
    (object.metadata.ownerReferences ?? [])
      .filter((owner: OwnerReference) => owner.kind === kind)
      .map((owner) => ({ namespace: object.metadata.namespace ?? "", name: owner.name }));
}

/** An admission request, as the API server sends it, reduced to what handlers read. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
  readonly subResource?: string;
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
  readonly userInfo: { readonly username?: string; readonly groups?: readonly string[] };
}

export interface AdmissionResponse {
  readonly allowed: boolean;
  /** Shown by kubectl as `Warning: ...`. */
  readonly warnings?: readonly string[];
  /** Why it was refused; HTTP code default 422. */
  readonly message?: string;
  readonly code?: number;
  /** RFC 6902 operations on `request.object`. */
  readonly patch?: readonly object[];
}

export type AdmissionHandler = (
  request: AdmissionRequest,
  context: Pick<ReconcileContext, "client" | "clock" | "log" | "cache">,
) => Promise<AdmissionResponse>;

/** Converts one object to `desiredApiVersion`; throws AppError `CONVERSION` when it cannot. Pure. */
export type ConversionHandler = (object: KubeObject, desiredApiVersion: string) => KubeObject;

export interface WebhookRule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly operations: readonly AdmissionRequest["operation"][];
  readonly resources: readonly string[];
}

/** One admission webhook: where it is served, what it matches, and what to do. */
export interface AdmissionWebhook {
  readonly type: "mutating" | "validating";
  /** Fully qualified, e.g. `mdeployment.kb.io`. */
  readonly name: string;
  /** e.g. `/mutate-apps-v1-deployment`. */
  readonly path: string;
  readonly rules: readonly WebhookRule[];
  readonly objectSelector?: object;
  readonly failurePolicy: "Ignore" | "Fail";
  readonly timeoutSeconds: number;
  readonly handler: AdmissionHandler;
}

/** A MutatingAdmissionPolicy and its binding: what the API server does by itself, also while none of us is there. */
export interface AdmissionPolicy {
  /** Of both. The roles of the installation name it. */
  readonly name: string;
  /** `spec` of the policy with every default of the server spelled out, so that an unchanged one compares equal. */
  readonly spec: object;
  /** `spec` of the binding, without `policyName`. */
  readonly binding: object;
}

/** What a product feature brings to the manager. */
export interface Feature {
  readonly name: string;
  readonly controllers: readonly ControllerDefinition[];
  readonly webhooks: readonly AdmissionWebhook[];
  /** Registered where the API server serves such policies. Default: none. */
  readonly policies?: readonly AdmissionPolicy[];
  /** Conversion webhooks by CRD name (`rollouts.rollouts.kruise.io`). */
  readonly conversions: Readonly<Record<string, ConversionHandler>>;
}
