/** Performs the actions that the executor asks for. A failure is a result: the executor counts it against the step. */
import type { KubeClient } from "@slipway/kube";
import { formatKey } from "@slipway/kube";
import type { Clock, JsonValue, Logger, Tracer } from "@slipway/std";
import { AppError, isAppError } from "@slipway/std";
import type { ActionRequest, ActionResult } from "@slipway/workflow";
import { describeFailure } from "./denied.ts";

export interface PerformContext {
  readonly client: KubeClient;
  readonly run: { readonly name: string; readonly namespace: string };
  readonly clock: Clock;
  readonly log: Logger;
  readonly tracer: Tracer;
  /** An earlier attempt ended before its result was noted: it may have had its effect. */
  readonly repeated: boolean;
  readonly signal: AbortSignal;
}

/** `provider.function`, as action requests name them. `action.key` is the same at every attempt. */
export type ActionHandler = (action: ActionRequest, context: PerformContext) => Promise<JsonValue>;

const notYetCode = "WORKFLOW_NOT_YET";

/** What a handler throws for something that time or somebody else brings: the step waits, and says so. */
export function notYet(message: string): AppError {
  return new AppError("WORKFLOW_NOT_YET", message);
}

export async function perform(
  action: ActionRequest,
  handlers: Readonly<Record<string, ActionHandler>>,
  context: PerformContext,
): Promise<ActionResult> {
  const name = `${action.provider}.${action.fn}`;
  const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
  if (handler === undefined) return { ok: false, message: `function ${action.fn} not found in provider ${action.provider}` };
  try {
    return { ok: true, value: await handler(action, context) };
  } catch (error) {
    // The end of the process is no failure of the step.
    context.signal.throwIfAborted();
    if (isAppError(error, notYetCode)) return { ok: false, notYet: true, message: error.message };
    const why = describeFailure(error, action.mode === "observe" ? ["get"] : ["get", "create", "patch"]);
    return { ok: false, message: `function call error for ${action.path} of run ${formatKey(context.run)}: ${why}` };
  }
}
