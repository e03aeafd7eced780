/** Admission of WorkflowRuns: default step names, and the checks of contract §2.12. */
import type { WorkflowRun } from "@slipway/api";
import type { AdmissionHandler, AdmissionWebhook, WebhookRule } from "@slipway/controller";
import type { JsonPatchOperation } from "@slipway/kube";
import { parseGoDuration } from "@slipway/std";
import { workflows } from "./kinds.ts";

const nameSteps: AdmissionHandler = ({ object }) => {
  const patch: JsonPatchOperation[] = [];
  for (const [index, step] of ((object as WorkflowRun | undefined)?.spec?.workflowSpec?.steps ?? []).entries()) {
    const at = `/spec/workflowSpec/steps/${String(index)}`;
    if ((step.name ?? "") === "") patch.push({ op: "add", path: `${at}/name`, value: `step-${String(index)}` });
    for (const [subIndex, sub] of (step.subSteps ?? []).entries()) {
      if ((sub.name ?? "") !== "") continue;
      patch.push({ op: "add", path: `${at}/subSteps/${String(subIndex)}/name`, value: `step-${String(index)}-${String(subIndex)}` });
    }
  }
  return Promise.resolve({ allowed: true, ...(patch.length === 0 ? {} : { patch }) });
};

const checkRun: AdmissionHandler = (request, { cache }) => {
  const run = request.object as WorkflowRun | undefined;
  if (run === undefined || run.metadata.deletionTimestamp !== undefined) return Promise.resolve({ allowed: true });
  const ref = run.spec?.workflowRef ?? "";
  const problems = problemsOf(run);
  if (run.spec?.workflowSpec === undefined) {
    const found = ref !== "" && cache(workflows).get({ namespace: request.namespace, name: ref }) !== undefined;
    // A run that has begun must stay changeable after its template is gone.
    if (!found && request.operation === "CREATE") {
      const detail = `failed to get workflow ref: workflows.core.oam.dev "${ref}" not found`;
      problems.push(`field "spec.workflowRef": Invalid value error encountered, ${detail}. `);
    }
  }
  return Promise.resolve(problems.length === 0 ? { allowed: true } : { allowed: false, code: 400, message: problems.join("") });
};

function problemsOf(run: WorkflowRun): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  const path = "spec.workflowSpec.steps";
  const check = (name: string | undefined, timeout: string | undefined, nameAt: string, duplicateAt: string, timeoutAt: string): void => {
    if ((name ?? "") === "") problems.push(`field "${nameAt}": Invalid value error encountered, empty step name. `);
    else if (seen.has(name ?? "")) problems.push(`field "${duplicateAt}": Invalid value error encountered, duplicated step name. `);
    seen.add(name ?? "");
    if ((timeout ?? "") === "" || parseGoDuration(timeout ?? "") !== undefined) return;
    const detail = "invalid timeout, please use the format of timeout like 1s, 1m, 1h or 1d";
    problems.push(`field "${timeoutAt}": Invalid value error encountered, ${detail}. `);
  };
  for (const step of run.spec?.workflowSpec?.steps ?? []) {
    check(step.name, step.timeout, `${path}.name`, path, `${path}.timeout`);
    for (const sub of step.subSteps ?? [])
      check(sub.name, sub.timeout, `${path}.subSteps.name`, `${path}.subSteps`, `${path}.subSteps.timeout`);
  }
  return problems;
}

const rules: readonly WebhookRule[] = [
  { apiGroups: ["core.oam.dev"], apiVersions: ["v1alpha1"], operations: ["CREATE", "UPDATE"], resources: ["workflowruns"] },
];

export const workflowWebhooks: readonly AdmissionWebhook[] = [
  {
    type: "mutating",
    name: "mutating.core.oam.dev.v1alpha1.workflowruns",
    path: "/mutating-core-oam-dev-v1alpha1-workflowruns",
    rules,
    failurePolicy: "Ignore",
    timeoutSeconds: 10,
    handler: nameSteps,
  },
  {
    type: "validating",
    name: "validating.core.oam.dev.v1alpha1.workflowruns",
    path: "/validating-core-oam-dev-v1alpha1-workflowruns",
    rules,
    failurePolicy: "Ignore",
    timeoutSeconds: 10,
    handler: checkRun,
  },
];
