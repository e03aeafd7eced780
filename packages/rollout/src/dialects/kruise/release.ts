/**
 * One look at a Rollout: objects → world → decide → what to write. Pure; whoever calls it stores `metadata` and `status`
 * first, then does the writes in order, and calls again when anything changed.
 */
import type { Rollout, RolloutStatus } from "@slipway/api";
import type { OwnerReference } from "@slipway/kube";
import { deepEqual } from "@slipway/std";
import { decide } from "../../engine/decide.ts";
import type { Action, Decision, Happening } from "../../model/decision.ts";
import type { Guard } from "../../model/state.ts";
import type { World } from "../../model/world.ts";
import type { Write } from "../../model/write.ts";
import { canarySuffix, planHashAnnotation, releaseAnnotation, rolloutFinalizer, storageApiVersion } from "../../names.ts";
import type { CanaryObjects, CanaryOptions } from "../../styles/canary.ts";
import { canaryWrites, observeCanary } from "../../styles/canary.ts";
import type { RouterObjects, RouterOptions } from "../../traffic/router.ts";
import { observeRoutes, routeWrites } from "../../traffic/router.ts";
import type { ReleasePlan } from "../../model/plan.ts";
import { planOf, refusal, runnable, trafficRoutingOf } from "./plan.ts";
import { formatRemembered, parseRemembered } from "./release-annotation.ts";
import { refusedStatus, stateOf, statusOf } from "./status.ts";

export interface RolloutObjects extends CanaryObjects {
  readonly routes: RouterObjects;
}

/** Names of the objects that a Rollout needs to be seen with. */
export interface RolloutReads {
  readonly deployment: string;
  readonly service?: string;
  readonly candidateService?: string;
  readonly ingress?: string;
  readonly canaryIngress?: string;
}

export interface ReleaseEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

export interface RolloutResult {
  /** Merge patch of `metadata`; absent when nothing changes. */
  readonly metadata?: { finalizers?: string[]; annotations?: Record<string, string | null> };
  /** The whole new status; absent when it is as it was. */
  readonly status?: RolloutStatus;
  readonly writes: readonly Write[];
  readonly events: readonly ReleaseEvent[];
  /** Milliseconds since the epoch. */
  readonly wakeAt?: number;
  /** What was decided, for `explain` and tests; absent when the Rollout is not run. */
  readonly decision?: Decision;
}

export interface ReleaseOptions {
  /** How template changes are caught when nothing else is known. */
  readonly guard: Guard;
}

/** `undefined` when nothing of the Rollout can be looked up. */
export function readsOf(written: Rollout): RolloutReads | undefined {
  const rollout = runnable(written);
  if (rollout?.spec === undefined) return undefined;
  const routing = trafficRoutingOf(rollout);
  if (routing?.ingress === undefined) return { deployment: rollout.spec.workloadRef.name };
  const options = routerOptions(rollout);
  return {
    deployment: rollout.spec.workloadRef.name,
    service: routing.service,
    candidateService: `${routing.service}${canarySuffix}`,
    ingress: routing.ingress.name,
    canaryIngress: `${options?.ingress ?? ""}${canarySuffix}`,
  };
}

export function ownerReferenceOf(rollout: Rollout): OwnerReference {
  const { name = "", uid = "" } = rollout.metadata;
  return { apiVersion: storageApiVersion, kind: "Rollout", name, uid, controller: true, blockOwnerDeletion: true };
}

function routerOptions(rollout: Rollout): RouterOptions | undefined {
  const routing = trafficRoutingOf(rollout);
  if (routing?.ingress === undefined) return undefined;
  const canary = rollout.spec?.strategy.canary;
  const own = canary?.disableGenerateCanaryService !== true;
  return {
    namespace: rollout.metadata.namespace ?? "",
    service: routing.service,
    candidateService: own ? `${routing.service}${canarySuffix}` : routing.service,
    ingress: routing.ingress.name,
    ingressClass: routing.ingress.classType,
    owner: ownerReferenceOf(rollout),
    patchLabels: own ? (canary?.patchPodTemplateMetadata?.labels ?? {}) : {},
  };
}

function canaryOptions(rollout: Rollout): CanaryOptions {
  const patchTemplate = rollout.spec?.strategy.canary?.patchPodTemplateMetadata;
  return {
    rolloutName: rollout.metadata.name ?? "",
    owner: ownerReferenceOf(rollout),
    ...(patchTemplate === undefined ? {} : { patchTemplate }),
  };
}

export function worldOf(rollout: Rollout, objects: RolloutObjects): World {
  const options = routerOptions(rollout);
  const seen = observeCanary(objects, canaryOptions(rollout));
  return options === undefined ? seen : { ...seen, routes: observeRoutes(objects.routes, options) };
}

export function lookAtRollout(written: Rollout, objects: RolloutObjects, now: number, options: ReleaseOptions): RolloutResult {
  const rollout = runnable(written);
  if (rollout === undefined) return refusedResult(written, refusal(written) ?? "", now);
  const plan = planOf(rollout);
  const remembered = parseRemembered(rollout.metadata.annotations?.[releaseAnnotation]);
  const previous = stateOf(rollout, remembered);
  const world = worldOf(rollout, objects);
  const decision = decide(plan, previous, world, now);
  const stepCount = plan.steps.length;
  const status = statusOf({ rollout, previous, decision, world, now, guard: options.guard, stepCount });
  const metadata = metadataPatch(rollout, decision, plan);
  return {
    ...(metadata === undefined ? {} : { metadata }),
    ...(deepEqual(status, rollout.status) ? {} : { status }),
    writes: decision.actions.flatMap((action) => writesOf(action, rollout, objects, world)),
    events: [...decision.happenings.map(eventOf), ...overdue(rollout.status, status)],
    ...(decision.wakeAt === undefined ? {} : { wakeAt: decision.wakeAt }),
    decision,
  };
}

function refusedResult(rollout: Rollout, why: string, now: number): RolloutResult {
  const { finalizers = [], deletionTimestamp } = rollout.metadata;
  if (deletionTimestamp !== undefined) {
    const kept = finalizers.filter((each) => each !== rolloutFinalizer);
    return { ...(kept.length === finalizers.length ? {} : { metadata: { finalizers: kept } }), writes: [], events: [] };
  }
  const status = refusedStatus(rollout, why, now);
  return { ...(deepEqual(status, rollout.status) ? {} : { status }), writes: [], events: [] };
}

function writesOf(action: Action, rollout: Rollout, objects: RolloutObjects, world: World): Write[] {
  const onPods = canaryWrites(action, objects, canaryOptions(rollout), world.workload?.candidate?.ref);
  if (onPods !== undefined) return onPods;
  const options = routerOptions(rollout);
  return options === undefined ? [] : (routeWrites(action, objects.routes, options) ?? []);
}

function metadataPatch(rollout: Rollout, { state, actions }: Decision, { hash, detached }: ReleasePlan): RolloutResult["metadata"] {
  const { annotations = {}, finalizers = [], deletionTimestamp } = rollout.metadata;
  const patch: NonNullable<RolloutResult["metadata"]> = {};
  if (state.phase === "gone" || (detached && state.phase === "off" && actions.length === 0)) {
    if (finalizers.includes(rolloutFinalizer)) patch.finalizers = finalizers.filter((each) => each !== rolloutFinalizer);
  } else if (deletionTimestamp === undefined && !detached && !finalizers.includes(rolloutFinalizer)) {
    patch.finalizers = [...finalizers, rolloutFinalizer];
  }
  const remembered = formatRemembered(state) ?? null;
  const changed: Record<string, string | null> = {};
  if ((annotations[releaseAnnotation] ?? null) !== remembered) changed[releaseAnnotation] = remembered;
  if (annotations[planHashAnnotation] !== hash) changed[planHashAnnotation] = hash;
  if (Object.keys(changed).length > 0) patch.annotations = changed;
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function eventOf(happening: Happening): ReleaseEvent {
  switch (happening.type) {
    case "rolled-back":
      return normal("workload has been rollback, then rollout is canceled");
    case "superseded":
      return normal("workload continuous publishing canaryRevision, then restart publishing");
    case "step-upgraded":
      return normal(`upgrade step(${happening.step}) canary pods with new versions done`);
    case "unguarded":
      return {
        type: "Warning",
        reason: "Unguarded",
        message: "the pod template changed while no admission guard was there; the workload is held where the native controller had got to",
      };
  }
}

/** Said once, when the deadline of a wait passes. */
function overdue(before: RolloutStatus | undefined, after: RolloutStatus): ReleaseEvent[] {
  const waitingFor = after.slipway?.waitingFor;
  if (waitingFor?.overdue !== true || before?.slipway?.waitingFor?.overdue === true) return [];
  return [{ type: "Warning", reason: "Overdue", message: `${waitingFor.object}: ${waitingFor.condition}, since ${waitingFor.since}` }];
}

function normal(message: string): ReleaseEvent {
  return { type: "Normal", reason: "Progressing", message };
}
