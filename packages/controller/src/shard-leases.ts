/** The numbers and Leases of shards; who does what with them is `shards.ts`. */
import type { KubeObject } from "@slipway/kube";

export const shardCount = 32;
/** On member and shard Leases: the name of the set they belong to. */
export const setLabel = "slipway.dev/shard-set";
/** `member`, or the number of the shard. */
export const roleLabel = "slipway.dev/shard-role";

/** FNV-1a over UTF-16 code units, 32 bits. */
export function shardOf(namespace: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < namespace.length; i++) hash = Math.imul(hash ^ namespace.charCodeAt(i), 0x01000193) >>> 0;
  // FNV spreads short names poorly; the end of MurmurHash3 mends that.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % shardCount;
}

/** The parts differ by one at most and sum to all. */
export function quotaOf(members: readonly string[], identity: string): number {
  return Math.floor(shardCount / members.length) + (members.indexOf(identity) < shardCount % members.length ? 1 : 0);
}

export function holderOf(lease: KubeObject): string {
  return (lease["spec"] as { readonly holderIdentity?: string } | undefined)?.holderIdentity ?? "";
}

export function indexOf(lease: KubeObject): number | undefined {
  const role = lease.metadata.labels?.[roleLabel] ?? "";
  return /^\d+$/.test(role) ? Number(role) : undefined;
}
