/** What the engine remembers beside Kruise's status fields: one annotation on the Rollout, gone while nothing happens. */
import { isJsonObject } from "@slipway/std";
import type { ActName, Guard, ReleaseState } from "../../model/state.ts";

export interface Remembered {
  readonly acted: Readonly<Partial<Record<ActName, number>>>;
  readonly guard?: Guard;
  /** The status has no word for a workload that went away in mid-release. */
  readonly exit?: "orphaned";
}

const nothing: Remembered = { acted: {} };

/** Unreadable text counts as absent: then waits for the data plane begin anew with the next act. */
export function parseRemembered(text: string | undefined): Remembered {
  if (text === undefined) return nothing;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return nothing;
  }
  if (!isJsonObject(value) || value["version"] !== 1) return nothing;
  const { acted, guard, exit } = value;
  return {
    acted: isJsonObject(acted)
      ? (Object.fromEntries(Object.entries(acted).filter(([, at]) => typeof at === "number")) as Remembered["acted"])
      : {},
    ...(guard === "admission" || guard === "late" ? { guard } : {}),
    ...(exit === "orphaned" ? { exit } : {}),
  };
}

/** `undefined` when there is nothing to remember. */
export function formatRemembered(state: ReleaseState): string | undefined {
  const acted = Object.keys(state.acted).length === 0 ? undefined : state.acted;
  const exit = state.exit === "orphaned" ? state.exit : undefined;
  if (acted === undefined && state.guard === undefined && exit === undefined) return undefined;
  return JSON.stringify({ version: 1, guard: state.guard, exit, acted });
}
