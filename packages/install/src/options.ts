/** What an installation lets its user choose. */
import { defaultNamespace } from "./names.ts";

/** Parts of the product that can be left out; each brings its own ClusterRole. */
export type FeatureName = "rollout" | "workflow" | "application";

export const featureNames: readonly FeatureName[] = ["rollout", "workflow", "application"];

export interface InstallOptions {
  /** Default `slipway-system`. */
  readonly namespace: string;
  /** Image of the manager. Default `slipway-manager:<version>`. */
  readonly image: string;
  /** Replicas of the manager. Default 2. */
  readonly replicas: number;
  /** Default: all. */
  readonly features: readonly FeatureName[];
  /** `error`, `warn`, `info` or `debug`. Default `info`. */
  readonly logLevel: string;
  /** Base URL of the OTLP/HTTP receiver that the manager sends traces to. Default: empty, no traces. */
  readonly tracingEndpoint: string;
  /** Put on every object but the CRDs, besides the common ones. Default: none. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Version of the manifests, and tag of the default image. */
export const version = "0.1.0";

export const defaultOptions: InstallOptions = {
  namespace: defaultNamespace,
  image: `slipway-manager:${version}`,
  replicas: 2,
  features: featureNames,
  logLevel: "info",
  tracingEndpoint: "",
  labels: {},
};
