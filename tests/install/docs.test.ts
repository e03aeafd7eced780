/** What docs/install.md shows is executed, as far as that needs no cluster. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { PolicyRule } from "@slipway/install";
import { aggregationLabel, defaultOptions, manifests } from "@slipway/install";
import type { KubeObject } from "@slipway/kube";
import { parseYamlDocuments } from "@slipway/kube";
import { root, slipway } from "../demo/slipway-process.ts";
import { findHelm, hasProgram } from "./programs.ts";

const helm = findHelm();
const page = readFileSync(join(root, "docs/install.md"), "utf8");

/** Commands of indented blocks: those need no cluster. */
function commands(program: string): string[][] {
  return [...page.matchAll(/^ {4}(\S+) (.*)$/gm)].filter(([, name]) => name === program).map(([, , rest = ""]) => rest.split(" "));
}

function fenced(label: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${label}\\n([^]*?)^\`\`\``, "gm"))].map(([, text = ""]) => text);
}

function objectsOf(text: string): KubeObject[] {
  const { objects, diagnostics } = parseYamlDocuments(text, "output");
  expect(diagnostics).toEqual([]);
  return objects.map(({ object }) => object);
}

describe("docs/install.md", () => {
  it("shows commands that print every object of an installation", async () => {
    const shown = commands("./slipway");
    expect(shown).toHaveLength(2);
    const [names, yaml] = await Promise.all(shown.map((args) => slipway(...args)));
    expect(names).toMatchObject({ status: 0, stderr: "" });
    expect(names?.stdout.trim().split("\n")).toHaveLength(manifests(defaultOptions).length);
    expect(names?.stdout).toContain("deployment.apps/slipway-manager created (dry run)\n");
    const image = "registry.example.com/slipway-manager:0.1.0";
    const printed = objectsOf(yaml?.stdout ?? "");
    expect(printed.map(({ kind }) => kind)).toEqual(manifests(defaultOptions).map(({ kind }) => kind));
    expect(JSON.stringify(printed.find(({ kind }) => kind === "Deployment"))).toContain(`"image":"${image}"`);
  });

  it("shows only flags that there are", async () => {
    const ofOthers = /^(helm|kubectl) .*$/gm;
    const flags = new Set([...page.replaceAll(ofOthers, "").matchAll(/(?<=[\s`|])--[a-z][a-z-]+/g)].map(([flag]) => flag));
    const helps = await Promise.all(["install", "upgrade", "uninstall"].map((command) => slipway(command, "--help")));
    const stdout = helps.map((help) => help.stdout).join("");
    const elsewhere = new Set(["--server-side", "--set", "--namespace"]);
    expect([...flags].filter((flag) => !stdout.includes(flag) && !elsewhere.has(flag))).toEqual([]);
  });

  it.skipIf(!hasProgram("kubectl"))("shows an overlay that builds (needs kubectl on PATH)", () => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-overlay-"));
    try {
      cpSync(join(root, "deploy/kustomize"), join(folder, "deploy/kustomize"), { recursive: true });
      cpSync(join(root, "deploy/crds"), join(folder, "deploy/crds"), { recursive: true });
      mkdirSync(join(folder, "mine/overlay"), { recursive: true });
      writeFileSync(join(folder, "mine/overlay/kustomization.yaml"), fenced("yaml kustomization")[0] ?? "");
      const [args = []] = commands("kubectl");
      const base = spawnSync("kubectl", args, { cwd: root, encoding: "utf8" });
      expect(base.stderr).toBe("");
      const byName = (objects: readonly KubeObject[]): string[] =>
        objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name ?? ""}`).sort();
      expect(byName(objectsOf(base.stdout))).toEqual(byName(manifests(defaultOptions)));
      const overlay = spawnSync("kubectl", ["kustomize", join(folder, "mine/overlay")], { encoding: "utf8" });
      expect(overlay.stderr).toBe("");
      const image = "registry.example.com/slipway-manager:0.1.0";
      const wanted = objectsOf(overlay.stdout);
      expect(byName(wanted)).toEqual(byName(manifests({ ...defaultOptions, namespace: "delivery" })));
      expect(wanted.find(({ kind }) => kind === "Deployment")).toEqual(
        manifests({ ...defaultOptions, namespace: "delivery", image }).find(({ kind }) => kind === "Deployment"),
      );
      for (const binding of wanted.filter(({ kind }) => kind.endsWith("Binding")))
        expect(binding["subjects"]).toEqual([{ kind: "ServiceAccount", name: "slipway-manager", namespace: "delivery" }]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.skipIf(helm === undefined)(`shows a chart that renders${helm === undefined ? " (needs helm on PATH)" : ""}`, () => {
    const [args = []] = commands("helm");
    const { stdout, stderr } = spawnSync(helm ?? "", [...args, "--kube-version", "1.33.0"], { cwd: root, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(objectsOf(stdout)).toHaveLength(manifests(defaultOptions).length - 1);
  });

  it("shows a role that is added to the workflow's, with the rule that a denied step would name", () => {
    const [role] = objectsOf(fenced("yaml role")[0] ?? "");
    const extra = manifests(defaultOptions).find(({ metadata }) => metadata.name === "slipway-workflow-extra");
    const selectors = (extra?.["aggregationRule"] as { clusterRoleSelectors: { matchLabels: object }[] }).clusterRoleSelectors;
    expect(selectors).toEqual([{ matchLabels: { [aggregationLabel("workflow")]: "true" } }]);
    expect(role?.metadata.labels).toEqual({ [aggregationLabel("workflow")]: "true" });
    expect(role?.["rules"]).toEqual([
      { apiGroups: ["batch"], resources: ["jobs"], verbs: ["get", "create", "patch"] },
    ] satisfies PolicyRule[]);
  });
});
