/** The whole embedded cluster: API server, controllers, nodes and network in one process, on loopback. */
import type { KubeClient } from "@slipway/kube";
import type { Logger, RandomSource } from "@slipway/std";
import type { VirtualClock } from "@slipway/std/node";
import { startControlPlane } from "./controllers/control-plane.ts";
import type { ImageRegistry } from "./images/image.ts";
import type { RequestCount } from "./network/gateway/request-counts.ts";
import { listenError } from "./network/listen-error.ts";
import { reserveLoopbackBlock } from "./network/loopback-block.ts";
import { ContainerLogs } from "./node/container-logs.ts";
import { createPodLogs } from "./node/pod-log-stream.ts";
import { createApiServer } from "./server.ts";

export interface SandboxOptions {
  /** Drives everything but sockets; its `activity` is told of all work, so that it can be stepped. */
  readonly clock: VirtualClock;
  /** Names, UIDs, start-up jitter, canary weights. */
  readonly random: RandomSource;
  readonly logger: Logger;
  /** Loopback address of the API server and the gateway. Default `127.0.0.1`. */
  readonly host?: string;
  /** Port of the API server. Default 0: any free one. */
  readonly port?: number;
  /** Port of the gateway. Default 0: any free one. */
  readonly gatewayPort?: number;
  /** Default 2. */
  readonly nodes?: number;
  /** SQLite file of the durable store. Default: in memory. */
  readonly dataFile?: string;
  /** From scheduled to running. Default 100. */
  readonly podStartDelayMs?: number;
  /** Up to so much more, drawn per pod. Default 150. */
  readonly podStartJitterMs?: number;
  /** From the stop signal until a pod accepts no connections any more. Default 500. */
  readonly podTerminationDelayMs?: number;
  /** What an image name does. Default: every image is the echo server. */
  readonly images?: ImageRegistry;
}

export interface Sandbox {
  /** The API server: `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Text of a kubeconfig for `url`. */
  readonly kubeconfig: string;
  /** The API without HTTP. */
  readonly client: KubeClient;
  /** The gateway, for requests with the Host of an Ingress: `http://127.0.0.1:<port>`. */
  readonly gatewayUrl: string;
  readonly clock: VirtualClock;
  /** Requests that the gateway has answered, by namespace, service, version and code. */
  requestCounts(): readonly RequestCount[];
  /** Ends pods, listeners and the store. The clock is the caller's. */
  stop(): Promise<void>;
}

/** Starts a cluster; resolves when its nodes are ready and its controllers work. Throws `SANDBOX_LISTEN` for a port that cannot be had. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { clock, random, logger } = options;
  const host = options.host ?? "127.0.0.1";
  const block = await reserveLoopbackBlock();
  const logs = new ContainerLogs();
  const api = createApiServer({
    clock,
    random,
    logger,
    storage: options.dataFile === undefined ? { type: "memory" } : { type: "sqlite", path: options.dataFile },
    activity: clock.activity,
    podLogs: createPodLogs(logs, clock),
    allocateClusterIp: (_service, taken) => block.nextServiceAddress(taken),
  });
  const stopApi = async (): Promise<void> => {
    await api.stop();
    await block.close();
  };
  try {
    const port = options.port ?? 0;
    const { url } = await api.listen({ host, port }).catch((error: unknown) => {
      throw listenError("the API server", host, port, error);
    });
    const plane = await startControlPlane({
      client: api.client,
      clock,
      random,
      logger,
      logs,
      block,
      host,
      gatewayPort: options.gatewayPort ?? 0,
      nodes: options.nodes ?? 2,
      timing: {
        startDelayMs: options.podStartDelayMs ?? 100,
        startJitterMs: options.podStartJitterMs ?? 150,
        terminationDelayMs: options.podTerminationDelayMs ?? 500,
      },
      ...(options.images === undefined ? {} : { images: options.images }),
    });
    return {
      url,
      kubeconfig: api.kubeconfig(url),
      client: api.client,
      gatewayUrl: plane.gateway.url,
      clock,
      requestCounts: () => plane.gateway.requestCounts(),
      async stop(): Promise<void> {
        await plane.stop();
        await stopApi();
      },
    };
  } catch (error) {
    await stopApi();
    throw error;
  }
}
