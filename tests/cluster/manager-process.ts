/** The manager as its users run it: a process of its own with a kubeconfig. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { until } from "./until.ts";

export interface ManagerProcess {
  /** What it logged so far, one JSON object a line. */
  log(): string;
  /** Resolves with the exit code after SIGTERM; null after SIGKILL. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>;
  /** Stops and resumes the whole process, as a frozen virtual machine would. */
  pause(): void;
  resume(): void;
}

const main = join(import.meta.dirname, "../../apps/manager/src/main.ts");

/** Resolves when it leads and its caches are filled, or with `standby` when it has started. */
export async function startManagerProcess(
  kubeconfig: string,
  options: { readonly flags?: readonly string[]; readonly standby?: boolean } = {},
): Promise<ManagerProcess> {
  const ports = ["--host", "127.0.0.1", "--health-port", "0", "--metrics-port", "0", "--webhook-port", "0"];
  const child = spawn(process.execPath, [main, "--kubeconfig", kubeconfig, ...ports, ...(options.flags ?? [])], { stdio: "pipe" });
  let log = "";
  child.stdout.on("data", (chunk: Buffer) => (log += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const killed = (): boolean => child.kill("SIGKILL");
  process.once("exit", killed);
  const running: ManagerProcess = {
    log: () => log,
    end: async (signal) => {
      process.off("exit", killed);
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      child.kill(signal);
      const [code] = (await once(child, "exit")) as [number | null];
      return code;
    },
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
  };
  if (options.standby !== true) {
    await until("the manager to reconcile", 60_000, () => {
      if (child.exitCode !== null) throw new Error(`the manager ended with ${child.exitCode}:\n${log}`);
      return Promise.resolve(log.includes('"msg":"reconciling"'));
    }).catch(async (error: unknown) => {
      await running.end("SIGKILL");
      throw new Error(`${(error as Error).message}; it logged:\n${log.slice(-3000)}`, { cause: error });
    });
  }
  return running;
}
