/** Tasks in CUE values and the order in which they can run. */
export type { FlowOptions, FlowTask, TaskState, TaskTest } from "./flow.ts";
export { Flow } from "./flow.ts";
export { flowGraph } from "./graph.ts";
export { toolPackages } from "./tool-packages.ts";
