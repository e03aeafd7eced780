import type { KubeObject } from "@slipway/kube";
import { apiStatusOf, applyJsonPatch, applyMergePatch, applyStrategicMergePatch, patchSchemaFor } from "@slipway/kube";
import { errorMessage, isAppError, isJsonObject } from "@slipway/std";
import { invalid } from "../schema/field-problem.ts";
import { badRequest, invalidObject, unsupportedMediaType } from "./api-errors.ts";
import type { ServedResource } from "./served-resource.ts";

export type PatchType = "json" | "merge" | "strategic";

export const patchTypes: Readonly<Record<string, PatchType>> = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
};

/** Why server-side apply is refused: clients fall back or tell their user. */
export const applyRefusal = "server-side apply is not supported by this server yet: use a merge, strategic or json patch";

/** The patch types that a kind takes; custom kinds have no merge keys, so strategic patches are refused with 415. */
export function checkPatchType(served: ServedResource, type: PatchType): void {
  if (type === "strategic" && served.schema !== undefined) {
    throw unsupportedMediaType("application/strategic-merge-patch+json", ["application/json-patch+json", "application/merge-patch+json"]);
  }
}

/** The patched object; `current` stays as it is. Throws 400 for a malformed patch, 422 for one that does not fit. */
export function patchObject(served: ServedResource, current: KubeObject, type: PatchType, patch: unknown): unknown {
  const name = current.metadata.name ?? "";
  try {
    if (type === "json") {
      if (!Array.isArray(patch)) throw badRequest("a json patch must be a list of operations");
      return applyJsonPatch(current, patch as object[]);
    }
    if (!isJsonObject(patch)) throw badRequest("the patch must be an object");
    if (type === "merge") return applyMergePatch(current, patch);
    return applyStrategicMergePatch(current, patch, patchSchemaFor({ group: served.group, version: served.version, kind: current.kind }));
  } catch (error) {
    if (apiStatusOf(error) !== undefined) throw error;
    if (isAppError(error, "KUBE_PATCH_MALFORMED")) throw badRequest(error.message);
    if (isAppError(error, "KUBE_PATCH_FAILED")) throw invalidObject(served, name, [invalid("patch", patch, errorMessage(error))]);
    throw error;
  }
}
