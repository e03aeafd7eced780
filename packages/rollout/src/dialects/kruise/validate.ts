/** The admission rules of Rollout, in both versions, with upstream's messages. */
import type { CanaryStep, Rollout, RolloutV1alpha1, TrafficRoutingRef, WorkloadRef } from "@slipway/api";
import type { KubeObject } from "@slipway/kube";
import { isIntOrPercent, parseApiVersion, scaleIntOrPercent } from "@slipway/kube";
import type { Diagnostic } from "@slipway/std";
import { deepEqual } from "@slipway/std";
import { olderApiVersion, rollingStyleAnnotation, storageApiVersion } from "../../names.ts";
import { convertRollout, workloadRefOf } from "./convert.ts";
import { rollingStyle } from "./plan.ts";

/** `--partition-percent-limit` of upstream. */
const partitionPercentLimit = 50;

const knownKinds: Readonly<Record<string, readonly string[]>> = {
  apps: ["ReplicaSet", "Deployment", "StatefulSet", "DaemonSet"],
  "apps.kruise.io": ["CloneSet", "DaemonSet", "StatefulSet"],
};

type Path = readonly (string | number)[];

function problem(path: Path, message: string): Diagnostic {
  return { code: "ROLLOUT_INVALID", severity: "error", path, at: [], message };
}

function hint(path: Path, message: string): Diagnostic {
  return { code: "ROLLOUT_OLDER_SPELLING", severity: "warning", path, at: [], message };
}

/**
 * What is wrong with a Rollout (errors) or merely old (warnings). `old` is the stored object of an update; `others` are
 * the Rollouts of the namespace in v1beta1.
 */
export function validateRollout(object: KubeObject, old: KubeObject | undefined, others: readonly Rollout[]): Diagnostic[] {
  const warnings = object.apiVersion === olderApiVersion ? spellingHints(object as RolloutV1alpha1) : [];
  const ofVersion = object.apiVersion === olderApiVersion ? alphaProblems(object as RolloutV1alpha1) : [];
  if (ofVersion.length > 0) return [...ofVersion, ...warnings];
  const rollout = convertRollout(object, storageApiVersion) as Rollout;
  const problems = object.apiVersion === olderApiVersion ? [] : betaProblems(rollout);
  problems.push(...conflicts(rollout, others));
  if (old !== undefined) problems.push(...changes(rollout, convertRollout(old, storageApiVersion) as Rollout, object.apiVersion));
  return [...problems, ...warnings];
}

function spellingHints(rollout: RolloutV1alpha1): Diagnostic[] {
  const hints: Diagnostic[] = [];
  const strategy = rollout.spec?.strategy;
  if (strategy?.objectRef !== undefined)
    hints.push(hint(["spec", "strategy", "objectRef"], "is an older spelling: write spec.objectRef (v1beta1: spec.workloadRef)"));
  strategy?.canary?.trafficRoutings?.forEach((routing, index) => {
    if (routing.type === undefined) return;
    const path = ["spec", "strategy", "canary", "trafficRoutings", index, "type"];
    hints.push(hint(path, "is an older spelling: write ingress.classType in the same entry"));
  });
  return hints;
}

function workloadProblems(ref: WorkloadRef, path: Path): Diagnostic[] {
  const { group } = parseApiVersion(ref.apiVersion);
  return knownKinds[group]?.includes(ref.kind) === true ? [] : [problem(path, "WorkloadRef kind is not supported")];
}

function betaProblems(rollout: Rollout): Diagnostic[] {
  const { spec } = rollout;
  if (spec === undefined) return [problem(["spec"], "is required")];
  const problems = workloadProblems(spec.workloadRef, ["spec", "workloadRef"]);
  if (problems.length > 0) return problems;
  const { canary, blueGreen } = spec.strategy;
  const path = ["spec", "strategy"];
  if (canary === undefined && blueGreen === undefined) return [problem(path, "Canary and BlueGreen cannot both be empty")];
  if (canary !== undefined && blueGreen !== undefined) return [problem(path, "Canary and BlueGreen cannot both be set")];
  const style = rollingStyle(rollout);
  const { kind, apiVersion } = spec.workloadRef;
  if (style === "bluegreen" && kind !== "CloneSet" && !(kind === "Deployment" && apiVersion.startsWith("apps/")))
    return [problem(["spec", "workloadRef"], "WorkloadRef kind is not supported for bluegreen style")];
  const strategy = canary ?? blueGreen ?? {};
  const at = [...path, canary === undefined ? "blueGreen" : "canary"];
  const steps = stepProblems(strategy.steps ?? [], style, isRealPartition(style, spec.workloadRef), [...at, "steps"]);
  return [...steps, ...routingProblems(strategy.trafficRoutings ?? [], [...at, "trafficRoutings"])];
}

function isRealPartition(style: string, ref: WorkloadRef): boolean {
  return style !== "bluegreen" && !(style === "canary" && ref.apiVersion === "apps/v1" && ref.kind === "Deployment");
}

function stepProblems(steps: readonly CanaryStep[], style: string, partition: boolean, path: Path): Diagnostic[] {
  if (steps.length === 0) return [problem(path, "The number of Canary.Steps cannot be empty")];
  for (const [index, step] of steps.entries()) {
    const at = [...path, index];
    if (step.replicas === undefined) return [problem([...at, "replicas"], "replicas cannot be empty")];
    if (!isPositive(step.replicas)) return [problem([...at, "replicas"], replicasMessage)];
    const routed = step.traffic !== undefined || (step.matches ?? []).length > 0;
    if (routed && partition && isPercentAbove(step.replicas, partitionPercentLimit)) {
      const message = `For partition style rollout: step[${index}].replicas must not greater than partition-percent-limit if traffic specified`;
      return [problem([...at, "replicas"], message)];
    }
    if (step.traffic === undefined) continue;
    const share = /^\d+%$/.test(step.traffic) ? scaleIntOrPercent(step.traffic, 100, "up") : -1;
    const lowest = style === "bluegreen" ? 0 : 1;
    if (share < lowest || share > 100) {
      const rule = style === "bluegreen" ? '"0%" <= traffic <= "100%" in blueGreen' : '"0%" < traffic <= "100%" in canary';
      return [problem([...at, "traffic"], `traffic must be percentage with ${rule} strategy`)];
    }
  }
  return decreasing(
    steps.map((step) => step.replicas ?? 0),
    "replicas",
    path,
  );
}

const replicasMessage = 'replicas must be positive number, or a percentage with "0%" < canaryReplicas <= "100%"';

function isPositive(value: number | string): boolean {
  if (!isIntOrPercent(value)) return false;
  const scaled = scaleIntOrPercent(value, 100, "up");
  return scaled > 0 && (typeof value === "number" || scaled <= 100);
}

function isPercentAbove(value: number | string, limit: number): boolean {
  return typeof value === "string" && isIntOrPercent(value) && scaleIntOrPercent(value, 100, "up") > limit;
}

function decreasing(values: readonly (number | string)[], field: string, path: Path): Diagnostic[] {
  for (const [index, value] of values.entries()) {
    const before = values[index - 1];
    if (before === undefined || typeof before !== typeof value) continue;
    if (scaleIntOrPercent(value, 100, "up") < scaleIntOrPercent(before, 100, "up"))
      return [problem([...path, index, field], "Steps.CanaryReplicas must be a non decreasing sequence")];
  }
  return [];
}

function routingProblems(routings: readonly TrafficRoutingRef[], path: Path): Diagnostic[] {
  if (routings.length > 1) return [problem(path, "Rollout currently only support single TrafficRouting.")];
  return routings.flatMap((routing, index) => {
    const at = [...path, index];
    const found: Diagnostic[] = [];
    if ((routing.gracePeriodSeconds ?? 0) < 0)
      found.push(problem([...at, "gracePeriodSeconds"], "TrafficRouting.GracePeriodSeconds cannot be negative"));
    if (routing.service === "") found.push(problem([...at, "service"], "TrafficRouting.Service cannot be empty"));
    const custom = routing.customNetworkRefs ?? [];
    if (routing.gateway === undefined && routing.ingress === undefined && custom.length === 0)
      found.push(problem(at, "TrafficRoutings are not set"));
    if (routing.ingress?.name === "") found.push(problem([...at, "ingress", "name"], "TrafficRouting.Ingress.Ingress cannot be empty"));
    if (routing.gateway !== undefined && (routing.gateway.httpRouteName ?? "") === "")
      found.push(problem([...at, "gateway", "httpRouteName"], "TrafficRouting.Gateway must set the name of HTTPRoute or HTTPsRoute"));
    return found;
  });
}

function alphaProblems(rollout: RolloutV1alpha1): Diagnostic[] {
  const { spec } = rollout;
  const ref = workloadRefOf(spec);
  if (ref === undefined) return [problem(["spec", "objectRef", "workloadRef"], "WorkloadRef is required")];
  const problems = workloadProblems(ref, ["spec", "objectRef", "workloadRef"]);
  if (problems.length > 0) return problems;
  const style = rollout.metadata.annotations?.[rollingStyleAnnotation]?.toLowerCase() ?? "";
  if (!["", "canary", "partition"].includes(style))
    return [problem(["metadata", "annotations", rollingStyleAnnotation], "Rolling style must be 'Canary', 'Partition' or empty")];
  const canary = spec?.strategy?.canary;
  const path: Path = ["spec", "strategy", "canary"];
  if (canary === undefined) return [problem(path, "Canary cannot be empty")];
  const steps = canary.steps ?? [];
  if (steps.length === 0) return [problem([...path, "steps"], "The number of Canary.Steps cannot be empty")];
  const partition = isRealPartition(style === "partition" ? "partition" : "canary", ref);
  const routed = (canary.trafficRoutings ?? []).length > 0;
  for (const [index, step] of steps.entries()) {
    const at = [...path, "steps", index];
    const { weight, replicas } = step;
    if (weight === undefined && replicas === undefined) return [problem(at, "weight and replicas cannot be empty at the same time")];
    if (replicas === undefined) {
      const highest = partition ? partitionPercentLimit : 100;
      if (weight !== undefined && (weight < 1 || weight > highest))
        return [problem([...at, "weight"], `weight must be positive number, and less than or equal to ${highest}`)];
      continue;
    }
    if (!isPositive(replicas)) return [problem([...at, "replicas"], replicasMessage)];
    if (partition && (weight !== undefined || step.matches !== undefined) && isPercentAbove(replicas, partitionPercentLimit)) {
      const message = `For partition style rollout: step[${index}].replicas must not greater than partition-percent-limit if traffic specified`;
      return [problem([...at, "replicas"], message)];
    }
    const before = steps[index - 1]?.weight;
    if (routed && weight !== undefined && before !== undefined && weight < before)
      return [problem([...at, "weight"], "Steps.Weight must be a non decreasing sequence")];
  }
  const sized = steps.map((step) => step.replicas ?? `${step.weight ?? 0}%`);
  return [
    ...decreasing(sized, "replicas", [...path, "steps"]),
    ...routingProblems(canary.trafficRoutings ?? [], [...path, "trafficRoutings"]),
  ];
}

/** One workload, one Rollout: by group, kind and name, whatever version is written. */
function conflicts(rollout: Rollout, others: readonly Rollout[]): Diagnostic[] {
  const ref = rollout.spec?.workloadRef;
  if (ref === undefined) return [];
  const { group } = parseApiVersion(ref.apiVersion);
  const other = others.find((each) => {
    const theirs = each.spec?.workloadRef;
    if (theirs === undefined || each.metadata.name === rollout.metadata.name) return false;
    return theirs.kind === ref.kind && theirs.name === ref.name && parseApiVersion(theirs.apiVersion).group === group;
  });
  if (other === undefined) return [];
  const name = `${other.metadata.namespace ?? ""}/${other.metadata.name ?? ""}`;
  const message = `This rollout conflict with Rollout(${name}), one workload only have less than one Rollout`;
  return [problem(["spec", "workloadRef"], message)];
}

function changes(rollout: Rollout, old: Rollout, apiVersion: string): Diagnostic[] {
  if (old.status?.phase !== "Progressing" && old.status?.phase !== "Terminating") return [];
  const found: Diagnostic[] = [];
  if (!deepEqual(rollout.spec?.workloadRef, old.spec?.workloadRef))
    found.push(problem(["spec", "workloadRef"], "Rollout 'ObjectRef' field is immutable"));
  const [now, was] = [rollout.spec?.strategy, old.spec?.strategy];
  const field = now?.blueGreen === undefined ? "Canary" : "BlueGreen";
  const of = (strategy: typeof now) => strategy?.canary ?? strategy?.blueGreen;
  if (!deepEqual(of(now)?.trafficRoutings, of(was)?.trafficRoutings))
    found.push(problem(["spec", "strategy"], `Rollout 'Strategy.${field}.TrafficRoutings' field is immutable`));
  if (rollingStyle(rollout) !== rollingStyle(old))
    found.push(problem(["spec", "strategy"], "Rollout style and enableExtraWorkloadForCanary are immutable"));
  if (apiVersion === storageApiVersion && of(now)?.steps?.length !== of(was)?.steps?.length)
    found.push(problem(["spec", "strategy"], "Amount of Rollout steps are immutable"));
  return found;
}
