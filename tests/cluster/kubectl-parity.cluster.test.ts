/**
 * What kubectl prints on a real API server, kept as a golden (`UPDATE=1` records it), and that it prints the same on the
 * embedded cluster. Both with the kubectl of the plane.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSandbox } from "@slipway/sandbox";
import { createSeededRandom, silentLogger } from "@slipway/std";
import { createVirtualClock } from "@slipway/std/node";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { invocations, knownDifferences } from "../parity/kubectl-invocations.ts";
import { playInvocations } from "../parity/play-invocations.ts";
import { openCluster } from "./cluster.ts";

const goldenPath = join(import.meta.dirname, "../parity/testdata/kubectl.txt");
const folder = mkdtempSync(join(tmpdir(), "slipway-kubectl-parity-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function golden(): readonly string[] {
  return readFileSync(goldenPath, "utf8").trimEnd().split("\n\n");
}

describe("kubectl on the real API server", () => {
  let played: readonly string[] = [];
  beforeAll(async () => {
    const cluster = await openCluster("parity");
    const to = { kubectl: inject("kubectl"), kubeconfig: cluster.kubeconfig, namespace: "parity", folder };
    played = (await playInvocations(to)).map((text) => text.replaceAll("\n\n", "\n"));
    await cluster.close();
    if (process.env["UPDATE"] === "1") writeFileSync(goldenPath, `${played.join("\n\n")}\n`);
  });
  it.each(invocations.map((invocation, index) => [invocation, index] as const))("%s", (_, index) => {
    expect(played[index]).toBe(golden()[index]);
  });
});

describe("kubectl on the embedded cluster", () => {
  let played: readonly string[] = [];
  beforeAll(async () => {
    const clock = createVirtualClock({ speed: 1 });
    const sandbox = await startSandbox({ clock, random: createSeededRandom(1), logger: silentLogger });
    const kubeconfig = join(folder, "sandbox.kubeconfig");
    writeFileSync(kubeconfig, sandbox.kubeconfig);
    played = (await playInvocations({ kubectl: inject("kubectl"), kubeconfig, namespace: "default", folder })).map((text) =>
      text.replaceAll("\n\n", "\n"),
    );
    await sandbox.stop();
    clock.stop();
  });
  it.each(invocations.map((invocation, index) => [invocation, index] as const))("%s", (invocation, index) => {
    if (knownDifferences[invocation] === undefined) expect(played[index]).toBe(golden()[index]);
    else expect(played[index], "is the same by now: take it off the known differences").not.toBe(golden()[index]);
  });
});
