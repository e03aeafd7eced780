/**
 * Tells the API server about our webhooks: one MutatingWebhookConfiguration, one ValidatingWebhookConfiguration, and
 * `spec.conversion` of CRDs. Every field is spelled out, the server's defaults too, so that an unchanged registration
 * compares equal and writes nothing.
 */
import type { KubeClient, KubeObject } from "@slipway/kube";
import { resources } from "@slipway/kube";
import { AppError, deepEqual } from "@slipway/std";
import type { AdmissionWebhook } from "../types.ts";
import { createOrUpdate } from "./create-or-update.ts";
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

/**
 * Creates or updates what differs; throws the API server's error. A configuration without webhooks is not created.
 * Answers the MutatingWebhookConfiguration, if there is one.
 */
export async function registerWebhooks(client: KubeClient, registration: WebhookRegistration): Promise<KubeObject | undefined> {
  const [mutating] = await Promise.all([
    ensureConfiguration(client, registration, "mutating"),
    ensureConfiguration(client, registration, "validating"),
    ...registration.conversions.map((crd) => ensureConversion(client, registration, crd)),
  ]);
  return mutating;
}

function ensureConfiguration(
  client: KubeClient,
  registration: WebhookRegistration,
  type: AdmissionWebhook["type"],
): Promise<KubeObject | undefined> {
  const resource = type === "mutating" ? resources.mutatingWebhookConfigurations : resources.validatingWebhookConfigurations;
  const webhooks = registration.webhooks.filter((webhook) => webhook.type === type).map((webhook) => entry(webhook, registration));
  const { name, signal } = registration;
  return createOrUpdate(client, resource, name, signal, (present) => {
    if (deepEqual(present?.["webhooks"] ?? [], webhooks)) return undefined;
    return present === undefined
      ? {
          apiVersion: "admissionregistration.k8s.io/v1",
          kind: resource.kind,
          metadata: { name, labels: { "app.kubernetes.io/managed-by": "slipway" } },
          webhooks,
        }
      : { ...present, webhooks };
  });
}

async function ensureConversion(client: KubeClient, registration: WebhookRegistration, crd: string): Promise<void> {
  const conversion = {
    strategy: "Webhook",
    webhook: { clientConfig: clientConfig(registration, conversionPath(crd)), conversionReviewVersions: ["v1"] },
  };
  await createOrUpdate(client, resources.customResourceDefinitions, crd, registration.signal, (present) => {
    if (present === undefined) throw new AppError("WEBHOOK_REGISTRATION", `customresourcedefinition ${crd} is not there: install it first`);
    const spec = present["spec"] as Record<string, unknown>;
    return deepEqual(spec["conversion"], conversion) ? undefined : { ...present, spec: { ...spec, conversion } };
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
