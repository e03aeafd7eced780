/**
 * Kubernetes Events about objects. Equal events (same object, type, reason and message) are one Event object whose
 * `count` and `lastTimestamp` move; its name `<object>.<hex>` is computed from those, so a restarted process counts on
 * where the previous one stopped.
 *
 * Nothing here blocks or fails a reconcile: events wait in a bounded queue (the oldest is dropped), one is sent at a
 * time, failures are logged. Similar messages are combined and each object has a budget (`event-correlator.ts`); what is
 * over the budget is counted on the Event with its next write.
 */
import type { KubeClient, KubeObject } from "@slipway/kube";
import { isAlreadyExists, isNotFound, resources } from "@slipway/kube";
import type { Clock, Logger } from "@slipway/std";
import { errorMessage, formatTimestamp } from "@slipway/std";
import type { EventCorrelatorOptions } from "./event-correlator.ts";
import { combinedPrefix, EventCorrelator } from "./event-correlator.ts";
import type { EventRecorder } from "./types.ts";

export interface EventRecorderOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `source.component` and `reportingComponent`. */
  readonly component: string;
  readonly activity?: { begin(): () => void };
  /** Different events remembered for counting, least recently used forgotten first; default 1024. */
  readonly memory?: number;
  /** Events waiting to be sent; default 1000. */
  readonly backlog?: number;
  /** Limits for similar events and for each object; default client-go's. */
  readonly limits?: Omit<EventCorrelatorOptions, "clock">;
}

interface KnownEvent {
  readonly object: KubeObject;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  /** Of combined events: the latest. */
  message: string;
  readonly combined: boolean;
  readonly namespace: string;
  readonly name: string;
  readonly firstTimestamp: string;
  lastTimestamp: string;
  count: number;
  /** The Event is in the cluster, as far as we know. */
  created: boolean;
}

/** The API server refuses longer ones. */
const longestMessage = 1024;
const longestObjectName = 253 - 17;

export function createEventRecorder(options: EventRecorderOptions): EventRecorder & {
  /** Sends what waits, until `hurry` aborts, then refuses further events. */
  stop(hurry: AbortSignal): Promise<void>;
} {
  return new AggregatingRecorder(options);
}

class AggregatingRecorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #correlator: EventCorrelator;
  readonly #known = new Map<string, KnownEvent>();
  /** Identities with unsent counts, in order. */
  readonly #waiting = new Map<string, KnownEvent>();
  #sending: Promise<void> | undefined;
  #stopped = false;
  readonly #abort = new AbortController();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#correlator = new EventCorrelator({ clock: options.clock, ...options.limits });
  }

  event(object: KubeObject, type: "Normal" | "Warning", reason: string, message: string): void {
    if (this.#stopped) return;
    const { kind, metadata } = object;
    const about = [kind, metadata.namespace, metadata.name, metadata.uid];
    const combined = this.#correlator.isCombined(JSON.stringify([...about, type, reason]), message);
    const full = combined ? combinedPrefix + message : message;
    const text = full.length > longestMessage ? `${full.slice(0, longestMessage - 1)}…` : full;
    const identity = JSON.stringify([...about, type, reason, combined ? combinedPrefix : text]);
    const now = formatTimestamp(this.#options.clock.now());
    let known = this.#known.get(identity);
    if (known === undefined) {
      known = {
        object,
        type,
        reason,
        message: text,
        combined,
        namespace: metadata.namespace ?? "default",
        name: `${(metadata.name ?? "").slice(0, longestObjectName)}.${fingerprint(identity)}`,
        firstTimestamp: now,
        lastTimestamp: now,
        count: 0,
        created: false,
      };
    }
    known.count++;
    known.lastTimestamp = now;
    known.message = text;
    this.#known.delete(identity);
    this.#known.set(identity, known);
    dropOldest(this.#known, this.#options.memory ?? 1024);
    if (!this.#waiting.has(identity) && !this.#correlator.allows(JSON.stringify(about))) {
      this.#options.logger.debug("too many events about an object; counted, not sent", {
        object: { kind, namespace: metadata.namespace, name: metadata.name },
        reason,
      });
      return;
    }
    this.#waiting.set(identity, known);
    if (dropOldest(this.#waiting, this.#options.backlog ?? 1000)) this.#options.logger.warn("too many events wait; the oldest is dropped");
    this.#sending ??= this.#send();
  }

  async stop(hurry: AbortSignal): Promise<void> {
    this.#stopped = true;
    const abort = (): void => this.#abort.abort(hurry.reason);
    if (hurry.aborted) abort();
    else hurry.addEventListener("abort", abort, { once: true });
    await this.#sending;
    hurry.removeEventListener("abort", abort);
  }

  async #send(): Promise<void> {
    const end = this.#options.activity?.begin();
    try {
      // Events of the same turn are counted before the first is sent.
      await Promise.resolve();
      for (const [identity, known] of this.#waiting) {
        this.#waiting.delete(identity);
        if (this.#abort.signal.aborted) return;
        try {
          await this.#write(known);
        } catch (error) {
          const { kind, metadata } = known.object;
          const fields = { object: { kind, namespace: metadata.namespace, name: metadata.name }, reason: known.reason };
          this.#options.logger.warn("event not recorded", { ...fields, error: errorMessage(error) });
        }
      }
    } finally {
      this.#sending = undefined;
      end?.();
    }
  }

  async #write(known: KnownEvent): Promise<void> {
    const { client } = this.#options;
    const { signal } = this.#abort;
    const key = { namespace: known.namespace, name: known.name };
    if (known.created) {
      try {
        await this.#count(known, known.count);
        return;
      } catch (error) {
        // Events expire in the cluster after an hour.
        if (!isNotFound(error)) throw error;
        known.created = false;
      }
    }
    try {
      await client.create(resources.events, this.#object(known), { signal });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const present = await client.get(resources.events, key, { signal });
      known.count += Number(present["count"] ?? 0);
      await this.#count(known, known.count);
    }
    known.created = true;
  }

  async #count(known: KnownEvent, count: number): Promise<void> {
    const body = { count, lastTimestamp: known.lastTimestamp, ...(known.combined ? { message: known.message } : {}) };
    const key = { namespace: known.namespace, name: known.name };
    await this.#options.client.patch(resources.events, key, { type: "merge", body }, { signal: this.#abort.signal });
  }

  #object(known: KnownEvent): KubeObject {
    const { apiVersion, kind, metadata } = known.object;
    return {
      apiVersion: "v1",
      kind: "Event",
      metadata: { namespace: known.namespace, name: known.name },
      involvedObject: {
        apiVersion,
        kind,
        name: metadata.name,
        ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
        ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
        ...(metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
      },
      type: known.type,
      reason: known.reason,
      message: known.message,
      source: { component: this.#options.component },
      reportingComponent: this.#options.component,
      reportingInstance: "",
      firstTimestamp: known.firstTimestamp,
      lastTimestamp: known.lastTimestamp,
      count: known.count,
    };
  }
}

function dropOldest(map: Map<string, unknown>, limit: number): boolean {
  if (map.size <= limit) return false;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
  return true;
}

/** FNV-1a over UTF-16 code units, 64 bits, as 16 hex digits. */
function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n);
  return hash.toString(16).padStart(16, "0");
}
