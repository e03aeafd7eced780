/** The status that the kubelet reports, from what its containers do. Pure. */
import type { Condition } from "@slipway/kube";
import { getCondition } from "@slipway/kube";
import { formatTimestamp } from "@slipway/std";
import type { ContainerStatus, Pod, PodStatus } from "../controllers/kinds.ts";

export interface PodObservation {
  readonly pod: Pod;
  readonly phase: string;
  readonly containers: readonly ContainerStatus[];
  readonly address: string | undefined;
  readonly nodeAddress: string;
  readonly startedAtMs: number;
}

export function podStatus(observed: PodObservation, nowMs: number): PodStatus {
  const { pod, phase, containers, address } = observed;
  const finished = phase === "Succeeded" || phase === "Failed";
  const unready = containers.filter((container) => !container.ready).map((container) => container.name);
  const containersReady: Verdict = finished
    ? { status: "False", reason: "PodCompleted" }
    : unready.length === 0
      ? { status: "True" }
      : { status: "False", reason: "ContainersNotReady", message: `containers with unready status: [${unready.join(" ")}]` };
  const conditions: readonly [string, Verdict][] = [
    ["PodReadyToStartContainers", { status: address === undefined || finished ? "False" : "True" }],
    ["Initialized", finished ? { status: "True", reason: "PodCompleted" } : { status: "True" }],
    ["Ready", readyVerdict(pod, containersReady)],
    ["ContainersReady", containersReady],
    ["PodScheduled", { status: "True" }],
  ];
  return {
    phase,
    conditions: conditions.map(([type, verdict]) => stamped(pod, type, verdict, nowMs)),
    hostIP: observed.nodeAddress,
    hostIPs: [{ ip: observed.nodeAddress }],
    ...(address === undefined ? {} : { podIP: address, podIPs: [{ ip: address }] }),
    startTime: formatTimestamp(observed.startedAtMs),
    containerStatuses: [...containers],
  };
}

interface Verdict {
  readonly status: Condition["status"];
  readonly reason?: string;
  readonly message?: string;
}

/** Ready needs the containers and every readiness gate. */
function readyVerdict(pod: Pod, containersReady: Verdict): Verdict {
  if (containersReady.status !== "True") return containersReady;
  const missing = (pod.spec?.readinessGates ?? [])
    .map((gate) => gate.conditionType)
    .filter((type) => getCondition(pod.status?.conditions, type)?.status !== "True");
  if (missing.length === 0) return containersReady;
  const messages = missing.map((type) =>
    getCondition(pod.status?.conditions, type) === undefined
      ? `corresponding condition of pod readiness gate "${type}" does not exist.`
      : `the status of pod readiness gate "${type}" is not "True", but ${getCondition(pod.status?.conditions, type)?.status ?? ""}`,
  );
  return { status: "False", reason: "ReadinessGatesNotReady", message: messages.join(", ") };
}

function stamped(pod: Pod, type: string, verdict: Verdict, nowMs: number): Condition {
  const before = getCondition(pod.status?.conditions, type);
  const lastTransitionTime = before?.status === verdict.status ? before.lastTransitionTime : undefined;
  return { type, ...verdict, lastTransitionTime: lastTransitionTime ?? formatTimestamp(nowMs) };
}
