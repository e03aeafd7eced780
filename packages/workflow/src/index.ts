/**
 * workflow: the engine of WorkflowRuns. Pure: it reads objects, decides, and asks for actions that others perform.
 *
 * Pipeline: WorkflowRun → instance/ → tasks/ (a run of one step) → executor/ → status, context data, actions, waits.
 * Start reading at `executor/decide.ts`, then `model/step-run.ts` for what a step run may say.
 */
export type {
  ActionMode,
  ActionRequest,
  ActionResult,
  ConditionScope,
  Evaluated,
  StepInvocation,
  StepLanguage,
  StepRun,
  WaitingFor,
} from "./model/step-run.ts";
export type { JournalEntry, RetryRecord } from "./model/context-store.ts";
export { ContextStore, hashParams } from "./model/context-store.ts";
export type { WorkflowInstance } from "./instance/instance.ts";
export { generateInstance } from "./instance/instance.ts";
export type { DecideInput, Decision, RunEvent } from "./executor/decide.ts";
export { decide, stepTypes } from "./executor/decide.ts";
export type { OperationResult, RestartFromStepResult } from "./status/operations.ts";
export { restartFromStep, restartRun, resumeRun, suspendRun, terminateRun } from "./status/operations.ts";
export type { RunPhase, StepPhase } from "./status/step-status.ts";
export { isFinished, stepId } from "./status/step-status.ts";
export type { RunExplanation } from "./view/explain.ts";
export { explainRun } from "./view/explain.ts";
export { createStepLanguage } from "./language/cue-language.ts";
export { shippedDefinitions } from "./language/packages.ts";
export type { Merged, PatchMark } from "./providers/strategy-merge.ts";
export { mergeByStrategy } from "./providers/strategy-merge.ts";
export type { ConfigInput, ConfigRendering } from "./providers/config-template.ts";
export { renderConfig } from "./providers/config-template.ts";
