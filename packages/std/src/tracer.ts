/**
 * Traces as a parameter, as time is: what is worth a span is known deep inside, what records and sends it is the
 * application's choice, and by default there is nothing that does.
 */

/**
 * Facts of a span, named as OpenTelemetry's conventions do where these have a name. They leave the cluster: never a secret,
 * a body, a query, or the text of an error, which may hold any of these.
 */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanOptions {
  /** From a bounded set: `reconcile workflowrun`, `patch deployments.apps`. */
  readonly name: string;
  readonly kind: "internal" | "client" | "server";
  readonly attributes: SpanAttributes;
}

export interface Span {
  /** Header of that name (W3C Trace Context) for a request that belongs to this span; absent when nothing is traced. */
  readonly traceparent?: string;
  set(attributes: SpanAttributes): void;
  /** The span ends as an error. `type` is from a bounded set: a code or a status, no text. */
  fail(type: string): void;
}

/** A span ends when its work does; work that throws has failed. Nothing here throws by itself. */
export interface Tracer {
  /** Runs `work` as a trace of its own, or as part of the caller's whose `traceparent` came with a request. */
  root<T>(options: SpanOptions & { readonly traceparent?: string }, work: (span: Span) => Promise<T>): Promise<T>;
  /** Runs `work` as part of the span in which it is called, however deep. Outside of any it leaves no span. */
  child<T>(options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>;
}

const noSpan: Span = { set: () => {}, fail: () => {} };

/** Records nothing. */
export const noTracer: Tracer = {
  root: (_options, work) => work(noSpan),
  child: (_options, work) => work(noSpan),
};
