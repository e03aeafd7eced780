import { invariant } from "./errors.ts";

/** Kubernetes `metav1.Time`: RFC 3339 in UTC with second precision, e.g. `2026-01-02T03:04:05Z`. */
export function formatTimestamp(epochMs: number): string {
  return at(epochMs)
    .toISOString()
    .replace(/\.\d{3}Z$/, "Z");
}

/** Milliseconds since the epoch, or `undefined` when `text` is absent or not an RFC 3339 time. */
export function parseTimestamp(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined || text === "") return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** The `Date` of a given instant. The only way to a `Date` in deterministic packages: it never means "now". */
export function at(epochMs: number): Date {
  invariant(Number.isFinite(epochMs), "instant must be finite");
  return new Date(epochMs);
}
