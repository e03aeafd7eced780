/** The transport of the kube package: HTTP client, kubeconfig, credentials. */
export type { ClusterConfig, CredentialSource, Credentials, TlsConfig } from "./cluster-config.ts";
export type { HttpClientOptions } from "./http-client.ts";
export { createHttpClient } from "./http-client.ts";
export type { Kubeconfig, KubeconfigEntry } from "./kubeconfig.ts";
export { mergeKubeconfigs, parseKubeconfig } from "./kubeconfig.ts";
export type { LoadKubeconfigOptions } from "./load-kubeconfig.ts";
export { loadKubeconfig, resolveKubeconfig } from "./load-kubeconfig.ts";
