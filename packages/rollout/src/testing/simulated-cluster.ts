/**
 * A world of values for tests: objects of one namespace, the native Deployment controller, and a user with kubectl.
 *
 * The Deployment controller moves within the user's surge and unavailability, creates no ReplicaSet while paused, and
 * bumps the revision of a ReplicaSet that is returned to. Not simulated: single pods, minReadySeconds.
 */
import type { Rollout } from "@slipway/api";
import type { KubeObject, Resource } from "@slipway/kube";
import {
  applyJsonPatch,
  applyMergePatch,
  hashPodTemplate,
  podTemplateHashLabel,
  podTemplatesEqual,
  scaleIntOrPercent,
} from "@slipway/kube";
import { cloneJson, deepEqual, formatTimestamp, invariant } from "@slipway/std";
import { holdDeployment, rolloutFor } from "../dialects/kruise/hold-deployment.ts";
import type { ReleaseEvent, RolloutObjects } from "../dialects/kruise/release.ts";
import { lookAtRollout, readsOf } from "../dialects/kruise/release.ts";
import type { Write } from "../model/write.ts";
import { storageApiVersion } from "../names.ts";
import type { DeploymentSpec, PodTemplate } from "../workloads/deployment.ts";
import { deploymentSpec } from "../workloads/deployment.ts";

type Kind = "Rollout" | "Deployment" | "ReplicaSet" | "Service" | "Ingress";
interface ReplicaSetSpec {
  replicas: number;
  template: PodTemplate;
}
interface ReplicaSetStatus {
  replicas: number;
  readyReplicas: number;
  availableReplicas: number;
}

export interface SimulatedCluster {
  /** Milliseconds since the epoch. */
  now: number;
  get(kind: Kind, name: string): KubeObject | undefined;
  list(kind: Kind): KubeObject[];
  rollout(): Rollout;
  /** What a look at the Rollout is given. */
  objects(): RolloutObjects;
  /** Does one write as the API server would; throws `conflict` for an outdated resourceVersion. */
  write(write: Write): void;
  /** A user's update of the Deployment, through the admission guard unless it is away. */
  edit(change: (spec: DeploymentSpec) => void, guard?: "present" | "away"): void;
  editRollout(change: (rollout: Rollout) => void): void;
  patchRolloutStatus(change: (status: NonNullable<Rollout["status"]>) => void): void;
  deleteRollout(): void;
  deleteDeployment(): void;
  /** One look at the Rollout and what it asks for; `steps` limits how many writes happen before the process dies. */
  reconcile(steps?: number): { wrote: number; wakeAt?: number };
  /** One turn of the native controllers; `readied` is how many pods of each ReplicaSet get ready at most. */
  native(readied?: number): void;
  /** Events of all looks, in order. */
  readonly events: ReleaseEvent[];
  /** Called after each write. */
  onWrite?: (write: Write | undefined) => void;
}

const kindOf: Readonly<Record<string, Kind>> = {
  deployments: "Deployment",
  services: "Service",
  ingresses: "Ingress",
  replicasets: "ReplicaSet",
};
export const rolloutName = "web";
const ns = "default";

export class Conflict extends Error {}

export function createSimulatedCluster(initial: readonly KubeObject[]): SimulatedCluster {
  const store = new Map<string, KubeObject>();
  let version = 0;
  let uids = 0;
  const id = (kind: string, name: string): string => `${kind}/${name}`;
  const put = (object: KubeObject): void => {
    const key = id(object.kind, object.metadata.name ?? "");
    const old = store.get(key);
    const next = cloneJson(object);
    next.metadata.uid ??= `uid-${++uids}`;
    next.metadata.creationTimestamp ??= formatTimestamp(cluster.now);
    const changed = old === undefined || !deepEqual(old["spec"], next["spec"]);
    next.metadata.generation = (old?.metadata.generation ?? 0) + (changed ? 1 : 0);
    if (
      old !== undefined &&
      deepEqual(
        { ...old, metadata: { ...old.metadata, resourceVersion: "" } },
        { ...next, metadata: { ...next.metadata, resourceVersion: "" } },
      )
    )
      return;
    next.metadata.resourceVersion = String(++version);
    if (next.metadata.deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0) remove(next);
    else store.set(key, next);
  };
  const remove = (object: KubeObject): void => {
    store.delete(id(object.kind, object.metadata.name ?? ""));
    for (const other of [...store.values()])
      if (other.metadata.ownerReferences?.some((owner) => owner.uid === object.metadata.uid) === true) remove(other);
  };
  const patched = (object: KubeObject, body: object): KubeObject => {
    const expected = (body as { metadata?: { resourceVersion?: string } }).metadata?.resourceVersion;
    if (expected !== undefined && expected !== object.metadata.resourceVersion) throw new Conflict("conflict");
    return applyMergePatch(object, body) as KubeObject;
  };
  const owned = (kind: Kind, owner: KubeObject | undefined): KubeObject[] =>
    owner === undefined
      ? []
      : cluster.list(kind).filter((each) => each.metadata.ownerReferences?.some((ref) => ref.uid === owner.metadata.uid));

  const cluster: SimulatedCluster = {
    now: 1_700_000_000_000,
    events: [],
    get: (kind, name) => store.get(id(kind, name)),
    list: (kind) => [...store.values()].filter((each) => each.kind === kind),
    rollout: () => {
      const found = store.get(id("Rollout", rolloutName));
      invariant(found !== undefined, "the Rollout exists");
      return found as Rollout;
    },
    objects: () => objectsFor(cluster.rollout()),
    write(write) {
      switch (write.verb) {
        case "create": {
          const object = cloneJson(write.object);
          object.metadata.name ??= `${object.metadata.generateName ?? ""}${++uids}`;
          invariant(store.get(id(object.kind, object.metadata.name)) === undefined, "nothing is created twice");
          put(object);
          break;
        }
        case "patch": {
          const object = store.get(id(kindName(write.resource), write.key.name));
          invariant(object !== undefined && write.patch.type === "merge", "patches are merge patches of objects that exist");
          put(patched(object, write.patch.body));
          break;
        }
        case "delete": {
          const object = store.get(id(kindName(write.resource), write.key.name));
          if (object?.metadata.uid === write.uid) remove(object);
        }
      }
      cluster.onWrite?.(write);
    },
    edit(change, guard = "present") {
      const old = store.get(id("Deployment", rolloutName));
      invariant(old !== undefined, "the Deployment exists");
      let next = cloneJson(old);
      change(deploymentSpec(next));
      if (guard === "present" && old.metadata.labels?.["rollouts.kruise.io/workload-type"] !== undefined) {
        const rollouts = cluster.list("Rollout") as Rollout[];
        const { patch } = holdDeployment(next, old, rolloutFor(next, rollouts), owned("ReplicaSet", old));
        next = applyJsonPatch(next, patch) as KubeObject;
      }
      put(next);
    },
    editRollout(change) {
      const next = cloneJson(cluster.rollout());
      change(next);
      put(next);
    },
    patchRolloutStatus(change) {
      const next = cloneJson(cluster.rollout());
      if (next.status !== undefined) change(next.status);
      put(next);
    },
    deleteRollout() {
      put({ ...cluster.rollout(), metadata: { ...cluster.rollout().metadata, deletionTimestamp: formatTimestamp(cluster.now) } });
    },
    deleteDeployment() {
      const found = store.get(id("Deployment", rolloutName));
      if (found !== undefined) remove(found);
    },
    reconcile(steps = Number.POSITIVE_INFINITY) {
      const rollout = store.get(id("Rollout", rolloutName)) as Rollout | undefined;
      if (rollout === undefined) return { wrote: 0 };
      const result = lookAtRollout(rollout, objectsFor(rollout), cluster.now, { guard: "admission" });
      cluster.events.push(...result.events);
      const acts: (() => void)[] = [];
      const state = (body: object) => (): void => {
        const present = store.get(id("Rollout", rolloutName));
        if (present !== undefined) put(applyMergePatch(present, body) as KubeObject);
        cluster.onWrite?.(undefined);
      };
      if (result.metadata !== undefined) acts.push(state({ metadata: result.metadata }));
      if (result.status !== undefined) {
        const { status } = result;
        acts.push(() => {
          const present = store.get(id("Rollout", rolloutName));
          if (present !== undefined) put({ ...present, status });
          cluster.onWrite?.(undefined);
        });
      }
      for (const write of result.writes) acts.push(() => cluster.write(write));
      const done = acts.slice(0, steps);
      for (const each of done) each();
      return { wrote: done.length, ...(result.wakeAt === undefined ? {} : { wakeAt: result.wakeAt }) };
    },
    native(readied = Number.POSITIVE_INFINITY) {
      for (const deployment of cluster.list("Deployment")) runDeployment(deployment);
      for (const each of cluster.list("ReplicaSet")) runReplicaSet(each, readied);
      for (const deployment of cluster.list("Deployment")) reportDeployment(deployment);
      cluster.onWrite?.(undefined);
    },
  };

  function kindName(resource: Resource): Kind {
    const kind = kindOf[resource.plural];
    invariant(kind !== undefined, "only known kinds are written");
    return kind;
  }

  function objectsFor(rollout: Rollout): RolloutObjects {
    const reads = readsOf(rollout);
    const deployment = cluster.get("Deployment", reads?.deployment ?? "");
    const candidates = owned("Deployment", rollout);
    const named = (kind: Kind, name: string | undefined): KubeObject | undefined =>
      name === undefined ? undefined : cluster.get(kind, name);
    const service = named("Service", reads?.service);
    const candidateService = named("Service", reads?.candidateService);
    const ingress = named("Ingress", reads?.ingress);
    const canaryIngress = named("Ingress", reads?.canaryIngress);
    return {
      ...(deployment === undefined ? {} : { deployment }),
      replicaSets: owned("ReplicaSet", deployment),
      candidates,
      candidateReplicaSets: candidates.flatMap((each) => owned("ReplicaSet", each)),
      candidatePods: [],
      routes: {
        ...(service === undefined ? {} : { service }),
        ...(candidateService === undefined ? {} : { candidateService }),
        ...(ingress === undefined ? {} : { ingress }),
        ...(canaryIngress === undefined ? {} : { canaryIngress }),
      },
    };
  }

  function setReplicas(replicaSet: KubeObject, replicas: number): void {
    put({ ...replicaSet, spec: { ...specOf(replicaSet), replicas } });
  }

  function runDeployment(deployment: KubeObject): void {
    const { replicas = 1, paused, template = {}, strategy } = deploymentSpec(deployment);
    invariant(strategy?.type !== "Recreate", "Recreate is never written");
    let sets = owned("ReplicaSet", deployment);
    const active = sets.filter((each) => specOf(each).replicas > 0);
    if (paused === true) {
      const [only, ...more] = active;
      if (only === undefined) return;
      if (more.length === 0) return setReplicas(only, replicas);
      // Several revisions together keep the surge, and share a change of scale in proportion; the largest has the rest.
      const allowed = replicas + scaleIntOrPercent(strategy?.rollingUpdate?.maxSurge ?? "25%", replicas, "up");
      const present = active.reduce((sum, each) => sum + specOf(each).replicas, 0);
      const [largest, ...others] = active.sort((a, b) => specOf(b).replicas - specOf(a).replicas);
      let left = allowed;
      for (const each of others) {
        const share = Math.min(left, Math.round((specOf(each).replicas * allowed) / present));
        left -= share;
        setReplicas(each, share);
      }
      if (largest !== undefined) setReplicas(largest, left);
      return;
    }
    const highest = Math.max(0, ...sets.map(revisionOf));
    let wanted = sets.find((each) => podTemplatesEqual(specOf(each).template, template));
    if (wanted === undefined || (revisionOf(wanted) !== highest && sets.length > 1)) {
      const hash = `p${hashPodTemplate(template).slice(0, 8)}`;
      const name = `${deployment.metadata.name ?? ""}-${hash}`;
      const annotations = { "deployment.kubernetes.io/revision": String(highest + 1) };
      if (wanted !== undefined) put({ ...wanted, metadata: { ...wanted.metadata, annotations } });
      else {
        const owner = {
          apiVersion: "apps/v1",
          kind: "Deployment",
          name: deployment.metadata.name ?? "",
          uid: deployment.metadata.uid ?? "",
          controller: true,
        };
        const withHash = cloneJson(template);
        withHash.metadata = { ...withHash.metadata, labels: { ...withHash.metadata?.labels, [podTemplateHashLabel]: hash } };
        put({
          apiVersion: "apps/v1",
          kind: "ReplicaSet",
          metadata: { name, namespace: ns, labels: { [podTemplateHashLabel]: hash }, annotations, ownerReferences: [owner] },
          spec: { replicas: 0, template: withHash },
          status: { replicas: 0, readyReplicas: 0, availableReplicas: 0 },
        });
      }
      sets = owned("ReplicaSet", deployment);
      wanted = sets.find((each) => podTemplatesEqual(specOf(each).template, template));
    }
    invariant(wanted !== undefined, "there is a ReplicaSet for the template");
    const surge = scaleIntOrPercent(strategy?.rollingUpdate?.maxSurge ?? "25%", replicas, "up");
    const unavailable = scaleIntOrPercent(strategy?.rollingUpdate?.maxUnavailable ?? "25%", replicas, "down");
    const old = sets.filter((each) => each.metadata.name !== wanted.metadata.name);
    const total = sets.reduce((sum, each) => sum + specOf(each).replicas, 0);
    const room = Math.max(0, replicas + surge - total);
    setReplicas(wanted, old.every((each) => specOf(each).replicas === 0) ? replicas : Math.min(replicas, specOf(wanted).replicas + room));
    // Pods that are not ready go first; then ready ones, as many as the user can spare.
    const ready = (each: KubeObject): number => Math.min(statusOf(each).readyReplicas, specOf(each).replicas);
    let unready = Math.max(0, total - (replicas - unavailable) - (specOf(wanted).replicas - ready(wanted)));
    for (const each of old) {
      const down = Math.min(unready, specOf(each).replicas - ready(each));
      unready -= down;
      if (down > 0) setReplicas(each, specOf(each).replicas - down);
    }
    let spare = sets.reduce((sum, each) => sum + ready(each), 0) - (replicas - unavailable);
    for (const { metadata } of old) {
      const each = cluster.get("ReplicaSet", metadata.name ?? "");
      const down = each === undefined ? 0 : Math.max(0, Math.min(specOf(each).replicas, spare));
      spare -= down;
      if (each !== undefined && down > 0) setReplicas(each, specOf(each).replicas - down);
    }
  }

  function runReplicaSet(replicaSet: KubeObject, readied: number): void {
    const { replicas, template } = specOf(replicaSet);
    const broken = JSON.stringify(template).includes("broken");
    const ready = Math.min(replicas, broken ? 0 : statusOf(replicaSet).readyReplicas + readied);
    put({ ...replicaSet, status: { replicas, readyReplicas: ready, availableReplicas: ready } });
  }

  function reportDeployment(deployment: KubeObject): void {
    const sets = owned("ReplicaSet", deployment);
    const sum = (list: readonly KubeObject[], field: keyof ReplicaSetStatus): number =>
      list.reduce((total, each) => total + statusOf(each)[field], 0);
    const updated = sets.filter((each) => podTemplatesEqual(specOf(each).template, deploymentSpec(deployment).template ?? {}));
    put({
      ...deployment,
      status: {
        observedGeneration: deployment.metadata.generation,
        replicas: sum(sets, "replicas"),
        updatedReplicas: sum(updated, "replicas"),
        availableReplicas: sum(sets, "availableReplicas"),
      },
    });
  }

  for (const object of initial) put(object);
  return cluster;
}

export function specOf(replicaSet: KubeObject): ReplicaSetSpec {
  return replicaSet["spec"] as ReplicaSetSpec;
}
export function statusOf(replicaSet: KubeObject): ReplicaSetStatus {
  return (replicaSet["status"] as ReplicaSetStatus | undefined) ?? { replicas: 0, readyReplicas: 0, availableReplicas: 0 };
}
function revisionOf(replicaSet: KubeObject): number {
  return Number(replicaSet.metadata.annotations?.["deployment.kubernetes.io/revision"] ?? 0);
}

/** Ready pods behind a Service. */
export function readyBehind(cluster: SimulatedCluster, service: string): number {
  const selector = (cluster.get("Service", service)?.["spec"] as { selector?: Record<string, string> } | undefined)?.selector;
  if (selector === undefined) return 0;
  return cluster
    .list("ReplicaSet")
    .filter((each) => Object.entries(selector).every(([key, value]) => specOf(each).template.metadata?.labels?.[key] === value))
    .reduce((sum, each) => sum + Math.min(statusOf(each).readyReplicas, specOf(each).replicas), 0);
}

/** Percent that the canary Ingress gives to the canary Service. */
export function canaryWeight(cluster: SimulatedCluster): number {
  return Number(cluster.get("Ingress", `${rolloutName}-canary`)?.metadata.annotations?.["nginx.ingress.kubernetes.io/canary-weight"] ?? 0);
}

/** A settled application `web` of five pods with Service, Ingress and a Rollout of the given steps. */
export function webObjects(
  steps: NonNullable<NonNullable<Rollout["spec"]>["strategy"]["canary"]>["steps"],
  options: { replicas?: number; routed?: boolean } = {},
): KubeObject[] {
  const { replicas = 5, routed = true } = options;
  const labels = { app: rolloutName };
  const rollout: Rollout = {
    apiVersion: storageApiVersion,
    kind: "Rollout",
    metadata: { name: rolloutName, namespace: ns },
    spec: {
      workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: rolloutName },
      strategy: {
        canary: {
          enableExtraWorkloadForCanary: true,
          ...(steps === undefined ? {} : { steps }),
          ...(routed ? { trafficRoutings: [{ service: rolloutName, ingress: { classType: "nginx", name: rolloutName } }] } : {}),
        },
      },
    },
  };
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: rolloutName, namespace: ns, labels },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: rolloutName, namespace: ns },
      spec: { selector: labels, clusterIP: "10.0.0.1", ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { name: rolloutName, namespace: ns },
      spec: {
        ingressClassName: "nginx",
        rules: [
          {
            host: "web.example.com",
            http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: rolloutName, port: { number: 80 } } } }] },
          },
        ],
      },
    },
    rollout,
  ];
}

export function setImage(image: string): (spec: DeploymentSpec) => void {
  return (spec) => {
    const containers = (spec.template?.spec as { containers: { image: string }[] }).containers;
    for (const container of containers) container.image = image;
  };
}
