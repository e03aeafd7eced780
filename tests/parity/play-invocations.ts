/** Plays the invocations with a kubectl and tells what was printed, without what differs from run to run. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { files, invocations } from "./kubectl-invocations.ts";

export interface Player {
  readonly kubectl: string;
  readonly kubeconfig: string;
  /** Empty, and the kubeconfig's own. */
  readonly namespace: string;
  /** For files and kubectl's cache. */
  readonly folder: string;
}

/** One text an invocation: the command, its exit code unless 0, what it printed. */
export async function playInvocations(player: Player): Promise<readonly string[]> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(player.folder, name), text);
  const played: string[] = [];
  for (const invocation of invocations) {
    const args = invocation.split(" ").map((word) => (word.startsWith("@") ? join(player.folder, word.slice(1)) : word));
    const { code, out, err } = await run(player, args);
    const text = [`$ kubectl ${invocation}`, ...(code === 0 ? [] : [`exit ${code}`]), masked(out, player), masked(err, player)];
    played.push(text.filter((part) => part !== "").join("\n"));
  }
  return played;
}

function run(player: Player, args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const common = ["--kubeconfig", player.kubeconfig, "--namespace", player.namespace, "--cache-dir", join(player.folder, "cache")];
  return new Promise((resolve) => {
    execFile(player.kubectl, [...common, ...args], { timeout: 90_000 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : 1, out, err });
    });
  });
}

/** Names that the cluster chooses, addresses, ages, and where the files lie; columns keep their order, not their width. */
function masked(text: string, { folder, namespace }: Player): string {
  return (
    text
      .replaceAll(`${folder}/`, "")
      .replaceAll(new RegExp(`\\b${namespace}\\b`, "g"), "NAMESPACE")
      .replaceAll(/\b\d{4}-\d\d-\d\dT[\d:.]+Z\b/g, "TIME")
      .replaceAll(/\b\d+\.\d+\.\d+\.\d+\b/g, "ADDRESS")
      .replaceAll(
        /\b(web|other)-[a-z0-9]{6,10}(-[a-z0-9]{5})?\b/g,
        (_, name: string, pod?: string) => `${name}-HASH${pod === undefined ? "" : "-ID"}`,
      )
      .replaceAll(/Invalid value: "\{.*\}": /g, 'Invalid value: "OBJECT": ')
      .replaceAll(/\bpod-template-hash=[a-z0-9]+/g, "pod-template-hash=HASH")
      .split("\n")
      .map((line) =>
        line
          .replace(/\b(\d+[smhd]){1,2}( |$)/g, "AGE$2")
          .replaceAll(/ {2,}/g, "  ")
          .trimEnd(),
      )
      // How often a wait says that it still waits depends on the machine.
      .filter((line) => !line.startsWith("Waiting for deployment"))
      .join("\n")
      .trim()
  );
}
