/**
 * The runtime's side towards the API server's callbacks: webhook server, its certificates, its registration, and CRDs.
 */
export type { CertificateOptions, ServingCertificates } from "./certificates.ts";
export { createServingCertificates } from "./certificates.ts";
export type { EnsureCrdsOptions } from "./ensure-crds.ts";
export { ensureCrds } from "./ensure-crds.ts";
export { createMonotonicClock } from "./monotonic-clock.ts";
export type { SharedCertificates, SharedCertificatesOptions } from "./shared-certificates.ts";
export { createSharedCertificates } from "./shared-certificates.ts";
export type { PolicyRegistration } from "./register-policies.ts";
export { registerPolicies } from "./register-policies.ts";
export type { WebhookEndpoint, WebhookRegistration } from "./register-webhooks.ts";
export { registerWebhooks } from "./register-webhooks.ts";
export type { WebhookServer, WebhookServerOptions } from "./webhook-server.ts";
export { conversionPath, startWebhookServer } from "./webhook-server.ts";
