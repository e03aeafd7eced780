/** The chart renders to the objects of the builder, and refuses values that mean nothing. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { crds } from "@slipway/api";
import type { InstallOptions } from "@slipway/install";
import { defaultOptions, manifests } from "@slipway/install";
import type { KubeObject } from "@slipway/kube";
import { parseYamlDocuments } from "@slipway/kube";
import { root } from "../demo/slipway-process.ts";
import { findHelm } from "./programs.ts";

const helm = findHelm();
const chart = join(root, "deploy/helm/slipway");

function run(...args: string[]): { readonly status: number | null; readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync(helm ?? "", args, { encoding: "utf8" });
  return { status, out: stdout, err: stderr };
}

function render(...args: string[]): KubeObject[] {
  const { status, out, err } = run("template", "slipway", chart, "--kube-version", "1.33.0", "--namespace", "slipway-system", ...args);
  expect(`${String(status)} ${err}`).toBe("0 ");
  const { objects, diagnostics } = parseYamlDocuments(out, "rendered");
  expect(diagnostics).toEqual([]);
  return objects.map(({ object }) => object);
}

/** What the chart should say: without the namespace, with Helm's labels. */
function built(options: Partial<InstallOptions> = {}): KubeObject[] {
  const labels = { "app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": "slipway-0.1.0" };
  const objects = manifests({ ...defaultOptions, labels, ...options }).filter(({ kind }) => kind !== "Namespace");
  const annotations = { "helm.sh/resource-policy": "keep" };
  return objects.map((object) =>
    object.kind === "CustomResourceDefinition" ? { ...object, metadata: { ...object.metadata, annotations } } : object,
  );
}

const sorted = (objects: readonly KubeObject[]): KubeObject[] => {
  const nameOf = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata.name ?? ""}`;
  return JSON.parse(JSON.stringify([...objects].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)))) as KubeObject[];
};

describe.skipIf(helm === undefined)(`the Helm chart${helm === undefined ? " (needs helm on PATH)" : ""}`, () => {
  it("says what the builder says", () => {
    expect(sorted(render())).toEqual(sorted(built()));
  });

  it("says it with every choice too", () => {
    const choices = [
      "image.repository=registry.example.com/manager",
      "image.tag=2.0.0",
      "replicas=3",
      "logLevel=debug",
      "tracingEndpoint=http://collector:4318",
    ];
    const rendered = render("--namespace", "delivery", "--set", `${choices.join(",")},features={workflow}`);
    const options = {
      namespace: "delivery",
      image: "registry.example.com/manager:2.0.0",
      replicas: 3,
      logLevel: "debug",
      tracingEndpoint: "http://collector:4318",
      features: ["workflow"] as const,
    };
    expect(sorted(rendered)).toEqual(sorted(built(options)));
    expect(render("--set", "crds=false").map(({ kind }) => kind)).not.toContain("CustomResourceDefinition");
    expect(built()).toHaveLength(render("--set", "crds=false").length + crds.length);
  });

  it("places the manager's pods where its user wants them, with the environment they say", () => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-values-"));
    try {
      const values = {
        nodeSelector: { pool: "system" },
        tolerations: [{ key: "system", operator: "Exists" }],
        affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [] } },
        imagePullSecrets: [{ name: "registry" }],
        resources: { limits: { memory: "1Gi" } },
        env: [{ name: "OTEL_EXPORTER_OTLP_HEADERS", valueFrom: { secretKeyRef: { name: "collector", key: "headers" } } }],
      };
      writeFileSync(join(folder, "values.json"), JSON.stringify(values));
      const deployment = render("--values", join(folder, "values.json")).find(({ kind }) => kind === "Deployment");
      const { spec } = (
        deployment?.["spec"] as { template: { spec: Record<string, unknown> & { containers: [{ resources: object; env: object[] }] } } }
      ).template;
      const { resources, env, ...placed } = values;
      expect(spec).toMatchObject(placed);
      // Helm merges maps with the defaults of the chart.
      expect(spec.containers[0].resources).toEqual({ requests: { cpu: "100m", memory: "128Mi" }, ...resources });
      expect(spec.containers[0].env).toEqual([expect.objectContaining({ name: "POD_NAMESPACE" }), ...env]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each([
    ["replicas=-1"],
    ["replicas=two"],
    ["features={rollouts}"],
    ["logLevel=loud"],
    ["tracingEndpoint=collector"],
    ["replica=2"],
    ["image.repo=x"],
  ])("refuses %s", (set) => {
    const { status, err } = run("template", "slipway", chart, "--kube-version", "1.33.0", "--set", set);
    expect(status).not.toBe(0);
    expect(err).toContain("values don't meet the specifications of the schema");
  });

  it("passes Helm's own lint", () => {
    const { status, out } = run("lint", "--strict", chart);
    expect(`${String(status)} ${out}`).toMatch(/^0 [^]*0 chart\(s\) failed/);
  });
});
