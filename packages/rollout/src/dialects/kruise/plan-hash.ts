/**
 * The plan's identity, as the annotation `rollouts.kruise.io/hash` carries it: of what the steps do, not of how they
 * pause. Written like upstream's (field order and escapes of Go's encoding/json, sha256, safe alphabet), so that an
 * object taken over in mid-release is not taken for edited.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Rollout } from "@slipway/api";
import { safeEncode } from "@slipway/kube";

const fields = ["steps", "trafficRoutings", "patchPodTemplateMetadata", "enableExtraWorkloadForCanary", "trafficRoutingRef"] as const;
const stepFields = ["traffic", "requestHeaderModifier", "matches", "replicas"] as const;

export function planHash(rollout: Rollout): string {
  const strategy = (rollout.spec?.strategy.canary ?? rollout.spec?.strategy.blueGreen ?? {}) as Record<string, unknown>;
  const ordered: Record<string, unknown> = {};
  for (const field of [...fields, "disableGenerateCanaryService"]) {
    const value = strategy[field];
    // Go leaves out empty values.
    if (value === undefined || value === false || value === "" || (Array.isArray(value) && value.length === 0)) continue;
    ordered[field] = field === "steps" ? (value as Record<string, unknown>[]).map(hashedStep) : value;
  }
  return safeEncode(bytesToHex(sha256(utf8ToBytes(goJson(ordered)))));
}

function hashedStep(step: Record<string, unknown>): Record<string, unknown> {
  const ordered: Record<string, unknown> = {};
  for (const field of stepFields) if (step[field] !== undefined) ordered[field] = step[field];
  return { ...ordered, pause: {} };
}

function goJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
