/** A watch over HTTP: a stream of JSON lines that ends with the timeout, the client or the server. */
import type { KubeObject } from "@slipway/kube";
import { apiStatusOf, formatApiVersion } from "@slipway/kube";
import { realClock } from "@slipway/std/node";
import type { Timer } from "@slipway/std";
import type { ApiCore } from "./api-core.ts";
import { badRequest } from "./api-errors.ts";
import type { ApiRequest, ApiResponse } from "./http-message.ts";
import type { ObjectForm } from "./media-types.ts";
import { negotiateForm } from "./media-types.ts";
import type { ServedResource } from "./served-resource.ts";
import type { ResourcePath } from "./request-path.ts";
import type { IncludeObject } from "./table.ts";
import { toPartialMetadata, toTable } from "./table.ts";
import type { WatchItem, WatchStream } from "./watch-stream.ts";

/** Real time between bookmarks, as on a real server. */
const bookmarkIntervalMs = 60_000;
const defaultTimeoutSeconds = 1800;
/** Pieces of about this many characters are handed to the socket at once. */
const chunkLength = 64 * 1024;

export function watchResponse(core: ApiCore, request: ApiRequest, path: ResourcePath): ApiResponse {
  const { served } = path;
  const form = negotiateForm(request.headers["accept"]);
  const query = (name: string): string | undefined => request.query.get(name) ?? undefined;
  const timeout = query("timeoutSeconds");
  if (timeout !== undefined && !/^\d+$/.test(timeout)) throw badRequest(`timeoutSeconds must be a whole number, not "${timeout}"`);
  const timeoutMs = (timeout === undefined || timeout === "0" ? defaultTimeoutSeconds : Number(timeout)) * 1000;
  const sendInitial = query("sendInitialEvents");
  const byName = path.name === undefined ? undefined : `metadata.name=${path.name}`;
  const fields = [query("fieldSelector"), byName].filter((part) => part !== undefined && part !== "").join(",");
  const allowBookmarks = query("allowWatchBookmarks") === "true";
  if (sendInitial !== undefined && query("resourceVersionMatch") !== "NotOlderThan") {
    throw badRequest('sendInitialEvents is forbidden for watch unless resourceVersionMatch is "NotOlderThan"');
  }
  const headers = { "content-type": "application/json" };

  let stream: WatchStream;
  try {
    stream = core.reader.watch(served, {
      namespace: path.namespace,
      labelSelector: query("labelSelector"),
      fieldSelector: fields,
      resourceVersion: query("resourceVersion"),
      sendInitialEvents: sendInitial === undefined ? undefined : sendInitial === "true",
      allowBookmarks,
    });
  } catch (error) {
    const status = apiStatusOf(error);
    // An expired version is told inside the stream, where watchers look for it.
    if (status?.code !== 410) throw error;
    return { status: 200, headers, warnings: [], body: once(`${JSON.stringify({ type: "ERROR", object: status })}\n`), longRunning: true };
  }
  const lines = createLineWriter(core, served, form, form === "table" ? tableInclude(request) : "Metadata");
  return {
    status: 200,
    headers,
    warnings: [],
    body: streamLines(core, stream, lines, request.signal, timeoutMs, allowBookmarks),
    longRunning: true,
  };
}

async function* once(text: string): AsyncGenerator<string> {
  yield await Promise.resolve(text);
}

async function* streamLines(
  core: ApiCore,
  stream: WatchStream,
  line: (item: WatchItem) => Promise<string>,
  signal: AbortSignal,
  timeoutMs: number,
  allowBookmarks: boolean,
): AsyncGenerator<string> {
  const end = (): void => stream.end();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const timeout = realClock.setTimer(timeoutMs, end);
  let bookmark: Timer | undefined;
  const armBookmark = (): void => {
    bookmark = realClock.setTimer(bookmarkIntervalMs, () => {
      stream.push({ type: "BOOKMARK", revision: core.store.revision, initialEventsEnd: false });
      armBookmark();
    });
  };
  if (allowBookmarks) armBookmark();
  try {
    // The head goes out at once: a client waits for it before it believes the watch stands.
    yield "";
    for (;;) {
      const first = await stream.next();
      if (first === undefined) return;
      let chunk = await line(first);
      for (let item = stream.poll(); item !== undefined; item = stream.poll()) {
        chunk += await line(item);
        if (chunk.length > chunkLength) {
          yield chunk;
          chunk = "";
        }
      }
      if (chunk !== "") yield chunk;
    }
  } finally {
    timeout.cancel();
    bookmark?.cancel();
    signal.removeEventListener("abort", end);
    stream.end();
  }
}

function tableInclude(request: ApiRequest): IncludeObject {
  const asked = request.query.get("includeObject");
  return asked === "None" || asked === "Object" ? asked : "Metadata";
}

function createLineWriter(
  core: ApiCore,
  served: ServedResource,
  form: ObjectForm,
  include: IncludeObject,
): (item: WatchItem) => Promise<string> {
  let withColumns = true;
  const shape = (object: KubeObject): string => {
    if (form === "metadata") return JSON.stringify(toPartialMetadata(object));
    const table = toTable(
      served,
      [object],
      core.clock.now(),
      include,
      { resourceVersion: object.metadata.resourceVersion ?? "" },
      withColumns,
    );
    withColumns = false;
    return JSON.stringify(table);
  };
  return async (item) => {
    if (item.type === "BOOKMARK") {
      const object: KubeObject = bookmarkObject(served, item);
      if (form === "table") {
        const table = toTable(served, [], core.clock.now(), include, { resourceVersion: String(item.revision) }, withColumns);
        const row = {
          cells: (served.definition.columns ?? []).map(() => null),
          object: form === "table" ? toPartialMetadata(object) : object,
        };
        return `${JSON.stringify({ type: "BOOKMARK", object: { ...table, rows: [row] } })}\n`;
      }
      return `${JSON.stringify({ type: "BOOKMARK", object: form === "metadata" ? toPartialMetadata(object) : object })}\n`;
    }
    const presented = await core.reader.present(served, [item.entry]);
    const shown = presented[0] ?? item.entry;
    const body = form === "object" ? shown.json() : shape(shown.object);
    return `{"type":"${item.type}","object":${body}}\n`;
  };
}

/** A bookmark carries nothing but the version that the watcher has reached. */
export function bookmarkObject(served: ServedResource, item: WatchItem & { type: "BOOKMARK" }): KubeObject {
  return {
    kind: served.kind,
    apiVersion: formatApiVersion(served),
    metadata: {
      resourceVersion: String(item.revision),
      creationTimestamp: null,
      ...(item.initialEventsEnd ? { annotations: { "k8s.io/initial-events-end": "true" } } : {}),
    },
  };
}
