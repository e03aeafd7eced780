/** Identity of pod templates: what makes two ReplicaSets the same revision. */
import { cloneJson, deepEqual, stableStringify } from "@slipway/std";
import { isRecord } from "./own-property.ts";

/** The label that a Deployment controller puts on ReplicaSets and pods. */
export const podTemplateHashLabel = "pod-template-hash";

const safeAlphabet = "bcdfghjklmnpqrstvwxz2456789";

/** Maps each byte to a letter that cannot form words or be mistaken (`rand.SafeEncodeString`). */
export function safeEncode(text: string): string {
  let encoded = "";
  for (const byte of new TextEncoder().encode(text)) encoded += safeAlphabet[byte % safeAlphabet.length] ?? "";
  return encoded;
}

/** FNV-1a, 32 bits, over the UTF-8 bytes. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash >>> 0;
}

/**
 * A deterministic hash of a PodTemplateSpec, independent of key order and of the hash label itself; of the form of
 * upstream's `ComputeHash`, not of its value (that one prints Go structures). `collisionCount` gives another hash for the
 * same template.
 */
export function hashPodTemplate(template: object, collisionCount?: number): string {
  const suffix = collisionCount === undefined ? "" : `#${collisionCount}`;
  return safeEncode(String(fnv1a32(stableStringify(withoutHash(template)) + suffix)));
}

/** Equal but for the `pod-template-hash` label. */
export function podTemplatesEqual(a: object, b: object): boolean {
  return deepEqual(withoutHash(a), withoutHash(b));
}

/** Without the hash label, and without the `labels` and `metadata` that are empty then. */
function withoutHash(template: object): object {
  const copy = cloneJson(template) as Record<string, unknown>;
  const metadata = copy["metadata"];
  if (!isRecord(metadata)) return copy;
  const labels = metadata["labels"];
  if (isRecord(labels)) {
    delete labels[podTemplateHashLabel];
    if (Object.keys(labels).length === 0) delete metadata["labels"];
  }
  // Typed clients write `creationTimestamp: null` into every template.
  if (metadata["creationTimestamp"] === null) delete metadata["creationTimestamp"];
  if (Object.keys(metadata).length === 0) delete copy["metadata"];
  return copy;
}
