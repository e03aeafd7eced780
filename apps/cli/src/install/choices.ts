/** What a user chose of an installation; the rest is the default of the version that is installed. */
import type { FeatureName, InstallOptions } from "@slipway/install";
import { defaultOptions, featureNames, managedByLabel } from "@slipway/install";
import { isJsonObject } from "@slipway/std";

/** Kept in the cluster, so that an upgrade does not undo them. */
export interface Choices {
  readonly image?: string;
  readonly replicas?: number;
  readonly features?: readonly FeatureName[];
  readonly logLevel?: string;
  readonly tracingEndpoint?: string;
}

/** Value of `app.kubernetes.io/managed-by` of everything that these commands apply, and remove again. */
export const managedBy = "slipway";

export function optionsFor(namespace: string, choices: Choices): InstallOptions {
  return { ...defaultOptions, ...choices, namespace, labels: { [managedByLabel]: managedBy } };
}

/** Reads what `JSON.stringify(choices)` wrote; what it does not know is left out. */
export function parseChoices(text: string): Choices {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {};
  }
  if (!isJsonObject(value)) return {};
  const { image, replicas, features, logLevel, tracingEndpoint } = value;
  return {
    ...(typeof image === "string" ? { image } : {}),
    ...(typeof replicas === "number" ? { replicas } : {}),
    ...(Array.isArray(features) ? { features: featureNames.filter((name) => features.includes(name)) } : {}),
    ...(typeof logLevel === "string" ? { logLevel } : {}),
    ...(typeof tracingEndpoint === "string" ? { tracingEndpoint } : {}),
  };
}
