/**
 * Validation by a structural schema, with the API server's messages (kube-openapi's validators as apiextensions words
 * them). Each finding carries `args.reason`, the `reason` of a Status cause.
 *
 * Not here yet: CEL rules (`x-kubernetes-validations`), ratcheting, and the rarer formats. Patterns are run by the
 * JavaScript engine, not RE2: the dialects agree on what CRDs use in practice.
 */
import type { Diagnostic } from "@slipway/std";
import { deepEqual, stableStringify } from "@slipway/std";
import { getOwn, isRecord } from "../own-property.ts";
import type { FieldPath, StructuralSchema } from "./structural-schema.ts";
import { formatFieldPath } from "./structural-schema.ts";

export type CauseReason =
  | "FieldValueInvalid"
  | "FieldValueRequired"
  | "FieldValueNotSupported"
  | "FieldValueDuplicate"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "FieldValueTypeInvalid";

const codes: Readonly<Record<CauseReason, string>> = {
  FieldValueInvalid: "SCHEMA_INVALID",
  FieldValueRequired: "SCHEMA_REQUIRED",
  FieldValueNotSupported: "SCHEMA_NOT_SUPPORTED",
  FieldValueDuplicate: "SCHEMA_DUPLICATE",
  FieldValueTooLong: "SCHEMA_TOO_LONG",
  FieldValueTooMany: "SCHEMA_TOO_MANY",
  FieldValueTypeInvalid: "SCHEMA_TYPE",
};

type Report = (reason: CauseReason, path: FieldPath, message: string) => void;

/** Everything that is wrong with `value`; empty when it conforms. `path` is the path of `value` itself, default the root. */
export function validateBySchema(schema: StructuralSchema, value: unknown, path: FieldPath = []): Diagnostic[] {
  const found: Diagnostic[] = [];
  check(schema, value, path, (reason, at, message) => {
    found.push({ code: codes[reason], severity: "error", path: at, at: [], message, args: { reason } });
  });
  return found;
}

/** How messages name the field; made only when there is something to say. */
function inBody(path: FieldPath): string {
  const name = formatFieldPath(path);
  return name === "" ? "in body" : `${name} in body`;
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function hasType(type: string, value: unknown): boolean {
  const actual = typeName(value);
  return actual === type || (type === "number" && actual === "integer");
}

function check(schema: StructuralSchema, value: unknown, path: FieldPath, report: Report): void {
  const invalid = (message: string): void => report("FieldValueInvalid", path, `Invalid value: ${JSON.stringify(value)}: ${message}`);

  if (value === null && schema.nullable === true) return;
  const intOrString = schema["x-kubernetes-int-or-string"] === true;
  const expected = intOrString ? "integer,string" : schema.type;
  if (expected !== undefined && !expected.split(",").some((type) => hasType(type, value))) {
    const actual = JSON.stringify(typeName(value));
    report("FieldValueTypeInvalid", path, `Invalid value: ${actual}: ${inBody(path)} must be of type ${expected}: ${actual}`);
    return;
  }
  if (schema.enum !== undefined && !schema.enum.some((allowed) => deepEqual(allowed, value))) {
    const list = schema.enum.map((allowed) => JSON.stringify(allowed)).join(", ");
    report("FieldValueNotSupported", path, `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`);
  }
  if (typeof value === "string") checkString(schema, value, path, report);
  else if (typeof value === "number") checkNumber(schema, value, path, invalid);
  else if (Array.isArray(value)) checkArray(schema, value, path, report);
  else if (isRecord(value)) checkObject(schema, value, path, report);
  checkCombinations(schema, value, path, report);
}

function checkString(schema: StructuralSchema, value: string, path: FieldPath, report: Report): void {
  const invalid = (message: string): void => report("FieldValueInvalid", path, `Invalid value: ${JSON.stringify(value)}: ${message}`);
  if (schema.minLength !== undefined || schema.maxLength !== undefined) {
    const length = Array.from(value).length;
    if (schema.maxLength !== undefined && length > schema.maxLength) {
      report("FieldValueTooLong", path, `Too long: may not be more than ${schema.maxLength} bytes`);
    }
    if (schema.minLength !== undefined && length < schema.minLength)
      invalid(`${inBody(path)} should be at least ${schema.minLength} chars long`);
  }
  if (schema.pattern !== undefined && patternOf(schema.pattern)?.test(value) === false)
    invalid(`${inBody(path)} should match '${schema.pattern}'`);
  const format = schema.format === undefined ? undefined : formats[schema.format];
  if (format !== undefined && !format.test(value)) invalid(`${inBody(path)} must be of type ${schema.format}: ${JSON.stringify(value)}`);
}

const patterns = new Map<string, RegExp | undefined>();

/** Compiled once a pattern; `undefined` for one that JavaScript cannot read, which then accepts everything. */
function patternOf(source: string): RegExp | undefined {
  if (patterns.has(source)) return patterns.get(source);
  let compiled: RegExp | undefined;
  for (const flags of ["u", ""]) {
    try {
      compiled = new RegExp(source, flags);
      break;
    } catch {
      // The other flag, or none at all.
    }
  }
  patterns.set(source, compiled);
  return compiled;
}

const formats: Readonly<Record<string, RegExp>> = {
  "date-time": /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
  uuid: /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i,
  ipv4: /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.|$)){4}$/,
  byte: /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
};

function checkNumber(schema: StructuralSchema, value: number, path: FieldPath, invalid: (message: string) => void): void {
  const { minimum, maximum, multipleOf } = schema;
  if (maximum !== undefined && (schema.exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    invalid(`${inBody(path)} should be less than ${schema.exclusiveMaximum === true ? "" : "or equal to "}${maximum}`);
  }
  if (minimum !== undefined && (schema.exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    invalid(`${inBody(path)} should be greater than ${schema.exclusiveMinimum === true ? "" : "or equal to "}${minimum}`);
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) invalid(`${inBody(path)} should be a multiple of ${multipleOf}`);
  if (schema.format === "int32" && (value > 2 ** 31 - 1 || value < -(2 ** 31)))
    invalid(`${inBody(path)} must be of type integer with format int32`);
}

function checkArray(schema: StructuralSchema, value: readonly unknown[], path: FieldPath, report: Report): void {
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    report("FieldValueTooMany", path, `Too many: ${value.length}: must have at most ${schema.maxItems} items`);
  }
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    report("FieldValueInvalid", path, `Invalid value: ${value.length}: ${inBody(path)} should have at least ${schema.minItems} items`);
  }
  const items = schema.items;
  if (items !== undefined) value.forEach((item, index) => check(items, item, [...path, index], report));

  const listType = schema["x-kubernetes-list-type"];
  if (listType !== "set" && listType !== "map") return;
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const seen = new Set<string>();
  value.forEach((item, index) => {
    // An absent key counts with its default; without one the item is told apart by what it has.
    const identity = listType === "set" || !isRecord(item) ? item : keysOf(item, keys, items);
    const text = stableStringify(identity);
    if (seen.has(text)) report("FieldValueDuplicate", [...path, index], `Duplicate value: ${text}`);
    seen.add(text);
  });
}

function keysOf(item: Record<string, unknown>, keys: readonly string[], items: StructuralSchema | undefined): Record<string, unknown> {
  return Object.fromEntries(keys.map((key) => [key, getOwn(item, key) ?? items?.properties?.[key]?.default]));
}

function checkObject(schema: StructuralSchema, value: Record<string, unknown>, path: FieldPath, report: Report): void {
  const size = Object.values(value).filter((child) => child !== undefined).length;
  if (schema.maxProperties !== undefined && size > schema.maxProperties) {
    report("FieldValueTooMany", path, `Too many: ${size}: must have at most ${schema.maxProperties} items`);
  }
  if (schema.minProperties !== undefined && size < schema.minProperties) {
    report("FieldValueInvalid", path, `Invalid value: ${size}: ${inBody(path)} should have at least ${schema.minProperties} properties`);
  }
  for (const key of schema.required ?? []) {
    if (getOwn(value, key) === undefined) report("FieldValueRequired", [...path, key], "Required value");
  }
  for (const [key, child] of Object.entries(value)) {
    if (child === undefined) continue;
    const known = getOwn(schema.properties ?? {}, key) as StructuralSchema | undefined;
    const inner = known ?? (typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined);
    if (inner !== undefined) check(inner, child, [...path, key], report);
  }
  if (schema["x-kubernetes-embedded-resource"] === true) {
    for (const key of ["apiVersion", "kind"]) {
      const text = getOwn(value, key);
      if ((text === undefined || text === "") && schema.required?.includes(key) !== true)
        report("FieldValueRequired", [...path, key], "must not be empty");
    }
  }
}

function checkCombinations(schema: StructuralSchema, value: unknown, path: FieldPath, report: Report): void {
  const conforms = (candidate: StructuralSchema): boolean => validateBySchema(candidate, value, path).length === 0;
  const invalid = (message: string): void =>
    report("FieldValueInvalid", path, `Invalid value: ${JSON.stringify("")}: ${JSON.stringify(formatFieldPath(path))} ${message}`);
  for (const part of schema.allOf ?? []) check(part, value, path, report);
  if (schema.anyOf !== undefined && !schema.anyOf.some(conforms)) invalid("must validate at least one schema (anyOf)");
  if (schema.oneOf !== undefined) {
    const matching = schema.oneOf.filter(conforms).length;
    if (matching === 0) invalid("must validate one and only one schema (oneOf). Found none valid");
    else if (matching > 1) invalid(`must validate one and only one schema (oneOf). Found ${matching} valid alternatives`);
  }
  if (schema.not !== undefined && conforms(schema.not)) invalid("must not validate the schema (not)");
}
