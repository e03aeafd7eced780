/** What the one Lease of a leader and the Leases of shards have in common. */
import type { LeaderElectionOptions } from "@slipway/controller";
import { createMonotonicClock } from "@slipway/controller/node";
import type { Clock } from "@slipway/std";
import { realClock } from "@slipway/std/node";
import type { ManagerOptions } from "./manager-options.ts";

/**
 * `leaseClock`: when it is the real one, our own leases end by a clock that cannot go back, and those of others by one
 * that never runs fast. `lease`: see `ManagerOptions.lease`.
 */
export function leaseOptions(
  process: Pick<LeaderElectionOptions, "client" | "logger" | "random" | "identity">,
  leaseClock: Clock,
  lease: ManagerOptions["lease"] = { namespace: "slipway-system", name: "slipway-manager" },
): Omit<LeaderElectionOptions, "labels"> {
  const { namespace, name } = lease;
  if (leaseClock !== realClock) return { ...process, namespace, name, clock: leaseClock };
  return { ...process, namespace, name, clock: createMonotonicClock(), elapsedMs: () => performance.now() };
}
