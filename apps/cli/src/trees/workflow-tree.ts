/** A WorkflowRun as a tree: every step of the spec with what its status says, those not reached yet included. */
import type { KubeObject } from "@slipway/kube";
import { list, text } from "../world.ts";
import { branch, columns } from "./tree.ts";

const marks: Readonly<Record<string, string>> = {
  succeeded: "✓",
  failed: "✗",
  skipped: "↷",
  running: "▶",
  pending: "…",
  suspending: "⏸",
};

export function workflowTree(run: KubeObject): string[] {
  const phase = text(run, "status", "status") || "initializing";
  const head = `${run.metadata.namespace ?? "default"}/${run.metadata.name ?? ""}  ${phase}`;
  const message = text(run, "status", "message");
  const rows = stepRows(list(run, "spec", "workflowSpec", "steps"), list(run, "status", "steps"), "");
  return branch(
    message === "" ? head : `${head}  ${message}`,
    columns(rows).map((line) => [line]),
  );
}

function stepRows(specs: readonly unknown[], statuses: readonly unknown[], indent: string): string[][] {
  const rows: string[][] = [];
  const names = specs.length > 0 ? specs.map((spec) => text(spec, "name")) : statuses.map((status) => text(status, "name"));
  names.forEach((name, index) => {
    const spec = specs[index];
    const status = statuses.find((candidate) => text(candidate, "name") === name);
    const phase = text(status, "phase");
    const reason = text(status, "reason");
    const detail = [reason, text(status, "message")].filter((part) => part !== "").join(": ");
    rows.push([`${indent}${marks[phase] ?? "·"} ${name}`, text(spec, "type") || text(status, "type"), phase || "not reached", detail]);
    rows.push(...stepRows(list(spec, "subSteps"), list(status, "subSteps"), `${indent}  `));
  });
  return rows;
}

/** One line that changes only when something happened, for terminals that cannot be redrawn. */
export function workflowLine(run: KubeObject): string {
  const steps = list(run, "status", "steps").map((step) => `${text(step, "name")} ${text(step, "phase")}`);
  return `  ${text(run, "status", "status") || "initializing"}: ${steps.length === 0 ? "no step yet" : steps.join(", ")}`;
}
