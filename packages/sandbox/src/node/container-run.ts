/**
 * One container of a pod through its lives: start, readiness, crash, back-off, restart, stop. Tells its pod worker after each change;
 * writes nothing to the API itself.
 */
import { keyOf } from "@slipway/kube";
import type { Clock, Logger, RandomSource, Timer } from "@slipway/std";
import { errorMessage, formatTimestamp } from "@slipway/std";
import type { Activity } from "@slipway/std/node";
import type { Container, ContainerState, ContainerStatus, Pod } from "../controllers/kinds.ts";
import { behaviourOf } from "../images/behaviour.ts";
import type { ContainerProcess, ImageRegistry } from "../images/image.ts";
import type { AddressBook } from "../network/address-book.ts";
import type { ContainerLogs } from "./container-logs.ts";
import type { RunningProbe } from "./readiness-probe.ts";
import { startReadinessProbe } from "./readiness-probe.ts";

const firstBackoffMs = 10_000;
const longestBackoffMs = 300_000;

export interface ContainerEnvironment {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly activity: Activity;
  readonly images: ImageRegistry;
  readonly addresses: AddressBook;
  readonly logs: ContainerLogs;
}

export class ContainerRun {
  readonly name: string;
  readonly #container: Container;
  readonly #environment: ContainerEnvironment;
  readonly #pod: () => Pod;
  readonly #address: string;
  readonly #changed: () => void;
  #state: ContainerState = { waiting: { reason: "ContainerCreating" } };
  #lastState: ContainerState = {};
  #restartCount: number;
  #probePassed = false;
  #process: ContainerProcess | undefined;
  #probe: RunningProbe | undefined;
  #timers: Timer[] = [];
  #stopping = false;

  constructor(
    container: Container,
    environment: ContainerEnvironment,
    pod: () => Pod,
    address: string,
    previous: ContainerStatus | undefined,
    changed: () => void,
  ) {
    this.name = container.name;
    this.#container = container;
    this.#environment = environment;
    this.#pod = pod;
    this.#address = address;
    this.#changed = changed;
    // A container that ran before the node came back counts as restarted.
    this.#restartCount = previous?.started === true ? previous.restartCount + 1 : (previous?.restartCount ?? 0);
  }

  get running(): boolean {
    return this.#state.running !== undefined;
  }

  get exitCode(): number | undefined {
    return this.#state.terminated?.exitCode;
  }

  get everStarted(): boolean {
    return this.running || this.#restartCount > 0 || this.#state.terminated !== undefined;
  }

  get ready(): boolean {
    return this.running && this.#probePassed && !behaviourOf(this.#pod(), this.#container).neverReady;
  }

  status(): ContainerStatus {
    const image = this.#container.image ?? "";
    const id = `sandbox://${this.#pod().metadata.uid ?? ""}/${this.name}/${this.#restartCount}`;
    return {
      name: this.name,
      image,
      imageID: this.everStarted ? `sandbox://${image}` : "",
      ...(this.everStarted ? { containerID: id } : {}),
      ready: this.ready,
      started: this.running,
      restartCount: this.#restartCount,
      state: this.#state,
      lastState: this.#lastState,
    };
  }

  async start(): Promise<void> {
    const { clock, images, logger } = this.#environment;
    if (this.#stopping) return;
    try {
      this.#process = await images(this.#container.image ?? "")({
        container: this.#container,
        pod: this.#pod,
        address: this.#address,
        addresses: this.#environment.addresses,
        env: environmentOf(this.#container, this.#pod(), this.#address),
        clock,
        random: this.#environment.random,
        logger,
        log: (text) => this.#environment.logs.append(keyOf(this.#pod()), this.name, { timeMs: clock.now(), text }),
      });
    } catch (error) {
      logger.warn("container did not start", { container: this.name, error: errorMessage(error) });
      this.#exit(128, "StartError");
      return;
    }
    const process = this.#process;
    void process.exited.then((code) => {
      if (this.#process === process && !this.#stopping) this.#exit(code, code === 0 ? "Completed" : "Error");
    });
    this.#state = { running: { startedAt: formatTimestamp(clock.now()) } };
    this.#watchReadiness();
    this.#changed();
  }

  #watchReadiness(): void {
    const { clock, activity, addresses } = this.#environment;
    const behaviour = behaviourOf(this.#pod(), this.#container);
    const passed = (ready: boolean): void => {
      this.#probePassed = ready;
      this.#changed();
    };
    const begin = (): void => {
      const probe = this.#container.readinessProbe;
      if (probe === undefined) return void passed(true);
      const isSlow = (): boolean => behaviourOf(this.#pod(), this.#container).delayMs > 0;
      const target = { container: this.#container, probe, address: this.#address, addresses, clock, activity, isSlow };
      this.#probe = startReadinessProbe(target, passed);
    };
    if ((behaviour.readyDelayMs ?? 0) > 0) this.#timers.push(clock.setTimer(behaviour.readyDelayMs ?? 0, begin));
    else if (this.#container.readinessProbe === undefined) this.#probePassed = true;
    else begin();
  }

  #exit(exitCode: number, reason: string): void {
    const { clock } = this.#environment;
    this.#stopWatching();
    this.#process = undefined;
    const startedAt = this.#state.running?.startedAt ?? formatTimestamp(clock.now());
    const terminated: ContainerState = { terminated: { exitCode, reason, startedAt, finishedAt: formatTimestamp(clock.now()) } };
    const policy = this.#pod().spec?.restartPolicy ?? "Always";
    this.#state = terminated;
    if (policy === "Always" || (policy === "OnFailure" && exitCode !== 0)) this.#scheduleRestart(terminated);
    this.#changed();
  }

  /** The first restart comes at once; then 10 s, 20 s, ... up to five minutes. */
  #scheduleRestart(terminated: ContainerState): void {
    const delayMs = this.#restartCount === 0 ? 0 : Math.min(longestBackoffMs, firstBackoffMs * 2 ** (this.#restartCount - 1));
    if (delayMs > 0) {
      const message = `back-off ${delayMs / 1000}s restarting failed container=${this.name}`;
      this.#state = { waiting: { reason: "CrashLoopBackOff", message } };
    }
    this.#lastState = terminated;
    const restart = async (): Promise<void> => {
      const end = this.#environment.activity.begin();
      this.#restartCount++;
      await this.start();
      end();
    };
    this.#timers.push(this.#environment.clock.setTimer(delayMs, () => void restart()));
  }

  #stopWatching(): void {
    this.#probe?.stop();
    this.#probe = undefined;
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
    this.#probePassed = false;
  }

  /** No restart any more; resolves when requests in flight are answered. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#process?.stop();
    this.#terminated(0, "Completed");
  }

  async kill(): Promise<void> {
    this.#stopping = true;
    await this.#process?.kill();
    this.#terminated(137, "Error");
  }

  #terminated(exitCode: number, reason: string): void {
    this.#stopWatching();
    this.#process = undefined;
    const startedAt = this.#state.running?.startedAt;
    if (startedAt === undefined) return;
    this.#state = { terminated: { exitCode, reason, startedAt, finishedAt: formatTimestamp(this.#environment.clock.now()) } };
  }
}

function environmentOf(container: Container, pod: Pod, address: string): Record<string, string> {
  const fields: Readonly<Record<string, string | undefined>> = {
    "metadata.name": pod.metadata.name,
    "metadata.namespace": pod.metadata.namespace,
    "metadata.uid": pod.metadata.uid,
    "spec.nodeName": pod.spec?.nodeName,
    "status.podIP": address,
  };
  const environment: Record<string, string> = { HOSTNAME: pod.metadata.name ?? "" };
  for (const { name, value, valueFrom } of container.env ?? []) {
    const resolved = value ?? fields[valueFrom?.fieldRef?.fieldPath ?? ""];
    if (resolved !== undefined) environment[name] = resolved;
  }
  return environment;
}
