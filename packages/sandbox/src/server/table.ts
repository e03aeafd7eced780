/** The `Table` form of objects: what `kubectl get` prints. */
import type { KubeObject } from "@slipway/kube";
import { ageColumn, nameColumn } from "../schema/columns.ts";
import type { TableColumn } from "../schema/kind-definition.ts";
import { eventToCore } from "./event-conversion.ts";
import type { ServedResource } from "./served-resource.ts";

export type IncludeObject = "None" | "Metadata" | "Object";

const nameDescription =
  "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically.";

export interface TableMetadata {
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** `withColumns: false` leaves the definitions out: later events of a watch do not repeat them. */
export function toTable(
  served: ServedResource,
  objects: readonly KubeObject[],
  nowMs: number,
  include: IncludeObject,
  metadata: TableMetadata,
  withColumns = true,
): object {
  const columns = served.definition.columns ?? [nameColumn, ageColumn];
  const isEventsView = served.group === "events.k8s.io";
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: withColumns ? columns.map(describeColumn) : null,
    rows: objects.map((object) => {
      const shown = isEventsView ? eventToCore(object) : object;
      return {
        cells: columns.map((column) => column.value(shown, nowMs) ?? null),
        ...(include === "None" ? {} : { object: include === "Object" ? object : toPartialMetadata(object) }),
      };
    }),
  };
}

function describeColumn(column: TableColumn): object {
  return {
    name: column.name,
    type: column.type,
    format: column.format ?? "",
    description: column.description ?? (column.format === "name" ? nameDescription : ""),
    priority: column.priority ?? 0,
  };
}

export function toPartialMetadata(object: KubeObject): KubeObject {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata };
}
