/**
 * Codes of the AppErrors that this package throws, besides `KUBE_API` (status.ts).
 *
 * - `KUBE_TRANSPORT`: no (complete) answer came from the API server.
 * - `KUBE_CONFIG`: a kubeconfig, or a file or plugin it names, cannot be used.
 * - `KUBE_SELECTOR`, `KUBE_JSON_PATH`, `KUBE_QUANTITY`, `KUBE_INT_OR_PERCENT`: text that does not parse.
 * - `KUBE_PATCH_MALFORMED`: a patch that can never apply (the API server's 400).
 * - `KUBE_PATCH_FAILED`: a well-formed patch that does not fit this document (the API server's 422).
 */
export type KubeErrorCode =
  | "KUBE_TRANSPORT"
  | "KUBE_CONFIG"
  | "KUBE_SELECTOR"
  | "KUBE_JSON_PATH"
  | "KUBE_QUANTITY"
  | "KUBE_INT_OR_PERCENT"
  | "KUBE_PATCH_MALFORMED"
  | "KUBE_PATCH_FAILED";
