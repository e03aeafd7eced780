/** What a manager is given, and what it gives: the types of `startManager`. */
import type { Feature, Runtime } from "@slipway/controller";
import type { KubeClient } from "@slipway/kube";
import type { Clock, Logger, RandomSource } from "@slipway/std";
import type { Activity } from "@slipway/std/node";
import type { TracingOptions } from "./tracing.ts";

export interface ManagerOptions {
  /** Used instead of one from a kubeconfig, and not closed by the manager. */
  readonly client?: KubeClient;
  /** Default: `$KUBECONFIG`, `~/.kube/config` or the pod's service account, as `env` says. */
  readonly kubeconfigPath?: string;
  /** Context of the kubeconfig; default its current one. */
  readonly context?: string;
  /** The environment, for the kubeconfig. Default empty. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What the product acts on; default all of `@slipway/operator`. */
  readonly features?: readonly Feature[];
  /** The product's time. Default real. */
  readonly clock?: Clock;
  /** Times what guards the process: leases, reconnects, deadlines, draining. Default `clock`. */
  readonly leaseClock?: Clock;
  /** Default the operating system's. */
  readonly random?: RandomSource;
  /** Default: no logs. */
  readonly logger?: Logger;
  /** Told of all work in flight, so that a stepped clock can wait for it. */
  readonly activity?: Activity;
  /** Default true. */
  readonly leaderElection?: boolean;
  /**
   * Replicas share the namespaces among them instead of one leading. Needs `leaderElection`. Default false.
   */
  readonly sharding?: boolean;
  /** Where the Lease is; default `slipway-system/slipway-manager`. Of the leases of shards it is the prefix. */
  readonly lease?: { readonly namespace: string; readonly name: string };
  /** Unique to the process; default random. */
  readonly identity?: string;
  /** Address of the servers. Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0 each: any free port. `false`: no such server. */
  readonly healthPort?: number | false;
  readonly metricsPort?: number | false;
  readonly webhookPort?: number | false;
  /** How the API server reaches the webhook server. Default: by URL at `host`. */
  readonly webhookService?: { readonly namespace: string; readonly name: string; readonly port: number };
  /** Secret in the Service's namespace that holds the certificate that all replicas serve. Default `slipway-webhook-certificates`. */
  readonly certificateSecret?: string;
  /** Also measure the process itself. Default false. */
  readonly processMetrics?: boolean;
  /** Send traces. Requests of a `client` that is given are not in them. Default: none, and nothing for it is loaded. */
  readonly tracing?: TracingOptions;
  /** Ends a start under way; later it has no effect. */
  readonly signal?: AbortSignal;
}

export interface ManagerExit {
  readonly reason: "stopped" | "leadership-lost" | "failed";
  readonly error?: Error;
}

export interface RunningManager {
  readonly runtime: Runtime;
  readonly identity: string;
  /** Ports that the servers listen on; absent for servers that are off. */
  readonly ports: { readonly health?: number; readonly metrics?: number; readonly webhook?: number };
  /** Resolves when this manager acts: it leads, its caches are filled, its workers run. */
  acting(): Promise<void>;
  /** Resolves when the manager has ended, by `stop` or by itself. */
  readonly finished: Promise<ManagerExit>;
  /**
   * Lets reconciles in work end, releases the lease, closes. `abrupt` is a crash: nothing is drained or released, and
   * nothing is written from the moment of the call.
   */
  stop(options?: { readonly abrupt?: boolean }): Promise<void>;
}
