/** Runs the CLI as a process of its own, as a user would. */
import { spawn } from "node:child_process";
import { join } from "node:path";

export const root: string = join(import.meta.dirname, "../..");

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  /** Resolves with the output so far once `text` is in it. */
  said(text: string): Promise<string>;
  stop(): void;
  /** Ends it at once, without a chance to tidy up. */
  kill(): void;
  readonly ended: Promise<Ended>;
}

export function startSlipway(...args: string[]): Running {
  const child = spawn(process.execPath, [join(root, "apps/cli/src/main.ts"), ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  const listeners = new Set<() => void>();
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    for (const listener of listeners) listener();
  });
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.on("close", (status) => resolve({ status, stdout, stderr })));
  return {
    ended,
    stop: () => void child.kill("SIGTERM"),
    kill: () => void child.kill("SIGKILL"),
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (stdout.includes(text)) resolve(stdout);
        };
        listeners.add(look);
        void ended.then(() => reject(new Error(`ended without saying ${JSON.stringify(text)}: ${stdout}${stderr}`)));
        look();
      }),
  };
}

export function slipway(...args: string[]): Promise<Ended> {
  return startSlipway(...args).ended;
}
