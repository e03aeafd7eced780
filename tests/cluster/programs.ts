/** Programs of a plane: started with a log each, ended together, and ended by the next plane if their owner was killed. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { appendFileSync, closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Programs {
  /** Holds data, keys and logs; removed by `stop`. */
  readonly folder: string;
  /** Writes a file only its owner can read and returns its path. */
  put(name: string, text: string): string;
  /** Starts `path` with its output in `<name>.log`. */
  start(name: string, path: string, args: readonly string[]): void;
  /** Throws with the end of the log when a program that was started has ended. */
  assertRunning(): void;
  /** Last 3,000 characters of a program's log. */
  logOf(name: string): string;
  stop(): Promise<void>;
}

const prefix = "slipway-plane-";

export function createPrograms(): Programs {
  endAbandoned();
  const folder = mkdtempSync(join(tmpdir(), prefix));
  const pids = join(folder, "pids");
  writeFileSync(pids, `${process.pid}\n`);
  const children = new Map<string, ChildProcess>();
  const alive = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;
  const kill = (): void => children.forEach((child) => child.kill("SIGKILL"));
  process.once("exit", kill);
  const logOf = (name: string): string => {
    const path = join(folder, `${name}.log`);
    return existsSync(path) ? readFileSync(path, "utf8").slice(-3000) : "";
  };
  return {
    folder,
    logOf,
    put: (name, text) => {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    },
    start: (name, path, args) => {
      const log = openSync(join(folder, `${name}.log`), "w");
      const child = spawn(path, args, { stdio: ["ignore", log, log] });
      closeSync(log);
      children.set(name, child);
      if (child.pid !== undefined) appendFileSync(pids, `${child.pid}\n`);
    },
    assertRunning: () => {
      for (const [name, child] of children) {
        if (!alive(child)) throw new Error(`${name} ended with ${String(child.exitCode ?? child.signalCode)}:\n${logOf(name)}`);
      }
    },
    stop: async () => {
      const ended = [...children.values()].filter(alive).map((child) => new Promise((done) => child.once("exit", done)));
      kill();
      await Promise.all(ended);
      process.off("exit", kill);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A process that is killed cannot take its children along; whoever starts next does it. */
function endAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const folder = join(tmpdir(), name);
    const [owner, ...children] = pidsIn(folder);
    if (owner === undefined || isAlive(owner)) continue;
    for (const pid of children) {
      // The system may have given the number to another program since; ours name their folder in their arguments.
      if (commandOf(pid).includes(folder)) process.kill(pid, "SIGKILL");
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

function pidsIn(folder: string): readonly number[] {
  const path = join(folder, "pids");
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map(Number);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
