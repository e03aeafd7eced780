import type { KubeClient } from "@slipway/kube";
import type { Clock } from "@slipway/std";

export interface PausableProcess {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** From now on no timer fires, nothing is sent and no answer arrives, until `resume`; time goes on. */
  pause(): void;
  resume(): void;
}

/** What a process sees that can be stopped (SIGSTOP, a frozen VM, a long collection) and goes on later where it was. */
export function createPausableProcess(client: KubeClient, clock: Clock): PausableProcess {
  let paused = false;
  const held: (() => void)[] = [];
  const whenAwake = (run: () => void): void => {
    if (paused) held.push(run);
    else run();
  };
  const awake = (): Promise<void> => new Promise((resolve) => whenAwake(resolve));
  return {
    clock: {
      now: () => clock.now(),
      setTimer: (delayMs, fire) => clock.setTimer(delayMs, () => whenAwake(fire)),
      sleep: async (delayMs, signal) => {
        await clock.sleep(delayMs, signal);
        await awake();
      },
    },
    // Verbs that answer a promise; watches are not needed by leases.
    client: new Proxy(client, {
      get(target, verb): unknown {
        const method: unknown = Reflect.get(target, verb);
        if (typeof method !== "function") return method;
        return async (...parameters: unknown[]): Promise<unknown> => {
          await awake();
          const answer: unknown = await (method.apply(target, parameters) as Promise<unknown>);
          await awake();
          return answer;
        };
      },
    }),
    pause: () => void (paused = true),
    resume: () => {
      paused = false;
      for (const run of held.splice(0)) run();
    },
  };
}
