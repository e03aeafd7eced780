import { dns1035LabelProblem, dnsLabelProblem, dnsSubdomainProblem } from "@slipway/kube";
import type { RandomSource } from "@slipway/std";
import { randomString } from "@slipway/std";
import type { FieldProblem } from "../schema/field-problem.ts";
import { invalid } from "../schema/field-problem.ts";
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
