import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root, slipway, startSlipway } from "../demo/slipway-process.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");

function hasKubectl(): boolean {
  try {
    execFileSync("kubectl", ["version", "--client"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("README", () => {
  it("names make targets that exist", () => {
    const targets = [...readme.matchAll(/^ {4}make (\S+)/gm)].map((match) => match[1] ?? "");
    const makefile = readFileSync(join(root, "Makefile"), "utf8");
    expect(targets).toEqual(["demo", "test", "test-cluster"]);
    for (const target of targets) expect(makefile).toMatch(new RegExp(`^${target}:`, "m"));
  });

  it("links to files that exist", () => {
    for (const [, target = ""] of readme.matchAll(/\]\(([^)]+)\)/g)) expect(existsSync(join(root, target)), target).toBe(true);
  });

  it.skipIf(!hasKubectl())("shows commands for a cluster of one's own that work (needs kubectl)", { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-readme-"));
    const kubeconfig = join(folder, "kubeconfig");
    const up = startSlipway("up", "--speed", "20", "--kubeconfig", kubeconfig);
    try {
      await up.said("Stop it with Ctrl-C");
      const block = readme.slice(readme.indexOf("in another terminal:"));
      const commands = [...block.matchAll(/^ {4}((?:kubectl|\.\/slipway) .*)$/gm)].map((match) =>
        (match[1] ?? "").replaceAll("~/.slipway/kubeconfig", kubeconfig),
      );
      expect(commands).toHaveLength(3);
      const said: string[] = [];
      for (const command of commands) {
        const [program = "", ...args] = command.split(" ");
        if (program === "kubectl")
          said.push(execFileSync("kubectl", ["--cache-dir", join(folder, "cache"), ...args], { cwd: root, encoding: "utf8" }));
        else {
          const { status, stdout, stderr } = await slipway(...args);
          expect(`${status} ${stderr}`).toBe("0 ");
          said.push(stdout);
        }
      }
      expect(said[0]).toContain("rollout.rollouts.kruise.io/storefront created");
      expect(said[1]).toContain("default/storefront");
      expect(said[2]).toMatch(/^Rollout default\/storefront is /);
      const columns = execFileSync(
        "kubectl",
        ["--cache-dir", join(folder, "cache"), "--kubeconfig", kubeconfig, "get", "wr,rollout,deploy,ing", "-A"],
        { encoding: "utf8" },
      );
      expect(columns).toMatch(/NAMESPACE +NAME +STATUS +CANARY_STEP +CANARY_STATE +MESSAGE +AGE/);
    } finally {
      up.stop();
      await up.ended;
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
