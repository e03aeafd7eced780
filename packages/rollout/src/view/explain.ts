import type { Rollout } from "@slipway/api";
import type { Action } from "../model/decision.ts";
import type { RolloutObjects } from "../dialects/kruise/release.ts";
import { lookAtRollout } from "../dialects/kruise/release.ts";

/**
 * Why a Rollout is where it is and what comes next, in sentences: the status as the controller left it, and what the
 * controller's own decision on the objects as they are now (`now` in milliseconds since the epoch) would be.
 */
export function explainRollout(rollout: Rollout, objects: RolloutObjects, now: number): string[] {
  const { name = "", namespace = "" } = rollout.metadata;
  const { status } = rollout;
  const lines = [
    `Rollout ${namespace}/${name} is ${status?.phase ?? "new"}: ${status?.message ?? "the controller has not looked at it yet"}`,
  ];
  const result = lookAtRollout(rollout, objects, now, { guard: "admission" });
  const { decision } = result;
  if (decision === undefined) return lines;
  const { waitingFor, actions } = decision;
  if (waitingFor !== undefined) {
    lines.push(
      `it waits for ${waitingFor.object}: ${waitingFor.condition}, for ${Math.max(0, Math.round((now - waitingFor.since) / 1000))} s`,
    );
    if (waitingFor.deadline !== undefined) {
      const left = Math.round((waitingFor.deadline - now) / 1000);
      lines.push(
        left >= 0
          ? `at the latest in ${left} s that is over or needs a person`
          : `its deadline passed ${-left} s ago: a person has to decide`,
      );
    }
    if (waitingFor.unblock === "approve") lines.push(`to go on: slipway rollout approve ${name} -n ${namespace}`);
  }
  for (const action of actions) lines.push(`next: ${describe(action)}`);
  if (waitingFor === undefined && actions.length === 0) lines.push("nothing is to be done");
  return lines;
}

function describe(action: Action): string {
  switch (action.type) {
    case "adopt":
      return "label the workload, so that changes of its template are caught";
    case "disown":
      return "take the label off the workload";
    case "hold":
      return "pause the workload and mark it as in progress";
    case "unmark":
      return "take the mark off the workload";
    case "resume":
      return "let the workload roll natively";
    case "create-candidate":
      return "create the second Deployment";
    case "scale-candidate":
      return `scale the second Deployment to ${action.to}`;
    case "release":
      return "delete the second Deployment";
    case "pin":
      return `pin the stable Service to revision ${action.revision}`;
    case "unpin":
      return "let the stable Service select every pod again";
    case "backend":
      return `point the canary Service at revision ${action.revision}`;
    case "drop-backend":
      return "delete the canary Service";
    case "route":
      return action.target.weight === undefined
        ? "route matching requests to the new version"
        : `route ${action.target.weight}% to the new version`;
    case "restore-routes":
      return "route everything to the stable Service";
  }
}
