/** Runs a container's readinessProbe against its real server, with the kubelet's thresholds. */
import { request } from "node:http";
import { connect } from "node:net";
import type { Clock, Timer } from "@slipway/std";
import type { Activity } from "@slipway/std/node";
import type { Container, Probe } from "../controllers/kinds.ts";
import type { AddressBook } from "../network/address-book.ts";

export interface ProbeTarget {
  readonly container: Container;
  readonly probe: Probe;
  readonly address: string;
  readonly addresses: AddressBook;
  readonly clock: Clock;
  readonly activity: Activity;
  /** True while the server answers only after time has passed: a stepped clock must not wait for such a probe. */
  isSlow(): boolean;
}

export interface RunningProbe {
  stop(): void;
}

/** Calls `onChange` whenever the verdict changes; it starts as not ready. */
export function startReadinessProbe(target: ProbeTarget, onChange: (ready: boolean) => void): RunningProbe {
  const { probe, clock } = target;
  const periodMs = Math.max(1, probe.periodSeconds ?? 10) * 1000;
  let ready = false;
  let streak = 0;
  let lastResult: boolean | undefined;
  let stopped = false;
  let timer: Timer;

  const judge = (passed: boolean): void => {
    streak = passed === lastResult ? streak + 1 : 1;
    lastResult = passed;
    const threshold = passed ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    if (streak < threshold || passed === ready) return;
    ready = passed;
    onChange(ready);
  };
  const run = async (): Promise<void> => {
    const end = target.isSlow() ? (): void => {} : target.activity.begin();
    const passed = await execute(target);
    if (!stopped) {
      judge(passed);
      // On whole seconds, so that the probes of many pods share their instants on a stepped clock.
      timer = clock.setTimer(Math.ceil((clock.now() + periodMs - 999) / 1000) * 1000 - clock.now(), () => void run());
    }
    end();
  };
  timer = clock.setTimer((probe.initialDelaySeconds ?? 0) * 1000, () => void run());
  return {
    stop(): void {
      stopped = true;
      timer.cancel();
    },
  };
}

async function execute(target: ProbeTarget): Promise<boolean> {
  const { probe, container } = target;
  if (probe.httpGet !== undefined) return await getSucceeds(target, probe.httpGet, portOf(container, probe.httpGet.port));
  if (probe.tcpSocket !== undefined) return await connects(target, portOf(container, probe.tcpSocket.port));
  if (probe.grpc !== undefined) return await connects(target, probe.grpc.port);
  // There is no process to execute a command in: `exec` passes.
  return true;
}

function portOf(container: Container, port: number | string): number {
  if (typeof port === "number") return port;
  return container.ports?.find((declared) => declared.name === port)?.containerPort ?? 0;
}

async function getSucceeds(target: ProbeTarget, get: NonNullable<Probe["httpGet"]>, port: number): Promise<boolean> {
  const { host, port: realPort } = target.addresses.dial(target.address, port);
  const headers = Object.fromEntries((get.httpHeaders ?? []).map(({ name, value }) => [name, value]));
  return await withTimeout(target, (signal, settle) => {
    const path = get.path ?? "/";
    const sent = request({ host, port: realPort, path, headers: { "user-agent": "kube-probe/1.36", ...headers }, signal, agent: false });
    sent.on("response", (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      settle(status >= 200 && status < 400);
    });
    sent.on("error", () => settle(false));
    sent.end();
  });
}

async function connects(target: ProbeTarget, port: number): Promise<boolean> {
  const address = target.addresses.dial(target.address, port);
  return await withTimeout(target, (signal, settle) => {
    const socket = connect(address);
    signal.addEventListener("abort", () => socket.destroy(), { once: true });
    socket.on("connect", () => {
      socket.destroy();
      settle(true);
    });
    socket.on("error", () => settle(false));
  });
}

async function withTimeout(
  target: ProbeTarget,
  attempt: (signal: AbortSignal, settle: (passed: boolean) => void) => void,
): Promise<boolean> {
  const abort = new AbortController();
  return await new Promise((resolve) => {
    const timeout = target.clock.setTimer((target.probe.timeoutSeconds ?? 1) * 1000, () => {
      resolve(false);
      abort.abort();
    });
    attempt(abort.signal, (passed) => {
      timeout.cancel();
      resolve(passed);
    });
  });
}
