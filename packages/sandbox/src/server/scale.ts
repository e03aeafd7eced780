/** `/scale`: the autoscaling/v1 view of anything that has replicas. */
import type { KubeObject } from "@slipway/kube";
import { formatLabelSelector } from "@slipway/kube";
import { cloneJson } from "@slipway/std";
import type { Fields } from "../schema/fields.ts";
import { child, count, ensure, valueAt } from "../schema/fields.ts";
import { invalid } from "../schema/field-problem.ts";
import { invalidObject, noSuchResource } from "./api-errors.ts";
import { scaleSelectorText } from "./custom-kinds.ts";
import type { ServedResource } from "./served-resource.ts";

export function toScale(served: ServedResource, object: KubeObject): KubeObject {
  const paths = served.definition.scale;
  if (paths === undefined) throw noSuchResource();
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = scaleSelectorText(object, paths, formatLabelSelector);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject["metadata"],
    spec: { replicas: count(valueAt(object, paths.specReplicas)) },
    status: { replicas: count(valueAt(object, paths.statusReplicas)), ...(selector === "" ? {} : { selector }) },
  };
}

/** `current` with the replicas that `scale` asks for. */
export function fromScale(served: ServedResource, current: KubeObject, scale: unknown): KubeObject {
  const paths = served.definition.scale;
  if (paths === undefined) throw noSuchResource();
  const replicas = child(scale, "spec")["replicas"] ?? 0;
  if (typeof replicas !== "number" || !Number.isInteger(replicas) || replicas < 0) {
    throw invalidObject({ group: "autoscaling", kind: "Scale" }, current.metadata.name ?? "", [
      invalid("spec.replicas", replicas, "must be greater than or equal to 0"),
    ]);
  }
  const next = cloneJson(current);
  let at = next as Fields;
  for (const part of paths.specReplicas.slice(0, -1)) at = ensure(at, part);
  at[paths.specReplicas[paths.specReplicas.length - 1] ?? "replicas"] = replicas;
  return next;
}
