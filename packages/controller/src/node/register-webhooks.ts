/**
 * Tells the API server about our webhooks: one MutatingWebhookConfiguration, one ValidatingWebhookConfiguration, and
 * `spec.conversion` of CRDs. Every field is spelled out, the server's defaults too, so that an unchanged registration
 * compares equal and writes nothing.
 */
import type { KubeClient, KubeObject, Resource } from "@slipway/kube";
import { isAlreadyExists, isConflict, isNotFound, resources } from "@slipway/kube";
import { AppError, deepEqual } from "@slipway/std";
import type { AdmissionWebhook } from "../types.ts";
import { conversionPath } from "./webhook-server.ts";

/** Where the API server finds the webhook server. */
export type WebhookEndpoint =
  /** From outside the cluster, e.g. `https://127.0.0.1:9443`. */
  | { readonly type: "url"; readonly baseUrl: string }
  | { readonly type: "service"; readonly namespace: string; readonly name: string; readonly port: number };

export interface WebhookRegistration {
  /** Name of both configurations, e.g. `slipway`. */
  readonly name: string;
  readonly webhooks: readonly AdmissionWebhook[];
  /** CRDs that have a conversion webhook. They must exist. */
  readonly conversions: readonly string[];
  readonly endpoint: WebhookEndpoint;
  /** PEM. */
  readonly caBundle: string;
  readonly signal: AbortSignal;
}

const attempts = 5;

/** Creates or updates what differs; throws the API server's error. A configuration without webhooks is not created. */
export async function registerWebhooks(client: KubeClient, registration: WebhookRegistration): Promise<void> {
  await Promise.all([
    ensureConfiguration(client, registration, "mutating"),
    ensureConfiguration(client, registration, "validating"),
    ...registration.conversions.map((crd) => ensureConversion(client, registration, crd)),
  ]);
}

async function ensureConfiguration(client: KubeClient, registration: WebhookRegistration, type: AdmissionWebhook["type"]): Promise<void> {
  const resource = type === "mutating" ? resources.mutatingWebhookConfigurations : resources.validatingWebhookConfigurations;
  const webhooks = registration.webhooks.filter((webhook) => webhook.type === type).map((webhook) => entry(webhook, registration));
  const key = { namespace: "", name: registration.name };
  await retryingConflicts(async () => {
    const present = await find(client, resource, key.name, registration.signal);
    if (present === undefined) {
      if (webhooks.length === 0) return;
      const fresh: KubeObject = {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: resource.kind,
        metadata: { name: key.name, labels: { "app.kubernetes.io/managed-by": "slipway" } },
        webhooks,
      };
      await client.create(resource, fresh, { signal: registration.signal });
    } else if (!deepEqual(present["webhooks"] ?? [], webhooks)) {
      await client.replace(resource, { ...present, webhooks }, { signal: registration.signal });
    }
  });
}

async function ensureConversion(client: KubeClient, registration: WebhookRegistration, crd: string): Promise<void> {
  const conversion = {
    strategy: "Webhook",
    webhook: { clientConfig: clientConfig(registration, conversionPath(crd)), conversionReviewVersions: ["v1"] },
  };
  await retryingConflicts(async () => {
    const resource = resources.customResourceDefinitions;
    const present = await client.get(resource, { namespace: "", name: crd }, { signal: registration.signal });
    const spec = present["spec"] as Record<string, unknown>;
    if (deepEqual(spec["conversion"], conversion)) return;
    await client.replace(resource, { ...present, spec: { ...spec, conversion } }, { signal: registration.signal });
  });
}

function entry(webhook: AdmissionWebhook, registration: WebhookRegistration): object {
  return {
    name: webhook.name,
    clientConfig: clientConfig(registration, webhook.path),
    rules: webhook.rules.map((rule) => ({ ...rule, scope: "*" })),
    failurePolicy: webhook.failurePolicy,
    matchPolicy: "Equivalent",
    namespaceSelector: {},
    objectSelector: webhook.objectSelector ?? {},
    sideEffects: "None",
    timeoutSeconds: webhook.timeoutSeconds,
    admissionReviewVersions: ["v1"],
    ...(webhook.type === "mutating" ? { reinvocationPolicy: "Never" } : {}),
  };
}

function clientConfig(registration: WebhookRegistration, path: string): object {
  const caBundle = Buffer.from(registration.caBundle).toString("base64");
  const { endpoint } = registration;
  if (endpoint.type === "url") return { url: `${endpoint.baseUrl}${path}`, caBundle };
  return { service: { namespace: endpoint.namespace, name: endpoint.name, path, port: endpoint.port }, caBundle };
}

async function find(client: KubeClient, resource: Resource, name: string, signal: AbortSignal): Promise<KubeObject | undefined> {
  try {
    return await client.get(resource, { namespace: "", name }, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Replicas that start together write the same objects. */
async function retryingConflicts(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (!isConflict(error) && !isAlreadyExists(error)) throw error;
      if (attempt === attempts)
        throw new AppError("WEBHOOK_REGISTRATION", "webhook registration keeps conflicting with another writer", { cause: error });
    }
  }
}
