/**
 * The Deployment controller. One reconcile does what one pass of the native controller does: claim ReplicaSets, then pause,
 * scale, or roll one move further; the next ReplicaSet event brings the next pass. The arithmetic is in `rolling.ts`, status in
 * `status.ts`, revisions in `revisions.ts`.
 */
import type { ControllerDefinition, Outcome, ReconcileContext } from "@slipway/controller";
import { after, done, ownerKeys } from "@slipway/controller";
import type { Condition } from "@slipway/kube";
import {
  controllerOf,
  getCondition,
  hashPodTemplate,
  isAlreadyExists,
  isNotFound,
  keyOf,
  labelSelectorFromObject,
  matchesLabels,
  podTemplateHashLabel,
  podTemplatesEqual,
  resources,
} from "@slipway/kube";
import { AppError, errorMessage } from "@slipway/std";
import type { Deployment, DeploymentStatus, Pod, ReplicaSet } from "../kinds.ts";
import { isNamespaceTerminating } from "../namespace.ts";
import { claim, controllerReference } from "../ownership.ts";
import { writeStatus } from "../write-status.ts";
import { newReplicaSetAnnotations, nextRevision, sizeAnnotations, splitReplicaSets } from "./revisions.ts";
import {
  active,
  isRollingUpdate,
  isScalingEvent,
  newReplicaSetSize,
  replicasOf,
  revisionAnnotation,
  revisionOf,
  byCreation,
  scaleDownOld,
  scaleProportionally,
} from "./rolling.ts";
import {
  countedStatus,
  hasProgressDeadline,
  isComplete,
  newCondition,
  pausedConditions,
  rolloutStatus,
  putCondition,
  statusEquals,
  unlimited,
  untilDeadlineMs,
} from "./status.ts";

export const deploymentController: ControllerDefinition = {
  name: "deployment",
  watches: [
    { resource: resources.deployments },
    {
      resource: resources.replicaSets,
      toKeys: (object, _old, caches) => {
        if (controllerOf(object) !== undefined) return ownerKeys("Deployment")(object);
        // An orphan may be adopted by any Deployment whose selector matches.
        const namespace = object.metadata.namespace ?? "";
        return caches<Deployment>(resources.deployments)
          .list({ namespace })
          .filter((deployment) => matchesLabels(labelSelectorFromObject(deployment.spec?.selector), object.metadata.labels))
          .map(keyOf);
      },
    },
    {
      resource: resources.pods,
      // Only Recreate looks at pods: it waits for the last old one to be gone.
      toKeys: (object, old, caches) => {
        if (old !== undefined && object.metadata.resourceVersion !== old.metadata.resourceVersion && !isGone(object)) return [];
        const namespace = object.metadata.namespace ?? "";
        const owner = controllerOf(object);
        if (owner?.kind !== "ReplicaSet") return [];
        const replicaSet = caches(resources.replicaSets).get({ namespace, name: owner.name });
        const name = replicaSet === undefined ? undefined : controllerOf(replicaSet)?.name;
        if (name === undefined) return [];
        const deployment = caches<Deployment>(resources.deployments).get({ namespace, name });
        return deployment !== undefined && !isRollingUpdate(deployment) ? [{ namespace, name }] : [];
      },
    },
  ],
  async reconcile(key, context) {
    const deployment = context.cache<Deployment>(resources.deployments).get(key);
    if (deployment === undefined) return done;
    try {
      return await new DeploymentPass(context, deployment).run();
    } catch (error) {
      // The Deployment or one of its ReplicaSets went away under our hands: its deletion is an event of its own.
      if (isNotFound(error) || isNamespaceTerminating(error)) return done;
      throw error;
    }
  },
};

function isGone(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed" || pod.metadata.deletionTimestamp !== undefined;
}

class DeploymentPass {
  readonly #context: ReconcileContext;
  #deployment: Deployment;
  #owned: ReplicaSet[] = [];

  constructor(context: ReconcileContext, deployment: Deployment) {
    this.#context = context;
    this.#deployment = deployment;
  }

  async run(): Promise<Outcome> {
    const selector = this.#deployment.spec?.selector;
    const parsed = labelSelectorFromObject(selector);
    if (parsed.requirements.length === 0) {
      this.#context.events.event(
        this.#deployment,
        "Warning",
        "SelectingAll",
        "This deployment is selecting all pods. A non-empty selector is required.",
      );
      const observedGeneration = this.#deployment.metadata.generation ?? 0;
      if ((this.#deployment.status?.observedGeneration ?? 0) < observedGeneration)
        await this.#writeStatus({ ...this.#deployment.status, observedGeneration });
      return done;
    }
    this.#owned = await claim(this.#context, {
      owner: this.#deployment,
      ownerResource: resources.deployments,
      selector: parsed,
      resource: resources.replicaSets,
      candidates: this.#context.cache<ReplicaSet>(resources.replicaSets).list({ namespace: this.#deployment.metadata.namespace ?? "" }),
    });

    if (this.#deployment.metadata.deletionTimestamp !== undefined) return await this.#finishCounted();
    const conditions = pausedConditions(this.#deployment, this.#context.clock.now());
    if (conditions !== undefined) await this.#writeStatus({ ...this.#deployment.status, conditions });
    if (this.#deployment.spec?.paused === true) return await this.#sync();
    await this.#syncExistingRevision();
    if (isScalingEvent(this.#deployment, this.#owned)) return await this.#sync();
    return isRollingUpdate(this.#deployment) ? await this.#roll() : await this.#recreate();
  }

  /** Paused, or sized for another number of replicas: scale what is there, roll nothing. */
  async #sync(): Promise<Outcome> {
    await this.#syncExistingRevision();
    const { newReplicaSet, old } = this.#split();
    for (const { replicaSet, replicas } of scaleProportionally(this.#deployment, newReplicaSet, old))
      await this.#scale(replicaSet, replicas);
    if (this.#deployment.spec?.paused === true) await this.#cleanUp();
    return await this.#finishCounted();
  }

  async #roll(): Promise<Outcome> {
    const newReplicaSet = await this.#ensureNewReplicaSet();
    const replicas = replicasOf(this.#deployment);
    const size = replicasOf(newReplicaSet);
    const wished = size > replicas ? replicas : newReplicaSetSize(this.#deployment, this.#owned, size);
    if (wished !== size) {
      await this.#scale(newReplicaSet, wished);
      return await this.#finishRollout();
    }
    const scalings = scaleDownOld(this.#deployment, newReplicaSet, active(this.#split().old));
    for (const scaling of scalings) await this.#scale(scaling.replicaSet, scaling.replicas);
    if (scalings.length === 0 && isComplete(this.#deployment, this.#deployment.status ?? {})) await this.#cleanUp();
    return await this.#finishRollout();
  }

  async #recreate(): Promise<Outcome> {
    const running = active(this.#split().old);
    for (const replicaSet of running) await this.#scale(replicaSet, 0);
    if (running.length > 0 || this.#oldPodsRunning()) return await this.#finishRollout();
    const newReplicaSet = await this.#ensureNewReplicaSet();
    await this.#scale(newReplicaSet, replicasOf(this.#deployment));
    if (isComplete(this.#deployment, this.#deployment.status ?? {})) await this.#cleanUp();
    return await this.#finishRollout();
  }

  #oldPodsRunning(): boolean {
    const { old } = this.#split();
    if (old.some((replicaSet) => (replicaSet.status?.replicas ?? 0) > 0)) return true;
    const uids = new Set(old.map((replicaSet) => replicaSet.metadata.uid));
    return this.#context
      .cache<Pod>(resources.pods)
      .list({ namespace: this.#deployment.metadata.namespace ?? "" })
      .some((pod) => uids.has(controllerOf(pod)?.uid) && pod.status?.phase !== "Succeeded" && pod.status?.phase !== "Failed");
  }

  #split(): ReturnType<typeof splitReplicaSets> {
    return splitReplicaSets(this.#deployment, this.#owned);
  }

  /** Brings annotations and minReadySeconds of an existing new ReplicaSet, and the Deployment's revision, up to date. */
  async #syncExistingRevision(): Promise<void> {
    const { newReplicaSet, old } = this.#split();
    if (newReplicaSet === undefined) return;
    const annotations = newReplicaSetAnnotations(this.#deployment, newReplicaSet, nextRevision(old));
    const minReadySeconds = this.#deployment.spec?.minReadySeconds ?? 0;
    let current = newReplicaSet;
    if (Object.keys(annotations).length > 0 || (newReplicaSet.spec?.minReadySeconds ?? 0) !== minReadySeconds) {
      current = await this.#patchReplicaSet(newReplicaSet, { metadata: { annotations }, spec: { minReadySeconds } });
    }
    await this.#recordRevision(current);
    if (hasProgressDeadline(this.#deployment) && getCondition(this.#deployment.status?.conditions, "Progressing") === undefined) {
      const message = `Found new replica set "${current.metadata.name ?? ""}"`;
      await this.#writeCondition(newCondition("Progressing", "True", "FoundNewReplicaSet", message, this.#context.clock.now()));
    }
  }

  async #recordRevision(newReplicaSet: ReplicaSet): Promise<void> {
    const revision = newReplicaSet.metadata.annotations?.[revisionAnnotation];
    if (revision === undefined || this.#deployment.metadata.annotations?.[revisionAnnotation] === revision) return;
    const body = { metadata: { annotations: { [revisionAnnotation]: revision } } };
    this.#deployment = await this.#context.client.patch<Deployment>(resources.deployments, keyOf(this.#deployment), {
      type: "merge",
      body,
    });
  }

  async #ensureNewReplicaSet(): Promise<ReplicaSet> {
    const { newReplicaSet, old } = this.#split();
    if (newReplicaSet !== undefined) {
      await this.#syncExistingRevision();
      return this.#split().newReplicaSet ?? newReplicaSet;
    }
    const deployment = this.#deployment;
    const template = deployment.spec?.template ?? {};
    const hash = hashPodTemplate(template, deployment.status?.collisionCount);
    const labels = { ...template.metadata?.labels, [podTemplateHashLabel]: hash };
    const selector = deployment.spec?.selector;
    const replicas = newReplicaSetSize(deployment, old, 0);
    const wanted: ReplicaSet = {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: {
        name: `${deployment.metadata.name ?? ""}-${hash}`,
        namespace: deployment.metadata.namespace ?? "",
        labels,
        annotations: newReplicaSetAnnotations(deployment, undefined, nextRevision(old)),
        ownerReferences: [controllerReference(deployment)],
      },
      spec: {
        replicas,
        minReadySeconds: deployment.spec?.minReadySeconds ?? 0,
        selector: { ...selector, matchLabels: { ...selector?.matchLabels, [podTemplateHashLabel]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    };
    const created = await this.#create(wanted);
    this.#owned.push(created);
    await this.#recordRevision(created);
    return created;
  }

  async #create(wanted: ReplicaSet): Promise<ReplicaSet> {
    const name = wanted.metadata.name ?? "";
    try {
      const created = await this.#context.client.create(resources.replicaSets, wanted);
      if (replicasOf(created) > 0) this.#event("ScalingReplicaSet", `Scaled up replica set ${name} from 0 to ${replicasOf(created)}`);
      if (hasProgressDeadline(this.#deployment)) {
        const message = `Created new replica set "${name}"`;
        await this.#writeCondition(newCondition("Progressing", "True", "NewReplicaSetCreated", message, this.#context.clock.now()));
      }
      return created;
    } catch (error) {
      if (isAlreadyExists(error)) return await this.#resolveCollision(wanted, error);
      if (isNamespaceTerminating(error)) throw error;
      const message = `Failed to create new replica set "${name}": ${errorMessage(error)}`;
      if (hasProgressDeadline(this.#deployment))
        await this.#writeCondition(newCondition("Progressing", "False", "ReplicaSetCreateError", message, this.#context.clock.now()));
      this.#context.events.event(this.#deployment, "Warning", "ReplicaSetCreateError", message);
      throw error;
    }
  }

  /** The name is taken: by our own ReplicaSet that the cache had not shown, or by a stranger, and then the next hash is tried. */
  async #resolveCollision(wanted: ReplicaSet, cause: unknown): Promise<ReplicaSet> {
    const existing = await this.#context.client.get<ReplicaSet>(resources.replicaSets, keyOf(wanted));
    const ours = controllerOf(existing)?.uid === this.#deployment.metadata.uid;
    if (ours && podTemplatesEqual(existing.spec?.template ?? {}, this.#deployment.spec?.template ?? {})) return existing;
    await this.#writeStatus({ ...this.#deployment.status, collisionCount: (this.#deployment.status?.collisionCount ?? 0) + 1 });
    throw new AppError(
      "REPLICASET_COLLISION",
      `replica set ${wanted.metadata.name ?? ""} exists and is not of this deployment; trying the next hash`,
      {
        cause,
      },
    );
  }

  async #scale(replicaSet: ReplicaSet, replicas: number): Promise<void> {
    const before = replicasOf(replicaSet);
    const annotations = sizeAnnotations(this.#deployment);
    const current = replicaSet.metadata.annotations ?? {};
    const annotated = Object.entries(annotations).every(([name, value]) => current[name] === value);
    if (before === replicas && annotated) return;
    await this.#patchReplicaSet(replicaSet, { metadata: { annotations }, spec: { replicas } });
    if (before === replicas) return;
    const direction = replicas > before ? "up" : "down";
    this.#event("ScalingReplicaSet", `Scaled ${direction} replica set ${replicaSet.metadata.name ?? ""} from ${before} to ${replicas}`);
  }

  /** A narrow write that fails with a conflict when the ReplicaSet is not as this pass has seen it. */
  async #patchReplicaSet(replicaSet: ReplicaSet, change: { metadata: object; spec: object }): Promise<ReplicaSet> {
    const metadata = { ...change.metadata, resourceVersion: replicaSet.metadata.resourceVersion };
    const body = { ...change, metadata };
    const written = await this.#context.client.patch<ReplicaSet>(resources.replicaSets, keyOf(replicaSet), { type: "merge", body });
    this.#owned = this.#owned.map((other) => (other.metadata.uid === written.metadata.uid ? written : other));
    return written;
  }

  /** Deletes old ReplicaSets beyond revisionHistoryLimit, lowest revision first; never one that has or wants pods. */
  async #cleanUp(): Promise<void> {
    const limit = this.#deployment.spec?.revisionHistoryLimit ?? 10;
    if (limit === unlimited) return;
    const old = this.#split().old.filter((replicaSet) => replicaSet.metadata.deletionTimestamp === undefined);
    const excess = [...old].sort((a, b) => revisionOf(a) - revisionOf(b) || byCreation(a, b)).slice(0, Math.max(0, old.length - limit));
    for (const replicaSet of excess) {
      const unobserved = (replicaSet.metadata.generation ?? 0) > (replicaSet.status?.observedGeneration ?? 0);
      if ((replicaSet.status?.replicas ?? 0) !== 0 || replicasOf(replicaSet) !== 0 || unobserved) continue;
      try {
        await this.#context.client.delete(resources.replicaSets, keyOf(replicaSet), { propagationPolicy: "Background" });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      this.#owned = this.#owned.filter((other) => other !== replicaSet);
    }
  }

  async #finishCounted(): Promise<Outcome> {
    const status = countedStatus(this.#deployment, this.#owned, this.#split().newReplicaSet, this.#context.clock.now());
    if (!statusEquals(this.#deployment.status, status)) await this.#writeStatus(status);
    return done;
  }

  async #finishRollout(): Promise<Outcome> {
    const now = this.#context.clock.now();
    const status = rolloutStatus(this.#deployment, this.#owned, this.#split().newReplicaSet, now);
    if (!statusEquals(this.#deployment.status, status)) await this.#writeStatus(status);
    const ms = untilDeadlineMs(this.#deployment, status, now);
    return ms === undefined ? done : after(ms);
  }

  async #writeCondition(condition: Condition): Promise<void> {
    await this.#writeStatus({ ...this.#deployment.status, conditions: putCondition(this.#deployment.status?.conditions ?? [], condition) });
  }

  async #writeStatus(status: DeploymentStatus): Promise<void> {
    this.#deployment = await writeStatus(this.#context.client, resources.deployments, this.#deployment, status);
  }

  #event(reason: string, message: string): void {
    this.#context.events.event(this.#deployment, "Normal", reason, message);
  }
}
