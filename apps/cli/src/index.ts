/** cli: the command line. What tests drive as a user would, without a process of its own. */
export { applyObject } from "./commands/apply.ts";
export { approveRollout } from "./commands/rollout.ts";
export { rollouts } from "./gather-rollout.ts";
export { resumeWorkflow, workflowRuns } from "./commands/workflow.ts";
