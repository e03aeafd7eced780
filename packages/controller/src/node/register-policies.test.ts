import type { KubeObject, Resource } from "@slipway/kube";
import { describe, expect, it } from "vitest";
import { createFakeClient } from "../testing/index.ts";
import type { AdmissionPolicy } from "../types.ts";
import { registerPolicies } from "./register-policies.ts";

const { signal } = new AbortController();
const kind = (version: string, name: string): Resource => ({
  group: "admissionregistration.k8s.io",
  version,
  kind: name,
  plural: `${name.toLowerCase().replace(/y$/, "ie")}s`,
  namespaced: false,
});
const kinds = (version: string): [Resource, Resource] => [
  kind(version, "MutatingAdmissionPolicy"),
  kind(version, "MutatingAdmissionPolicyBinding"),
];
const owner: KubeObject = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "MutatingWebhookConfiguration",
  metadata: { name: "slipway", uid: "u1" },
};
const hold: AdmissionPolicy = {
  name: "hold",
  spec: { failurePolicy: "Ignore" },
  binding: { paramRef: { selector: {}, parameterNotFoundAction: "Allow" } },
};

describe("registerPolicies", () => {
  it("makes each policy with a binding of its name, owned by what the installation removes, and a second time writes nothing", async () => {
    const [policies, bindings] = kinds("v1");
    const client = createFakeClient([], { resources: [policies, bindings] });
    await registerPolicies(client, { policies: [hold], owner, signal });
    const ownerReferences = [{ apiVersion: owner.apiVersion, kind: owner.kind, name: "slipway", uid: "u1" }];
    expect(client.objects(policies)).toMatchObject([
      { apiVersion: "admissionregistration.k8s.io/v1", metadata: { name: "hold", ownerReferences }, spec: hold.spec },
    ]);
    expect(client.objects(bindings)).toMatchObject([
      { metadata: { name: "hold", ownerReferences }, spec: { policyName: "hold", ...hold.binding } },
    ]);
    const written = client.writes.length;
    await registerPolicies(client, { policies: [hold], owner, signal });
    expect(client.writes).toHaveLength(written);
  });

  it("follows a new text and a new owner", async () => {
    const [policies, bindings] = kinds("v1beta1");
    const client = createFakeClient([], { resources: [policies, bindings] });
    await registerPolicies(client, { policies: [hold], owner, signal });
    const next = { ...hold, spec: { failurePolicy: "Fail" } };
    await registerPolicies(client, { policies: [next], owner: { ...owner, metadata: { name: "slipway", uid: "u2" } }, signal });
    expect(client.objects(policies)).toMatchObject([{ metadata: { ownerReferences: [{ uid: "u2" }] }, spec: next.spec }]);
  });

  it("deletes ours that are not wanted any more, and leaves other people's", async () => {
    const [policies, bindings] = kinds("v1");
    const other: KubeObject = { apiVersion: "admissionregistration.k8s.io/v1", kind: policies.kind, metadata: { name: "other" }, spec: {} };
    const client = createFakeClient([other], { resources: [policies, bindings] });
    await registerPolicies(client, { policies: [hold], owner, signal });
    await registerPolicies(client, { policies: [], owner, signal });
    expect(client.objects(policies).map(({ metadata }) => metadata.name)).toEqual(["other"]);
    expect(client.objects(bindings)).toEqual([]);
  });

  it("does nothing where they are not served", async () => {
    const client = createFakeClient();
    await registerPolicies(client, { policies: [hold], owner, signal });
    expect(client.writes).toEqual([]);
  });
});
