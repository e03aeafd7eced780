/**
 * api: our custom resources. One schema value a kind (`rollout/`, `workflow/`); types and CRDs are generated from it.
 */
import type { KubeObject } from "@slipway/kube";
import { crdOf } from "./kind.ts";
import { kinds } from "./kinds.ts";

export type { KindDefinition, KindVersion, PrinterColumn, Schema } from "./kind.ts";
export { crdOf, resourceOf } from "./kind.ts";
export { kinds } from "./kinds.ts";

/** The CustomResourceDefinition objects of every kind. */
export const crds: readonly KubeObject[] = kinds.map(crdOf);
