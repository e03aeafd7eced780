/**
 * Rollout v1alpha1 ↔ v1beta1. Nothing is dropped: when the other version cannot hold all of an object, the original spec
 * (and status) travels in one annotation, and comes back whole as long as nobody edited what it was converted to. After
 * an edit the converted fields win, and what only the other version knows is kept where it still has a place.
 */
import type {
  CanaryStep,
  CanaryStepV1alpha1,
  CanaryStrategy,
  CanaryStrategyV1alpha1,
  Rollout,
  RolloutSpec,
  RolloutSpecV1alpha1,
  RolloutV1alpha1,
  TrafficRoutingRef,
  WorkloadRef,
} from "@slipway/api";
import type { KubeObject } from "@slipway/kube";
import { fnv1a32, scaleIntOrPercent } from "@slipway/kube";
import type { JsonObject } from "@slipway/std";
import { AppError, cloneJson, deepEqual, isJsonObject, stableStringify } from "@slipway/std";
import { convertedAnnotation, olderApiVersion, rollingStyleAnnotation, storageApiVersion, trafficRoutingAnnotation } from "../../names.ts";

/** The annotation's JSON: the original, and a fingerprint of what was made of it. */
interface Converted {
  readonly from: string;
  readonly of: string;
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
  /** Annotations that the conversion itself wrote, and what they were. */
  readonly annotations?: Readonly<Record<string, string | null>>;
}

/** Converts to `desiredApiVersion`; throws AppError `CONVERSION` for an unknown version. Pure. */
export function convertRollout(object: KubeObject, desiredApiVersion: string): KubeObject {
  if (object.apiVersion === desiredApiVersion) return object;
  const pair = `${object.apiVersion} → ${desiredApiVersion}`;
  if (pair !== `${olderApiVersion} → ${storageApiVersion}` && pair !== `${storageApiVersion} → ${olderApiVersion}`) {
    const message = `cannot convert ${object.kind} from ${object.apiVersion} to ${desiredApiVersion}: known are ${olderApiVersion} and ${storageApiVersion}`;
    throw new AppError("CONVERSION", message, { retry: "never" });
  }
  const carried = readCarried(object);
  if (carried !== undefined && carried.from === desiredApiVersion && carried.of === fingerprint(object)) {
    return restore(object, carried, desiredApiVersion);
  }
  const plain = convertFields(object, desiredApiVersion, carried?.from === desiredApiVersion ? carried : undefined);
  return carry(object, plain);
}

function convertFields(object: KubeObject, desired: string, kept: Converted | undefined): KubeObject {
  return desired === storageApiVersion ? toBeta(object as RolloutV1alpha1, kept) : toAlpha(object as Rollout, kept);
}

/** Adds the original when the way back would not give it. */
function carry(original: KubeObject, converted: KubeObject): KubeObject {
  const back = convertFields(converted, original.apiVersion, undefined);
  const same = (field: "spec" | "status"): boolean => deepEqual(back[field], original[field]);
  const annotations = changedAnnotations(original, back);
  if (same("spec") && same("status") && annotations === undefined) return converted;
  const carried: Converted = {
    from: original.apiVersion,
    of: fingerprint(converted),
    ...(same("spec") || original["spec"] === undefined ? {} : { spec: original["spec"] as JsonObject }),
    ...(same("status") || original["status"] === undefined ? {} : { status: original["status"] as JsonObject }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  const metadata = {
    ...converted.metadata,
    annotations: { ...converted.metadata.annotations, [convertedAnnotation]: JSON.stringify(carried) },
  };
  return { ...converted, metadata };
}

/** Annotations that conversion there and back adds or changes: what they were. */
function changedAnnotations(original: KubeObject, back: KubeObject): Record<string, string | null> | undefined {
  const was = original.metadata.annotations ?? {};
  const is = back.metadata.annotations ?? {};
  const changed = [rollingStyleAnnotation, trafficRoutingAnnotation].filter((key) => was[key] !== is[key]);
  return changed.length === 0 ? undefined : Object.fromEntries(changed.map((key) => [key, was[key] ?? null]));
}

function restore(object: KubeObject, carried: Converted, desired: string): KubeObject {
  const plain = convertFields(object, desired, undefined);
  const { [convertedAnnotation]: _carried, ...annotations } = plain.metadata.annotations ?? {};
  for (const [key, value] of Object.entries(carried.annotations ?? {})) {
    if (value === null) delete annotations[key];
    else annotations[key] = value;
  }
  const restored: KubeObject = { ...plain, metadata: withAnnotations(plain, annotations) };
  if (carried.spec !== undefined) restored["spec"] = cloneJson(carried.spec);
  // Of the status only what the other version has no field for: the rest may have moved on since.
  if (carried.status !== undefined) {
    const { currentStepIndex, currentStepState, ...moved } = (plain["status"] ?? {}) as Partial<NonNullable<Rollout["status"]>>;
    const mirrored = moved.canaryStatus === undefined ? {} : { currentStepIndex, currentStepState };
    restored["status"] = { ...carried.status, ...moved, ...mirrored };
  }
  return restored;
}

function readCarried(object: KubeObject): Converted | undefined {
  const text = object.metadata.annotations?.[convertedAnnotation];
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) && typeof value["from"] === "string" && typeof value["of"] === "string"
      ? (value as unknown as Converted)
      : undefined;
  } catch {
    return undefined;
  }
}

function fingerprint(object: KubeObject): string {
  return fnv1a32(stableStringify(object["spec"] ?? null)).toString(16);
}

function withAnnotations(object: KubeObject, annotations: Record<string, string>): KubeObject["metadata"] {
  const { annotations: _was, ...metadata } = object.metadata;
  return Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations };
}

// v1alpha1 → v1beta1

/** The workload, in either spelling. */
export function workloadRefOf(spec: RolloutSpecV1alpha1 | undefined): WorkloadRef | undefined {
  return spec?.objectRef?.workloadRef ?? spec?.strategy?.objectRef?.workloadRef;
}

function toBeta(object: RolloutV1alpha1, kept: Converted | undefined): KubeObject {
  const { apiVersion: _version, spec, status, ...rest } = cloneJson(object);
  const annotations = { ...rest.metadata.annotations };
  if (kept !== undefined) delete annotations[convertedAnnotation];
  const converted: KubeObject = { ...rest, apiVersion: storageApiVersion, kind: "Rollout", metadata: withAnnotations(object, annotations) };
  if (spec !== undefined) converted["spec"] = betaSpec(spec, annotations, kept?.spec as unknown as RolloutSpec | undefined);
  if (status !== undefined) {
    const { currentStepIndex = 0, currentStepState = "" } = status.canaryStatus ?? {};
    converted["status"] = { ...status, currentStepIndex, currentStepState };
  }
  return converted;
}

function betaSpec(spec: RolloutSpecV1alpha1, annotations: Readonly<Record<string, string>>, kept: RolloutSpec | undefined): RolloutSpec {
  const { canary, paused } = spec.strategy ?? {};
  const strategy: RolloutSpec["strategy"] = {};
  if (paused !== undefined) strategy.paused = paused;
  if (canary !== undefined) strategy.canary = betaCanary(canary, annotations);
  if (canary === undefined && kept?.strategy.blueGreen !== undefined) strategy.blueGreen = kept.strategy.blueGreen;
  return {
    workloadRef: workloadRefOf(spec) ?? kept?.workloadRef ?? { apiVersion: "", kind: "", name: "" },
    strategy,
    ...(spec.disabled === undefined ? {} : { disabled: spec.disabled }),
  };
}

function betaCanary(canary: CanaryStrategyV1alpha1, annotations: Readonly<Record<string, string>>): CanaryStrategy {
  const { steps, trafficRoutings, ...shared } = canary;
  const trafficRoutingRef = annotations[trafficRoutingAnnotation];
  return {
    ...(steps === undefined ? {} : { steps: steps.map(betaStep) }),
    ...(trafficRoutings === undefined ? {} : { trafficRoutings: trafficRoutings.map(betaRouting) }),
    ...shared,
    enableExtraWorkloadForCanary: annotations[rollingStyleAnnotation]?.toLowerCase() !== "partition",
    ...(trafficRoutingRef === undefined ? {} : { trafficRoutingRef }),
  };
}

function betaStep({ weight, replicas, ...shared }: CanaryStepV1alpha1): CanaryStep {
  if (weight === undefined) return replicas === undefined ? shared : { ...shared, replicas };
  return { ...shared, traffic: `${weight}%`, replicas: replicas ?? `${weight}%` };
}

function betaRouting({ type, ...routing }: NonNullable<CanaryStrategyV1alpha1["trafficRoutings"]>[number]): TrafficRoutingRef {
  if (type === undefined || routing.ingress === undefined || routing.ingress.classType !== undefined) return routing;
  return { ...routing, ingress: { classType: type, name: routing.ingress.name } };
}

// v1beta1 → v1alpha1

function toAlpha(object: Rollout, kept: Converted | undefined): KubeObject {
  const { apiVersion: _version, spec, status, ...rest } = cloneJson(object);
  const annotations = { ...rest.metadata.annotations };
  if (kept !== undefined) delete annotations[convertedAnnotation];
  const converted: KubeObject = { ...rest, apiVersion: olderApiVersion, kind: "Rollout" };
  if (spec !== undefined) converted["spec"] = alphaSpec(spec, annotations, kept?.spec as unknown as RolloutSpecV1alpha1 | undefined);
  if (status !== undefined) {
    const { blueGreenStatus: _blueGreen, currentStepIndex: _index, currentStepState: _state, ...shared } = status;
    converted["status"] = shared;
  }
  converted.metadata = withAnnotations(object, annotations);
  return converted;
}

/** Also writes the annotations that stand for fields which v1alpha1 has not. */
function alphaSpec(spec: RolloutSpec, annotations: Record<string, string>, kept: RolloutSpecV1alpha1 | undefined): RolloutSpecV1alpha1 {
  const { canary, paused } = spec.strategy;
  const strategy: NonNullable<RolloutSpecV1alpha1["strategy"]> = {};
  if (paused !== undefined) strategy.paused = paused;
  if (canary !== undefined) {
    const { steps, trafficRoutingRef, enableExtraWorkloadForCanary, ...shared } = canary;
    strategy.canary = { ...(steps === undefined ? {} : { steps: steps.map(alphaStep) }), ...shared };
    const style = enableExtraWorkloadForCanary === true ? "canary" : "partition";
    // Absent means canary for a Deployment; what the user wrote is not rewritten.
    const said = annotations[rollingStyleAnnotation]?.toLowerCase();
    if (said !== style && !(style === "canary" && said === undefined)) annotations[rollingStyleAnnotation] = style;
    if (trafficRoutingRef !== undefined) annotations[trafficRoutingAnnotation] = trafficRoutingRef;
  }
  return {
    objectRef: { workloadRef: spec.workloadRef },
    ...(kept?.rolloutID === undefined ? {} : { rolloutID: kept.rolloutID }),
    strategy,
    ...(spec.disabled === undefined ? {} : { disabled: spec.disabled }),
  };
}

function alphaStep({ traffic, replicas, matches, ...shared }: CanaryStep): CanaryStepV1alpha1 {
  const weight = traffic === undefined ? undefined : weightOf(traffic);
  return {
    ...shared,
    ...(matches === undefined ? {} : { matches: matches.map(({ headers }) => (headers === undefined ? {} : { headers })) }),
    ...(weight === undefined ? {} : { weight }),
    ...(replicas === undefined ? {} : { replicas }),
  };
}

function weightOf(traffic: string): number | undefined {
  return /^\d+%$/.test(traffic) ? scaleIntOrPercent(traffic, 100, "up") : undefined;
}
