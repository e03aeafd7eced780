/**
 * application: what an Application renders to, and how it fares. Pure.
 *
 *   Application ─► render.ts (CUE, one template a component type) ─► decide.ts (create, update, remove, status)
 */
export type { ApplicationDecision } from "./decide.ts";
export { covers, decideApplication } from "./decide.ts";
export type { Health } from "./health.ts";
export { healthOf } from "./health.ts";
export type { Definitions, Rendered } from "./render.ts";
export { renderApplication, shippedComponents } from "./render.ts";
