/**
 * One pod's life on its node: address, containers, reported status, termination. Everything that waits runs on the clock; writes are
 * serial, each reports the latest state, and a failed one is repeated.
 */
import type { Condition, KubeClient } from "@slipway/kube";
import { getCondition, isConflict, isNotFound, keyOf, resources } from "@slipway/kube";
import type { Timer } from "@slipway/std";
import { deepEqual, errorMessage } from "@slipway/std";
import type { Container, Pod, PodStatus } from "../controllers/kinds.ts";
import { behaviourOf } from "../images/behaviour.ts";
import type { LoopbackBlock } from "../network/loopback-block.ts";
import type { ContainerEnvironment } from "./container-run.ts";
import { ContainerRun } from "./container-run.ts";
import { podStatus } from "./pod-status.ts";

export interface PodTiming {
  /** From being scheduled to running, at least. */
  readonly startDelayMs: number;
  /** Up to so much more, drawn per pod. */
  readonly startJitterMs: number;
  /** From the stop signal until the containers stop accepting connections; never longer than the grace period. */
  readonly terminationDelayMs: number;
}

export interface PodWorkerOptions extends ContainerEnvironment {
  readonly client: KubeClient;
  readonly block: LoopbackBlock;
  readonly nodeAddress: string;
  readonly timing: PodTiming;
}

const retryMs = 1000;

export class PodWorker {
  readonly uid: string;
  readonly #options: PodWorkerOptions;
  readonly #startedAtMs: number;
  #pod: Pod;
  #containers: ContainerRun[] = [];
  #address: string | undefined;
  #reported: PodStatus | undefined;
  #timers = new Set<Timer>();
  #terminating = false;
  #closed = false;
  #dirty = false;
  #writing = false;

  constructor(pod: Pod, options: PodWorkerOptions) {
    this.uid = pod.metadata.uid ?? "";
    this.#pod = pod;
    this.#options = options;
    this.#startedAtMs = options.clock.now();
    if (pod.metadata.deletionTimestamp !== undefined) this.update(pod);
    else this.#schedule(this.#startDelayMs(), () => this.#start());
  }

  /** The pod as it is now. */
  update(pod: Pod): void {
    this.#pod = pod;
    if (pod.metadata.deletionTimestamp === undefined) {
      // Annotations and readiness gates may have changed what is to be reported.
      if (this.#containers.length > 0) this.#report();
    } else if (!this.#terminating) {
      this.#terminating = true;
      this.#cancelTimers();
      const graceMs = Math.max(0, (pod.metadata.deletionGracePeriodSeconds ?? 30) * 1000);
      if (!this.#containers.some((container) => container.running) || graceMs === 0) this.#track(() => this.#finish());
      else {
        this.#schedule(Math.min(graceMs, this.#options.timing.terminationDelayMs), () => this.#drain());
        this.#schedule(graceMs, () => this.#finish());
      }
    }
  }

  /** Ends everything without a word to the API: the pod object is gone, or the node stops. */
  async stop(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelTimers();
    await Promise.all(this.#containers.map((container) => container.kill()));
    if (this.#address !== undefined) this.#options.block.releasePodAddress(this.#address);
    for (const container of this.#containers) this.#options.logs.forget(keyOf(this.#pod), container.name);
  }

  #startDelayMs(): number {
    const { timing, random } = this.#options;
    const told = (this.#pod.spec?.containers ?? []).map((container) => behaviourOf(this.#pod, container).startDelayMs ?? 0);
    return timing.startDelayMs + Math.floor(random.next() * timing.startJitterMs) + Math.max(0, ...told);
  }

  async #start(): Promise<void> {
    this.#address = this.#options.block.allocatePodAddress();
    const address = this.#address;
    const previous = this.#pod.status?.containerStatuses ?? [];
    const create = (container: Container): ContainerRun =>
      new ContainerRun(
        container,
        this.#options,
        () => this.#pod,
        address,
        previous.find((status) => status.name === container.name),
        () => this.#report(),
      );
    this.#containers = (this.#pod.spec?.containers ?? []).map(create);
    await Promise.all(this.#containers.map((container) => container.start()));
    this.#report();
  }

  /** The stop signal has had its time: answer what is in flight, accept nothing new. */
  #drain(): Promise<void> {
    // Not awaited: an answer that is told to be slow waits for the clock, which must not wait for us.
    void Promise.all(this.#containers.map((container) => container.stop())).then(() => this.#track(() => this.#finish()));
    return Promise.resolve();
  }

  async #finish(): Promise<void> {
    if (this.#closed) return;
    this.#cancelTimers();
    await Promise.all(this.#containers.map((container) => container.kill()));
    // Somebody else's finalizer keeps the object: it must not look as if it still ran.
    if ((this.#pod.metadata.finalizers ?? []).length > 0 && this.#containers.length > 0) await this.#write();
    try {
      const preconditions = { uid: this.uid };
      await this.#options.client.delete(resources.pods, keyOf(this.#pod), { gracePeriodSeconds: 0, preconditions });
    } catch (error) {
      if (isNotFound(error) || isConflict(error)) return;
      this.#options.logger.warn("pod could not be removed", { pod: keyOf(this.#pod), error: errorMessage(error) });
      this.#schedule(retryMs, () => this.#finish());
    }
  }

  #phase(): string {
    const policy = this.#pod.spec?.restartPolicy ?? "Always";
    const codes = this.#containers.map((container) => container.exitCode);
    if (codes.length > 0 && (policy !== "Always" || this.#terminating) && codes.every((code) => code !== undefined))
      return codes.every((code) => code === 0) ? "Succeeded" : "Failed";
    return this.#containers.some((container) => container.everStarted) ? "Running" : "Pending";
  }

  #report(): void {
    if (this.#closed || this.#terminating) return;
    this.#dirty = true;
    if (!this.#writing) this.#track(() => this.#writeUntilClean());
  }

  async #writeUntilClean(): Promise<void> {
    this.#writing = true;
    while (this.#dirty && !this.#closed && !this.#terminating) {
      this.#dirty = false;
      try {
        await this.#write();
      } catch (error) {
        if (isNotFound(error)) break;
        this.#options.logger.warn("pod status could not be written", { pod: keyOf(this.#pod), error: errorMessage(error) });
        this.#schedule(retryMs, () => Promise.resolve(this.#report()));
        break;
      }
    }
    this.#writing = false;
  }

  async #write(): Promise<void> {
    const observed = {
      // What was reported last is newer than what the watch has brought back.
      pod: this.#reported === undefined ? this.#pod : { ...this.#pod, status: { ...this.#pod.status, conditions: this.#conditions() } },
      phase: this.#phase(),
      containers: this.#containers.map((container) => container.status()),
      address: this.#address,
      nodeAddress: this.#options.nodeAddress,
      startedAtMs: this.#startedAtMs,
    };
    const status = podStatus(observed, this.#options.clock.now());
    if (deepEqual(status, this.#reported)) return;
    // Strategic: conditions that others own, such as readiness gates, stay.
    const conditions = (status.conditions ?? []).map((condition) =>
      clearing(condition, getCondition(observed.pod.status?.conditions, condition.type)),
    );
    const patch = { type: "strategic", body: { metadata: { uid: this.uid }, status: { ...status, conditions } } } as const;
    await this.#options.client.patch(resources.pods, keyOf(this.#pod), patch, { subresource: "status" });
    this.#reported = status;
  }

  #conditions(): NonNullable<PodStatus["conditions"]> {
    const own = this.#reported?.conditions ?? [];
    const types = new Set(own.map((condition) => condition.type));
    return [...own, ...(this.#pod.status?.conditions ?? []).filter((condition) => !types.has(condition.type))];
  }

  #schedule(delayMs: number, work: () => Promise<void>): void {
    const timer = this.#options.clock.setTimer(delayMs, () => {
      this.#timers.delete(timer);
      this.#track(work);
    });
    this.#timers.add(timer);
  }

  #track(work: () => Promise<void>): void {
    if (this.#closed) return;
    const end = this.#options.activity.begin();
    void work()
      .catch((error: unknown) => this.#options.logger.error("pod worker failed", { pod: keyOf(this.#pod), error: errorMessage(error) }))
      .finally(end);
  }

  #cancelTimers(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }
}

/** Fields that the condition had and has no more must be taken out by name: a strategic patch merges. */
function clearing(condition: Condition, before: Condition | undefined): object {
  return {
    ...(before?.reason === undefined ? {} : { reason: null }),
    ...(before?.message === undefined ? {} : { message: null }),
    ...condition,
  };
}
