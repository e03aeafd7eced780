/** `intstr.IntOrString`: a whole number, or a percentage such as `"25%"`. */
import { AppError } from "@slipway/std";

export type IntOrString = number | string;

const percent = /^\d+%$/;

/** A non-negative-percentage string or a whole number; anything else makes `scaleIntOrPercent` throw. */
export function isIntOrPercent(value: unknown): value is IntOrString {
  return typeof value === "number" ? Number.isInteger(value) : typeof value === "string" && percent.test(value);
}

/**
 * `value` as a count out of `total`: a number as it is (not clamped), a percentage scaled and rounded. Throws
 * `KUBE_INT_OR_PERCENT` for anything else, also for digits without `%`, as Go's intstr does.
 */
export function scaleIntOrPercent(value: IntOrString, total: number, rounding: "up" | "down"): number {
  if (!isIntOrPercent(value)) {
    throw new AppError(
      "KUBE_INT_OR_PERCENT",
      `invalid value for IntOrString: ${JSON.stringify(value)} is neither a whole number nor a percentage`,
      {
        retry: "never",
      },
    );
  }
  if (typeof value === "number") return value;
  // Multiply first: `0.07 * 100` is not 7 in floating point.
  const scaled = (Number(value.slice(0, -1)) * total) / 100;
  return rounding === "up" ? Math.ceil(scaled) : Math.floor(scaled);
}
