import type { Feature } from "@slipway/controller";

/** Everything that the product does. Empty until the operator package offers its features. */
export function defaultFeatures(): readonly Feature[] {
  return [];
}
