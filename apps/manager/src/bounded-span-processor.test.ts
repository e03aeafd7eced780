import { ExportResultCode } from "@opentelemetry/core";
import type { ExportResult } from "@opentelemetry/core";
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import { TracerProvider } from "@opentelemetry/sdk-trace";
import { describe, expect, it } from "vitest";
import { BoundedSpanProcessor } from "./bounded-span-processor.ts";

interface SetUp {
  readonly processor: BoundedSpanProcessor;
  readonly dropped: string[];
  /** Answers of the exports under way. */
  readonly answers: ((result: ExportResult) => void)[];
  end(count: number): void;
}

function setUp(): SetUp {
  const answers: SetUp["answers"] = [];
  const dropped: string[] = [];
  const exporter: SpanExporter = { export: (_spans, answer) => void answers.push(answer), shutdown: () => Promise.resolve() };
  const processor = new BoundedSpanProcessor(exporter, 3, (count, error) => dropped.push(`${String(count)} ${error}`));
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer("test");
  const end = (count: number): void => {
    for (let i = 0; i < count; i++) tracer.startSpan("a").end();
  };
  return { processor, dropped, answers, end };
}

const sent = { code: ExportResultCode.SUCCESS };

describe("the bound on spans", () => {
  it("counts those on their way, and takes more when they arrived", async () => {
    const { processor, dropped, answers, end } = setUp();
    end(3);
    const flushed = processor.forceFlush();
    end(1);
    expect(dropped).toEqual(["1 too many spans wait for the receiver"]);
    answers[0]?.(sent);
    await flushed;
    end(3);
    expect(dropped).toHaveLength(1);
  });

  it("counts those of a batch that failed, once, and goes on", async () => {
    const { processor, dropped, answers, end } = setUp();
    end(2);
    const flushed = processor.forceFlush();
    answers[0]?.({ code: ExportResultCode.FAILED, error: new Error("down") });
    await expect(flushed).rejects.toThrow("down");
    end(3);
    expect(dropped).toEqual(["2 down"]);
  });

  it("counts what is left at the end, and not again when its answer comes", async () => {
    const { processor, dropped, answers, end } = setUp();
    end(2);
    const stopped = processor.shutdown();
    await new Promise((resolve) => setImmediate(resolve));
    processor.giveUp();
    answers[0]?.({ code: ExportResultCode.FAILED, error: new Error("too late") });
    await expect(stopped).rejects.toThrow("too late");
    end(1);
    expect(dropped).toEqual(["2 the process ends", "1 the process ends"]);
  });
});
