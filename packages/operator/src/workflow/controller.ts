/** The reconciler of WorkflowRuns: gather → decide (`@slipway/workflow`) ⇄ perform → write context, then status. */
import type { Workflow, WorkflowRun, WorkflowStepDefinition } from "@slipway/api";
import type { ControllerDefinition, Outcome, ReconcileContext, Watch } from "@slipway/controller";
import { after, done, ownerKeys } from "@slipway/controller";
import type { KubeObject, ObjectKey } from "@slipway/kube";
import { createMergePatch, formatKey, keyOf, resources } from "@slipway/kube";
import type { JsonValue } from "@slipway/std";
import { deepEqual, invariant, isJsonObject } from "@slipway/std";
import type { ActionRequest, ActionResult, Decision, JournalEntry, StepLanguage } from "@slipway/workflow";
import { ContextStore, decide, generateInstance, hashParams, stepTypes } from "@slipway/workflow";
import { ContextMapStore } from "./context-map.ts";
import { writeDebug } from "./debug-map.ts";
import { applications, stepDefinitions, systemNamespace, workflowRuns, workflows } from "./kinds.ts";
import type { ActionHandler } from "./perform.ts";
import { perform } from "./perform.ts";

export interface WorkflowControllerOptions {
  readonly language: StepLanguage;
  /** Template text by step type, looked at before the cluster. */
  readonly shipped: Readonly<Record<string, string>>;
  readonly handlers: Readonly<Record<string, ActionHandler>>;
  /** Parallel reconciles. Default 4. */
  readonly concurrency?: number;
}

/** A template asks for its actions in turn; more than this in one look is a loop. */
const maxRounds = 1000;

/** Runs that wait for an object, and the run that applied it. */
function waitersOf(object: KubeObject, _old: KubeObject | undefined, caches: ReconcileContext["cache"]): readonly ObjectKey[] {
  const waiting = caches(workflowRuns)
    .byIndex("waitsFor", `${object.kind} ${formatKey(keyOf(object))}`)
    .map(keyOf);
  const labels = object.metadata.labels ?? {};
  const name = labels["workflowrun.oam.dev/name"];
  const namespace = labels["workflowrun.oam.dev/namespace"];
  return name === undefined || namespace === undefined ? waiting : [...waiting, { namespace, name }];
}

function everyUnfinished(_object: KubeObject, _old: KubeObject | undefined, caches: ReconcileContext["cache"]): readonly ObjectKey[] {
  return caches<WorkflowRun>(workflowRuns).byIndex("initializing", "true").map(keyOf);
}

const watches: readonly Watch[] = [
  {
    resource: workflowRuns,
    indexes: {
      waitsFor: (run) =>
        ((run as WorkflowRun).status?.slipway?.waitingFor ?? []).flatMap(({ object }) => (object === undefined ? [] : [object])),
      initializing: (run) => ((run as WorkflowRun).status?.status === "initializing" ? ["true"] : []),
    },
  },
  { resource: workflows, toKeys: everyUnfinished },
  { resource: stepDefinitions, toKeys: everyUnfinished },
  { resource: applications, toKeys: waitersOf, optional: true },
  { resource: resources.deployments, toKeys: waitersOf },
  {
    resource: resources.configMaps,
    // Our own writes come back as events; only what a run waits for matters.
    toKeys: (object, old, caches) => (ownerKeys("WorkflowRun")(object).length > 0 ? [] : waitersOf(object, old, caches)),
  },
];

export function workflowController(options: WorkflowControllerOptions): ControllerDefinition {
  return {
    name: "workflowrun",
    watches,
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    reconcile: (key, context) => reconcile(key, context, options),
  };
}

async function reconcile(key: ObjectKey, context: ReconcileContext, options: WorkflowControllerOptions): Promise<Outcome> {
  const { client, signal, cache, clock } = context;
  const run = cache<WorkflowRun>(workflowRuns).get(key);
  if (run === undefined || run.metadata.deletionTimestamp !== undefined || run.status?.finished === true) return done;
  const ref = run.spec?.workflowRef ?? "";
  const workflow = ref === "" ? undefined : cache<Workflow>(workflows).get({ namespace: key.namespace, name: ref });
  const generated = generateInstance(run, workflow);
  const owner = generated.ok
    ? generated.instance.owner
    : { apiVersion: run.apiVersion, kind: run.kind, name: key.name, uid: run.metadata.uid ?? "" };
  const contextMap = new ContextMapStore({ client, cache: cache(resources.configMaps), namespace: key.namespace, owner, signal });
  const nowMs = clock.now();
  const decision = await settle(run, workflow, contextMap, nowMs, context, options);
  const initializing = decision.status.status === "initializing";
  if (!initializing) await contextMap.write(decision.contextData, nowMs);
  for (const { stepId, text } of decision.debug) await writeDebug(context, run, owner, stepId, text);
  const backend = contextMap.object;
  if (backend !== undefined) {
    const { name = "", namespace = "", uid = "" } = backend.metadata;
    decision.status.contextBackend = { apiVersion: "v1", kind: "ConfigMap", name, namespace, uid };
  }
  if (!deepEqual(run.status, decision.status)) {
    const status = createMergePatch(run.status ?? {}, decision.status);
    const body = { metadata: { resourceVersion: run.metadata.resourceVersion }, status };
    await client.patch(workflowRuns, key, { type: "merge", body }, { subresource: "status", fieldManager: "slipway-workflow", signal });
  }
  for (const { type, reason, message } of decision.events) context.events.event(run, type, reason, message);
  // The steps up to here are stored; now what they led to may be done.
  if (decision.actions.length > 0) return after(0);
  return decision.wakeAtMs === undefined ? done : after(Math.max(0, decision.wakeAtMs - nowMs));
}

/** Asks and performs until the executor has no further action to ask for, or what was found has to be stored first. */
async function settle(
  run: WorkflowRun,
  workflow: Workflow | undefined,
  contextMap: ContextMapStore,
  nowMs: number,
  context: ReconcileContext,
  options: WorkflowControllerOptions,
): Promise<Decision> {
  const results = new Map<string, ActionResult>();
  const templates = templatesFor(run, workflow, context, options.shipped);
  const { language, handlers } = options;
  let { data } = contextMap;
  for (let round = 0; round < maxRounds; round++) {
    const decision = decide({ run, workflow, templates, contextData: data, results, nowMs, language });
    if (decision.actions.length === 0) return decision;
    const changing = decision.actions.some((action) => action.mode !== "observe");
    if (changing && !deepEqual(run.status?.steps ?? [], decision.status.steps ?? [])) return decision;
    const store = new ContextStore(decision.contextData, (text) => language.parseVariables(text));
    const effects = decision.actions.filter((action) => action.mode === "effect");
    const repeated = new Set(effects.filter((action) => store.journal(action.stepId, action.path)?.state === "intended"));
    if (effects.length > 0) {
      for (const action of effects) store.setJournal(action.stepId, action.path, { state: "intended" });
      await contextMap.write(store.data, nowMs);
    }
    const target = {
      client: context.client,
      run: { name: run.metadata.name ?? "", namespace: run.metadata.namespace ?? "" },
      clock: context.clock,
      log: context.log,
      tracer: context.tracer,
      signal: context.signal,
    };
    const performed = await Promise.all(
      decision.actions.map(
        async (action) => [action, await perform(action, handlers, { ...target, repeated: repeated.has(action) })] as const,
      ),
    );
    for (const [action, result] of performed) {
      results.set(action.key, result);
      if (result.ok) journal(store, action, result);
      else if (action.mode === "effect") store.removeJournal(action.stepId, action.path);
    }
    if (effects.length > 0) await contextMap.write(store.data, nowMs);
    data = store.data;
  }
  invariant(false, `run ${formatKey(keyOf(run))} asks for actions without end`);
}

function journal(store: ContextStore, action: ActionRequest, result: Extract<ActionResult, { readonly ok: true }>): void {
  if (action.mode === "effect") store.setJournal(action.stepId, action.path, { state: "done", result: result.value });
  if (action.mode !== "apply") return;
  const { value, result: patched } = result.value as { readonly value?: JsonValue; readonly result?: JsonValue };
  const object = value ?? patched;
  const named = isJsonObject(object ?? null) ? { object: referenceTo(object as unknown as KubeObject) } : {};
  store.setJournal(action.stepId, action.path, { state: "done", ...named, paramsHash: hashParams(action.params) });
}

function referenceTo(object: KubeObject): NonNullable<JournalEntry["object"]> {
  const { name, namespace } = keyOf(object);
  return { apiVersion: object.apiVersion, kind: object.kind, name, ...(namespace === "" ? {} : { namespace }) };
}

function templatesFor(
  run: WorkflowRun,
  workflow: Workflow | undefined,
  context: ReconcileContext,
  shipped: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const definitions = context.cache<WorkflowStepDefinition>(stepDefinitions);
  const templates = new Map<string, string>();
  for (const name of stepTypes(run, workflow)) {
    const found = Object.hasOwn(shipped, name)
      ? shipped[name]
      : (definitions.get({ namespace: run.metadata.namespace ?? "", name }) ?? definitions.get({ namespace: systemNamespace, name }))?.spec
          ?.schematic?.cue?.template;
    if (found !== undefined) templates.set(name, found);
  }
  return templates;
}
