/**
 * The last check before an action: no version gets a larger share of requests than its ready pods carry, and none loses
 * pods while requests are routed to it. An objection is a wait with a reason, never an error.
 *
 * What a share needs is the smaller of the share of all replicas and what the plan gives the step: a user may plan 20 %
 * of requests on one pod of ten. Stable pods count with what the user tolerates as unavailable.
 */
import { scaleIntOrPercent } from "@slipway/kube";
import type { Action } from "../model/decision.ts";
import type { ReleaseState } from "../model/state.ts";
import type { RoutesView, WorkloadView } from "../model/world.ts";
import { plannedPods, podsForShare } from "./capacity.ts";
import type { Look } from "./pass.ts";

export interface Objection {
  readonly object: string;
  readonly condition: string;
}

export function objection(action: Action, look: Look, state: ReleaseState): Objection | undefined {
  const { workload, routes } = look.world;
  if (workload === undefined || workload.replicas === 0) return undefined;
  switch (action.type) {
    case "pin":
      return stableCarries(workload, 100 - (routes?.share ?? 0));
    case "route": {
      const share = action.target.weight ?? 0;
      const before = routes?.share ?? 0;
      if (share < before) return stableCarries(workload, 100 - share);
      if (share === before && routes?.routed === true) return undefined;
      return candidateCarries(look, state, workload, share);
    }
    case "restore-routes":
      return routes === undefined ? undefined : backendCarries(workload, routes);
    case "release":
      return routes === undefined ? undefined : drained(look, state, workload, routes);
    default:
      return undefined;
  }
}

function candidateCarries(look: Look, state: ReleaseState, workload: WorkloadView, share: number): Objection | undefined {
  const step = look.plan.steps[(state.attempt?.step ?? 0) - 1];
  if (step === undefined) return undefined;
  const { candidate } = workload;
  const tolerated = scaleIntOrPercent(look.plan.failureThreshold, candidate?.total ?? 0, "up");
  const needed = Math.max(1, Math.min(podsForShare(share, workload.replicas), plannedPods(step, workload.replicas) - tolerated));
  const ready = candidate?.ready ?? 0;
  if (ready >= needed) return undefined;
  return { object: candidate?.ref ?? workload.ref, condition: `${ready} of ${needed} pods that ${share}% of requests need are ready` };
}

function stableCarries(workload: WorkloadView, share: number): Objection | undefined {
  const needed = Math.max(1, podsForShare(share, workload.replicas) - workload.maxUnavailable);
  const { ready } = workload.stable;
  // With no candidate pod ready there is nothing better: a stable revision in trouble must not block its own repair.
  if (ready >= needed || (workload.candidate?.ready ?? 0) === 0) return undefined;
  return { object: workload.ref, condition: `${ready} of ${needed} stable pods that ${share}% of requests need are ready` };
}

/** The stable backend takes all requests: pinned, with stable pods only; unpinned, with all. */
function backendCarries(workload: WorkloadView, routes: RoutesView): Objection | undefined {
  if (!routes.routed) return undefined;
  if (routes.pinned !== undefined) return stableCarries(workload, 100);
  const ready = workload.stable.ready + (workload.candidate?.ready ?? 0);
  if (ready > 0 || workload.rolledOut) return undefined;
  return { object: workload.ref, condition: "no pod is ready" };
}

function drained(look: Look, state: ReleaseState, workload: WorkloadView, routes: RoutesView): Objection | undefined {
  const object = workload.candidate?.ref ?? workload.ref;
  if (routes.routed) return { object, condition: `${routes.routeRef} still routes requests to it` };
  const since = state.acted["restore-routes"];
  if (since !== undefined && look.now < since + look.plan.graceMs) return { object, condition: "requests under way drain" };
  return undefined;
}
