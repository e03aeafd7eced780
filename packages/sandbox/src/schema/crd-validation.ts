import type { KubeObject } from "@slipway/kube";
import type { FieldProblem } from "./field-problem.ts";
import { invalid, notSupported, required } from "./field-problem.ts";
import { child, items, text } from "./fields.ts";

/** The rules of a CustomResourceDefinition that decide whether it can be served at all. */
export function validateCustomResourceDefinition(crd: KubeObject): FieldProblem[] {
  const spec = child(crd, "spec");
  const names = child(spec, "names");
  const problems: FieldProblem[] = [];
  for (const field of ["group", "scope"]) if (text(spec[field]) === "") problems.push(required(`spec.${field}`));
  for (const field of ["plural", "kind"]) if (text(names[field]) === "") problems.push(required(`spec.names.${field}`));
  const expected = `${text(names["plural"])}.${text(spec["group"])}`;
  if (crd.metadata.name !== expected) {
    problems.push(invalid("metadata.name", crd.metadata.name ?? "", 'must be spec.names.plural+"."+spec.group'));
  }
  const scope = text(spec["scope"]);
  if (scope !== "" && scope !== "Namespaced" && scope !== "Cluster")
    problems.push(notSupported("spec.scope", scope, ["Cluster", "Namespaced"]));
  const versions = items(spec["versions"]);
  if (versions.length === 0) problems.push(required("spec.versions", "must have at least one version"));
  else if (versions.filter((version) => version["storage"] === true).length !== 1) {
    problems.push(
      invalid(
        "spec.versions",
        versions.map((version) => text(version["name"])),
        "must have exactly one version marked as storage version",
      ),
    );
  }
  versions.forEach((version, index) => {
    const schema = child(version, "schema")["openAPIV3Schema"];
    if (schema === undefined) problems.push(required(`spec.versions[${index}].schema.openAPIV3Schema`, "schemas are required"));
    else if (text(child(version, "schema", "openAPIV3Schema")["type"]) !== "object") {
      problems.push(
        invalid(
          `spec.versions[${index}].schema.openAPIV3Schema.type`,
          child(version, "schema", "openAPIV3Schema")["type"] ?? "",
          "must be object at the root",
        ),
      );
    }
  });
  const conversion = child(spec, "conversion");
  const strategy = text(conversion["strategy"]);
  if (strategy !== "None" && strategy !== "Webhook") problems.push(notSupported("spec.conversion.strategy", strategy, ["None", "Webhook"]));
  if (strategy === "Webhook" && Object.keys(child(conversion, "webhook", "clientConfig")).length === 0) {
    problems.push(required("spec.conversion.webhook.clientConfig", "required when strategy is set to Webhook"));
  }
  return problems;
}
