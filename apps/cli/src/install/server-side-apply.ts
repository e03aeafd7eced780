/**
 * Server-side apply of many objects as one step: first all of them as a dry run, so that a conflict or a missing right is
 * known before anything changes; then one after the other.
 */
import type { KubeClient, KubeObject } from "@slipway/kube";
import { apiStatusOf, isConflict, isNotFound, keyOf } from "@slipway/kube";
import { CommandError } from "../exit.ts";
import { display, find, nameOf, resourceFor } from "./objects.ts";

export const fieldManager = "slipway-install";
/** The manager enters its webhooks and brings CRDs up to date: what it owns of an installation is the installation's. */
const ownManagers: ReadonlySet<string> = new Set(["slipway-manager", fieldManager]);

export interface ApplyOptions {
  /** Take fields over that somebody else owns. Default false. */
  readonly force?: boolean;
  readonly signal: AbortSignal;
}

export type Outcome = "created" | "configured" | "unchanged";

export interface Applied {
  readonly object: KubeObject;
  readonly outcome: Outcome;
}

/**
 * Nothing is written. Throws one CommandError with every conflict, by object, field and owner; any other refusal as the
 * server gave it. An object in a namespace that is itself still to be made is answered as it was given, unchecked.
 */
export async function dryRunAll(client: KubeClient, objects: readonly KubeObject[], options: ApplyOptions): Promise<Applied[]> {
  const conflicts: string[] = [];
  const answers: Applied[] = [];
  for (const object of objects) {
    try {
      answers.push(await applyOne(client, object, { ...options, dryRun: true }));
    } catch (error) {
      if (isConflict(error)) conflicts.push(...describeConflicts(object, error));
      else if (isNotFound(error) && isMadeHere(object, objects)) answers.push({ object, outcome: "created" });
      else throw error;
    }
  }
  if (conflicts.length === 0) return answers;
  const advice = "nothing was changed; take these fields over with --force-conflicts, or have their owner give them up";
  throw new CommandError(`others own fields of the installation:\n${conflicts.map((line) => `  ${line}`).join("\n")}\n${advice}`);
}

/** Throws a CommandError for a conflict, the server's answer for anything else. Idempotent. */
export async function applyOne(
  client: KubeClient,
  object: KubeObject,
  options: ApplyOptions & { readonly dryRun?: boolean },
): Promise<Applied> {
  const { signal, force = false, dryRun = false } = options;
  const name = nameOf(object);
  const resource = await resourceFor(client, name, signal);
  const present = await find(client, name, signal);
  const send = (forced: boolean): Promise<KubeObject> =>
    client.patch(resource, keyOf(object), { type: "apply", body: object, force: forced }, { fieldManager, dryRun, signal });
  let applied: KubeObject;
  try {
    applied = await send(force);
  } catch (error) {
    if (!isConflict(error) || !conflictsOf(error).every(({ owner }) => ownManagers.has(owner))) throw error;
    applied = await send(true);
  }
  if (present === undefined) return { object: applied, outcome: "created" };
  const isSameVersion = present.metadata.resourceVersion === applied.metadata.resourceVersion;
  return { object: applied, outcome: isSameVersion ? "unchanged" : "configured" };
}

function isMadeHere({ metadata: { namespace } }: KubeObject, objects: readonly KubeObject[]): boolean {
  return objects.some(({ kind, metadata }) => kind === "Namespace" && metadata.name === namespace);
}

interface FieldConflict {
  readonly owner: string;
  readonly field: string;
}

/** An owner whose name is not to be read counts as `another client`. */
function conflictsOf(error: unknown): FieldConflict[] {
  const causes = apiStatusOf(error)?.details?.causes ?? [];
  return causes
    .filter(({ reason }) => reason === "FieldManagerConflict")
    .map(({ message = "", field = "" }) => ({ owner: /^conflict with "([^"]*)"/.exec(message)?.[1] ?? "another client", field }));
}

function describeConflicts(object: KubeObject, error: unknown): string[] {
  const name = display(nameOf(object));
  const conflicts = conflictsOf(error);
  if (conflicts.length === 0) return [`${name}: ${apiStatusOf(error)?.message ?? "conflict"}`];
  return conflicts.map(({ owner, field }) => `${name}: ${field} is owned by ${owner}`);
}
