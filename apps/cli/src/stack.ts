/**
 * The embedded cluster and the controller manager against it, in one process: what `up` and `demo` start. The manager
 * reaches the cluster over HTTP with the same client code as a real one.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { RunningManager } from "@slipway/manager";
import { startManager } from "@slipway/manager";
import type { Sandbox } from "@slipway/sandbox";
import { startSandbox } from "@slipway/sandbox";
import type { Logger, RandomSource } from "@slipway/std";
import type { VirtualClock } from "@slipway/std/node";
import { createVirtualClock, realClock, systemRandom } from "@slipway/std/node";

export interface StackOptions {
  /** Virtual seconds per real second. */
  readonly speed: number;
  readonly logger: Logger;
  /** Where the kubeconfig is written. */
  readonly kubeconfigPath: string;
  readonly random?: RandomSource;
  /** 0 takes any free port. */
  readonly port: number;
  readonly gatewayPort: number;
  readonly nodes: number;
  /** File of the durable store; in memory without. */
  readonly dataFile?: string;
}

export interface Stack {
  readonly clock: VirtualClock;
  readonly sandbox: Sandbox;
  readonly manager: RunningManager;
  stop(): Promise<void>;
}

export async function startStack(options: StackOptions): Promise<Stack> {
  const clock = createVirtualClock({ speed: options.speed });
  const random = options.random ?? systemRandom;
  const sandbox = await startSandbox({
    clock,
    random,
    logger: options.logger,
    port: options.port,
    gatewayPort: options.gatewayPort,
    nodes: options.nodes,
    ...(options.dataFile === undefined ? {} : { dataFile: options.dataFile }),
  });
  mkdirSync(dirname(options.kubeconfigPath), { recursive: true, mode: 0o700 });
  // The kubeconfig carries a token, so only its owner may read it.
  writeFileSync(options.kubeconfigPath, sandbox.kubeconfig, { mode: 0o600 });
  const manager = await startManager({
    kubeconfigPath: options.kubeconfigPath,
    clock,
    leaseClock: realClock,
    random,
    logger: options.logger,
    activity: clock.activity,
    leaderElection: false,
  });
  return {
    clock,
    sandbox,
    manager,
    async stop(): Promise<void> {
      await manager.stop();
      await sandbox.stop();
      clock.stop();
    },
  };
}
