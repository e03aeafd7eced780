/** What one look at a run gathers while the engine walks its steps. */
import type { StepStatus, WorkflowRunStatus, WorkflowStepBase } from "@slipway/api";
import { formatTimestamp } from "@slipway/std";
import type { WorkflowInstance } from "../instance/instance.ts";
import type { ContextStore } from "../model/context-store.ts";
import type { ActionRequest, ActionResult, StepLanguage, WaitingFor } from "../model/step-run.ts";
import type { StepPhase } from "../status/step-status.ts";
import { findStatus, recordStep, stepId } from "../status/step-status.ts";

export interface Group {
  readonly step: WorkflowStepBase;
  readonly id: string;
  readonly deadlineMs: number | undefined;
  readonly skipped: boolean;
}

export class Visit {
  readonly instance: WorkflowInstance;
  readonly status: WorkflowRunStatus;
  readonly store: ContextStore;
  readonly language: StepLanguage;
  readonly templates: ReadonlyMap<string, string>;
  readonly results: ReadonlyMap<string, ActionResult>;
  readonly nowMs: number;
  /** The run was suspended before this look. */
  readonly wasSuspended: boolean;
  readonly actions: ActionRequest[] = [];
  readonly waitingFor: WaitingFor[] = [];
  readonly debug: { readonly stepId: string; readonly text: string }[] = [];
  suspending = false;
  #wakeAtMs: number | undefined;

  constructor(fields: Pick<Visit, "instance" | "status" | "store" | "language" | "templates" | "results" | "nowMs">) {
    this.instance = fields.instance;
    this.status = fields.status;
    this.store = fields.store;
    this.language = fields.language;
    this.templates = fields.templates;
    this.results = fields.results;
    this.nowMs = fields.nowMs;
    this.wasSuspended = fields.status.suspend;
  }

  get wakeAtMs(): number | undefined {
    return this.#wakeAtMs;
  }

  wakeAt(ms: number | undefined): void {
    if (ms !== undefined && (this.#wakeAtMs === undefined || ms < this.#wakeAtMs)) this.#wakeAtMs = ms;
  }

  find(step: WorkflowStepBase, group: Group | undefined): StepStatus | undefined {
    return findStatus(this.status, step.name ?? "", group?.step.name);
  }

  idOf(step: WorkflowStepBase, group: Group | undefined): string {
    return this.find(step, group)?.id ?? stepId(this.instance.uid, step.name ?? "");
  }

  record(step: WorkflowStepBase, group: Group | undefined, phase: StepPhase, reason: string, message = ""): StepStatus {
    return recordStep(
      this.status,
      { id: this.idOf(step, group), name: step.name ?? "", type: step.type, phase, reason, message },
      formatTimestamp(this.nowMs),
      group === undefined ? undefined : { id: group.id, name: group.step.name ?? "" },
    );
  }
}
