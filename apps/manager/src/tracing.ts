/**
 * Traces over OTLP/HTTP. Loaded only when an endpoint is configured: nothing else imports OpenTelemetry.
 *
 * What cannot be sent is dropped and counted, and never waited for: spans queue up to `longestQueue`, and the exporter
 * works beside the reconciles. Headers, CA, timeout and compression are the exporter's own standard variables
 * (`OTEL_EXPORTER_OTLP_HEADERS`, ...), as are `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`; it reads them itself.
 */
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Clock, Logger, Tracer } from "@slipway/std";
import { BoundedSpanProcessor } from "./bounded-span-processor.ts";
import { createOtelTracer } from "./otel-tracer.ts";

export interface TracingOptions {
  /** Base URL of an OTLP/HTTP receiver, e.g. `http://collector:4318`; `/v1/traces` is appended. */
  readonly endpoint: string;
  /** Share of the traces that are recorded, 0 to 1. Default 1. */
  readonly sampleRatio?: number;
  /** Longest wait of `stop` for spans that are not sent yet, milliseconds. Default 5_000. */
  readonly flushTimeoutMs?: number;
}

export interface TracingContext {
  /** `service.instance.id` */
  readonly identity: string;
  readonly logger: Logger;
  /** Times the log lines and the flush. */
  readonly clock: Clock;
  /** Told of spans that were not sent. */
  readonly onDropped: (count: number) => void;
}

export interface Tracing {
  readonly tracer: Tracer;
  /** Sends what is left, within the limit. Never throws. */
  stop(): Promise<void>;
}

/** Spans that wait or are being sent. */
const longestQueue = 2048;
const quietMs = 60_000;

export type StartTracing = (options: TracingOptions, context: TracingContext) => Tracing;

export const startTracing: StartTracing = (options, { identity, logger, clock, onDropped }) => {
  let unsaid = 0;
  let quietUntilMs = -Infinity;
  const dropped = (count: number, error: string): void => {
    onDropped(count);
    unsaid += count;
    if (clock.now() < quietUntilMs) return;
    quietUntilMs = clock.now() + quietMs;
    logger.warn("spans of traces were dropped", { spans: unsaid, error });
    unsaid = 0;
  };
  const exporter = new OTLPTraceExporter({ url: `${options.endpoint.replace(/\/+$/, "")}/v1/traces` });
  const processor = new BoundedSpanProcessor(exporter, longestQueue, dropped);
  const own = resourceFromAttributes({ "service.name": "slipway-manager", "service.instance.id": identity });
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(own)
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.sampleRatio ?? 1) }),
    spanProcessors: [processor],
  });
  return {
    tracer: createOtelTracer(provider.getTracer("slipway")),
    stop: () =>
      new Promise<void>((resolve) => {
        const limit = clock.setTimer(options.flushTimeoutMs ?? 5_000, resolve);
        // Why it failed was told by then.
        const flushed = provider.shutdown().catch(() => undefined);
        void flushed.then(() => {
          limit.cancel();
          resolve();
        });
      }).then(() => processor.giveUp()),
  };
};
