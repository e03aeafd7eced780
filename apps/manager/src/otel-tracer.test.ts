import { AlwaysOffSampler, InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Sampler } from "@opentelemetry/sdk-trace";
import type { SpanOptions, Tracer } from "@slipway/std";
import { AppError } from "@slipway/std";
import { describe, expect, it } from "vitest";
import { createOtelTracer } from "./otel-tracer.ts";

const named = (name: string): SpanOptions => ({ name, kind: "internal", attributes: {} });

function setUp(sampler?: Sampler): { readonly tracer: Tracer; readonly ended: () => string[]; readonly exporter: InMemorySpanExporter } {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
    ...(sampler === undefined ? {} : { sampler }),
  });
  const nameOf = (id: string | undefined): string =>
    exporter.getFinishedSpans().find((span) => span.spanContext().spanId === id)?.name ?? "-";
  const ended = (): string[] => exporter.getFinishedSpans().map((span) => `${span.name} < ${nameOf(span.parentSpanContext?.spanId)}`);
  return { tracer: createOtelTracer(provider.getTracer("test")), ended, exporter };
}

describe("the tracer over OpenTelemetry", () => {
  it("finds the parent however deep, also of work side by side", async () => {
    const { tracer, ended } = setUp();
    const leaf = async (name: string): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      await tracer.child(named(name), async () => {});
    };
    const branch = (name: string): Promise<void> =>
      tracer.root(named(name), async () => void (await Promise.all([leaf(`${name}1`), leaf(`${name}2`)])));
    await Promise.all([branch("a"), branch("b")]);
    expect(ended().sort()).toEqual(["a < -", "a1 < a", "a2 < a", "b < -", "b1 < b", "b2 < b"]);
  });

  it("records nothing outside of a span, nor for what a span's timers do after it", async () => {
    const { tracer, ended } = setUp();
    await tracer.child(named("alone"), async (span) => expect(span.traceparent).toBeUndefined());
    let later = Promise.resolve();
    await tracer.root(named("a"), async () => {
      later = new Promise((resolve) => setTimeout(resolve, 1)).then(() => tracer.child(named("late"), async () => {}));
    });
    await later;
    expect(ended()).toEqual(["a < -"]);
  });

  it("goes on with the trace that a request names, and begins one when the name is none", async () => {
    const { tracer, exporter } = setUp();
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const own = await tracer.root({ ...named("a"), traceparent }, async (span) => span.traceparent);
    expect(own).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
    expect(exporter.getFinishedSpans()[0]?.parentSpanContext?.spanId).toBe("b7ad6b7169203331");
    expect(await tracer.root({ ...named("b"), traceparent: "nonsense" }, async (span) => span.traceparent)).toMatch(/^00-(?!0af7)/);
  });

  it("ends a span as an error with its code and without its text", async () => {
    const { tracer, exporter } = setUp();
    const work = tracer.root(named("a"), () => Promise.reject(new AppError("CODE", "text with a secret")));
    await expect(work).rejects.toThrow("text with a secret");
    const [span] = exporter.getFinishedSpans();
    expect([span?.status, span?.attributes, span?.events]).toEqual([{ code: 2 }, { "error.type": "CODE" }, []]);
  });

  it("tells the API server what was not sampled", async () => {
    const { tracer, ended } = setUp(new AlwaysOffSampler());
    const inner = await tracer.root(named("a"), () => tracer.child(named("b"), async (span) => span.traceparent));
    expect(inner).toMatch(/-00$/);
    expect(ended()).toEqual([]);
  });
});
