/** What is to be done for an Application, as a pure function of it and of the objects that it owns. */
import type { Application, ApplicationServiceStatus, ApplicationStatus } from "@slipway/api";
import type { Condition, KubeObject } from "@slipway/kube";
import { setCondition } from "@slipway/kube";
import { cloneJson, deepEqual, formatDiagnostic, isJsonObject } from "@slipway/std";
import { healthOf } from "./health.ts";
import type { Definitions } from "./render.ts";
import { renderApplication } from "./render.ts";

export interface ApplicationDecision {
  readonly create: readonly KubeObject[];
  /** Rendered objects that differ from the live ones in a field that we render. */
  readonly update: readonly KubeObject[];
  /** Owned objects that are no longer rendered. */
  readonly remove: readonly KubeObject[];
  /** Absent when it is already so. */
  readonly status?: ApplicationStatus;
  /** What to tell once: the text of a problem that is new. */
  readonly warning?: string;
}

/** `owned`: the objects whose controller is the Application, as they are. `nowMs`: milliseconds since the epoch. */
export function decideApplication(
  app: Application,
  definitions: Definitions,
  owned: readonly KubeObject[],
  nowMs: number,
): ApplicationDecision {
  const rendered = renderApplication(app, definitions);
  if (rendered.diagnostics.length > 0) return refused(app, rendered.diagnostics.map(formatDiagnostic).join("; "), nowMs);
  const live = new Map(owned.map((object) => [identity(object), object]));
  const create: KubeObject[] = [];
  const update: KubeObject[] = [];
  for (const object of rendered.objects) {
    const present = live.get(identity(object));
    if (present === undefined) create.push(object);
    else if (!covers(present, object)) update.push(object);
  }
  const wanted = new Set(rendered.objects.map(identity));
  const remove = owned.filter((object) => !wanted.has(identity(object)) && object.metadata.deletionTimestamp === undefined);
  const status = statusOf(app, rendered.objects, live, create.length + update.length > 0, nowMs);
  return { create, update, remove, ...(deepEqual(status, app.status) ? {} : { status }) };
}

function identity(object: KubeObject): string {
  return `${object.apiVersion}/${object.kind}/${object.metadata.name ?? ""}`;
}

/** Whether every field of `wanted` is in `live` with that value; what the server and others added does not count. */
export function covers(live: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(live) && live.length === wanted.length && wanted.every((item, index) => covers(live[index], item));
  }
  if (isJsonObject(wanted)) {
    return isJsonObject(live) && Object.entries(wanted).every(([key, value]) => covers(live[key], value));
  }
  return deepEqual(live, wanted);
}

function statusOf(
  app: Application,
  rendered: readonly KubeObject[],
  live: ReadonlyMap<string, KubeObject>,
  writing: boolean,
  nowMs: number,
): ApplicationStatus {
  const services: ApplicationServiceStatus[] = (app.spec?.components ?? []).map((component) => {
    const workload = rendered.find((object) => object.metadata.labels?.["app.oam.dev/component"] === component.name);
    const present = workload === undefined ? undefined : live.get(identity(workload));
    const { healthy, message } = healthOf(present);
    return {
      name: component.name,
      namespace: app.metadata.namespace ?? "",
      ...(workload === undefined ? {} : { workloadDefinition: { apiVersion: workload.apiVersion, kind: workload.kind } }),
      healthy,
      ...(message === "" ? {} : { message }),
    };
  });
  const healthy = services.every((service) => service.healthy);
  const status: ApplicationStatus = {
    ...cloneJson(app.status),
    // What is not written yet cannot be running, whatever its older version does.
    status: writing ? "rendering" : healthy ? "running" : "unhealthy",
    observedGeneration: app.metadata.generation ?? 0,
    services,
  };
  const conditions = setCondition(
    setCondition(app.status?.conditions as Condition[] | undefined, { type: "Render", status: "True", reason: "Available" }, nowMs),
    { type: "HealthCheck", status: healthy && !writing ? "True" : "False", reason: healthy && !writing ? "Available" : "Unavailable" },
    nowMs,
  );
  status.conditions = conditions as unknown as NonNullable<ApplicationStatus["conditions"]>;
  return status;
}

function refused(app: Application, message: string, nowMs: number): ApplicationDecision {
  const conditions = setCondition(
    app.status?.conditions as Condition[] | undefined,
    { type: "Render", status: "False", reason: "ReconcileError", message },
    nowMs,
  );
  const status: ApplicationStatus = {
    ...cloneJson(app.status),
    status: "rendering",
    observedGeneration: app.metadata.generation ?? 0,
    conditions: conditions as unknown as NonNullable<ApplicationStatus["conditions"]>,
  };
  const nothing = { create: [], update: [], remove: [] };
  return deepEqual(status, app.status) ? nothing : { ...nothing, status, warning: message };
}
