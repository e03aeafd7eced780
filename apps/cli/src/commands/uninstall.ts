/** `slipway uninstall`: gives every workload back, then removes what was installed, the namespace last. */
import { crds } from "@slipway/api";
import { certificateSecretName, defaultNamespace, managedByLabel, managerName, manifests, partOfLabel } from "@slipway/install";
import type { KubeClient, Resource } from "@slipway/kube";
import { resources } from "@slipway/kube";
import type { ClusterFlags, CommandContext } from "../context.ts";
import { withCluster } from "../context.ts";
import { CommandError } from "../exit.ts";
import type { Wait } from "../install/await-ready.ts";
import { awaitAll, managerPods } from "../install/await-ready.ts";
import { optionsFor } from "../install/choices.ts";
import { inventoryName, readInventory } from "../install/inventory.ts";
import type { ObjectName } from "../install/objects.ts";
import { display, find, nameOf, remove } from "../install/objects.ts";
import { heldWorkloads, reattach, removeLabels, resetConversions, restoreWorkloads } from "../install/restore.ts";

export interface UninstallFlags extends ClusterFlags {
  readonly dryRun: "none" | "server";
  /** Give the workloads back first. */
  readonly restore: boolean;
  /** Stop when the workloads are given back. */
  readonly onlyRestore?: boolean;
  readonly deleteCrds?: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Repeatable: what an interrupted run left is removed by the next one. */
export function uninstall(context: CommandContext, flags: UninstallFlags): Promise<void> {
  const namespace = flags.namespace ?? defaultNamespace;
  return withCluster(context, flags, ({ client }) => new Removal(context, flags, client, namespace).run());
}

/** Kinds of which another's object keeps the namespace. */
const workloadKinds: readonly Resource[] = [
  resources.deployments,
  resources.statefulSets,
  resources.daemonSets,
  resources.jobs,
  resources.cronJobs,
  resources.pods,
];

class Removal {
  readonly #context: CommandContext;
  readonly #flags: UninstallFlags;
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #wait: Wait;

  constructor(context: CommandContext, flags: UninstallFlags, client: KubeClient, namespace: string) {
    const { printer, clock, signal } = context;
    this.#context = context;
    this.#flags = flags;
    this.#client = client;
    this.#namespace = namespace;
    const onWait = (lines: readonly string[]): void => printer.live(lines.map((line) => `waiting for ${line}`));
    this.#wait = { clock, signal, deadlineMs: clock.now() + flags.timeout, onWait };
  }

  async run(): Promise<void> {
    const { printer, signal } = this.#context;
    const objects = await this.#installed();
    if (this.#flags.dryRun === "server") return this.#rehearse(objects);
    if (this.#flags.restore) {
      await restoreWorkloads(this.#client, this.#namespace, this.#wait);
      this.#endWait();
      printer.line("all workloads are given back");
    }
    if (this.#flags.onlyRestore === true) return;
    const [controllers, others] = [
      objects.filter(isController),
      objects.filter((each) => !isController(each) && each.kind !== "Namespace"),
    ];
    // Nobody is to be asked any more before nobody answers.
    for (const each of webhooksFirst(controllers)) await this.#remove(each);
    await resetConversions(this.#client, signal);
    await this.#awaitPodsGone();
    for (const each of await removeLabels(this.#client, signal)) printer.line(`${each} unlabelled`);
    await reattach(this.#client, this.#wait);
    for (const each of webhooksFirst(controllers)) await this.#remove(each);
    if (this.#flags.deleteCrds === true) await this.#deleteCrds();
    for (const each of [...others].reverse()) await this.#remove(each);
    await this.#removeOwn();
    await this.#removeNamespace(objects.some(({ kind }) => kind === "Namespace"));
    printer.line(`slipway is uninstalled${this.#flags.deleteCrds === true ? "" : "; its CRDs and your objects stay"}`);
  }

  /** By the inventory, or what this version would install. Throws a CommandError when that is another's to remove. */
  async #installed(): Promise<readonly ObjectName[]> {
    const { signal } = this.#context;
    const name = { apiVersion: "apps/v1", kind: "Deployment", namespace: this.#namespace, name: managerName };
    const manager = await find(this.#client, name, signal);
    const managedBy = manager?.metadata.labels?.[managedByLabel];
    if (managedBy === "Helm" && this.#flags.onlyRestore !== true) {
      const helm = "slipway uninstall --only-restore, then helm uninstall, then slipway uninstall";
      throw new CommandError(`slipway was installed by Helm in namespace ${this.#namespace}; remove it with: ${helm}`);
    }
    const inventory = await readInventory(this.#client, this.#namespace, signal);
    if (inventory !== undefined) return inventory.objects;
    const binding = await find(
      this.#client,
      { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", name: managerName },
      signal,
    );
    const installedIn = (binding?.["subjects"] as readonly { readonly namespace?: string }[] | undefined)?.[0]?.namespace;
    if (installedIn !== undefined && installedIn !== this.#namespace)
      throw new CommandError(`slipway is installed in namespace ${installedIn}: add --namespace ${installedIn}`);
    return manifests(optionsFor(this.#namespace, {}))
      .filter(({ kind }) => kind !== "CustomResourceDefinition")
      .map(nameOf);
  }

  async #rehearse(objects: readonly ObjectName[]): Promise<void> {
    const { printer, signal } = this.#context;
    const { lines } = await heldWorkloads(this.#client, signal);
    if (this.#flags.restore) for (const line of lines) printer.line(`${line} (would be given back)`);
    if (this.#flags.onlyRestore === true) return;
    for (const each of [...objects].reverse()) {
      if ((await find(this.#client, each, signal)) !== undefined) printer.line(`${display(each)} deleted (server dry run)`);
    }
    if (this.#flags.deleteCrds === true) for (const crd of crds) printer.line(`${display(nameOf(crd))} deleted (server dry run)`);
  }

  async #remove(name: ObjectName): Promise<void> {
    if (await remove(this.#client, name, this.#context.signal)) this.#context.printer.line(`${display(name)} deleted`);
  }

  async #awaitPodsGone(): Promise<void> {
    const { signal } = this.#context;
    await awaitAll(this.#wait, "run it again to go on", async () => {
      const pods = await managerPods(this.#client, this.#namespace, signal);
      return pods.map(({ metadata }) => `pod ${this.#namespace}/${metadata.name ?? ""} to end`);
    });
    this.#endWait();
  }

  async #deleteCrds(): Promise<void> {
    const { signal } = this.#context;
    for (const crd of crds) await this.#remove(nameOf(crd));
    await awaitAll(this.#wait, "some object has a finalizer that nobody answers; run it again to wait on", async () => {
      const { items } = await this.#client.list(resources.customResourceDefinitions, { signal });
      const names = new Set(crds.map(({ metadata }) => metadata.name));
      return items
        .filter(({ metadata }) => names.has(metadata.name))
        .map(({ metadata }) => `customresourcedefinition ${metadata.name ?? ""} to be gone`);
    });
    this.#endWait();
  }

  /** What the manager made for itself, for a namespace that stays. */
  async #removeOwn(): Promise<void> {
    const { signal } = this.#context;
    const namespace = this.#namespace;
    const { items } = await this.#client.list(resources.leases, { namespace, signal });
    const leases = items.filter(({ metadata }) => metadata.name === managerName || metadata.name?.startsWith(`${managerName}-`) === true);
    const secret = { apiVersion: "v1", kind: "Secret", namespace, name: certificateSecretName };
    const inventory = { apiVersion: "v1", kind: "ConfigMap", namespace, name: inventoryName };
    for (const each of [...leases.map(nameOf), secret, inventory]) await this.#remove(each);
  }

  async #removeNamespace(isOurs: boolean): Promise<void> {
    const { printer, signal } = this.#context;
    const name = { apiVersion: "v1", kind: "Namespace", name: this.#namespace };
    const found = await find(this.#client, name, signal);
    // One that Helm or a person made carries no label of ours.
    if (!isOurs || found?.metadata.labels?.[partOfLabel] === undefined) return;
    const others = await this.#othersInNamespace();
    if (others.length > 0) {
      printer.error(`namespace ${this.#namespace} stays: it holds ${others.join(", ")}`);
      return;
    }
    await this.#remove(name);
    await awaitAll(this.#wait, "it goes on by itself; see the conditions of the namespace", async () =>
      (await find(this.#client, name, signal)) === undefined ? [] : [`namespace ${this.#namespace} to be gone`],
    );
    this.#endWait();
  }

  async #othersInNamespace(): Promise<string[]> {
    const lists = workloadKinds.map(async (resource) => {
      const { items } = await this.#client.list(resource, { namespace: this.#namespace, signal: this.#context.signal });
      return items.map((each) => display(nameOf(each)));
    });
    return (await Promise.all(lists)).flat();
  }

  #endWait(): void {
    this.#context.printer.live([]);
    this.#context.printer.endLive();
  }
}

const webhookGroup = "admissionregistration.k8s.io/v1";

/** What acts: it goes before the rights that it acts with. */
function isController({ apiVersion, kind }: ObjectName): boolean {
  return apiVersion === webhookGroup || kind === "Deployment";
}

function webhooksFirst(names: readonly ObjectName[]): readonly ObjectName[] {
  return [...names].sort((a, b) => Number(b.apiVersion === webhookGroup) - Number(a.apiVersion === webhookGroup));
}
