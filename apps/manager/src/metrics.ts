/** The runtime's counts as Prometheus metrics. All label values come from bounded sets: controllers, kinds, results. */
import type { RuntimeMetrics } from "@slipway/controller";
import type { Registry } from "prom-client";

export interface ManagerMetrics extends RuntimeMetrics {
  readonly contentType: string;
  /** The exposition text. */
  text(): Promise<string>;
  leading(leading: boolean): void;
  /** How many of the shards this process acts for. */
  shards(count: number): void;
  slowedDown(controller: string): void;
  spansDropped(count: number): void;
  close(): void;
}

export interface MetricsOptions {
  /** Also CPU, memory and event loop of the process. Default false. */
  readonly process?: boolean;
}

export async function createMetrics(options: MetricsOptions = {}): Promise<ManagerMetrics> {
  // Loaded when used: a manager without a metrics port starts quicker.
  const { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } = await import("prom-client");
  const registry: Registry = new Registry();
  const registers = [registry];
  if (options.process === true) collectDefaultMetrics({ register: registry });
  const reconciles = new Counter({
    name: "slipway_reconcile_total",
    help: "Reconciles by controller and result: done, after, failed, terminal, bug.",
    labelNames: ["controller", "result"],
    registers,
  });
  const durations = new Histogram({
    name: "slipway_reconcile_duration_seconds",
    help: "How long a reconcile took.",
    labelNames: ["controller"],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers,
  });
  const queueLength = new Gauge({
    name: "slipway_queue_length",
    help: "Keys that wait for a worker.",
    labelNames: ["controller"],
    registers,
  });
  const relists = new Counter({
    name: "slipway_relist_total",
    help: "Times a kind's state was read anew: start, expired, silence, refresh, verification.",
    labelNames: ["resource", "reason"],
    registers,
  });
  const leader = new Gauge({ name: "slipway_leader", help: "1 while this process holds the lease.", registers });
  const shards = new Gauge({ name: "slipway_shards", help: "Shards of the namespaces that this process acts for.", registers });
  const slowedDown = new Counter({
    name: "slipway_slowed_down_total",
    help: "Times a key was slowed down because it was reconciled without end while nothing changed.",
    labelNames: ["controller"],
    registers,
  });
  const spansDropped = new Counter({
    name: "slipway_trace_spans_dropped_total",
    help: "Spans of traces that could not be sent.",
    registers,
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    reconciled(controller, result, durationMs): void {
      reconciles.inc({ controller, result });
      durations.observe({ controller }, durationMs / 1000);
    },
    queueLength: (controller, length) => queueLength.set({ controller }, length),
    relisted: (resource, reason) => relists.inc({ resource, reason }),
    shards: (count) => shards.set(count),
    slowedDown: (controller) => slowedDown.inc({ controller }),
    spansDropped: (count) => spansDropped.inc(count),
    leading: (leading) => leader.set(leading ? 1 : 0),
    close: () => registry.clear(),
  };
}

/** Counts go to the metrics once these are loaded; the runtime starts after that. */
export function lateMetrics(loading: Promise<ManagerMetrics>): RuntimeMetrics {
  let metrics: ManagerMetrics | undefined;
  void loading.then((loaded) => (metrics = loaded));
  return {
    reconciled: (controller, result, durationMs) => metrics?.reconciled(controller, result, durationMs),
    queueLength: (controller, length) => metrics?.queueLength(controller, length),
    relisted: (resource, reason) => metrics?.relisted(resource, reason),
    slowedDown: (controller) => metrics?.slowedDown(controller),
  };
}
