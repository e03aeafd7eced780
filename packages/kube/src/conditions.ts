/** `status.conditions[]`: one entry a type. */
import { formatTimestamp } from "@slipway/std";

export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime?: string;
  readonly lastUpdateTime?: string;
}

export interface SetConditionOptions {
  /** Also keep `lastUpdateTime`, as Deployments and Kruise Rollouts do. Default false. */
  readonly withUpdateTime?: boolean;
}

export function getCondition<C extends Condition>(conditions: readonly C[] | undefined, type: string): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** True when the condition exists and its status is `True`. */
export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return getCondition(conditions, type)?.status === "True";
}

/**
 * The list with `next` in it, stamped. The very same list comes back when nothing but times would change, so that a
 * caller may compare by identity and skip the write. `lastTransitionTime` moves only when `status` changes.
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  next: Omit<Condition, "lastTransitionTime" | "lastUpdateTime">,
  nowMs: number,
  options: SetConditionOptions = {},
): readonly Condition[] {
  const list = conditions ?? [];
  const present = getCondition(list, next.type);
  if (
    present !== undefined &&
    present.status === next.status &&
    (present.reason ?? "") === (next.reason ?? "") &&
    (present.message ?? "") === (next.message ?? "") &&
    present.observedGeneration === next.observedGeneration
  ) {
    return list;
  }
  const now = formatTimestamp(nowMs);
  const transition = present?.status === next.status ? (present.lastTransitionTime ?? now) : now;
  const stamped: Condition = {
    ...next,
    lastTransitionTime: transition,
    ...(options.withUpdateTime === true ? { lastUpdateTime: now } : {}),
  };
  return present === undefined ? [...list, stamped] : list.map((condition) => (condition === present ? stamped : condition));
}
