/** The scheduler: round robin over ready nodes that match the pod's nodeSelector. Knows no resources, affinities or taints. */
import type { ControllerDefinition } from "@slipway/controller";
import { done } from "@slipway/controller";
import { getCondition, isConditionTrue, keyOf, resources } from "@slipway/kube";
import { formatTimestamp } from "@slipway/std";
import type { Node, Pod } from "../controllers/kinds.ts";

export function createScheduler(): ControllerDefinition {
  let turn = 0;
  return {
    name: "scheduler",
    concurrency: 16,
    watches: [
      { resource: resources.pods, toKeys: (object) => (isPending(object) ? [keyOf(object)] : []) },
      // A node that came or changed may take what waits.
      { resource: resources.nodes, toKeys: (_node, _old, caches) => caches<Pod>(resources.pods).list().filter(isPending).map(keyOf) },
    ],
    async reconcile(key, context) {
      const pod = context.cache<Pod>(resources.pods).get(key);
      if (pod === undefined || !isPending(pod)) return done;
      const all = context.cache<Node>(resources.nodes).list();
      const wanted = Object.entries(pod.spec?.nodeSelector ?? {});
      const fit = all
        .filter((node) => node.spec?.unschedulable !== true && isConditionTrue(node.status?.conditions, "Ready"))
        .filter((node) => wanted.every(([name, value]) => node.metadata.labels?.[name] === value))
        .sort((a, b) => ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1));
      const node = fit[turn % Math.max(1, fit.length)];
      if (node === undefined) {
        const message = `0/${all.length} nodes are available: no ready, schedulable node matches the pod.`;
        if (getCondition(pod.status?.conditions, "PodScheduled")?.message === message) return done;
        const lastTransitionTime = formatTimestamp(context.clock.now());
        const condition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message, lastTransitionTime };
        const body = { status: { conditions: [condition] } };
        await context.client.patch(resources.pods, key, { type: "strategic", body }, { subresource: "status" });
        context.events.event(pod, "Warning", "FailedScheduling", message);
        return done;
      }
      turn++;
      const body = { metadata: { uid: pod.metadata.uid }, spec: { nodeName: node.metadata.name } };
      await context.client.patch(resources.pods, key, { type: "merge", body });
      context.events.event(pod, "Normal", "Scheduled", `Successfully assigned ${key.namespace}/${key.name} to ${node.metadata.name ?? ""}`);
      return done;
    },
  };
}

function isPending(pod: Pod): boolean {
  return (pod.spec?.nodeName ?? "") === "" && pod.metadata.deletionTimestamp === undefined;
}
