/** The world as the process sees it. */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { hostname, platform, userInfo } from "node:os";
import { randomBytes } from "node:crypto";
import type { Host, Outcome } from "./host.ts";

export function realHost(): Host {
  return {
    files: {
      readFile: (path) => orUndefined(() => readFileSync(path, "utf8")),
      list: (directory) =>
        orUndefined(() =>
          readdirSync(directory, { withFileTypes: true }).map((entry) => ({ name: entry.name, directory: entry.isDirectory() })),
        ),
    },
    cwd: process.cwd(),
    stdin: () => readFileSync(0, "utf8"),
    env: process.env,
    variables: () => ({
      now: new Date().toISOString(),
      os: platform(),
      cwd: process.cwd(),
      username: userInfo().username,
      hostname: hostname(),
      rand: BigInt(`0x${randomBytes(16).toString("hex")}`).toString(),
    }),
  };
}

/** Carries an outcome out: what is printed is the caller's, the files are written here. */
export function writeFiles(outcome: Outcome): void {
  for (const [path, text] of outcome.writes) writeFileSync(path, text);
}

/** What is not there, or no file, is absent; anything else (no permission) is not ours to hide. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && "code" in error && ["ENOENT", "ENOTDIR", "EISDIR"].includes(String(error.code))) return undefined;
    throw error;
  }
}
