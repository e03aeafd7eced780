/** `fieldValidation`: unknown and duplicate fields refuse the request (Strict), warn (Warn) or pass silently (Ignore). */
import type { KubeObject } from "@slipway/kube";
import { formatApiVersion } from "@slipway/kube";
import { isJsonObject } from "@slipway/std";
import { badRequest, invalidObject } from "./api-errors.ts";
import type { ServedResource } from "./served-resource.ts";

export interface FieldValidationContext {
  readonly fieldValidation: "Ignore" | "Warn" | "Strict";
  readonly duplicates: readonly string[];
  readonly warnings: string[];
}

/** The decoded object; throws 400 (422 for a patch's outcome) for one that cannot be taken. */
export function decodeOrRefuse(
  served: ServedResource,
  body: unknown,
  context: FieldValidationContext,
  operation: "create" | "update",
): KubeObject {
  if (!isJsonObject(body))
    throw badRequest(`${served.kind} in version "${served.version}" cannot be handled as a ${served.kind}: the body must be an object`);
  const apiVersion = formatApiVersion(served);
  const given = body as unknown as KubeObject;
  if (given.kind !== undefined && given.kind !== served.kind) {
    throw badRequest(
      `${String(given.kind)} in version "${String(given.apiVersion)}" cannot be handled as a ${served.kind}: the kind does not match the path`,
    );
  }
  if (given.apiVersion !== undefined && given.apiVersion !== apiVersion) {
    throw badRequest(`the API version in the data (${String(given.apiVersion)}) does not match the expected API version (${apiVersion})`);
  }
  const { object, unknown, mismatch } = served.decode({ ...given, apiVersion, kind: served.kind });
  if (mismatch !== undefined)
    throw badRequest(`${served.kind} in version "${served.version}" cannot be handled as a ${served.kind}: ${mismatch}`);
  if (context.fieldValidation === "Ignore") return object;
  const findings = [...unknown.map((path) => `unknown field "${path}"`), ...context.duplicates.map((path) => `duplicate field "${path}"`)];
  if (findings.length === 0) return object;
  if (context.fieldValidation === "Warn") {
    for (const finding of findings) if (!context.warnings.includes(finding)) context.warnings.push(finding);
    return object;
  }
  const text = `strict decoding error: ${findings.join(", ")}`;
  if (operation === "create")
    throw badRequest(`${served.kind} in version "${served.version}" cannot be handled as a ${served.kind}: ${text}`);
  throw invalidObject({ group: "", kind: "" }, "", [{ reason: "FieldValueInvalid", field: "patch", message: `Invalid value: ${text}` }]);
}
