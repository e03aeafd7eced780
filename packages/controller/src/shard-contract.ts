/** What shards ask of a process and give to it; the rules are `shards.ts`. */
import type { AppError } from "@slipway/std";
import type { LeaderElectionOptions } from "./leader-election.ts";

export interface ShardOptions extends Omit<LeaderElectionOptions, "labels"> {
  /** How long reconciles in work may go on when their shard leaves, milliseconds. Default 15_000. */
  readonly drainMs?: number;
  /** Told how many shards this replica acts for, when that changes. */
  readonly onOwned?: (count: number) => void;
}

/** The right to act for one namespace, for one reconcile. */
export interface ShardClaim {
  /** Asked before each write: why it must not be sent. */
  refusal(): AppError | undefined;
  /** Aborts when the shard leaves before the reconcile ended. */
  readonly signal: AbortSignal;
  /** Exactly once. */
  end(): void;
}

export interface ShardHandlers {
  /** Brings the caches to what the previous owner wrote last. Retried by the next tick when it throws. */
  prepare(signal: AbortSignal): Promise<void>;
  /** Shards became ours and are prepared: everything in them must be looked at. */
  activated(): void;
}

export interface Shards {
  start(signal: AbortSignal, handlers: ShardHandlers): void;
  owns(namespace: string): boolean;
  /** `undefined`: the namespace is another's. */
  begin(namespace: string): ShardClaim | undefined;
  /** Numbers of the shards that this replica acts for. */
  readonly owned: readonly number[];
  /** Aborts when this replica was not able to renew its member lease; the process must end. */
  readonly lost: AbortSignal;
  /** Frees all shards and the member lease. Call after the workers ended. */
  stop(): Promise<void>;
}
