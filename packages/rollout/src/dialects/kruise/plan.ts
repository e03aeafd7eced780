/** A Rollout (v1beta1) as a plan of the model. */
import type { CanaryStep, CanaryStrategy, Rollout, TrafficRoutingRef } from "@slipway/api";
import { scaleIntOrPercent } from "@slipway/kube";
import type { JsonObject } from "@slipway/std";
import type { Exit, Gate, LeaveStep, ReleasePlan, RouteTarget, StepPlan } from "../../model/plan.ts";
import { ingressClassOf } from "../../traffic/ingress.ts";
import { detachAnnotation, rolloutFinalizer } from "../../names.ts";
import { planHash } from "./plan-hash.ts";

const leavingByPromotion: readonly LeaveStep[] = ["unmark", "unpin", "restore-routes", "drop-backend", "resume", "release"];
const leaving: Readonly<Record<Exit, readonly LeaveStep[]>> = {
  success: leavingByPromotion,
  disabled: leavingByPromotion,
  deleted: leavingByPromotion,
  rollback: ["unmark", "restore-routes", "resume", "release", "unpin", "drop-backend"],
  // The stable Service stays pinned and the workload held for the revision that comes next.
  supersede: ["restore-routes", "release", "drop-backend"],
  orphaned: ["restore-routes", "release", "unpin", "drop-backend"],
};

/** Which home the candidate's pods get. */
export function rollingStyle(rollout: Rollout): "canary" | "partition" | "bluegreen" {
  const strategy = rollout.spec?.strategy;
  if (strategy?.blueGreen !== undefined) return "bluegreen";
  return strategy?.canary?.enableExtraWorkloadForCanary === true ? "canary" : "partition";
}

/** Why this Rollout cannot be run (yet): lower case, with what to do instead. */
export function refusal(rollout: Rollout): string | undefined {
  const { spec } = rollout;
  if (spec === undefined) return "spec is missing";
  const { apiVersion, kind } = spec.workloadRef;
  if (apiVersion !== "apps/v1" || kind !== "Deployment")
    return `workload kind ${apiVersion} ${kind} is not supported yet: use a Deployment of apps/v1`;
  const style = rollingStyle(rollout);
  if (style !== "canary")
    return `rolling style ${style} is not supported yet: set spec.strategy.canary.enableExtraWorkloadForCanary to true`;
  const routing = trafficRoutingOf(rollout);
  if (routing === undefined) return undefined;
  if (routing.gateway !== undefined || (routing.customNetworkRefs ?? []).length > 0 || routing.ingress === undefined)
    return "traffic routing by anything but one Ingress is not supported yet: set spec.strategy.canary.trafficRoutings[0].ingress";
  if (ingressClassOf(routing.ingress.classType) === undefined)
    return `ingress class ${routing.ingress.classType ?? ""} is not supported yet: use nginx`;
  return undefined;
}

/**
 * The Rollout as the engine runs it; `undefined` when it refuses to. One that was run once and is now deleted or detached
 * is run without what is refused: nothing of that was ever put on the workload, and the rest must be taken back.
 */
export function runnable(rollout: Rollout): Rollout | undefined {
  if (refusal(rollout) === undefined) return rollout;
  const { finalizers, deletionTimestamp } = rollout.metadata;
  if (rollout.spec === undefined || finalizers?.includes(rolloutFinalizer) !== true) return undefined;
  if (deletionTimestamp === undefined && !isDetached(rollout)) return undefined;
  const ingress = trafficRoutingOf(rollout)?.ingress;
  const known = ingress !== undefined && ingressClassOf(ingress.classType) !== undefined;
  const { trafficRoutings = [], ...canary } = rollout.spec.strategy.canary ?? {};
  const strategy = { canary: { ...canary, enableExtraWorkloadForCanary: true, ...(known ? { trafficRoutings } : {}) } };
  const accepted: Rollout = { ...rollout, spec: { ...rollout.spec, strategy } };
  return refusal(accepted) === undefined ? accepted : undefined;
}

export function trafficRoutingOf(rollout: Rollout): TrafficRoutingRef | undefined {
  return rollout.spec?.strategy.canary?.trafficRoutings?.[0];
}

/** Default time in which a step's pods, or the promotion, are expected to get ready. */
const defaultProgressDeadlineMs = 600_000;

export function planOf(rollout: Rollout): ReleasePlan {
  const canary: CanaryStrategy = rollout.spec?.strategy.canary ?? {};
  const steps = canary.steps ?? [];
  const routing = trafficRoutingOf(rollout);
  return {
    steps: steps.map((step, index) => stepOf(step, routing !== undefined, index === steps.length - 1)),
    hash: planHash(rollout),
    routed: routing !== undefined,
    ownBackend: canary.disableGenerateCanaryService !== true,
    graceMs: Math.max(0, routing?.gracePeriodSeconds ?? 3) * 1000,
    startDelayMs: 3000,
    failureThreshold: canary.failureThreshold ?? 0,
    leaving,
    frozen: rollout.spec?.strategy.paused === true,
    disabled: rollout.spec?.disabled === true || isDetached(rollout),
    detached: isDetached(rollout),
    deleting: rollout.metadata.deletionTimestamp !== undefined,
    progressDeadlineMs: defaultProgressDeadlineMs,
  };
}

/** The annotation is there, whatever its value. */
export function isDetached(rollout: Rollout): boolean {
  return rollout.metadata.annotations?.[detachAnnotation] !== undefined;
}

function stepOf(step: CanaryStep, routed: boolean, last: boolean): StepPlan {
  const route = routed ? routeOf(step) : undefined;
  const gates: Gate[] = [];
  // A last step that has every pod goes on to promotion by itself.
  if (!(last && step.replicas === "100%")) {
    const duration = step.pause?.duration;
    gates.push(duration === undefined ? { type: "approval" } : { type: "timer", durationMs: duration * 1000 });
  }
  return { capacity: step.replicas ?? step.traffic ?? 0, ...(route === undefined ? {} : { route }), gates };
}

function routeOf(step: CanaryStep): RouteTarget | undefined {
  const matches = step.matches ?? [];
  if (step.traffic === undefined && matches.length === 0) return undefined;
  return {
    ...(step.traffic === undefined ? {} : { weight: scaleIntOrPercent(step.traffic, 100, "up") }),
    ...(matches.length === 0 ? {} : { matches: matches as unknown as JsonObject[] }),
    ...(step.requestHeaderModifier === undefined ? {} : { requestHeaderModifier: step.requestHeaderModifier as unknown as JsonObject }),
  };
}
