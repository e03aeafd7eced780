/**
 * What is seen of the cluster, in words of the model. Made by a style and a router from real objects, or by a test from
 * nothing.
 */
import type { RouteTarget } from "./plan.ts";

/** Pods of one revision. */
export interface PodCounts {
  readonly desired: number;
  readonly total: number;
  /** Ready for requests, as Kubernetes counts available pods. */
  readonly ready: number;
}

export interface CandidateView extends PodCounts {
  /** `Deployment default/web-x2k4f`. */
  readonly ref: string;
  /** What its pods carry, for selecting them; empty until its controller said so. */
  readonly revision: string;
  /** Its controller has seen our last write. */
  readonly settled: boolean;
}

export interface WorkloadView {
  /** `Deployment default/web`. */
  readonly ref: string;
  readonly generation: number;
  /** Its controller has seen the last change of its spec. */
  readonly settled: boolean;
  readonly replicas: number;
  /** What the user tolerates, as a count. */
  readonly maxUnavailable: number;
  /** It carries the label by which the guard knows it. */
  readonly adopted: boolean;
  /** A release was announced on it. */
  readonly marked: boolean;
  /** The native controller moves no pods between revisions. */
  readonly held: boolean;
  /** Identity of the template the user wants now. */
  readonly revision: string;
  /** What the stable pods carry, for selecting them; empty when there are none. */
  readonly stableRevision: string;
  /** The wanted template is the one that the stable pods already run. */
  readonly atStable: boolean;
  /** A change is rolling natively, held by nobody, and the stable pods could still carry everything. */
  readonly unguarded: boolean;
  /** Natively finished: everything runs the wanted revision. */
  readonly rolledOut: boolean;
  readonly stable: PodCounts;
  /** Our own second workload, when there is one for the wanted revision. */
  readonly candidate?: CandidateView;
  /** The user's name for this release. */
  readonly releaseId?: string;
  /** Why candidate pods are not ready, in Kubernetes' own words. */
  readonly problems: readonly string[];
}

export interface RoutesView {
  /** Objects that the routes need and that do not exist: `Service default/web`. */
  readonly missing: readonly string[];
  /** `Service default/web`. */
  readonly backendRef: string;
  /** `Ingress default/web-canary`. */
  readonly routeRef: string;
  /** The revision that the stable backend is pinned to. */
  readonly pinned?: string;
  /** The revision that the candidate's own backend selects, when it exists. */
  readonly candidateBackend?: string;
  /** Something of ours routes requests to the candidate. */
  readonly routed: boolean;
  /** Percent of requests that our routes give to the candidate; 0 when nothing is routed. */
  readonly share: number;
  /** True when the routes carry exactly this. */
  carries(target: RouteTarget): boolean;
}

export interface World {
  /** Absent: the workload does not exist. */
  readonly workload?: WorkloadView;
  /** Absent: the plan routes nothing. */
  readonly routes?: RoutesView;
  /** Pods that only `release` removes, of whatever revision, even when the workload is gone. */
  readonly ownPods: "present" | "terminating" | "none";
}
