/** Asks the WebAssembly build, with a limit on the time of an answer. */
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";

export interface Answer {
  readonly samples: readonly number[];
  readonly json?: unknown;
  readonly error?: string;
  readonly rss: number;
}

export class CueWasm {
  #child: ChildProcess | undefined;
  /** Milliseconds that the last start took. */
  started: number = Number.NaN;

  async #running(): Promise<ChildProcess> {
    if (this.#child !== undefined && this.#child.exitCode === null && !this.#child.killed) return this.#child;
    const child = fork(new URL("./cue-wasm-child.ts", import.meta.url), { stdio: ["ignore", "ignore", "ignore", "ipc"] });
    const ready = await message<{ ready: number }>(child, 20_000);
    this.started = ready?.ready ?? Number.NaN;
    this.#child = child;
    return child;
  }

  start(): Promise<unknown> {
    return this.#running();
  }

  /** Undefined when it died or took longer. It is started anew for the next question. */
  async ask(source: string, milliseconds: number, patience = 30_000): Promise<Answer | undefined> {
    const child = await this.#running();
    child.send({ source, milliseconds });
    const answer = await message<Answer>(child, patience);
    if (answer === undefined) this.stop();
    return answer;
  }

  stop(): void {
    this.#child?.kill("SIGKILL");
    this.#child = undefined;
  }
}

function message<T>(child: ChildProcess, patience: number): Promise<T | undefined> {
  return new Promise((resolve) => {
    const settle = (value: T | undefined): void => {
      clearTimeout(timer);
      child.off("message", onMessage);
      child.off("exit", onExit);
      resolve(value);
    };
    const onMessage = (value: unknown): void => settle(value as T);
    const onExit = (): void => settle(undefined);
    const timer = setTimeout(onExit, patience);
    child.on("message", onMessage);
    child.on("exit", onExit);
  });
}
