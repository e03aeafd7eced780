/** One look of the engine: either the state moves on at once, or it rests until something changes. */
import type { Action, Decision, Happening, WaitingFor } from "../model/decision.ts";
import type { ReleasePlan } from "../model/plan.ts";
import type { ActName, ReleaseState } from "../model/state.ts";
import type { World } from "../model/world.ts";
import { objection } from "./governor.ts";

export interface Look {
  readonly plan: ReleasePlan;
  readonly world: World;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type Pass = { readonly type: "move"; readonly state: ReleaseState; readonly happening?: Happening } | Rest;
export interface Rest {
  readonly type: "rest";
  readonly decision: Decision;
}

export function move(state: ReleaseState, happening?: Happening): Pass {
  return { type: "move", state, ...(happening === undefined ? {} : { happening }) };
}

export function rest(state: ReleaseState, waitingFor?: WaitingFor, wakeAt?: number): Rest {
  return {
    type: "rest",
    decision: {
      state,
      actions: [],
      happenings: [],
      ...(waitingFor === undefined ? {} : { waitingFor }),
      ...(wakeAt === undefined ? {} : { wakeAt }),
    },
  };
}

/** Rests until a point in time. */
export function restUntil(state: ReleaseState, at: number, object: string, condition: string, since: number): Rest {
  return rest(state, { object, condition, since, deadline: at, unblock: "time" }, at);
}

/** Rests until the cluster does something; after the plan's deadline a person has to look. */
export function restFor(look: Look, state: ReleaseState, object: string, condition: string, since: number): Rest {
  const deadline = since + look.plan.progressDeadlineMs;
  // Woken once at the deadline, so that status and events say that it passed.
  return rest(state, { object, condition, since, deadline, unblock: "cluster" }, look.now < deadline ? deadline : undefined);
}

/**
 * Decides on an action, unless the governor objects. `name` remembers when, for the wait that follows; without it
 * nothing is remembered.
 */
export function act(look: Look, state: ReleaseState, action: Action, name?: ActName): Rest {
  const against = objection(action, look, state);
  if (against !== undefined) {
    return restFor(look, state, against.object, against.condition, state.attempt?.since ?? state.since);
  }
  const next = name === undefined ? state : { ...state, acted: { ...state.acted, [name]: look.now } };
  return { type: "rest", decision: { state: next, actions: [action], happenings: [] } };
}

/**
 * Makes something so and lets the data plane follow: acts while it is not so, then waits out the grace time since the
 * act. `undefined` when it is so and the time is over.
 */
export function ensure(look: Look, state: ReleaseState, name: ActName, isSo: boolean, action: Action, object: string): Rest | undefined {
  if (!isSo) return act(look, state, action, name);
  const since = state.acted[name];
  if (since === undefined || look.now >= since + look.plan.graceMs) return undefined;
  return restUntil(state, since + look.plan.graceMs, object, "the data plane follows the last change", since);
}
