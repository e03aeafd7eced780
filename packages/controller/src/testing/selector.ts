/** Selector text of list and watch, for the fake client. */
import type { KubeObject, Selectors } from "@slipway/kube";
import { isJsonObject } from "@slipway/std";

export function selects(selectors: Selectors, object: KubeObject): boolean {
  return matchesLabels(selectors.labelSelector ?? "", object.metadata.labels ?? {}) && matchesFields(selectors.fieldSelector ?? "", object);
}

function matchesLabels(selector: string, labels: Readonly<Record<string, string>>): boolean {
  // A comma inside `in (a,b)` is not a separator.
  return selector
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .every((part) => {
      const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(part);
      if (set !== null) {
        const value = labels[set[1] ?? ""];
        const listed = value !== undefined && (set[3] ?? "").split(",").some((item) => item.trim() === value);
        return set[2] === "in" ? listed : !listed;
      }
      const comparison = /^([^=!\s]+)\s*(!=|==?)\s*(\S*)$/.exec(part);
      if (comparison !== null) return (labels[comparison[1] ?? ""] === (comparison[3] ?? "")) === (comparison[2] !== "!=");
      return part.startsWith("!") ? !(part.slice(1) in labels) : part in labels;
    });
}

function matchesFields(selector: string, object: KubeObject): boolean {
  return selector
    .split(",")
    .filter((part) => part !== "")
    .every((part) => {
      const [, path = "", operator, wanted] = /^([^=!]+)(!=|==?)(.*)$/.exec(part) ?? [];
      const found = path.split(".").reduce<unknown>((value, field) => (isJsonObject(value) ? value[field] : undefined), object);
      return (String(found ?? "") === wanted) === (operator !== "!=");
    });
}
