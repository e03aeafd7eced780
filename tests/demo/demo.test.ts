import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { root, slipway } from "./slipway-process.ts";

const seed = join(root, "../shared/seed");
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe("slipway demo", () => {
  it("runs the examples end to end, and every claim holds", { timeout: 60_000 }, async () => {
    const { status, stdout, stderr } = await slipway("demo", "--manifests", join(root, "examples"));
    expect(stderr).toBe("");
    expect(stdout).toMatch(/claims checked, all held/);
    expect(stdout).not.toContain("✗");
    expect(status).toBe(0);
    // The README shows this output; only measured numbers may differ.
    const printed = new Set(stdout.split("\n").map(withoutNumbers));
    for (const line of readmeExcerpt()) expect(printed).toContain(withoutNumbers(line));
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

function readmeExcerpt(): string[] {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const excerpt = /<!-- demo -->\n([\s\S]*?)<!-- \/demo -->/.exec(readme)?.[1] ?? "";
  const lines = excerpt.split("\n").filter((line) => line.trim() !== "");
  expect(lines.length).toBeGreaterThan(10);
  return lines.map((line) => line.slice(4));
}

function withoutNumbers(line: string): string {
  return line.replace(/measured [\d.]+/, "measured");
}
