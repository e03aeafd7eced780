/**
 * kube: the Kubernetes object model, what one does with objects (selectors, patches, schemas, quantities, YAML), and
 * the client contract. Pure; the HTTP transport lives in `@slipway/kube/node`.
 *
 * Start reading at `object.ts` and `client.ts`; then `patch/` and `schema/`, the two that hold rules worth knowing.
 */
export type { GroupVersionKind, KubeList, KubeObject, ObjectKey, ObjectMeta, OwnerReference, Resource } from "./object.ts";
export { controllerOf, formatApiVersion, formatKey, keyOf, parseApiVersion, parseKey } from "./object.ts";
export { resources } from "./resources.ts";
export type { KubeStatus } from "./status.ts";
export { apiError, apiErrorCode, apiStatusOf, isAlreadyExists, isConflict, isGone, isInvalid, isNotFound } from "./status.ts";
export type {
  DeleteOptions,
  KubeClient,
  ListOptions,
  PatchBody,
  RawRequest,
  RawResponse,
  ReadOptions,
  Selectors,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "./client.ts";
export type { KubeErrorCode } from "./errors.ts";
export { dns1035LabelProblem, dnsLabelProblem, dnsSubdomainProblem, labelValueProblem, qualifiedNameProblem } from "./names.ts";
export type { FieldRequirement, FieldSelector, LabelOperator, LabelRequirement, LabelSelector, LabelSelectorObject } from "./selectors.ts";
export {
  formatLabelSelector,
  labelSelectorFromObject,
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
} from "./selectors.ts";
export type { JsonPatchOperation } from "./patch/json-patch.ts";
export { applyJsonPatch } from "./patch/json-patch.ts";
export { applyMergePatch, createMergePatch, threeWayMergePatch } from "./patch/merge-patch.ts";
export type { PatchSchema } from "./patch/strategic-merge-patch.ts";
export { applyStrategicMergePatch, threeWayStrategicPatch } from "./patch/strategic-merge-patch.ts";
export { patchSchemaFor } from "./patch/patch-schemas.ts";
export type { CelValidation, FieldPath, StructuralSchema } from "./schema/structural-schema.ts";
export { formatFieldPath } from "./schema/structural-schema.ts";
export type { PruneResult } from "./schema/prune.ts";
export { pruneBySchema } from "./schema/prune.ts";
export { applySchemaDefaults } from "./schema/default.ts";
export type { CauseReason } from "./schema/validate.ts";
export { validateBySchema } from "./schema/validate.ts";
export { invalidStatus } from "./schema/invalid-status.ts";
export type { IntOrString } from "./int-or-string.ts";
export { isIntOrPercent, scaleIntOrPercent } from "./int-or-string.ts";
export type { Condition, SetConditionOptions } from "./conditions.ts";
export { getCondition, isConditionTrue, setCondition } from "./conditions.ts";
export { fnv1a32, hashPodTemplate, podTemplateHashLabel, podTemplatesEqual, safeEncode } from "./pod-template.ts";
export type { ResourcePathOptions } from "./resource-path.ts";
export { resourcePath } from "./resource-path.ts";
export type { Quantity, QuantityFormat } from "./quantity.ts";
export { addQuantities, compareQuantities, formatQuantity, parseQuantity, quantityToNumber } from "./quantity.ts";
export type { JsonPath } from "./json-path.ts";
export { compileJsonPath, evaluateJsonPath } from "./json-path.ts";
export type { ParsedManifest, ParsedObject } from "./yaml.ts";
export { parseYamlDocuments, toYaml } from "./yaml.ts";
