/**
 * The manager's webhooks: the server, its certificates, and their registration.
 *
 * Behind a Service every replica serves, also those that stand by, with one certificate that they share in a Secret.
 * Reached by URL, a process serves with a certificate of its own.
 */
import type { Feature } from "@slipway/controller";
import type {
  ServingCertificates,
  SharedCertificates,
  WebhookEndpoint,
  WebhookServer,
  WebhookServerOptions,
} from "@slipway/controller/node";
import {
  createServingCertificates,
  createSharedCertificates,
  registerPolicies,
  registerWebhooks,
  startWebhookServer,
} from "@slipway/controller/node";
import type { KubeClient } from "@slipway/kube";
import { apiStatusOf } from "@slipway/kube";
import type { Clock, Logger } from "@slipway/std";
import { errorMessage } from "@slipway/std";
import { realClock } from "@slipway/std/node";

/** Name of both webhook configurations. */
const registrationName = "slipway";

export interface ManagerWebhooksOptions extends Pick<WebhookServerOptions, "activity" | "context" | "tracer"> {
  readonly features: readonly Feature[];
  /** Not gated by leadership: it keeps the shared certificates. */
  readonly client: KubeClient;
  readonly logger: Logger;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** How the API server reaches the server. Default: by URL at `host`. */
  readonly service?: { readonly namespace: string; readonly name: string; readonly port: number };
  /** The Secret of the shared certificates, in the Service's namespace. */
  readonly certificateSecret: string;
  /** Times the looks at the Secret. */
  readonly processClock: Clock;
  /** Called when the certificates changed, after the server took them: the one who may writes the registration. */
  readonly onRenewed: () => Promise<void>;
  /** Ends a start under way and what goes on beside the server. */
  readonly signal: AbortSignal;
}

export interface ManagerWebhooks {
  readonly port: number;
  /** Writes what the API server has to know, admission policies too, where it differs. */
  register(client: KubeClient): Promise<void>;
  /** Waits for the requests in work; with `abrupt` cuts them. */
  stop(options?: { readonly abrupt?: boolean }): Promise<void>;
}

/** `undefined` when no feature has a webhook or a conversion. */
export async function startWebhooks(options: ManagerWebhooksOptions): Promise<ManagerWebhooks | undefined> {
  const webhooks = options.features.flatMap((feature) => feature.webhooks);
  const policies = options.features.flatMap((feature) => feature.policies ?? []);
  const conversions = Object.assign({}, ...options.features.map((feature) => feature.conversions)) as Feature["conversions"];
  if (webhooks.length === 0 && Object.keys(conversions).length === 0) return undefined;
  const { host, service, signal, activity, tracer } = options;
  let server: WebhookServer | undefined;
  let current: ServingCertificates;
  let shared: SharedCertificates | undefined;
  if (service === undefined) {
    current = await createServingCertificates({ names: [reachableHost(host), "localhost"], clock: realClock });
  } else {
    shared = createSharedCertificates({
      names: [`${service.name}.${service.namespace}.svc`],
      // Whoever connects verifies by the real clock.
      clock: realClock,
      processClock: options.processClock,
      client: options.client,
      logger: options.logger,
      namespace: service.namespace,
      name: options.certificateSecret,
      ...(activity === undefined ? {} : { activity }),
      onChange: async (next) => {
        current = next;
        server?.replaceCertificates(next);
        await options.onRenewed();
      },
    });
    current = await shared.start(signal);
  }
  server = await startWebhookServer({
    webhooks,
    conversions,
    certificates: current,
    logger: options.logger,
    host,
    port: options.port,
    context: options.context,
    ...(tracer === undefined ? {} : { tracer }),
    ...(activity === undefined ? {} : { activity }),
  }).catch(async (error: unknown) => {
    await shared?.stop();
    throw error;
  });
  const { port } = server;
  const endpoint: WebhookEndpoint =
    service === undefined ? { type: "url", baseUrl: `https://${reachableHost(host)}:${port}` } : { type: "service", ...service };
  return {
    port,
    register: async (client) => {
      const owner = await registerWebhooks(client, {
        name: registrationName,
        webhooks,
        conversions: Object.keys(conversions),
        endpoint,
        caBundle: current.caBundle,
        signal,
      });
      if (owner === undefined) return;
      await registerPolicies(client, { policies, owner, signal }).catch((error: unknown) => {
        // As after an update of the image alone, whose roles know nothing of policies yet.
        if (apiStatusOf(error)?.code !== 403) throw error;
        const why = "admission policies are not brought up to date, so the webhooks guard alone: update the installation's roles";
        options.logger.warn(why, { error: errorMessage(error) });
      });
    },
    stop: async (stopOptions) => {
      await Promise.all([server.stop(stopOptions), shared?.stop()]);
    },
  };
}

/** Where an API server on this machine finds a server that listens on `host`. */
function reachableHost(host: string): string {
  return host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
}
