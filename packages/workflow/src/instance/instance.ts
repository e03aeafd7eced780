/** A WorkflowRun, with the Workflow it may refer to, as the executor wants it. */
import type { Workflow, WorkflowRun, WorkflowStep } from "@slipway/api";
import type { OwnerReference } from "@slipway/kube";
import type { JsonObject } from "@slipway/std";

export interface WorkflowInstance {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly owner: OwnerReference;
  readonly debug: boolean;
  readonly context: JsonObject;
  readonly mode: { readonly steps: string; readonly subSteps: string };
  /** Mode of groups that name none: from the run or template as it stands, else DAG. */
  readonly groupMode: string;
  readonly steps: readonly WorkflowStep[];
}

export type InstanceResult = { readonly ok: true; readonly instance: WorkflowInstance } | { readonly ok: false; readonly message: string };

export const debugAnnotation = "workflowrun.oam.dev/debug";

/** `workflow` is what `spec.workflowRef` names, when it exists. */
export function generateInstance(run: WorkflowRun, workflow: Workflow | undefined): InstanceResult {
  const spec = run.spec ?? {};
  let steps = spec.workflowSpec?.steps;
  let mode = spec.mode;
  if (spec.workflowSpec === undefined) {
    if (spec.workflowRef === undefined || spec.workflowRef === "") {
      return { ok: false, message: "failed to generate workflow instance: set spec.workflowSpec or spec.workflowRef" };
    }
    if (workflow === undefined) {
      return { ok: false, message: `failed to generate workflow instance: spec.workflowRef: workflow ${spec.workflowRef} not found` };
    }
    steps = workflow.steps;
    mode ??= workflow.mode;
  }
  const name = run.metadata.name ?? "";
  const uid = run.metadata.uid ?? "";
  return {
    ok: true,
    instance: {
      name,
      namespace: run.metadata.namespace ?? "",
      uid,
      owner: { apiVersion: "core.oam.dev/v1alpha1", kind: "WorkflowRun", name, uid, controller: true },
      debug: run.metadata.annotations?.[debugAnnotation] === "true",
      context: (spec.context ?? {}) as JsonObject,
      mode: { steps: orElse(mode?.steps, "StepByStep"), subSteps: orElse(mode?.subSteps, "DAG") },
      groupMode: mode === undefined ? "DAG" : (mode.subSteps ?? ""),
      steps: (steps ?? []).map(named),
    },
  };
}

/** Names as the mutating webhook gives them, for runs that were created without it. */
function named(step: WorkflowStep, index: number): WorkflowStep {
  return {
    ...step,
    name: orElse(step.name, `step-${String(index)}`),
    ...(step.subSteps === undefined
      ? {}
      : { subSteps: step.subSteps.map((sub, at) => ({ ...sub, name: orElse(sub.name, `step-${String(index)}-${String(at)}`) })) }),
  };
}

function orElse(text: string | undefined, otherwise: string): string {
  return text === undefined || text === "" ? otherwise : text;
}
