/**
 * What the API server's decoder does with a request body: unknown and duplicate fields are found (and dropped), null
 * counts as absent, and a value of the wrong type is refused.
 */
import type { KubeObject, StructuralSchema } from "@slipway/kube";
import { formatFieldPath, parseQuantity, pruneBySchema } from "@slipway/kube";
import { parseTimestamp } from "@slipway/std";
import type { MessageField, MessageType } from "../schema/message-types.ts";
import { messageType } from "../schema/message-types.ts";

export interface Decoded {
  readonly object: KubeObject;
  /** Paths of fields that the kind does not have. */
  readonly unknown: readonly string[];
  /** A value that does not fit its field; the request cannot be served. */
  readonly mismatch: string | undefined;
}

interface Findings {
  readonly unknown: string[];
  mismatch: string | undefined;
}

/** Decodes a built-in kind by its message; without one, everything but metadata is taken as it is. */
export function decodeBuiltin(input: KubeObject, message: string | undefined): Decoded {
  const type = message === undefined ? undefined : messageType(message);
  const findings: Findings = { unknown: [], mismatch: undefined };
  const object: KubeObject = { apiVersion: input.apiVersion, kind: input.kind, metadata: {} };
  for (const [key, value] of Object.entries(input)) {
    if (key === "apiVersion" || key === "kind" || value === null || value === undefined) continue;
    if (key === "metadata") object.metadata = decodeMetadata(value, findings);
    else if (key === "__proto__") findings.unknown.push(key);
    else if (type === undefined) object[key] = structuredClone(value);
    else {
      const field = type.byName.get(key);
      if (field !== undefined) object[key] = decodeField(value, field, key, findings);
      // Write-only fields have no place in the stored form.
      else if (type.name === "core.Secret" && key === "stringData") object[key] = value;
      else findings.unknown.push(key);
    }
  }
  return { object, ...findings };
}

/** Decodes a custom object by its version's schema. */
export function decodeCustom(input: KubeObject, schema: StructuralSchema): Decoded {
  const findings: Findings = { unknown: [], mismatch: undefined };
  const { value, pruned } = pruneBySchema(schema, input);
  const object: KubeObject = { ...value, metadata: decodeMetadata(input.metadata, findings) };
  findings.unknown.push(...pruned.map((path) => formatFieldPath(path)));
  return { object, ...findings };
}

function decodeMetadata(value: unknown, findings: Findings): KubeObject["metadata"] {
  const type = messageType("meta.ObjectMeta");
  if (type === undefined || typeof value !== "object" || value === null) return {};
  const metadata = decodeMessage(value as Record<string, unknown>, type, "metadata", findings);
  for (const [key, field] of Object.entries(metadata)) {
    const empty = field === "" || (typeof field === "object" && field !== null && Object.keys(field).length === 0);
    if (empty) delete metadata[key];
  }
  return metadata;
}

function decodeMessage(input: Record<string, unknown>, type: MessageType, path: string, findings: Findings): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(input)) {
    if (value === null || value === undefined) continue;
    const field = type.byName.get(key);
    const at = `${path}.${key}`;
    if (field === undefined) findings.unknown.push(at);
    else object[key] = decodeField(value, field, at, findings);
  }
  return object;
}

function decodeField(value: unknown, field: MessageField, path: string, findings: Findings): unknown {
  if (field.container === "list") {
    if (!Array.isArray(value)) return mismatch(findings, value, path, `[]${field.type}`);
    return value.map((item, index) => decodeSingle(item, field, `${path}[${index}]`, findings));
  }
  if (field.container === "map") {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return mismatch(findings, value, path, `map[string]${goType(field.type)}`);
    const map: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      Object.defineProperty(map, key, {
        value: item === null ? "" : decodeSingle(item, field, `${path}.${key}`, findings),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
    return map;
  }
  return decodeSingle(value, field, path, findings);
}

function decodeSingle(value: unknown, field: MessageField, path: string, findings: Findings): unknown {
  const ok = (fits: boolean): unknown => (fits ? value : mismatch(findings, value, path, goType(field.type)));
  switch (field.type) {
    case "s":
    case "duration":
      return ok(typeof value === "string");
    case "y":
      if (typeof value === "string" && !base64.test(value)) return refuse(findings, `illegal base64 data in ${path}`);
      return ok(typeof value === "string");
    case "time":
    case "microtime":
      if (typeof value === "string" && parseTimestamp(value) === undefined)
        return refuse(findings, `parsing time ${JSON.stringify(value)} in ${path}: not RFC 3339`);
      return ok(typeof value === "string");
    case "i":
      return ok(typeof value === "number" && Number.isInteger(value));
    case "d":
      return ok(typeof value === "number");
    case "b":
      return ok(typeof value === "boolean");
    case "quantity":
      if (typeof value === "string" && !isQuantity(value)) {
        return refuse(findings, `unable to parse quantity's suffix or number in ${path}: ${JSON.stringify(value)}`);
      }
      return typeof value === "number" ? String(value) : ok(typeof value === "string");
    case "intorstring":
      return ok(typeof value === "string" || (typeof value === "number" && Number.isInteger(value)));
    case "raw":
    case "fields":
      return structuredClone(value);
    default: {
      const type = messageType(field.type);
      if (typeof value !== "object" || value === null || Array.isArray(value)) return mismatch(findings, value, path, field.type);
      return type === undefined ? structuredClone(value) : decodeMessage(value as Record<string, unknown>, type, path, findings);
    }
  }
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function isQuantity(value: string): boolean {
  try {
    parseQuantity(value);
    return true;
  } catch {
    return false;
  }
}

function refuse(findings: Findings, message: string): undefined {
  findings.mismatch ??= message;
  return undefined;
}

function mismatch(findings: Findings, value: unknown, path: string, expected: string): undefined {
  const found = Array.isArray(value) ? "array" : value === null ? "null" : typeof value === "boolean" ? "bool" : typeof value;
  findings.mismatch ??= `json: cannot unmarshal ${found} into Go struct field .${path} of type ${expected}`;
  return undefined;
}

const goTypes: Readonly<Record<string, string>> = {
  s: "string",
  i: "int32",
  b: "bool",
  d: "float64",
  y: "[]uint8",
  time: "v1.Time",
  microtime: "v1.MicroTime",
  quantity: "resource.Quantity",
  intorstring: "intstr.IntOrString",
};
function goType(type: string): string {
  return goTypes[type] ?? type;
}
