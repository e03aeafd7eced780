/**
 * Writes: create, update, patch, delete. Each is a read-compute-swap loop on the store, so nothing is locked while
 * webhooks are asked, and a write that loses the race is computed anew unless the caller named a resourceVersion.
 *
 * Order of a write: decode → identity → defaults → mutating admission → decode and defaults again → kind's own rules →
 * validation → validating admission → store. Status and main object are isolated from each other by subresource.
 */
import type { KubeObject, ObjectKey } from "@slipway/kube";
import { cloneJson, deepEqual, formatTimestamp, isJsonObject } from "@slipway/std";
import type { Clock, RandomSource } from "@slipway/std";
import { invalid, required } from "../schema/field-problem.ts";
import { child, valueAt } from "../schema/fields.ts";
import type { ObjectStore, StoredEntry } from "../store/object-store.ts";
import { StoreConflict } from "../store/object-store.ts";
import type { Admission, AdmissionOperation } from "./admission.ts";
import { alreadyExists, badRequest, conflict, invalidObject, methodNotAllowed, notFound } from "./api-errors.ts";
import { decodeOrRefuse } from "./field-validation.ts";
import type { KindHooks } from "./kind-hooks.ts";
import { createUid, generateName, validateMetadata, validateName } from "./object-names.ts";
import { fromScale, toScale } from "./scale.ts";
import type { ServedResource } from "./served-resource.ts";

/** What every write carries besides its body. `warnings` collects what the answer's Warning headers will say. */
export interface WriteContext {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: "Ignore" | "Warn" | "Strict";
  /** Duplicate keys found while the body was parsed. */
  readonly duplicates: readonly string[];
  readonly warnings: string[];
}

export interface DeleteRequest {
  readonly propagationPolicy?: string | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  readonly orphanDependents?: boolean | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

export interface DeleteResult {
  /** The last state of the object. */
  readonly object: KubeObject;
  /** False while finalizers or a grace period keep it. */
  readonly gone: boolean;
}

export interface ObjectWriter {
  create(served: ServedResource, namespace: string, body: unknown, context: WriteContext, name?: string): Promise<KubeObject>;
  /** `compute` gets the served form of the present object (frozen) and returns the wanted one. */
  update(
    served: ServedResource,
    key: ObjectKey,
    subresource: string | undefined,
    compute: (current: KubeObject) => unknown,
    context: WriteContext,
  ): Promise<KubeObject>;
  remove(served: ServedResource, key: ObjectKey, request: DeleteRequest, context: WriteContext): Promise<DeleteResult>;
}

export interface ObjectWriterDeps {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly admission: Admission;
  readonly hooks: KindHooks;
}

const attempts = 20;

export function createObjectWriter({ store, clock, random, admission, hooks }: ObjectWriterDeps): ObjectWriter {
  const now = (): string => formatTimestamp(clock.now());

  /** Defaults and mutating admission, then once more, as a webhook may have added something incomplete. */
  const complete = async (
    served: ServedResource,
    operation: AdmissionOperation,
    object: KubeObject,
    old: KubeObject | undefined,
    subresource: string | undefined,
    context: WriteContext,
  ): Promise<KubeObject> => {
    served.definition.setDefaults?.(object);
    const admitted = await admission.mutate({
      served,
      operation,
      object,
      old,
      subresource,
      dryRun: context.dryRun,
      warnings: context.warnings,
    });
    if (admitted === object) return object;
    const decoded = served.decode(admitted).object;
    served.definition.setDefaults?.(decoded);
    return decoded;
  };

  const readable = async (served: ServedResource, entry: StoredEntry): Promise<KubeObject> =>
    (await served.present([entry.object]))[0] ?? entry.object;

  const create = async (
    served: ServedResource,
    namespace: string,
    body: unknown,
    context: WriteContext,
    pathName?: string,
  ): Promise<KubeObject> => {
    const definition = served.definition;
    const object = decodeOrRefuse(served, body, context, "create");
    const metadata = object.metadata;
    if (served.namespaced) {
      if (metadata.namespace !== undefined && metadata.namespace !== namespace) {
        throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
      }
      metadata.namespace = namespace;
    } else delete metadata.namespace;
    if (metadata.resourceVersion !== undefined) throw badRequest("resourceVersion should not be set on objects to be created");
    if (pathName !== undefined && metadata.name === undefined) metadata.name = pathName;
    if (metadata.name === undefined && metadata.generateName !== undefined) metadata.name = generateName(random, metadata.generateName);
    if (metadata.name === undefined) throw invalidObject(served, "", [required("metadata.name", "name or generateName is required")]);
    metadata.uid = createUid(random);
    metadata.creationTimestamp = now();
    for (const field of ["deletionTimestamp", "deletionGracePeriodSeconds", "generation", "managedFields"] as const) delete metadata[field];

    hooks.checkNamespace(served, namespace, metadata.name);
    const completed = await complete(served, "CREATE", object, undefined, undefined, context);
    definition.prepareCreate?.(completed);
    if (definition.hasGeneration !== false) completed.metadata.generation = 1;
    hooks.beforeCreate(served, completed);
    const name = completed.metadata.name ?? "";
    const problems = [
      ...validateName(definition, name),
      ...validateMetadata(completed.metadata),
      ...(definition.validate?.(completed) ?? []),
    ];
    if (problems.length > 0) throw invalidObject(served, name, problems);
    await admission.validate({
      served,
      operation: "CREATE",
      object: completed,
      old: undefined,
      subresource: undefined,
      dryRun: context.dryRun,
      warnings: context.warnings,
    });

    const key: ObjectKey = { namespace: served.namespaced ? namespace : "", name };
    const stored = await served.store(completed);
    // Webhooks and conversions took time: the namespace may have gone meanwhile.
    hooks.checkNamespace(served, namespace, name);
    if (store.get(served.bucket, key) !== undefined) throw alreadyExists(served, name);
    if (context.dryRun) return completed;
    const entry = store.put(served.bucket, key, stored, 0);
    return served.storedAsServed ? entry.object : withVersion(completed, entry.revision);
  };

  const update = async (
    served: ServedResource,
    key: ObjectKey,
    subresource: string | undefined,
    compute: (current: KubeObject) => unknown,
    context: WriteContext,
  ): Promise<KubeObject> => {
    for (let attempt = 1; ; attempt++) {
      const entry = store.get(served.bucket, key);
      if (entry === undefined) throw notFound(served, key.name);
      const current = await readable(served, entry);
      const isScale = subresource === "scale";
      const wanted = compute(isScale ? toScale(served, current) : current);
      // A patch that names no version carries the current one along; only what differs was said by the caller.
      const named = isJsonObject(wanted) ? valueAt(wanted, ["metadata", "resourceVersion"]) : undefined;
      const pinned = typeof named === "string" && named !== "";
      if (pinned && named !== String(entry.revision)) throw conflict(served, key.name);
      if (!pinned && served.schema !== undefined && !isScale) {
        throw invalidObject(served, key.name, [invalid("metadata.resourceVersion", 0, "must be specified for an update")]);
      }

      const next = isScale ? fromScale(served, current, wanted) : decodeOrRefuse(served, wanted, context, "update");
      checkIdentity(served, key, next, current);
      const target = isolate(served, subresource, next, current);
      const completed = await complete(served, "UPDATE", target, current, subresource, context);
      const bounded = isolate(served, subresource, completed, current);
      if (subresource === undefined || isScale) served.definition.prepareUpdate?.(bounded, current);
      hooks.beforeUpdate(served, bounded, current, subresource);
      countGeneration(served, bounded, current);
      const problems = [
        ...(subresource === undefined ? validateMetadata(bounded.metadata) : []),
        ...(served.definition.validate?.(bounded) ?? []),
        ...(subresource === "status" ? [] : (served.definition.validateUpdate?.(bounded, current) ?? [])),
      ];
      if (problems.length > 0) throw invalidObject(served, key.name, problems);
      await admission.validate({
        served,
        operation: "UPDATE",
        object: bounded,
        old: current,
        subresource,
        dryRun: context.dryRun,
        warnings: context.warnings,
      });

      const answer = (object: KubeObject): KubeObject => (isScale ? toScale(served, object) : object);
      const finished = isFinished(served, bounded);
      if (
        !finished &&
        deepEqual(
          { ...bounded, metadata: { ...bounded.metadata, resourceVersion: undefined } },
          { ...current, metadata: { ...current.metadata, resourceVersion: undefined } },
        )
      ) {
        return answer(current);
      }
      if (context.dryRun) return answer(bounded);
      const stored = await served.store(bounded);
      try {
        if (finished) return answer(store.remove(served.bucket, key, entry.revision).object);
        const written = store.put(served.bucket, key, stored, entry.revision);
        return answer(served.storedAsServed ? written.object : withVersion(bounded, written.revision));
      } catch (error) {
        if (!(error instanceof StoreConflict)) throw error;
        // A PUT that named the version it was read at must not be replayed on another one.
        if (attempt >= attempts) throw conflict(served, key.name);
      }
    }
  };

  const remove = async (served: ServedResource, key: ObjectKey, request: DeleteRequest, context: WriteContext): Promise<DeleteResult> => {
    if (served.definition.virtual === true) throw methodNotAllowed("delete");
    for (let attempt = 1; ; attempt++) {
      const entry = store.get(served.bucket, key);
      if (entry === undefined) throw notFound(served, key.name);
      const old = entry.object;
      if (request.uid !== undefined && request.uid !== old.metadata.uid) {
        throw conflict(
          served,
          key.name,
          `Precondition failed: UID in precondition: ${request.uid}, UID in object meta: ${old.metadata.uid ?? ""}`,
        );
      }
      if (request.resourceVersion !== undefined && request.resourceVersion !== String(entry.revision)) {
        throw conflict(
          served,
          key.name,
          `Precondition failed: ResourceVersion in precondition: ${request.resourceVersion}, ResourceVersion in object meta: ${entry.revision}`,
        );
      }
      hooks.beforeDelete(served, old);
      const shown = await readable(served, entry);
      await admission.validate({
        served,
        operation: "DELETE",
        object: undefined,
        old: await admission.mutate({
          served,
          operation: "DELETE",
          object: undefined,
          old: shown,
          subresource: undefined,
          dryRun: context.dryRun,
          warnings: context.warnings,
        }),
        subresource: undefined,
        dryRun: context.dryRun,
        warnings: context.warnings,
      });

      const next = cloneJson(old);
      const finalizers = withPolicy(next.metadata.finalizers ?? [], request);
      if (finalizers.length > 0) next.metadata.finalizers = finalizers;
      else delete next.metadata.finalizers;
      const graceSeconds = hooks.gracePeriodSeconds(served, old, request.gracePeriodSeconds);
      const waits = finalizers.length > 0 || graceSeconds > 0 || hooks.holdsDeletion(served, old);
      try {
        if (!waits) {
          const gone = context.dryRun ? old : store.remove(served.bucket, key, entry.revision).object;
          return { object: gone, gone: true };
        }
        if (old.metadata.deletionTimestamp === undefined) {
          next.metadata.deletionTimestamp = formatTimestamp(clock.now() + graceSeconds * 1000);
          next.metadata.deletionGracePeriodSeconds = graceSeconds;
          if (next.metadata.generation !== undefined) next.metadata.generation++;
        } else if (graceSeconds < (old.metadata.deletionGracePeriodSeconds ?? 0)) {
          next.metadata.deletionTimestamp = formatTimestamp(clock.now() + graceSeconds * 1000);
          next.metadata.deletionGracePeriodSeconds = graceSeconds;
        }
        hooks.markTerminating(served, next);
        if (deepEqual(next, old)) return { object: shown, gone: false };
        const written = context.dryRun ? next : store.put(served.bucket, key, next, entry.revision).object;
        return { object: written, gone: false };
      } catch (error) {
        if (!(error instanceof StoreConflict)) throw error;
        if (attempt >= attempts) throw conflict(served, key.name);
      }
    }
  };

  return { create, update, remove };
}

/** What an update may never change, taken from the present object; a different uid or name is refused. */
function checkIdentity(served: ServedResource, key: ObjectKey, next: KubeObject, current: KubeObject): void {
  const { metadata } = next;
  if (metadata.name === undefined) metadata.name = key.name;
  if (metadata.name !== key.name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${key.name})`);
  }
  if (served.namespaced && metadata.namespace !== undefined && metadata.namespace !== key.namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  if (metadata.uid !== undefined && metadata.uid !== current.metadata.uid) {
    throw conflict(
      served,
      key.name,
      `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${current.metadata.uid ?? ""}`,
    );
  }
  const fixed = [
    "namespace",
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generateName",
    "generation",
    "resourceVersion",
  ] as const;
  for (const field of fixed) {
    const value = current.metadata[field];
    if (value === undefined) delete metadata[field];
    else Object.assign(metadata, { [field]: value });
  }
  delete metadata.managedFields;
  if (current.metadata.deletionTimestamp !== undefined) {
    const before = new Set(current.metadata.finalizers ?? []);
    const added = (metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer));
    if (added.length > 0) {
      throw invalidObject(served, key.name, [
        {
          reason: "FieldValueForbidden",
          field: "metadata.finalizers",
          message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(", ")}}`,
        },
      ]);
    }
  }
}

/** A main update keeps the status, a status update keeps everything else; `finalize` keeps all but spec.finalizers. */
function isolate(served: ServedResource, subresource: string | undefined, next: KubeObject, current: KubeObject): KubeObject {
  const withStatus = (object: KubeObject, status: unknown): KubeObject => {
    const { status: _, ...rest } = object;
    return (status === undefined ? rest : { ...rest, status: cloneJson(status) }) as KubeObject;
  };
  if (subresource === "status") return withStatus(cloneJson(current), next["status"]);
  if (subresource === "finalize")
    return { ...cloneJson(current), spec: { ...child(current, "spec"), finalizers: child(next, "spec")["finalizers"] ?? [] } };
  if (served.definition.subresources?.includes("status") === true) return withStatus(next, current["status"]);
  return next;
}

/** `metadata.generation` counts what was asked for: everything outside metadata and, where it is a subresource, status. */
function countGeneration(served: ServedResource, next: KubeObject, current: KubeObject): void {
  if (served.definition.hasGeneration === false) {
    if (current.metadata.generation === undefined) delete next.metadata.generation;
    return;
  }
  const isolated = served.definition.subresources?.includes("status") === true;
  const wish = (object: KubeObject): object => {
    const { metadata: _metadata, status, ...rest } = object;
    return isolated ? rest : { ...rest, status };
  };
  const generation = current.metadata.generation ?? 1;
  next.metadata.generation = deepEqual(wish(next), wish(current)) ? generation : generation + 1;
}

/** An object whose deletion was asked for goes with its last finalizer, once no grace period is left. */
function isFinished(served: ServedResource, object: KubeObject): boolean {
  const { deletionTimestamp, finalizers, deletionGracePeriodSeconds } = object.metadata;
  if (deletionTimestamp === undefined || (finalizers ?? []).length > 0) return false;
  if (served.group === "" && served.kind === "Namespace")
    return ((child(object, "spec")["finalizers"] as unknown[] | undefined) ?? []).length === 0;
  return (deletionGracePeriodSeconds ?? 0) === 0;
}

/** Deletion policies are finalizers that the garbage collector removes when it has done its part. */
function withPolicy(finalizers: readonly string[], request: DeleteRequest): string[] {
  const policy =
    request.propagationPolicy ??
    (request.orphanDependents === true ? "Orphan" : request.orphanDependents === false ? "Background" : undefined);
  if (policy === undefined) return [...finalizers];
  if (!["Foreground", "Orphan", "Background"].includes(policy)) {
    throw invalidObject({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", [
      invalid("propagationPolicy", policy, "must be Background, Foreground or Orphan"),
    ]);
  }
  const others = finalizers.filter((finalizer) => finalizer !== "foregroundDeletion" && finalizer !== "orphan");
  if (policy === "Foreground") return [...others, "foregroundDeletion"];
  return policy === "Orphan" ? [...others, "orphan"] : others;
}

function withVersion(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}
