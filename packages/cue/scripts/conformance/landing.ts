/**
 * Parts of the implementation that the runner judges but does not need: where one is not there, its vectors are
 * unsupported.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The module at `path` (relative to `src/`), or undefined where there is none. */
export async function moduleAt<Shape extends object>(path: string): Promise<Partial<Shape> | undefined> {
  const url = new URL(`../../src/${path}`, import.meta.url);
  if (!existsSync(fileURLToPath(url))) return undefined;
  return (await import(url.href)) as Partial<Shape>;
}
