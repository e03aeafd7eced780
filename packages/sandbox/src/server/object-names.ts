import type { KubeObject } from "@slipway/kube";
import { dns1035LabelProblem, dnsLabelProblem, dnsSubdomainProblem, labelValueProblem, qualifiedNameProblem } from "@slipway/kube";
import type { RandomSource } from "@slipway/std";
import { randomString } from "@slipway/std";
import type { FieldProblem } from "../schema/field-problem.ts";
import { invalid, required } from "../schema/field-problem.ts";
import type { KindDefinition } from "../schema/kind-definition.ts";

/** A version 4 UUID. */
export function createUid(random: RandomSource): string {
  const hex = randomString(random, 32, "0123456789abcdef");
  const variant = "89ab"[Math.floor(random.next() * 4)] ?? "8";
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Kubernetes' alphabet for generated names: no vowels, no look-alikes. */
export function generateName(random: RandomSource, prefix: string): string {
  return `${prefix.slice(0, 58)}${randomString(random, 5, "bcdfghjklmnpqrstvwxz2456789")}`;
}

export function validateName(definition: KindDefinition, name: string): FieldProblem[] {
  const check =
    definition.nameRule === "label" ? dnsLabelProblem : definition.nameRule === "label1035" ? dns1035LabelProblem : dnsSubdomainProblem;
  const problem = check(name);
  return problem === undefined ? [] : [invalid("metadata.name", name, problem)];
}

const annotationLimitBytes = 256 * 1024;

/** Labels, annotations, finalizers and owners: the part of validation that all kinds share. */
export function validateMetadata(metadata: KubeObject["metadata"]): FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    const badKey = qualifiedNameProblem(key);
    if (badKey !== undefined) problems.push(invalid("metadata.labels", key, badKey));
    const badValue = labelValueProblem(value);
    if (badValue !== undefined) problems.push(invalid("metadata.labels", value, badValue));
  }
  let annotationBytes = 0;
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) {
    annotationBytes += key.length + value.length;
    const badKey = qualifiedNameProblem(key.toLowerCase());
    if (badKey !== undefined) problems.push(invalid("metadata.annotations", key, badKey));
  }
  if (annotationBytes > annotationLimitBytes) {
    problems.push({
      reason: "FieldValueInvalid",
      field: "metadata.annotations",
      message: `Too long: may not be more than ${annotationLimitBytes} bytes`,
    });
  }
  for (const finalizer of metadata.finalizers ?? []) {
    const bad = qualifiedNameProblem(finalizer);
    if (bad !== undefined) problems.push(invalid("metadata.finalizers", finalizer, bad));
  }
  (metadata.ownerReferences ?? []).forEach((owner, index) => {
    for (const field of ["apiVersion", "kind", "name", "uid"] as const) {
      if (!owner[field]) problems.push(required(`metadata.ownerReferences[${index}].${field}`, `${field} must not be empty`));
    }
  });
  const controllers = (metadata.ownerReferences ?? []).filter((owner) => owner.controller === true);
  if (controllers.length > 1) {
    problems.push(
      invalid(
        "metadata.ownerReferences",
        controllers.map((owner) => owner.name),
        "Only one reference can have Controller set to true",
      ),
    );
  }
  return problems;
}
