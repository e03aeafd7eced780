/**
 * What was installed, by which version, with which choices: one ConfigMap in the installation's namespace. It names an
 * object before that object is made and until it is gone, so that an interrupted command leaves nothing unknown behind.
 */
import type { KubeClient, KubeObject } from "@slipway/kube";
import { commonLabels, managedByLabel, version } from "@slipway/install";
import type { Choices } from "./choices.ts";
import { managedBy, parseChoices } from "./choices.ts";
import type { ObjectName } from "./objects.ts";
import { find, isSame } from "./objects.ts";
import { applyOne } from "./server-side-apply.ts";

export const inventoryName = "slipway-inventory";

export interface Inventory {
  readonly version: string;
  readonly choices: Choices;
  /** Without CRDs: nothing removes those but an explicit wish. */
  readonly objects: readonly ObjectName[];
}

export function inventoryObject(namespace: string, choices: Choices, objects: readonly ObjectName[]): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: inventoryName, namespace, labels: { ...commonLabels, [managedByLabel]: managedBy } },
    data: { version, choices: JSON.stringify(choices), objects: objects.map((each) => JSON.stringify(each)).join("\n") },
  };
}

/** `undefined` when these commands installed nothing there. */
export async function readInventory(client: KubeClient, namespace: string, signal: AbortSignal): Promise<Inventory | undefined> {
  const found = await find(client, { apiVersion: "v1", kind: "ConfigMap", namespace, name: inventoryName }, signal);
  if (found === undefined) return undefined;
  const data = (found["data"] ?? {}) as Readonly<Record<string, string>>;
  const lines = (data["objects"] ?? "").split("\n").filter((line) => line !== "");
  return {
    version: data["version"] ?? "",
    choices: parseChoices(data["choices"] ?? ""),
    objects: lines.map((line) => JSON.parse(line) as ObjectName),
  };
}

export async function writeInventory(
  client: KubeClient,
  namespace: string,
  choices: Choices,
  objects: readonly ObjectName[],
  signal: AbortSignal,
): Promise<void> {
  await applyOne(client, inventoryObject(namespace, choices, objects), { force: true, signal });
}

/** What `wanted` does not have of `inventory`. */
export function leftOver(inventory: Inventory | undefined, wanted: readonly ObjectName[]): ObjectName[] {
  return (inventory?.objects ?? []).filter((each) => !wanted.some((other) => isSame(each, other)));
}
