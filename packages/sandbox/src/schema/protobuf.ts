/**
 * Decodes `application/vnd.kubernetes.protobuf` request bodies into the JSON form of the object: the magic `k8s\0`, then
 * a `runtime.Unknown` envelope that names the type and carries the object's own message. Answers are always JSON, which
 * every client that sends protobuf accepts.
 *
 * Go encodes non-pointer fields even when they are zero, where its JSON encoder would omit them. Zero scalars are
 * therefore dropped, except in fields that are pointers in Go, where a zero is something the user said.
 */
import { formatTimestamp } from "@slipway/std";
import type { MessageField, MessageType } from "./message-types.ts";
import { messageType } from "./message-types.ts";

export interface DecodedBody {
  readonly apiVersion: string;
  readonly kind: string;
  readonly object: Record<string, unknown>;
}

/** Why a body could not be decoded; the server answers 400 with the message. */
export class ProtobufError extends Error {}

const pointerFields = new Set(
  (
    "replicas revisionHistoryLimit progressDeadlineSeconds parallelism completions activeDeadlineSeconds backoffLimit backoffLimitPerIndex " +
    "maxFailedIndexes ttlSecondsAfterFinished startingDeadlineSeconds successfulJobsHistoryLimit failedJobsHistoryLimit " +
    "terminationGracePeriodSeconds gracePeriodSeconds deletionGracePeriodSeconds runAsUser runAsGroup fsGroup priority " +
    "leaseDurationSeconds leaseTransitions defaultMode mode tolerationSeconds expirationSeconds partition terminatedReplicas " +
    "automountServiceAccountToken enableServiceLinks runAsNonRoot privileged readOnlyRootFilesystem allowPrivilegeEscalation optional " +
    "controller blockOwnerDeletion suspend hostUsers setHostnameAsFQDN immutable orphanDependents shareProcessNamespace manualSelector " +
    "allocateLoadBalancerNodePorts ready serving terminating started storageClassName"
  ).split(" "),
);

/** The group prefix of the message table, by API group. */
const groupPrefixes: Readonly<Record<string, string>> = {
  "": "core",
  apps: "apps",
  batch: "batch",
  policy: "policy",
  autoscaling: "autoscaling",
  "networking.k8s.io": "networking",
  "coordination.k8s.io": "coordination",
  "discovery.k8s.io": "discovery",
  "events.k8s.io": "events",
  "admissionregistration.k8s.io": "admissionregistration",
  "authorization.k8s.io": "authorization",
  "meta.k8s.io": "meta",
};

/** The table's name of a kind: `apps` + `Deployment` → `apps.Deployment`; `undefined` when the table has none. */
export function messageNameOf(group: string, kind: string): string | undefined {
  if (kind === "DeleteOptions") return "meta.DeleteOptions";
  const prefix = groupPrefixes[group];
  if (prefix === undefined) return undefined;
  const name = `${prefix}.${kind}`;
  return messageType(name) === undefined ? undefined : name;
}

export function decodeProtobufBody(body: Uint8Array): DecodedBody {
  if (body.length < 4 || body[0] !== 0x6b || body[1] !== 0x38 || body[2] !== 0x73 || body[3] !== 0) {
    throw new ProtobufError("the body does not start with the Kubernetes protobuf prefix");
  }
  let apiVersion = "";
  let kind = "";
  let raw: Uint8Array = new Uint8Array();
  for (const field of readFields(body.subarray(4))) {
    if (field.number === 1 && field.bytes !== undefined) {
      for (const part of readFields(field.bytes)) {
        if (part.number === 1 && part.bytes !== undefined) apiVersion = text(part.bytes);
        if (part.number === 2 && part.bytes !== undefined) kind = text(part.bytes);
      }
    } else if (field.number === 2 && field.bytes !== undefined) raw = field.bytes;
  }
  const slash = apiVersion.indexOf("/");
  const name = messageNameOf(slash < 0 ? "" : apiVersion.slice(0, slash), kind);
  const type = name === undefined ? undefined : messageType(name);
  if (type === undefined) throw new ProtobufError(`no protobuf table for ${apiVersion}, Kind=${kind}: send JSON`);
  return { apiVersion, kind, object: { apiVersion, kind, ...decodeMessage(raw, type) } };
}

interface WireField {
  readonly number: number;
  readonly varint: bigint | undefined;
  readonly bytes: Uint8Array | undefined;
}

function* readFields(body: Uint8Array): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = body[at++];
      if (byte === undefined) throw new ProtobufError("the body ends inside a number");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new ProtobufError("a number in the body is too long");
  };
  while (at < body.length) {
    const tag = Number(varint());
    const wire = tag & 7;
    const number = tag >>> 3;
    if (wire === 0) yield { number, varint: BigInt.asIntN(64, varint()), bytes: undefined };
    else {
      const length = wire === 2 ? Number(varint()) : wire === 1 ? 8 : wire === 5 ? 4 : -1;
      if (length < 0 || at + length > body.length) throw new ProtobufError("the body is cut off or malformed");
      yield { number, varint: undefined, bytes: body.subarray(at, at + length) };
      at += length;
    }
  }
}

function decodeMessage(body: Uint8Array, type: MessageType): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const wire of readFields(body)) {
    const field = type.byNumber.get(wire.number);
    if (field === undefined) continue;
    if (field.container === "inline") {
      const inner = messageType(field.type);
      if (inner !== undefined && wire.bytes !== undefined) Object.assign(object, decodeMessage(wire.bytes, inner));
    } else if (field.container === "list") {
      const list = (object[field.name] ??= []) as unknown[];
      list.push(decodeValue(wire, field));
    } else if (field.container === "map") {
      const map = (object[field.name] ??= {}) as Record<string, unknown>;
      let key = "";
      let value: unknown = field.type === "s" || field.type === "y" ? "" : {};
      for (const part of readFields(wire.bytes ?? new Uint8Array())) {
        if (part.number === 1 && part.bytes !== undefined) key = text(part.bytes);
        else if (part.number === 2) value = decodeValue(part, field);
      }
      map[key] = value;
    } else {
      const value = decodeValue(wire, field);
      const zero = value === "" || value === 0 || value === false || value === undefined;
      if (!zero || (value !== undefined && pointerFields.has(field.name))) object[field.name] = value;
    }
  }
  return object;
}

function decodeValue(wire: WireField, field: MessageField): unknown {
  const bytes = wire.bytes ?? new Uint8Array();
  switch (field.type) {
    case "s":
      return text(bytes);
    case "i":
      return Number(wire.varint ?? 0n);
    case "b":
      return wire.varint === 1n;
    case "y":
      return Buffer.from(bytes).toString("base64");
    case "d":
      return Buffer.from(bytes).readDoubleLE();
    case "quantity":
      return text([...readFields(bytes)].find((part) => part.number === 1)?.bytes ?? new Uint8Array());
    case "intorstring": {
      const parts = new Map([...readFields(bytes)].map((part) => [part.number, part]));
      return parts.get(1)?.varint === 1n ? text(parts.get(3)?.bytes ?? new Uint8Array()) : Number(parts.get(2)?.varint ?? 0n);
    }
    case "time":
    case "microtime": {
      const parts = new Map([...readFields(bytes)].map((part) => [part.number, part]));
      const seconds = parts.get(1)?.varint;
      // A zero Go time is encoded as an empty message.
      if (seconds === undefined) return undefined;
      const stamp = formatTimestamp(Number(seconds) * 1000);
      if (field.type === "time") return stamp;
      const micros = Math.floor(Number(parts.get(2)?.varint ?? 0n) / 1000);
      return stamp.replace("Z", `.${String(micros).padStart(6, "0")}Z`);
    }
    case "duration":
      return `${Number([...readFields(bytes)][0]?.varint ?? 0n) / 1e9}s`;
    case "raw":
    case "fields": {
      const raw = [...readFields(bytes)].find((part) => part.number === 1)?.bytes;
      return raw === undefined || raw.length === 0 ? undefined : (JSON.parse(text(raw)) as unknown);
    }
    default: {
      const type = messageType(field.type);
      return type === undefined ? undefined : decodeMessage(bytes, type);
    }
  }
}

const decoder = new TextDecoder();
function text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
