/** A Rollout as a tree: its steps, the revisions with their pods and share of traffic, and what it waits for. */
import type { Rollout } from "@slipway/api";
import type { RevisionSummary, RolloutObjects, StepSummary } from "@slipway/rollout";
import { summarize } from "@slipway/rollout";
import { branch, columns } from "./tree.ts";

export function rolloutTree(rollout: Rollout, objects: RolloutObjects): string[] {
  const { namespace = "", name = "" } = rollout.metadata;
  const summary = summarize(rollout, objects);
  const present = summary.steps.find((step) => step.progress === "present");
  const head = [`${namespace}/${name}`, summary.phase || "not seen yet"];
  if (present !== undefined) head.push(`step ${present.step}/${summary.steps.length}`, summary.state);
  const children: string[][] = [[`steps  ${summary.steps.map(stepCell).join("  ")}`]];
  children.push(...columns(summary.revisions.map(revisionRow)).map((line) => [line]));
  const waiting = waitingLine(summary);
  if (waiting !== "") children.push([waiting]);
  return branch(head.join("  "), children);
}

/** One line that changes only when something happened, for terminals that cannot be redrawn. */
export function rolloutLine(rollout: Rollout, objects: RolloutObjects): string {
  const summary = summarize(rollout, objects);
  const present = summary.steps.find((step) => step.progress === "present");
  const where = present === undefined ? "" : ` step ${present.step}/${summary.steps.length} ${summary.state}`;
  const pods = summary.revisions
    .map((each) => `${each.role} ${each.ready}/${each.desired}${each.share === undefined ? "" : ` at ${each.share} %`}`)
    .join(", ");
  return `  ${summary.phase || "not seen yet"}${where}: ${pods}; ${waitingLine(summary)}`;
}

const marks = { done: "✓", present: "▶", ahead: "·" } as const;

function stepCell(step: StepSummary): string {
  const target = step.weight === undefined ? `${step.replicas} pods` : `${step.weight} %`;
  return `${marks[step.progress]} ${target}`;
}

function revisionRow(revision: RevisionSummary): string[] {
  return [
    revision.role,
    revision.revision,
    `${revision.ready}/${revision.desired} pods ready`,
    revision.share === undefined ? "" : `${revision.share} % of requests`,
  ];
}

function waitingLine(summary: ReturnType<typeof summarize>): string {
  const { waitingFor } = summary;
  if (waitingFor === undefined) return summary.message;
  const unblock = waitingFor.unblock === "approve" ? ", to be approved" : "";
  return `waits for ${waitingFor.object}: ${waitingFor.condition}${unblock}`;
}
