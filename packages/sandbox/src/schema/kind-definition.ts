import type { KubeObject } from "@slipway/kube";
import type { FieldProblem } from "./field-problem.ts";

/** A column of a kind's `Table` form. */
export interface TableColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly format?: string;
  readonly description?: string;
  /** 0 is always shown, 1 with `-o wide`. Default 0. */
  readonly priority?: number;
  /** The cell; `nowMs` is the server clock, for ages. */
  value(object: KubeObject, nowMs: number): unknown;
}

/** What `/scale` reads and writes; paths are field names below the object. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** A field that holds a metav1.LabelSelector or its text. */
  readonly selector: readonly string[] | undefined;
}

export type SubresourceName = "status" | "scale" | "finalize" | "log" | "eviction" | "binding";

/** What the registry knows of a kind; one for each built-in kind, and one made for each version of a CRD. */
export interface KindDefinition {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  /** Default: `kind` in lower case. */
  readonly singular?: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly SubresourceName[];
  /** Only `create`, nothing is stored: reviews. */
  readonly virtual?: boolean;
  /** Whether `metadata.generation` counts changes outside metadata and status. Default: true. */
  readonly hasGeneration?: boolean;
  readonly nameRule?: "subdomain" | "label" | "label1035";
  /** Message of `message-types.ts`; absent: unknown fields are not looked for. */
  readonly message?: string;
  readonly scale?: ScalePaths;
  /** Dotted fields that field selectors may use besides `metadata.name` and `metadata.namespace`. */
  readonly selectableFields?: readonly string[];
  readonly columns?: readonly TableColumn[];
  /** Fills absent fields in place; runs before and after mutating admission. */
  readonly setDefaults?: (object: KubeObject) => void;
  /** Removes or sets what a creator may not decide; in place. */
  readonly prepareCreate?: (object: KubeObject) => void;
  /** Carries over what an updater may not decide; in place. */
  readonly prepareUpdate?: (next: KubeObject, old: KubeObject) => void;
  readonly validate?: (object: KubeObject) => FieldProblem[];
  readonly validateUpdate?: (next: KubeObject, old: KubeObject) => FieldProblem[];
}
