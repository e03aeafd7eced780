/** Reads: get, list with paging, watch. Selection happens on the served form, so that custom versions see their own fields. */
import type { KubeObject, LabelSelector, FieldSelector, ObjectKey } from "@slipway/kube";
import { matchesFields, matchesLabels, parseFieldSelector, parseLabelSelector } from "@slipway/kube";
import { errorMessage } from "@slipway/std";
import type { ObjectStore, StoredEntry } from "../store/object-store.ts";
import { badRequest, expiredContinue, notFound, tooLargeVersion, tooOldVersion } from "./api-errors.ts";
import type { ServedResource } from "./served-resource.ts";
import type { WatchStream } from "./watch-stream.ts";
import { createWatchStream } from "./watch-stream.ts";

export interface Selection {
  /** Absent: all namespaces. */
  readonly namespace: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListRequest extends Selection {
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: string | undefined;
}

export interface WatchRequest extends Selection {
  readonly resourceVersion?: string | undefined;
  readonly sendInitialEvents?: boolean | undefined;
  readonly allowBookmarks?: boolean | undefined;
}

/** A served object with its text; the text is shared where the stored form is the served one. */
export interface ServedObject {
  readonly object: KubeObject;
  json(): string;
}

export interface ListResult {
  readonly items: readonly ServedObject[];
  readonly revision: number;
  readonly continue: string | undefined;
  readonly remaining: number | undefined;
}

export interface ObjectReader {
  get(served: ServedResource, key: ObjectKey): Promise<ServedObject>;
  list(served: ServedResource, request: ListRequest): Promise<ListResult>;
  /** Throws 410 for a version that is too old. `begin` counts undelivered events, see `WatchStreamOptions`. */
  watch(served: ServedResource, request: WatchRequest, begin?: () => () => void): WatchStream;
  present(served: ServedResource, entries: readonly StoredEntry[]): Promise<readonly ServedObject[]>;
}

export function createObjectReader(store: ObjectStore): ObjectReader {
  const present = async (served: ServedResource, entries: readonly StoredEntry[]): Promise<readonly ServedObject[]> => {
    if (served.storedAsServed && entries.every((entry) => entry.object.apiVersion === entries[0]?.object.apiVersion)) {
      const objects = await served.present(entries.slice(0, 1).map((entry) => entry.object));
      if (objects[0] === entries[0]?.object) return entries;
    }
    const objects = await served.present(entries.map((entry) => entry.object));
    return objects.map((object, index) => {
      const entry = entries[index];
      if (entry !== undefined && entry.object === object) return entry;
      return { object, json: () => JSON.stringify(object) };
    });
  };

  return {
    present,
    async get(served, key): Promise<ServedObject> {
      const entry = store.get(served.bucket, key);
      if (entry === undefined) throw notFound(served, key.name);
      const [object] = await present(served, [entry]);
      return object ?? entry;
    },

    async list(served, request): Promise<ListResult> {
      const matches = compileSelection(served, request);
      const token = request.continue === undefined || request.continue === "" ? undefined : readToken(request.continue);
      const exact = request.resourceVersionMatch === "Exact" ? parseVersion(request.resourceVersion) : undefined;
      if (
        token !== undefined &&
        request.resourceVersion !== undefined &&
        request.resourceVersion !== "" &&
        request.resourceVersion !== "0"
      ) {
        throw badRequest("specifying resource version is not allowed when using continue");
      }
      const at = token?.revision ?? exact;
      const revision = at ?? store.revision;
      const wanted = parseVersion(request.resourceVersion);
      if (exact === undefined && wanted !== undefined && wanted > store.revision) {
        throw tooLargeVersion(wanted, store.revision);
      }
      let entries =
        at === undefined || at === store.revision
          ? store.list(served.bucket, request.namespace)
          : store.listAt(served.bucket, at, request.namespace);
      if (entries === undefined)
        throw token === undefined ? tooOldVersion(revision, store.oldestWatchable(served.bucket)) : expiredContinue();
      if (token !== undefined) {
        const start = token.start;
        entries = entries.filter((entry) => pageKey(entry.key) > start);
      }
      const limit = request.limit ?? 0;
      // Without a selector only the page itself has to be looked at.
      if (limit > 0 && matches === undefined) {
        const page = entries.slice(0, limit);
        const rest = entries.length - page.length;
        const last = page[page.length - 1];
        return {
          items: await present(served, page),
          revision,
          continue: rest > 0 && last !== undefined ? writeToken(revision, last.key) : undefined,
          remaining: rest > 0 ? rest : undefined,
        };
      }
      let items = await present(served, entries);
      if (matches !== undefined) items = items.filter((item) => matches(item.object));
      const page = limit > 0 ? items.slice(0, limit) : items;
      const last = page[page.length - 1];
      const more = items.length > page.length && last !== undefined;
      return {
        items: page,
        revision,
        continue: more
          ? writeToken(revision, { namespace: last.object.metadata.namespace ?? "", name: last.object.metadata.name ?? "" })
          : undefined,
        // The count of the rest is not known under a selector on a real server either.
        remaining: undefined,
      };
    },

    watch(served, request, begin): WatchStream {
      const matches = compileSelection(served, request) ?? ((): boolean => true);
      const inScope = (entry: StoredEntry): boolean => request.namespace === undefined || entry.key.namespace === request.namespace;
      const asked = parseVersion(request.resourceVersion);
      const initial = request.sendInitialEvents === true || asked === undefined || asked === 0;
      const start = initial ? store.revision : asked;
      const oldest = store.oldestWatchable(served.bucket);
      // A version from the future is one of an earlier life of a store in memory: the watcher has to start over.
      if (start < oldest || start > store.revision) throw tooOldVersion(start, oldest);

      let stop = (): void => {};
      const stream = createWatchStream({ onEnd: () => stop(), ...(begin === undefined ? {} : { begin }) });
      // Selection of a version that is not the stored one reads the stored form: labels and metadata are the same in both.
      if (initial && request.sendInitialEvents !== false) {
        for (const entry of store.list(served.bucket, request.namespace)) {
          if (matches(entry.object)) stream.push({ type: "ADDED", entry });
        }
        if (request.sendInitialEvents === true && request.allowBookmarks === true) {
          stream.push({ type: "BOOKMARK", revision: store.revision, initialEventsEnd: true });
        }
      }
      const subscription = store.subscribe(served.bucket, start, (event) => {
        if (!inScope(event.entry)) return;
        const before = event.previous !== undefined && matches(event.previous.object);
        const now = event.type !== "DELETED" && matches(event.entry.object);
        if (now) stream.push({ type: before ? "MODIFIED" : "ADDED", entry: event.entry });
        else if (before) stream.push({ type: "DELETED", entry: event.entry });
      });
      stop = () => subscription.stop();
      if (stream.ended) stop();
      return stream;
    },
  };
}

const commonFields = new Set(["metadata.name", "metadata.namespace"]);

/** `undefined` when everything is selected. Throws 400 for a malformed selector or a field that cannot be selected by. */
function compileSelection(served: ServedResource, selection: Selection): ((object: KubeObject) => boolean) | undefined {
  const labelText = selection.labelSelector ?? "";
  const fieldText = selection.fieldSelector ?? "";
  if (labelText === "" && fieldText === "") return undefined;
  let labels: LabelSelector;
  let fields: FieldSelector;
  try {
    labels = parseLabelSelector(labelText);
    fields = parseFieldSelector(fieldText);
  } catch (error) {
    throw badRequest(errorMessage(error));
  }
  for (const { field } of fields.requirements) {
    if (!commonFields.has(field) && !(served.definition.selectableFields ?? []).includes(field)) {
      throw badRequest(`field label not supported: ${field}`);
    }
  }
  return (object) => matchesLabels(labels, object.metadata.labels) && matchesFields(fields, object);
}

function parseVersion(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`invalid resource version "${text}"`);
  return Number(text);
}

function pageKey(key: ObjectKey): string {
  return `${key.namespace}\u0000${key.name}`;
}

function writeToken(revision: number, last: ObjectKey): string {
  return Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: revision, start: pageKey(last) })).toString("base64url");
}

function readToken(token: string): { readonly revision: number; readonly start: string } {
  try {
    const parsed = JSON.parse(Buffer.from(token, "base64url").toString()) as { rv?: unknown; start?: unknown };
    if (typeof parsed.rv === "number" && typeof parsed.start === "string") return { revision: parsed.rv, start: parsed.start };
  } catch {
    // Answered below: what a client sends is not our bug.
  }
  throw badRequest("continue key is not valid: the token was not issued by this server");
}
