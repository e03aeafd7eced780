/** The manager as its users run it: a process of its own with a kubeconfig. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { until } from "./until.ts";

export interface ManagerProcess {
  readonly pid: number;
  /** What it logged so far, one JSON object a line. */
  log(): string;
  /** Resolves with the exit code when it ends by itself. Throws after 60 s. */
  exited(): Promise<number | null>;
  /** Resolves with the exit code after SIGTERM; null after SIGKILL. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>;
  /** Stops and resumes the whole process, as a frozen virtual machine would. */
  pause(): void;
  resume(): void;
}

export interface ManagerProcessOptions {
  readonly flags?: readonly string[];
  /** Resolve as soon as it has started instead of when it reconciles. */
  readonly standby?: boolean;
  /** Start it again when it ends by itself, as a Deployment does. */
  readonly restart?: boolean;
}

const main = join(import.meta.dirname, "../../apps/manager/src/main.ts");

/** Resolves when it leads and its caches are filled. */
export async function startManagerProcess(kubeconfig: string, options: ManagerProcessOptions = {}): Promise<ManagerProcess> {
  const ports = ["--host", "127.0.0.1", "--health-port", "0", "--metrics-port", "0", "--webhook-port", "0"];
  let log = "";
  let ending = false;
  const launch = (): ChildProcess => {
    const launched = spawn(process.execPath, [main, "--kubeconfig", kubeconfig, ...ports, ...(options.flags ?? [])], { stdio: "pipe" });
    launched.stdout.on("data", (chunk: Buffer) => (log += chunk.toString()));
    launched.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
    launched.once("exit", () => {
      if (options.restart === true && !ending) child = launch();
    });
    return launched;
  };
  let child = launch();
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const kill = (): boolean => child.kill("SIGKILL");
  process.once("exit", kill);
  const running: ManagerProcess = {
    get pid(): number {
      return child.pid ?? 0;
    },
    log: () => log,
    exited: async () => {
      await until("the manager to end", 60_000, () => Promise.resolve(ended()));
      return child.exitCode;
    },
    end: async (signal) => {
      ending = true;
      process.off("exit", kill);
      if (ended()) return child.exitCode;
      child.kill(signal);
      const [code] = (await once(child, "exit")) as [number | null];
      return code;
    },
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
  };
  if (options.standby !== true) {
    await until("the manager to reconcile", 60_000, () => {
      if (ended()) throw new Error(`the manager ended with ${child.exitCode}:\n${log}`);
      return Promise.resolve(log.includes('"msg":"reconciling"'));
    }).catch(async (error: unknown) => {
      await running.end("SIGKILL");
      throw new Error(`${(error as Error).message}; it logged:\n${log.slice(-3000)}`, { cause: error });
    });
  }
  return running;
}
