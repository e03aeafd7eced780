import type { KubeClient, KubeObject, PatchBody, WriteOptions } from "@slipway/kube";
import { apiError, keyOf } from "@slipway/kube";
import { beforeEach, describe, expect, it } from "vitest";
import { applyOne, dryRunAll } from "./server-side-apply.ts";

const namespace: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "slipway-system" } };
const account: KubeObject = {
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name: "slipway-manager", namespace: "slipway-system" },
};
const role: KubeObject = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "slipway-manager" } };
const { signal } = new AbortController();

const notFound = (message: string): Error => apiError({ kind: "Status", status: "Failure", code: 404, reason: "NotFound", message });
/** As kube-apiserver 1.36 answers. */
const conflict = (owner: string, field: string): Error =>
  apiError({
    kind: "Status",
    status: "Failure",
    code: 409,
    reason: "Conflict",
    message: `Apply failed with 1 conflict: conflict with "${owner}" using v1: ${field}`,
    details: { causes: [{ reason: "FieldManagerConflict", message: `conflict with "${owner}" using v1`, field }] },
  });

let present: KubeObject[];
/** Who owns a field that is applied, by object name. */
let owners: Record<string, readonly [owner: string, field: string]>;
let written: { readonly name: string; readonly force: boolean; readonly dryRun: boolean }[];

const client = {
  resourceFor: ({ group, version, kind }: { group: string; version: string; kind: string }) =>
    Promise.resolve({ group, version, kind, plural: `${kind.toLowerCase()}s`, namespaced: kind === "ServiceAccount" }),
  get: (_resource: unknown, { name }: { name: string }) => {
    const found = present.find((each) => each.metadata.name === name);
    return found === undefined ? Promise.reject(notFound(`${name} not found`)) : Promise.resolve(found);
  },
  patch: (_resource: unknown, { name, namespace: at }: { name: string; namespace: string }, patch: PatchBody, options: WriteOptions) => {
    if (patch.type !== "apply" || options.fieldManager !== "slipway-install") throw new Error("not a server-side apply");
    if (at !== "" && !present.some((each) => each.metadata.name === at)) return Promise.reject(notFound(`namespaces "${at}" not found`));
    const owner = owners[name];
    if (owner !== undefined && patch.force !== true) return Promise.reject(conflict(...owner));
    written.push({ name, force: patch.force === true, dryRun: options.dryRun === true });
    const object = patch.body as KubeObject;
    const before = present.find((each) => keyOf(each).name === name && each.kind === object.kind);
    return Promise.resolve(before ?? object);
  },
} as unknown as KubeClient;

beforeEach(() => {
  present = [];
  owners = {};
  written = [];
});

describe("applying an installation", () => {
  it("tells every conflict with its owner before anything is written", async () => {
    present = [namespace, account, role];
    owners = { "slipway-manager": ["helm", ".metadata.labels"] };
    await expect(dryRunAll(client, [namespace, account, role], { signal })).rejects.toThrow(
      "others own fields of the installation:\n" +
        "  serviceaccount/slipway-manager: .metadata.labels is owned by helm\n" +
        "  clusterrole.rbac.authorization.k8s.io/slipway-manager: .metadata.labels is owned by helm\n" +
        "nothing was changed; take these fields over with --force-conflicts",
    );
    expect(written.filter(({ dryRun }) => !dryRun)).toEqual([]);
  });

  it("takes over by force only when asked, or what the manager of the installation owns", async () => {
    owners = { "slipway-manager": ["kubectl", ".rules"] };
    await expect(applyOne(client, role, { signal })).rejects.toThrow("conflict");
    expect(written).toEqual([]);
    await applyOne(client, role, { signal, force: true });
    owners = { "slipway-manager": ["slipway-manager", ".rules"] };
    await applyOne(client, role, { signal });
    expect(written).toEqual([
      { name: "slipway-manager", force: true, dryRun: false },
      { name: "slipway-manager", force: true, dryRun: false },
    ]);
  });

  it("answers for objects whose namespace is only to be made, and for no others", async () => {
    expect((await dryRunAll(client, [namespace, account], { signal })).map(({ outcome }) => outcome)).toEqual(["created", "created"]);
    await expect(dryRunAll(client, [account], { signal })).rejects.toThrow('namespaces "slipway-system" not found');
  });

  it("tells what changed from what did not", async () => {
    present = [{ ...role, metadata: { name: "slipway-manager", resourceVersion: "7" } }];
    expect(await applyOne(client, role, { signal })).toMatchObject({ outcome: "unchanged" });
    expect(await applyOne(client, namespace, { signal })).toMatchObject({ outcome: "created" });
  });
});
