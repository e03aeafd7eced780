/** Programs that some checks need and that a machine may lack. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Is it on PATH? */
export function hasProgram(name: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${name}`]).status === 0;
}

/** `helm` on PATH, or one built into the cache folder; `undefined` without either. */
export function findHelm(): string | undefined {
  if (hasProgram("helm")) return "helm";
  const built = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "slipway/tools/helm");
  return existsSync(built) ? built : undefined;
}
