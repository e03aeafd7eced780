/** `slipway rollout get|approve|status` and the rollout half of `slipway explain`. */
import type { Rollout } from "@slipway/api";
import type { KubeClient, ObjectKey } from "@slipway/kube";
import { approval, explainRollout, summarize } from "@slipway/rollout";
import { formatAge, parseTimestamp } from "@slipway/std";
import type { ClusterFlags, CommandContext } from "../context.ts";
import { withCluster } from "../context.ts";
import { CommandError } from "../exit.ts";
import { gatherRollout, readRollout, rollouts } from "../gather-rollout.ts";
import { formatTable } from "../printer.ts";
import { rolloutTree } from "../trees/rollout-tree.ts";

export interface GetFlags extends ClusterFlags {
  readonly allNamespaces?: boolean;
}

/** Without a name: a table of Rollouts. With one: its tree. */
export function rolloutGet(context: CommandContext, name: string | undefined, flags: GetFlags): Promise<void> {
  return withCluster(context, flags, async ({ client, namespace }) => {
    if (name !== undefined) {
      const rollout = await readRollout(client, { namespace, name });
      for (const line of rolloutTree(rollout, await gatherRollout(client, rollout))) context.printer.line(line);
      return;
    }
    const { items } = await client.list<Rollout>(rollouts, flags.allNamespaces === true ? {} : { namespace });
    if (items.length === 0) {
      context.printer.error(flags.allNamespaces === true ? "no rollouts found" : `no rollouts found in namespace ${namespace}`);
      return;
    }
    const head = ["NAMESPACE", "NAME", "STATUS", "STEP", "STATE", "AGE"];
    const rows = items.map((each) => [
      each.metadata.namespace ?? "",
      each.metadata.name ?? "",
      each.status?.phase ?? "",
      String(each.status?.currentStepIndex ?? ""),
      each.status?.currentStepState ?? "",
      formatAge(context.clock.now() - (parseTimestamp(each.metadata.creationTimestamp) ?? context.clock.now())),
    ]);
    const from = flags.allNamespaces === true ? 0 : 1;
    for (const line of formatTable([head, ...rows].map((row) => row.slice(from)))) context.printer.line(line);
  });
}

export function rolloutApprove(context: CommandContext, name: string, flags: ClusterFlags): Promise<void> {
  return withCluster(context, flags, async ({ client, namespace }) =>
    context.printer.line(await approveRollout(client, { namespace, name })),
  );
}

/** Lets a paused step go on. Answers what to print; throws a CommandError when there is nothing to approve. */
export async function approveRollout(client: KubeClient, key: ObjectKey): Promise<string> {
  const answer = approval(await readRollout(client, key));
  if (answer.type === "refused") throw new CommandError(`rollout ${key.namespace}/${key.name}: ${answer.why}`);
  await client.patch(rollouts, key, { type: "merge", body: answer.body }, { subresource: "status", fieldManager: "slipway" });
  return `rollout.rollouts.kruise.io/${key.name} step ${answer.step} approved`;
}

export interface StatusFlags extends ClusterFlags {
  /** Seconds; 0 looks once. */
  readonly timeout: number;
}

const lookEveryMs = 500;

/** Watches a release to its end, as `kubectl rollout status` does; a failed release or the timeout is exit status 1. */
export function rolloutStatus(context: CommandContext, name: string, flags: StatusFlags): Promise<void> {
  return withCluster(context, flags, async ({ client, namespace }) => {
    const until = context.clock.now() + flags.timeout * 1000;
    for (;;) {
      const rollout = await readRollout(client, { namespace, name });
      const objects = await gatherRollout(client, rollout);
      context.printer.live(rolloutTree(rollout, objects));
      const { verdict, message } = summarize(rollout, objects);
      if (verdict === "healthy") break;
      if (verdict === "failed") throw new CommandError(`rollout ${namespace}/${name} was taken back: ${message}`);
      if (context.clock.now() >= until) throw new CommandError(`rollout ${namespace}/${name} is not done: ${message}`);
      await context.clock.sleep(lookEveryMs, context.signal);
    }
    context.printer.endLive();
  });
}

export function rolloutExplain(context: CommandContext, name: string, flags: ClusterFlags): Promise<void> {
  return withCluster(context, flags, async ({ client, namespace }) => {
    const rollout = await readRollout(client, { namespace, name });
    for (const line of explainRollout(rollout, await gatherRollout(client, rollout), context.clock.now())) context.printer.line(line);
  });
}
