import type { KubeClient } from "@slipway/kube";
import { createHttpClient, loadKubeconfig } from "@slipway/kube/node";
import type { Clock } from "@slipway/std";
import { realClock } from "@slipway/std/node";
import type { Environment } from "./env.ts";
import type { Printer } from "./printer.ts";

/** Flags that every command talking to a cluster has, named as kubectl's. */
export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
}

/** What a command is given. */
export interface CommandContext {
  readonly printer: Printer;
  readonly environment: Environment;
  readonly clock: Clock;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

export interface Cluster {
  readonly client: KubeClient;
  readonly namespace: string;
}

/** Runs `use` with a client for the cluster that the flags and the environment name, and closes it afterwards. */
export async function withCluster<T>(context: CommandContext, flags: ClusterFlags, use: (cluster: Cluster) => Promise<T>): Promise<T> {
  const config = loadKubeconfig({
    ...(flags.kubeconfig === undefined ? {} : { path: flags.kubeconfig }),
    ...(flags.context === undefined ? {} : { context: flags.context }),
    env: context.environment.all,
  });
  const client = createHttpClient(config, {
    clock: realClock,
    userAgent: "slipway-cli",
    onWarning: (warning) => context.printer.error(`Warning: ${warning}`),
  });
  try {
    return await use({ client, namespace: flags.namespace ?? config.namespace ?? "default" });
  } finally {
    await client.close();
  }
}
