/** The clocks and the random source that touch the process: the only place in the product that does. */
export { realClock } from "./real-clock.ts";
export type { Activity, VirtualClock, VirtualClockOptions } from "./virtual-clock.ts";
export { createActivity, createVirtualClock } from "./virtual-clock.ts";
export { systemRandom } from "./system-random.ts";
