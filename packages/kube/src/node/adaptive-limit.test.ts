import { createVirtualClock } from "@slipway/std/node";
import { describe, expect, it } from "vitest";
import { createAdaptiveLimit } from "./adaptive-limit.ts";
import type { RefusableResponse } from "./adaptive-limit.ts";
import { createHttpClient } from "./http-client.ts";
import { sendJson, startServer, statusBody } from "./testing/scripted-server.ts";
import { resources } from "../resources.ts";

const ok: RefusableResponse = { status: 200, headers: {} };
const busy = (seconds: number): RefusableResponse => ({ status: 429, headers: { "retry-after": String(seconds) } });

function newLimit() {
  const clock = createVirtualClock({ startMs: 1e12, settleMs: 0 });
  const limit = createAdaptiveLimit({ clock, most: 8, maxHoldMs: 30_000 });
  const open: ((response: RefusableResponse) => void)[] = [];
  const send = (path = "/api/v1/pods", signal?: AbortSignal) =>
    limit.run(path, signal, () => new Promise<RefusableResponse>((resolve) => open.push(resolve)));
  return { clock, limit, open, send };
}

describe("adaptive limit", () => {
  it("halves once for all refusals of a round, holds for Retry-After, and grows by one a round", async () => {
    const { clock, limit, open, send } = newLimit();
    for (let i = 0; i < 12; i++) void send();
    await clock.advance(0);
    expect(open).toHaveLength(8);
    for (const answer of open.splice(0)) answer(busy(5));
    await clock.advance(4999);
    expect([limit.limit, open.length]).toEqual([4, 0]);
    await clock.advance(1);
    expect(open).toHaveLength(4);
    for (const answer of open.splice(0)) answer(ok);
    await clock.advance(0);
    expect(limit.limit).toBe(4);
    for (let i = 0; i < 3; i++) {
      void send();
      await clock.advance(0);
      for (const answer of open.splice(0)) answer(ok);
      await clock.advance(0);
    }
    expect(limit.limit).toBe(5);
  });

  it("never goes below one, and lets leases and evictions pass", async () => {
    const { clock, limit, open, send } = newLimit();
    for (let i = 0; i < 6; i++) {
      void send();
      await clock.advance(0);
      open.pop()?.(busy(1));
      await clock.advance(1000);
    }
    expect(limit.limit).toBe(1);
    void send();
    void send();
    void send("/apis/coordination.k8s.io/v1/namespaces/a/leases/b");
    void send("/api/v1/namespaces/a/pods/b/eviction");
    await clock.advance(0);
    expect(open).toHaveLength(3);
  });

  it("gives up a wait when its signal aborts", async () => {
    const { clock, open, send } = newLimit();
    void send();
    await clock.advance(0);
    open.pop()?.(busy(3600));
    await clock.advance(0);
    const leaving = new AbortController();
    const waits = send("/api/v1/pods", leaving.signal);
    leaving.abort(new Error("enough"));
    await expect(waits).rejects.toThrow("enough");
    await clock.advance(30_000);
    expect(open).toHaveLength(0);
  });

  it("over HTTP: fewer requests at once after a 429, and all are answered in the end", async () => {
    let now = 0;
    let most = 0;
    let refused = 0;
    let calm = 0;
    const server = await startServer(async (_request, response) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      const full = now > 4;
      now--;
      if (full) {
        refused++;
        sendJson(response, 429, statusBody(429, "TooManyRequests", "later"), { "retry-after": "0" });
      } else {
        calm++;
        sendJson(response, 200, { apiVersion: "v1", kind: "Pod", metadata: { name: "x" } });
      }
    });
    const client = createHttpClient({ server: server.url }, { readRetries: 100 });
    try {
      await Promise.all(Array.from({ length: 200 }, () => client.get(resources.pods, { namespace: "a", name: "x" })));
      expect(calm).toBe(200);
      expect(most).toBeLessThanOrEqual(32);
      expect(refused).toBeLessThan(200);
    } finally {
      await client.close();
      await server.close();
    }
  });
});
