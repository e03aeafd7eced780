/** The embedded API server: store, registry and handler put together, listening on loopback and usable in process. */
import type { KubeClient } from "@slipway/kube";
import type { Clock, Logger, RandomSource } from "@slipway/std";
import { formatTimestamp } from "@slipway/std";
import type { Activity } from "@slipway/std/node";
import { createLocalClient } from "../local-client/local-client.ts";
import { createMemoryStore } from "../store/memory-store.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { createSqliteJournal } from "../store/sqlite-journal.ts";
import type { ApiCore, PodLogs } from "./api-core.ts";
import { createApiCore } from "./api-core.ts";
import type { HttpListener, ListenOptions } from "./http-listener.ts";
import { listen } from "./http-listener.ts";
import type { ClusterIpAllocator } from "./kind-hooks.ts";
import { createUid } from "./object-names.ts";
import type { RequestHandler } from "./request-handler.ts";
import { createRequestHandler } from "./request-handler.ts";
import { bucketOf } from "./resource-registry.ts";

export interface ApiServerOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly logger: Logger;
  /** Default: in memory. `sqlite` survives the process; `path` names the database file. */
  readonly storage?: { readonly type: "memory" } | { readonly type: "sqlite"; readonly path: string };
  /** Counts requests and undelivered in-process watch events, for a stepped clock. */
  readonly activity?: Activity;
  /** Default: every log is empty. */
  readonly podLogs?: PodLogs;
  /** Default: the lowest free address of 10.96.0.0/16. */
  readonly allocateClusterIp?: ClusterIpAllocator;
  /** When set, every request over HTTP must carry it as a bearer token. */
  readonly token?: string;
}

export interface ApiServer {
  /** The same API without HTTP. */
  readonly client: KubeClient;
  /** Starts to listen; may be called again for a further address. */
  listen(options: ListenOptions): Promise<{ readonly url: string }>;
  /** A kubeconfig, as JSON (which is YAML), whose only context points to `url`. */
  kubeconfig(url: string): string;
  /** Ends watches, answers what is under way, closes the store. */
  stop(): Promise<void>;
}

/** What the in-process client needs of a server; kept off the public type. */
export interface ApiServerInternals {
  readonly core: ApiCore;
  readonly handler: RequestHandler;
}

export function createApiServer(options: ApiServerOptions): ApiServer {
  const { clock, random, logger, token } = options;
  const storage = options.storage ?? { type: "memory" };
  const store = createMemoryStore(storage.type === "sqlite" ? { journal: createSqliteJournal(storage.path) } : {});
  createNamespaces(store, clock, random);
  const core = createApiCore({
    store,
    clock,
    random,
    logger,
    activity: options.activity,
    podLogs: options.podLogs,
    allocateClusterIp: options.allocateClusterIp,
  });
  // Tokens guard the socket; whoever is in the process needs none.
  const localHandler = createRequestHandler(core, undefined);
  const handler = createRequestHandler(core, token);
  const client = createLocalClient({ core, handler: localHandler });
  const listeners: HttpListener[] = [];

  return {
    client,
    async listen(where): Promise<{ readonly url: string }> {
      const listener = await listen(handler, where, logger);
      listeners.push(listener);
      return { url: listener.url };
    },
    kubeconfig: (url) => formatKubeconfig(url, token),
    async stop(): Promise<void> {
      await client.close();
      await Promise.all(listeners.splice(0).map((listener) => listener.close()));
      await core.stop();
      store.stop();
    },
  };
}

function createNamespaces(store: ObjectStore, clock: Clock, random: RandomSource): void {
  for (const name of ["default", "kube-system", "kube-public", "kube-node-lease"]) {
    const key = { namespace: "", name };
    if (store.get(bucketOf("", "namespaces"), key) !== undefined) continue;
    const object = {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name,
        uid: createUid(random),
        creationTimestamp: formatTimestamp(clock.now()),
        labels: { "kubernetes.io/metadata.name": name },
      },
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    };
    store.put(bucketOf("", "namespaces"), key, object, 0);
  }
}

function formatKubeconfig(url: string, token: string | undefined): string {
  const name = "slipway-sandbox";
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { server: url } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: "default" } }],
    // A user without any credential makes some clients prompt for one.
    users: [{ name, user: { token: token ?? "sandbox" } }],
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
