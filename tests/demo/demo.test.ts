import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const seed = join(root, "../shared/seed");
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function slipway(...args: string[]): Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, "apps/cli/src/main.ts"), ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

describe("slipway demo", () => {
  it("runs the examples end to end, and every claim holds", { timeout: 60_000 }, async () => {
    const { status, stdout, stderr } = await slipway("demo", "--manifests", join(root, "examples"));
    expect(stderr).toBe("");
    expect(stdout).toMatch(/claims checked, all held/);
    expect(stdout).not.toContain("✗");
    expect(status).toBe(0);
  });

  it.skipIf(!existsSync(seed))("runs the seed's manifests as they are (needs ../shared)", { timeout: 60_000 }, async () => {
    const { status, stdout } = await slipway("demo", "--manifests", seed);
    expect(stdout).toMatch(/Warning: spec.strategy.objectRef/);
    expect(stdout).toMatch(/claims checked, all held/);
    expect(status).toBe(0);
  });

  it("ends with 1 and names the claim that does not hold", { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-demo-test-"));
    folders.push(folder);
    cpSync(join(root, "examples"), folder, { recursive: true });
    // The Service gets a selector that the demo does not expect to find at the end.
    const manifest = readFileSync(join(folder, "rollout.yaml"), "utf8");
    writeFileSync(
      join(folder, "rollout.yaml"),
      manifest
        .replace("  selector:\n    app: storefront\n  ports:", "  selector:\n    app: storefront\n    tier: front\n  ports:")
        .replace("      labels:\n        app: storefront\n", "      labels:\n        app: storefront\n        tier: front\n"),
    );
    const { status, stderr } = await slipway("demo", "--manifests", folder);
    expect(stderr).toContain("did not hold: the Service selects what the user wrote");
    expect(status).toBe(1);
  });

  it("refuses a malformed manifest whole, by file and line", async () => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-demo-test-"));
    folders.push(folder);
    cpSync(join(root, "examples"), folder, { recursive: true });
    writeFileSync(join(folder, "workflowrun.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n---\nkind: [\n");
    const { status, stdout, stderr } = await slipway("demo", "--manifests", folder);
    expect(stderr).toMatch(/workflowrun\.yaml:\d+:\d+/);
    expect(stdout).toBe("");
    expect(status).toBe(1);
  });
});
