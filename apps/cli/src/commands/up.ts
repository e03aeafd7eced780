/** `slipway up`: the embedded cluster with the controllers running, until interrupted. */
import { join } from "node:path";
import { silentLogger } from "@slipway/std";
import type { CommandContext } from "../context.ts";
import { startStack } from "../stack.ts";

export interface UpFlags {
  readonly speed: number;
  readonly nodes: number;
  readonly port: number;
  readonly gatewayPort: number;
  readonly data?: string;
  readonly kubeconfig?: string;
}

export async function up(context: CommandContext, flags: UpFlags): Promise<void> {
  const started = performance.now();
  const { printer } = context;
  const kubeconfigPath = flags.kubeconfig ?? join(flags.data ?? join(context.environment.home, ".slipway"), "kubeconfig");
  const stack = await startStack({
    speed: flags.speed,
    logger: silentLogger,
    kubeconfigPath,
    port: flags.port,
    gatewayPort: flags.gatewayPort,
    nodes: flags.nodes,
    ...(flags.data === undefined ? {} : { dataFile: join(flags.data, "cluster.db") }),
  });
  printer.line(
    `Slipway is up, ready in ${((performance.now() - started) / 1000).toFixed(1)} s${flags.speed === 1 ? "" : `, at ${flags.speed} times real time`}.`,
  );
  printer.line(
    `  API server  ${stack.sandbox.url}${flags.data === undefined ? " (in memory: gone when it stops; keep it with --data DIR)" : ""}`,
  );
  printer.line(`  gateway     ${stack.sandbox.gatewayUrl} (send the Host of your Ingress)`);
  printer.line(`  try         kubectl --kubeconfig ${kubeconfigPath} get wr,rollout,deploy,ing -A`);
  printer.line("Stop it with Ctrl-C.");
  await new Promise<void>((resolve) => {
    if (context.signal.aborted) resolve();
    context.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await stack.stop();
}
