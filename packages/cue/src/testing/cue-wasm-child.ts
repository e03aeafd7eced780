/** The WebAssembly build of the Go implementation, in a process of its own: it writes to globals, can die and has no limits. */
interface Cue {
  toJSON(source: string): string;
}

interface Request {
  readonly source: string;
  readonly milliseconds: number;
}

// It replaces globals.
const send = process.send?.bind(process);
const began = performance.now();
const module_ = (await import("cue-wasm" as string)) as { init(): Promise<Cue> };
const cue = await module_.init();
send?.({ ready: performance.now() - began });

process.on("message", (request: Request) => {
  const samples: number[] = [];
  const end = performance.now() + request.milliseconds;
  let answer: { json?: unknown; error?: string } = {};
  while (samples.length === 0 || performance.now() < end) {
    const start = performance.now();
    try {
      answer = { json: JSON.parse(cue.toJSON(request.source)) as unknown };
    } catch (error) {
      answer = { error: error instanceof Error ? error.message : String(error) };
    }
    samples.push(performance.now() - start);
  }
  send?.({ samples, ...answer, rss: process.memoryUsage().rss / 1024 / 1024 });
});
