/** `slipway install` and `slipway upgrade`: server-side apply of the objects of `@slipway/install`, until the manager runs. */
import type { FeatureName } from "@slipway/install";
import { defaultNamespace, managerName, manifests, version } from "@slipway/install";
import type { KubeClient, KubeObject } from "@slipway/kube";
import { toYaml } from "@slipway/kube";
import type { ClusterFlags, CommandContext } from "../context.ts";
import { withCluster } from "../context.ts";
import { CommandError } from "../exit.ts";
import type { Choices } from "../install/choices.ts";
import { managedBy, optionsFor } from "../install/choices.ts";
import type { Wait } from "../install/await-ready.ts";
import { awaitAll, crdsNotEstablished, managerNotAvailable } from "../install/await-ready.ts";
import type { Inventory } from "../install/inventory.ts";
import { inventoryObject, leftOver, readInventory, writeInventory } from "../install/inventory.ts";
import type { ObjectName } from "../install/objects.ts";
import { display, find, nameOf, remove } from "../install/objects.ts";
import { heldWorkloads, reattach, resetConversions, restoreWorkloads } from "../install/restore.ts";
import { applyOne, dryRunAll } from "../install/server-side-apply.ts";

export interface InstallFlags extends ClusterFlags {
  readonly image?: string;
  readonly replicas?: number;
  readonly features?: readonly FeatureName[];
  readonly logLevel?: string;
  readonly tracingEndpoint?: string;
  readonly dryRun: "none" | "client" | "server";
  readonly output?: "yaml" | "name";
  readonly wait: boolean;
  /** Milliseconds. */
  readonly timeout: number;
  readonly forceConflicts?: boolean;
}

const crdKind = "CustomResourceDefinition";
const dryRunSuffix = { none: "", client: " (dry run)", server: " (server dry run)" };

export function install(context: CommandContext, flags: InstallFlags): Promise<void> {
  return run(context, flags, "install");
}

/** Keeps the choices that were made at the installation, and removes what an older version made and this one does not. */
export function upgrade(context: CommandContext, flags: InstallFlags): Promise<void> {
  return run(context, flags, "upgrade");
}

function choicesOf({ image, replicas, features, logLevel, tracingEndpoint }: InstallFlags): Choices {
  return {
    ...(image === undefined ? {} : { image }),
    ...(replicas === undefined ? {} : { replicas }),
    ...(features === undefined ? {} : { features }),
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(tracingEndpoint === undefined ? {} : { tracingEndpoint }),
  };
}

async function run(context: CommandContext, flags: InstallFlags, verb: "install" | "upgrade"): Promise<void> {
  const namespace = flags.namespace ?? defaultNamespace;
  if (flags.output !== undefined && flags.dryRun === "none")
    throw new CommandError("-o shows what would be applied: add --dry-run=client or --dry-run=server");
  if (flags.dryRun === "client") {
    const objects = manifests(optionsFor(namespace, choicesOf(flags)));
    return show(
      context,
      flags,
      objects.map((object) => ({ object, outcome: "created" })),
    );
  }
  await withCluster(context, flags, async ({ client }) => {
    const inventory = await readInstallation(client, namespace, verb, context.signal);
    const choices = verb === "upgrade" ? { ...inventory?.choices, ...choicesOf(flags) } : choicesOf(flags);
    const objects = manifests(optionsFor(namespace, choices));
    const work = new Run({ context, flags, client, namespace, choices, objects, inventory });
    await (flags.dryRun === "server" ? work.rehearse(verb) : work.perform(verb));
  });
}

/** Throws a CommandError when the cluster has an installation that this command must not touch. */
async function readInstallation(
  client: KubeClient,
  namespace: string,
  verb: "install" | "upgrade",
  signal: AbortSignal,
): Promise<Inventory | undefined> {
  const binding = await find(client, { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", name: managerName }, signal);
  const installedIn = (binding?.["subjects"] as readonly { readonly namespace?: string }[] | undefined)?.[0]?.namespace;
  if (installedIn !== undefined && installedIn !== namespace)
    throw new CommandError(
      `slipway is installed in namespace ${installedIn}, and a cluster has one installation: add --namespace ${installedIn}`,
    );
  const inventory = await readInventory(client, namespace, signal);
  if (verb === "upgrade" && inventory === undefined) {
    const how = installedIn === undefined ? "is not installed" : "was not installed by slipway install";
    throw new CommandError(`slipway ${how} in namespace ${namespace}: there is nothing to upgrade; use slipway install`);
  }
  return inventory;
}

/** What one run is about. */
interface Given {
  readonly context: CommandContext;
  readonly flags: InstallFlags;
  readonly client: KubeClient;
  readonly namespace: string;
  readonly choices: Choices;
  /** In the order in which they are applied; the namespace is the first. */
  readonly objects: readonly KubeObject[];
  /** Of the installation that is there. */
  readonly inventory: Inventory | undefined;
}

class Run {
  readonly #given: Given;
  readonly #names: readonly ObjectName[];

  constructor(given: Given) {
    this.#given = given;
    this.#names = given.objects.filter(({ kind }) => kind !== crdKind).map(nameOf);
  }

  async rehearse(verb: "install" | "upgrade"): Promise<void> {
    const { context, flags, client, namespace, choices } = this.#given;
    const objects = [...this.#given.objects, inventoryObject(namespace, choices, this.#names)];
    show(context, flags, await dryRunAll(client, objects, this.#applyOptions()));
    if (flags.output !== undefined) return;
    const { lines } = this.#drops("rollout") ? await heldWorkloads(client, context.signal) : { lines: [] };
    for (const line of lines) context.printer.line(`${line} (would be given back)`);
    if (verb === "install") return;
    for (const each of await this.#prunable()) context.printer.line(`${display(each)} pruned${dryRunSuffix.server}`);
  }

  async perform(verb: "install" | "upgrade"): Promise<void> {
    const { printer, clock, signal } = this.#given.context;
    if (this.#drops("rollout") && !this.#given.flags.wait)
      throw new CommandError("leaving out the feature rollout takes waiting for the present manager to end: leave out --no-wait");
    await dryRunAll(this.#given.client, this.#given.objects, this.#applyOptions());
    const deadlineMs = clock.now() + this.#given.flags.timeout;
    if (this.#drops("rollout")) await this.#restore(deadlineMs);
    const old = leftOver(this.#given.inventory, this.#names);
    let names = this.#names;
    for (const [index, object] of this.#given.objects.entries()) {
      const { outcome } = await applyOne(this.#given.client, object, this.#applyOptions());
      printer.line(`${display(nameOf(object))} ${outcome}`);
      if (index > 0) continue;
      // A namespace that was there before is not ours to remove.
      const isOurs = outcome === "created" || this.#given.inventory?.objects.some(({ kind }) => kind === "Namespace") === true;
      if (!isOurs) names = names.filter(({ kind }) => kind !== "Namespace");
      // It is there: from here on everything is known before it is made.
      await writeInventory(this.#given.client, this.#given.namespace, this.#given.choices, [...names, ...old], signal);
    }
    if (this.#given.flags.wait) await this.#awaitReady(deadlineMs);
    if (this.#drops("rollout")) {
      await resetConversions(this.#given.client, signal);
      await reattach(this.#given.client, this.#waitUntil(deadlineMs));
    }
    if (verb === "upgrade") await this.#prune();
    else for (const each of old) printer.error(`${display(each)} is of an earlier installation; slipway upgrade removes it`);
    const rest = verb === "upgrade" ? [] : old;
    await writeInventory(this.#given.client, this.#given.namespace, this.#given.choices, [...names, ...rest], signal);
    const state = this.#given.flags.wait ? "runs" : "is applied; its replicas may still be starting";
    printer.line(`slipway ${version} ${state} in namespace ${this.#given.namespace}`);
  }

  async #awaitReady(deadlineMs: number): Promise<void> {
    const { printer, signal } = this.#given.context;
    const crds = this.#given.objects.filter(({ kind }) => kind === crdKind).map(({ metadata }) => metadata.name ?? "");
    const advice = `everything is applied; run it again to wait on, or look with: kubectl -n ${this.#given.namespace} get pods`;
    await awaitAll(this.#waitUntil(deadlineMs), advice, async () => [
      ...(await crdsNotEstablished(this.#given.client, crds, signal)),
      ...(await managerNotAvailable(this.#given.client, this.#given.namespace, signal)),
    ]);
    printer.live([]);
    printer.endLive();
  }

  /** A feature that was installed and is wanted no more. */
  #drops(feature: FeatureName): boolean {
    const role = `slipway-${feature}`;
    return leftOver(this.#given.inventory, this.#names).some(({ kind, name }) => kind === "ClusterRole" && name === role);
  }

  /** The manager of the new version could not give back what the present one holds. */
  async #restore(deadlineMs: number): Promise<void> {
    await restoreWorkloads(this.#given.client, this.#given.namespace, this.#waitUntil(deadlineMs));
    this.#given.context.printer.endLive();
  }

  #waitUntil(deadlineMs: number): Wait {
    const { printer, clock, signal } = this.#given.context;
    return { clock, signal, deadlineMs, onWait: (lines) => printer.live(lines.map((line) => `waiting for ${line}`)) };
  }

  /** Of what an older version made, what is there and still ours. */
  async #prunable(): Promise<ObjectName[]> {
    const found: ObjectName[] = [];
    for (const each of leftOver(this.#given.inventory, this.#names)) {
      const object = await find(this.#given.client, each, this.#given.context.signal);
      if (object?.metadata.labels?.["app.kubernetes.io/managed-by"] === managedBy) found.push(each);
    }
    return found;
  }

  async #prune(): Promise<void> {
    for (const each of await this.#prunable()) {
      if (await remove(this.#given.client, each, this.#given.context.signal)) this.#given.context.printer.line(`${display(each)} pruned`);
    }
  }

  #applyOptions(): { readonly force: boolean; readonly signal: AbortSignal } {
    return { force: this.#given.flags.forceConflicts === true, signal: this.#given.context.signal };
  }
}

function show(
  context: CommandContext,
  flags: InstallFlags,
  results: readonly { readonly object: KubeObject; readonly outcome: string }[],
): void {
  const { printer } = context;
  switch (flags.output) {
    case "yaml":
      return printer.line(
        results
          .map(({ object }) => toYaml(withoutManagedFields(object)))
          .join("---\n")
          .trimEnd(),
      );
    case "name":
      return results.forEach(({ object }) => printer.line(display(nameOf(object))));
    case undefined:
      return results.forEach(({ object, outcome }) => printer.line(`${display(nameOf(object))} ${outcome}${dryRunSuffix[flags.dryRun]}`));
  }
}

/** As kubectl shows objects. */
function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _managedFields, ...metadata } = object.metadata;
  return { ...object, metadata };
}
