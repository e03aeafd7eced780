/**
 * Both manifests of `examples/`, and those of the document that the product was born from where they lie beside the
 * checkout, through the manager as a process of its own with exactly the shipped rights, with real kubectl, on real
 * controllers.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { KubeObject } from "@slipway/kube";
import { parseYamlDocuments } from "@slipway/kube";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Cluster } from "./cluster.ts";
import { execute, openCluster } from "./cluster.ts";
import { installForProcess } from "./installation.ts";
import type { ManagerProcess } from "./manager-process.ts";
import { startManagerProcess } from "./manager-process.ts";
import { until } from "./until.ts";

const root = join(import.meta.dirname, "../..");
const stepMs = 60_000;
/** The version that the manifests are written in; kubectl would read a newer one. */
const alpha = "rollouts.v1alpha1.rollouts.kruise.io";

for (const folder of ["examples", "../shared/seed"]) {
  const there = existsSync(join(root, folder));
  const reason = there ? "" : ` (needs ${folder})`;
  describe.skipIf(!there)(`the manifests of ${folder}${reason}`, () => {
    let cluster: Cluster;
    let manager: ManagerProcess;

    beforeAll(async () => {
      cluster = await openCluster("default");
      manager = await startManagerProcess(await installForProcess(cluster));
    });
    afterAll(async () => {
      for (const name of ["rollout.yaml", "workflowrun.yaml"]) {
        await cluster.run("delete", "--ignore-not-found", "--timeout=60s", "-f", join(root, folder, name));
      }
      await cluster.run("delete", "applications.core.oam.dev", "--all", "--timeout=60s");
      expect(await manager.end("SIGTERM")).toBe(0);
      await cluster.close();
    });
    const manifest = (name: string): { readonly path: string; readonly objects: readonly KubeObject[] } => {
      const path = join(root, folder, name);
      return { path, objects: parseYamlDocuments(readFileSync(path, "utf8"), name).objects.map(({ object }) => object) };
    };
    const read = async (kind: string, name: string): Promise<KubeObject> =>
      JSON.parse(await cluster.run("get", kind, name, "-o", "json")) as KubeObject;
    const slipway = async (...args: string[]): Promise<string> => {
      const flags = ["--kubeconfig", cluster.kubeconfig, "--namespace", "default"];
      const { code, out, err } = await execute(process.execPath, [join(root, "apps/cli/src/main.ts"), ...args, ...flags]);
      if (code !== 0) throw new Error(`slipway ${args.join(" ")} ended with ${code}: ${out}${err}`);
      return out;
    };

    it("rolls out step by step, and leaves the workload as its user wrote it", { timeout: 300_000 }, async () => {
      const { path, objects } = manifest("rollout.yaml");
      const [rollout, deployment, ingress] = ["Rollout", "Deployment", "Ingress"].map(
        (kind) => objects.find((object) => object.kind === kind)?.metadata.name ?? "",
      );
      await cluster.run("apply", "-f", path);
      await cluster.run("rollout", "status", `deployment/${deployment}`, "--timeout=60s");
      await until("the Rollout to be healthy", stepMs, async () => (await status(read, rollout)).phase === "Healthy");
      const before = await read("deployment", deployment ?? "");
      await cluster.run("set", "image", `deployment/${deployment}`, `*=next:1`);
      const { steps } = ((await read(alpha, rollout ?? ""))["spec"] as { strategy: { canary: { steps: readonly Step[] } } }).strategy
        .canary;
      for (const [index, step] of steps.entries()) {
        await until(`step ${index + 1} to pause`, stepMs, async () => {
          const now = await status(read, rollout);
          return now.currentStepIndex === index + 1 && now.currentStepState === "StepPaused";
        });
        const canary = await read("ingress", `${ingress}-canary`);
        expect(canary.metadata.annotations?.["nginx.ingress.kubernetes.io/canary-weight"], `weight of step ${index + 1}`).toBe(
          String(step.weight),
        );
        await slipway("rollout", "approve", rollout ?? "");
      }
      await until("the Rollout to finish", stepMs, async () => {
        const now = await status(read, rollout);
        return now.phase === "Healthy" && now.canaryStatus?.currentStepState === "Completed";
      });
      await cluster.run("rollout", "status", `deployment/${deployment}`, "--timeout=60s");
      const after = await read("deployment", deployment ?? "");
      expect(withoutImages(after["spec"])).toEqual(withoutImages(before["spec"]));
      expect(JSON.stringify(after["spec"])).toContain("next:1");
      const gone = await cluster.kubectl("get", "ingress", `${ingress}-canary`);
      expect(gone.err).toContain("NotFound");
    });

    it("runs the workflow, holds for a person, and goes on", { timeout: 180_000 }, async () => {
      const { path, objects } = manifest("workflowrun.yaml");
      const run = objects.find((object) => object.kind === "WorkflowRun")?.metadata.name ?? "";
      await cluster.run("apply", "-f", path);
      const reached = (phase: string) => async (): Promise<boolean> =>
        ((await read("workflowrun", run))["status"] as { status?: string } | undefined)?.status === phase;
      await until("the run to suspend", stepMs, reached("suspending"));
      expect(await slipway("workflow", "status", run)).toContain("suspending");
      await slipway("workflow", "resume", run);
      await until("the run to succeed", stepMs, reached("succeeded"));
      const applications = JSON.parse(await cluster.run("get", "applications.core.oam.dev", "-o", "json")) as {
        items: readonly KubeObject[];
      };
      expect(applications.items.map((item) => (item["status"] as { status?: string }).status)).toEqual(["running", "running"]);
    });
  });
}

interface Step {
  readonly weight: number;
}

interface RolloutStatus {
  readonly phase?: string;
  readonly currentStepIndex?: number;
  readonly currentStepState?: string;
  readonly canaryStatus?: { readonly currentStepState?: string };
}

async function status(read: (kind: string, name: string) => Promise<KubeObject>, name: string | undefined): Promise<RolloutStatus> {
  return ((await read("rollout", name ?? ""))["status"] ?? {}) as RolloutStatus;
}

/** A Deployment's spec apart from what the release was about. */
function withoutImages(spec: unknown): unknown {
  return JSON.parse(JSON.stringify(spec).replaceAll(/"image":"[^"]*"/g, '"image":""')) as unknown;
}
