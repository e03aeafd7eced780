/** The reconciler of Rollouts: observe (gather.ts) → decide (`@slipway/rollout`) → apply (apply.ts). */
import type { Rollout } from "@slipway/api";
import type { ControllerDefinition, Outcome, ReconcileContext } from "@slipway/controller";
import { after, done } from "@slipway/controller";
import type { ObjectKey } from "@slipway/kube";
import type { Guard } from "@slipway/rollout";
import { lookAtRollout } from "@slipway/rollout";
import { apply } from "./apply.ts";
import { gather, rollouts, watches } from "./gather.ts";

export interface RolloutControllerOptions {
  /** What catches a template change: `admission` when our webhooks are registered. */
  readonly guard: Guard;
  /** Parallel reconciles. Default 4. */
  readonly concurrency?: number;
}

export function rolloutController(options: RolloutControllerOptions): ControllerDefinition {
  return {
    name: "rollout",
    watches,
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    reconcile: (key, context) => reconcile(key, context, options),
  };
}

async function reconcile(key: ObjectKey, context: ReconcileContext, options: RolloutControllerOptions): Promise<Outcome> {
  const rollout = context.cache<Rollout>(rollouts).get(key);
  if (rollout === undefined) return done;
  const now = context.clock.now();
  const result = lookAtRollout(rollout, gather(rollout, context.cache), now, { guard: options.guard });
  await apply(context.client, key, rollout, result, context.signal);
  for (const { type, reason, message } of result.events) context.events.event(rollout, type, reason, message);
  return result.wakeAt === undefined ? done : after(Math.max(0, result.wakeAt - now));
}
