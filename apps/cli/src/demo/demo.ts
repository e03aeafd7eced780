/**
 * `slipway demo`: both manifests end to end on the embedded cluster, every claim checked.
 * @returns the exit status: 0 only if everything that was printed held.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpClient, loadKubeconfig } from "@slipway/kube/node";
import { silentLogger } from "@slipway/std";
import { realClock } from "@slipway/std/node";
import type { CommandContext } from "../context.ts";
import { describeFailure } from "../exit.ts";
import { startStack } from "../stack.ts";
import { createClaims } from "./claims.ts";
import { loadManifest } from "./manifests.ts";
import { rolloutScenario } from "./rollout-scenario.ts";
import type { Scene } from "./scene.ts";
import { workflowScenario } from "./workflow-scenario.ts";

export interface DemoFlags {
  /** Virtual seconds per real second between the pauses, which are stepped over. */
  readonly speed: number;
  /** Folder with `workflowrun.yaml` and `rollout.yaml`. */
  readonly manifests?: string;
}

export async function demo(context: CommandContext, flags: DemoFlags): Promise<number> {
  const started = performance.now();
  const { printer } = context;
  const claims = createClaims(printer);
  const folder = mkdtempSync(join(tmpdir(), "slipway-demo-"));
  const kubeconfigPath = join(folder, "kubeconfig");
  const manifests = { workflow: loadManifest("workflowrun.yaml", flags.manifests), rollout: loadManifest("rollout.yaml", flags.manifests) };
  const stack = await startStack({ speed: flags.speed, logger: silentLogger, kubeconfigPath, port: 0, gatewayPort: 0, nodes: 3 });
  const warnings: string[] = [];
  const client = createHttpClient(loadKubeconfig({ path: kubeconfigPath, env: {} }), {
    clock: realClock,
    userAgent: "slipway-demo",
    onWarning: (warning) => {
      warnings.push(warning);
      printer.line(printer.style("yellow", `  Warning: ${warning}`));
    },
  });
  printer.line(
    `Embedded cluster and controllers ready in ${seconds(started)}; API server ${stack.sandbox.url}, gateway ${stack.sandbox.gatewayUrl}`,
  );
  printer.line();
  const scene: Scene = { printer, claims, stack, client, warnings, realClock, signal: context.signal };
  let failure: unknown;
  try {
    await workflowScenario(scene, manifests.workflow);
    await rolloutScenario(scene, manifests.rollout);
  } catch (error) {
    printer.endLive();
    failure = error;
  } finally {
    await client.close();
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  printer.line();
  if (failure !== undefined) printer.error(describeFailure(failure));
  for (const text of claims.failures) printer.error(`did not hold: ${text}`);
  if (failure !== undefined || claims.failures.length > 0) return 1;
  printer.line(`${claims.count} claims checked, all held; ${seconds(started)} in all.`);
  return 0;
}

function seconds(from: number): string {
  return `${((performance.now() - from) / 1000).toFixed(1)} s`;
}
