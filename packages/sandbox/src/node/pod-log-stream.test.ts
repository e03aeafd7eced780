import { createVirtualClock } from "@slipway/std/node";
import { describe, expect, it } from "vitest";
import type { PodLogRequest } from "../server.ts";
import { ContainerLogs } from "./container-logs.ts";
import { createPodLogs } from "./pod-log-stream.ts";

const pod = { namespace: "default", name: "web" };

function setUp(lines: number): { logs: ContainerLogs; read(extra?: Partial<PodLogRequest>): Promise<string>; add(text: string): void } {
  const clock = createVirtualClock({ startMs: Date.UTC(2026, 0, 1, 0, 1) });
  const logs = new ContainerLogs();
  const podLogs = createPodLogs(logs, clock);
  // One line a second, the last one now.
  for (let i = 1; i <= lines; i++) logs.append(pod, "c", { timeMs: clock.now() - (lines - i) * 1000, text: `line ${i}` });
  return {
    logs,
    add: (text) => logs.append(pod, "c", { timeMs: clock.now(), text }),
    async read(extra = {}): Promise<string> {
      const request = {
        ...pod,
        container: "c",
        follow: false,
        previous: false,
        timestamps: false,
        signal: AbortSignal.timeout(5000),
        ...extra,
      };
      let text = "";
      for await (const piece of podLogs(request)) text += piece;
      return text;
    },
  };
}

describe("pod logs", () => {
  it.each([
    ["all", {}, "line 1\nline 2\nline 3\n"],
    ["the tail", { tailLines: 1 }, "line 3\n"],
    ["nothing of a tail of 0", { tailLines: 0 }, ""],
    ["what is recent", { sinceSeconds: 1 }, "line 2\nline 3\n"],
    ["a limit of bytes", { limitBytes: 9 }, "line 1\nli"],
    ["timestamps", { tailLines: 1, timestamps: true }, "2026-01-01T00:01:00Z line 3\n"],
    ["nothing of a previous life", { previous: true }, ""],
    ["nothing of a container that never wrote", { container: "other" }, ""],
  ])("gives %s", async (_name, extra, expected) => {
    expect(await setUp(3).read(extra)).toBe(expected);
  });

  it("keeps the last lines only", async () => {
    const text = await setUp(10_000).read();
    const lines = text.trimEnd().split("\n");
    expect(lines.at(-1)).toBe("line 10000");
    expect(lines.length).toBeGreaterThanOrEqual(2000);
    expect(lines.length).toBeLessThanOrEqual(2500);
  });

  it("follows until the container is gone or the reader leaves", async () => {
    const { logs, read, add } = setUp(1);
    const followed = read({ follow: true });
    const leaving = new AbortController();
    const left = read({ follow: true, signal: leaving.signal });
    await new Promise((resolve) => setImmediate(resolve));
    add("more");
    await new Promise((resolve) => setImmediate(resolve));
    leaving.abort();
    expect(await left).toBe("line 1\nmore\n");
    add("last");
    logs.forget(pod, "c");
    expect(await followed).toBe("line 1\nmore\nlast\n");
  });
});
