/** The product's `Tracer` over OpenTelemetry's. Nothing global: two managers in a process do not meet. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Context, Span as OtelSpan, Tracer as OtelTracer } from "@opentelemetry/api";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, defaultTextMapGetter, defaultTextMapSetter, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import type { Span, SpanOptions, Tracer } from "@slipway/std";
import { errorType, noTracer } from "@slipway/std";

interface Active {
  readonly context: Context;
  /** Timers that a span's work has set still run in its context; what they do is not part of it. */
  ended: boolean;
}

const kinds = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT, server: SpanKind.SERVER };
const propagator = new W3CTraceContextPropagator();

export function createOtelTracer(tracer: OtelTracer): Tracer {
  const storage = new AsyncLocalStorage<Active>();

  async function record<T>(options: SpanOptions, parent: Context, work: (span: Span) => Promise<T>): Promise<T> {
    const { name, kind, attributes } = options;
    const otelSpan = tracer.startSpan(name, { kind: kinds[kind], attributes }, parent);
    const active = { context: trace.setSpan(parent, otelSpan), ended: false };
    const span = spanOver(otelSpan, active.context);
    try {
      return await storage.run(active, () => work(span));
    } catch (error) {
      span.fail(errorType(error));
      throw error;
    } finally {
      active.ended = true;
      otelSpan.end();
    }
  }

  return {
    root: (options, work) => record(options, parentOf(options.traceparent), work),
    child: (options, work) => {
      const active = storage.getStore();
      return active === undefined || active.ended ? noTracer.child(options, work) : record(options, active.context, work);
    },
  };
}

function parentOf(traceparent: string | undefined): Context {
  return traceparent === undefined ? ROOT_CONTEXT : propagator.extract(ROOT_CONTEXT, { traceparent }, defaultTextMapGetter);
}

function spanOver(span: OtelSpan, context: Context): Span {
  const headers: { traceparent?: string } = {};
  propagator.inject(context, headers, defaultTextMapSetter);
  return {
    ...headers,
    set: (attributes) => void span.setAttributes(attributes),
    fail: (type) => void span.setAttribute("error.type", type).setStatus({ code: SpanStatusCode.ERROR }),
  };
}
