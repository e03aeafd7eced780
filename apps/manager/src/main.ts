/** The manager as a process. The only file of it that reads arguments, the environment and signals. */
import { errorMessage, isAppError } from "@slipway/std";
import { parseConfig } from "./config.ts";
import type { ManagerConfig } from "./config.ts";
import { defaultFeatures } from "./features.ts";
import type { ManagerOptions } from "./manager-options.ts";
import { startManager } from "./manager.ts";
import { createPinoLogger } from "./pino-logger.ts";

/** Exit codes: 0 stopped as asked; 1 failed or leadership lost (start it again); 2 bad configuration. */
async function main(): Promise<number> {
  const parsed = parseConfig(process.argv.slice(2), process.env);
  if ("help" in parsed) {
    process.stdout.write(parsed.help);
    return 0;
  }
  const { config } = parsed;
  const logger = createPinoLogger({ level: config.logLevel });
  const starting = new AbortController();
  const stopRequested = new Promise<string>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => resolve(name));
  });
  const stopReason = stopRequested.then((name) => {
    logger.info("stopping", { signal: name });
    starting.abort();
  });
  const manager = await startManager({ ...optionsOf(config), env: process.env, logger, signal: starting.signal }).catch(
    (error: unknown) => {
      if (starting.signal.aborted) return undefined;
      throw error;
    },
  );
  if (manager === undefined) return 0;
  void stopReason.then(() => manager.stop());
  const exit = await manager.finished;
  return exit.reason === "stopped" ? 0 : 1;
}

function optionsOf(config: ManagerConfig): ManagerOptions {
  const service = config.webhookService === "" ? undefined : /^([^/]+)\/([^:]+):(\d+)$/.exec(config.webhookService);
  return {
    ...(config.kubeconfig === "" ? {} : { kubeconfigPath: config.kubeconfig }),
    ...(config.context === "" ? {} : { context: config.context }),
    leaderElection: config.leaderElection,
    sharding: config.sharding,
    lease: { namespace: config.leaseNamespace, name: config.leaseName },
    host: config.host,
    healthPort: config.healthPort,
    metricsPort: config.metricsPort,
    webhookPort: config.webhookPort,
    certificateSecret: config.certificateSecret,
    processMetrics: true,
    ...(config.tracingEndpoint === "" ? {} : { tracing: { endpoint: config.tracingEndpoint, sampleRatio: config.tracingSampleRatio } }),
    ...(config.features === "" ? {} : { features: defaultFeatures(config.features.split(",")) }),
    ...(service === undefined || service === null
      ? {}
      : { webhookService: { namespace: service[1] ?? "", name: service[2] ?? "", port: Number(service[3]) } }),
  };
}

try {
  // Everything has ended; a reconcile that was abandoned must not keep the process.
  process.exit(await main());
} catch (error) {
  process.stderr.write(`slipway-manager: ${errorMessage(error)}\n`);
  process.exit(isAppError(error, "CONFIG") || isAppError(error, "KUBE_CONFIG") ? 2 : 1);
}
