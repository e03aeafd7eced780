/**
 * Tells the API server about our admission policies in CEL, where it serves them (MutatingAdmissionPolicy: from Kubernetes
 * 1.36, where enabled from 1.34). They act without us, so they must not outlive us: each is owned by the
 * MutatingWebhookConfiguration, which is a part of every installation, and is deleted with it by garbage collection.
 */
import type { KubeClient, KubeObject, OwnerReference, Resource } from "@slipway/kube";
import { deepEqual } from "@slipway/std";
import type { AdmissionPolicy } from "../types.ts";
import { createOrUpdate } from "./create-or-update.ts";

const group = "admissionregistration.k8s.io";
/** The newest first. */
const versions = ["v1", "v1beta1"];
const ours = { "app.kubernetes.io/managed-by": "slipway" };

export interface PolicyRegistration {
  readonly policies: readonly AdmissionPolicy[];
  /** The MutatingWebhookConfiguration as it is on the server. */
  readonly owner: KubeObject;
  readonly signal: AbortSignal;
}

/**
 * Creates or updates what differs, deletes policies of ours that are not wanted any more, each with the binding of the same
 * name. Does nothing where the kinds are not served. Throws the API server's error.
 */
export async function registerPolicies(client: KubeClient, registration: PolicyRegistration): Promise<void> {
  const { policies, signal } = registration;
  const served = await servedKinds(client, signal);
  if (served === undefined) return;
  const [policyKind, bindingKind] = served;
  for (const policy of policies) {
    await ensure(client, policyKind, policy.name, policy.spec, registration);
    await ensure(client, bindingKind, policy.name, { policyName: policy.name, ...policy.binding }, registration);
  }
  for (const resource of [bindingKind, policyKind]) {
    const { items } = await client.list(resource, { labelSelector: "app.kubernetes.io/managed-by=slipway", signal });
    const stale = items.filter(({ metadata }) => !policies.some(({ name }) => name === metadata.name));
    for (const { metadata } of stale) await client.delete(resource, { namespace: "", name: metadata.name ?? "" }, { signal });
  }
}

async function servedKinds(client: KubeClient, signal: AbortSignal): Promise<readonly [Resource, Resource] | undefined> {
  for (const version of versions) {
    const find = (kind: string): Promise<Resource | undefined> => client.resourceFor({ group, version, kind }, { signal });
    const [policy, binding] = [await find("MutatingAdmissionPolicy"), await find("MutatingAdmissionPolicyBinding")];
    if (policy !== undefined && binding !== undefined) return [policy, binding];
  }
  return undefined;
}

async function ensure(
  client: KubeClient,
  resource: Resource,
  name: string,
  spec: object,
  { owner, signal }: PolicyRegistration,
): Promise<void> {
  const { name: ownerName = "", uid = "" } = owner.metadata;
  const reference: OwnerReference = { apiVersion: owner.apiVersion, kind: owner.kind, name: ownerName, uid };
  await createOrUpdate(client, resource, name, signal, (present) => {
    if (present !== undefined && deepEqual(present["spec"], spec) && deepEqual(present.metadata.ownerReferences, [reference]))
      return undefined;
    return {
      apiVersion: `${resource.group}/${resource.version}`,
      kind: resource.kind,
      ...present,
      metadata: { ...present?.metadata, name, labels: { ...present?.metadata.labels, ...ours }, ownerReferences: [reference] },
      spec,
    };
  });
}
