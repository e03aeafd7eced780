/** From findings to the API server's 422 answer. */
import type { Diagnostic } from "@slipway/std";
import type { KubeStatus } from "../status.ts";
import { formatFieldPath } from "./structural-schema.ts";

/** The Status of a refused object: `Rollout.rollouts.kruise.io "web" is invalid: spec.strategy: Required value`. */
export function invalidStatus(
  object: { readonly group: string; readonly kind: string; readonly name: string },
  findings: readonly Diagnostic[],
): KubeStatus {
  const causes = findings.map((finding) => ({
    reason: typeof finding.args?.["reason"] === "string" ? finding.args["reason"] : "FieldValueInvalid",
    message: finding.message,
    field: formatFieldPath(finding.path),
  }));
  const lines = [...new Set(causes.map((cause) => (cause.field === "" ? cause.message : `${cause.field}: ${cause.message}`)))];
  const kind = object.group === "" ? object.kind : `${object.kind}.${object.group}`;
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: `${kind} ${JSON.stringify(object.name)} is invalid: ${lines.length === 1 ? lines[0] : `[${lines.join(", ")}]`}`,
    reason: "Invalid",
    details: { name: object.name, group: object.group, kind: object.kind, causes },
    code: 422,
  };
}
