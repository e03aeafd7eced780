/** The SDK's batches, with a bound on all that is not sent yet and a count of what never is; the SDK itself only logs it. */
import type { Context } from "@opentelemetry/api";
import type { ExportResult } from "@opentelemetry/core";
import { ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan, Span, SpanExporter, SpanProcessor } from "@opentelemetry/sdk-trace";
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace";
import { errorMessage } from "@slipway/std";

const endOfProcess = "the process ends";

export class BoundedSpanProcessor implements SpanProcessor {
  readonly #batches: BatchSpanProcessor;
  readonly #longest: number;
  readonly #dropped: (count: number, error: string) => void;
  /** Ended and not answered for by the exporter. */
  #waiting = 0;
  #over = false;

  constructor(exporter: SpanExporter, longest: number, dropped: (count: number, error: string) => void) {
    this.#longest = longest;
    this.#dropped = dropped;
    const counting: SpanExporter = {
      export: (spans, answer) =>
        exporter.export(spans, (result) => {
          this.#answered(spans.length, result);
          answer(result);
        }),
      shutdown: () => exporter.shutdown(),
    };
    this.#batches = new BatchSpanProcessor({ exporter: counting, maxQueueSize: longest });
  }

  onStart(span: Span, parent: Context): void {
    this.#batches.onStart(span, parent);
  }

  onEnd(span: ReadableSpan): void {
    if (this.#over) this.#dropped(1, endOfProcess);
    else if (this.#waiting >= this.#longest) this.#dropped(1, "too many spans wait for the receiver");
    else {
      this.#waiting++;
      this.#batches.onEnd(span);
    }
  }

  forceFlush(): Promise<void> {
    return this.#batches.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#batches.shutdown();
  }

  /** Whatever is not sent by now counts as lost. */
  giveUp(): void {
    this.#over = true;
    if (this.#waiting > 0) this.#dropped(this.#waiting, endOfProcess);
  }

  #answered(count: number, { code, error }: ExportResult): void {
    // These were counted already.
    if (this.#over) return;
    this.#waiting -= count;
    if (code !== ExportResultCode.SUCCESS) this.#dropped(count, error === undefined ? "the receiver refused them" : errorMessage(error));
  }
}
