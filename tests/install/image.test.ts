/** What the image is made of, as far as no container runtime is needed. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workflowRuns } from "@slipway/cli";
import { defaultOptions, manifests, version } from "@slipway/install";
import type { TestSandbox } from "@slipway/sandbox/testing";
import { createTestSandbox, eventually } from "@slipway/sandbox/testing";
import { root } from "../demo/slipway-process.ts";
import { startCollector } from "../traces/collector.ts";

const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");
const instructions = dockerfile.split("\n").filter((line) => /^[A-Z]+ /.test(line));
const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith("FROM ")));

describe("the Dockerfile", () => {
  it("builds with the Node of this repository, from a locked tree", () => {
    const nodeVersion = readFileSync(join(root, ".nvmrc"), "utf8").trim();
    expect(instructions[0]).toBe(`FROM node:${nodeVersion}-bookworm-slim AS build`);
    expect(instructions.find((line) => line.startsWith("RUN "))).toContain("npm ci --ignore-scripts");
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
    expect(scripts["bundle"]).toBe("node scripts/bundle.ts");
    expect(dockerfile).not.toContain(":latest");
  });

  it("is tagged and numbered as the installation expects", () => {
    expect(dockerfile).toContain(`docker build -t ${defaultOptions.image} .`);
    const { version: ofPackage } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(version).toBe(ofPackage);
  });

  it("runs as the user and listens on the ports of the Deployment", () => {
    const deployment = manifests(defaultOptions).find(({ kind }) => kind === "Deployment");
    const { spec } = (deployment?.["spec"] as { template: { spec: PodSpec } }).template;
    const { runAsUser, runAsGroup } = spec.securityContext;
    expect(last).toContain(`USER ${runAsUser}:${runAsGroup}`);
    const ports = spec.containers[0].ports.map(({ containerPort }) => containerPort).sort();
    expect(last).toContain(`EXPOSE ${ports.join(" ")}`);
    expect(last.at(-1)).toBe('ENTRYPOINT ["/usr/local/bin/node", "/app/slipway-manager.mjs"]');
  });
});

interface PodSpec {
  readonly securityContext: { readonly runAsUser: number; readonly runAsGroup: number };
  readonly containers: readonly [{ readonly ports: readonly { readonly containerPort: number }[] }];
}

describe("the bundle", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-bundle-"));
  const bundle = join(folder, "slipway-manager.mjs");
  let sandbox: TestSandbox;

  beforeAll(async () => {
    const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts/bundle.ts"), folder], { encoding: "utf8" });
    expect(`${String(status)} ${stderr}`).toBe("0 ");
    sandbox = await createTestSandbox({ speed: 1 });
  });
  afterAll(async () => {
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is one file, and the licences of what is in it", () => {
    expect(readdirSync(folder).sort()).toEqual(["slipway-manager.mjs", "slipway-manager.mjs.LEGAL.txt"]);
  });

  /** Runs it until it reconciles and `enough` has come, then stops it. Answers its exit code and all that it said. */
  async function run(env: Readonly<Record<string, string>>, enough: () => Promise<void>): Promise<string> {
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, sandbox.kubeconfig);
    const ports = ["--health-port", "0", "--metrics-port", "0", "--webhook-port", "0", "--host", "127.0.0.1"];
    const args = ["--permission", `--allow-fs-read=${folder}`, bundle, "--kubeconfig", kubeconfig, "--no-leader-election", ...ports];
    const child = spawn(process.execPath, args, { cwd: "/", env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    const reconciling = new Promise<void>((resolve, reject) => {
      const hear = (chunk: Buffer): void => {
        said += chunk.toString();
        if (said.includes('"msg":"reconciling"')) resolve();
      };
      child.stdout.on("data", hear);
      child.stderr.on("data", hear);
      child.on("close", (code) => reject(new Error(`ended with ${String(code)}: ${said}`)));
    });
    await reconciling;
    await enough();
    child.kill("SIGTERM");
    const [code] = (await once(child, "close")) as [number | null];
    return `${String(code)} ${said}`;
  }

  it("reconciles where it may write no file, read no other, and start no process", async () => {
    const said = await run({}, () => Promise.resolve());
    expect(said).toMatch(/^0 /);
    expect(said).not.toContain("ERR_ACCESS_DENIED");
  });

  it("sends traces from there, with the headers of the standard variable, to the endpoint of another", async () => {
    const collector = await startCollector();
    try {
      const env = {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
        OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=shops,authorization=Bearer%20key",
      };
      const said = await run(env, async () => {
        const steps = [{ name: "pause", type: "suspend" }];
        const run = {
          apiVersion: "core.oam.dev/v1alpha1",
          kind: "WorkflowRun",
          metadata: { name: "r" },
          spec: { workflowSpec: { steps } },
        };
        await sandbox.applyYaml(JSON.stringify(run));
        await eventually(async () => {
          const { status } = await sandbox.client.get(workflowRuns, { namespace: "default", name: "r" });
          expect(status).toMatchObject({ suspend: true });
        });
      });
      expect(said).toMatch(/^0 /);
      expect(said).not.toMatch(/ERR_ACCESS_DENIED|Bearer|dropped/);
      expect(collector.requests[0]?.headers).toMatchObject({ "x-tenant": "shops", authorization: "Bearer key" });
      expect(collector.spans().map(({ name }) => name)).toContain("reconcile workflowrun");
    } finally {
      await collector.close();
    }
  });
});
