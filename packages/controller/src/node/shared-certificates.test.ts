import { X509Certificate } from "node:crypto";
import { apiError, resources } from "@slipway/kube";
import { silentLogger } from "@slipway/std";
import type { VirtualClock } from "@slipway/std/node";
import { createActivity, createVirtualClock } from "@slipway/std/node";
import { expect, describe, it } from "vitest";
import type { FakeClient } from "../testing/index.ts";
import { createFakeClient } from "../testing/index.ts";
import type { ServingCertificates } from "./certificates.ts";
import type { SharedCertificates } from "./shared-certificates.ts";
import { createSharedCertificates } from "./shared-certificates.ts";

const hourMs = 3_600_000;
const key = { namespace: "slipway", name: "webhook" };
const signal = new AbortController().signal;
const startMs = Date.UTC(2026, 0, 1);

interface Replica {
  readonly shared: SharedCertificates;
  current: ServingCertificates;
}

async function replica(client: FakeClient, clock: VirtualClock, names = ["slipway.slipway.svc"]): Promise<Replica> {
  const onChange = (certificates: ServingCertificates): void => void (self.current = certificates);
  const shared = createSharedCertificates({
    client,
    clock,
    logger: silentLogger,
    ...key,
    names,
    onChange,
    validityMs: 3 * hourMs,
    activity: clock.activity,
  });
  const self: Replica = { shared, current: await shared.start(signal) };
  return self;
}

const isTrusted = (bundle: string, certificate: string): boolean =>
  (bundle.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? []).some((pem) =>
    new X509Certificate(certificate).verify(new X509Certificate(pem).publicKey),
  );
const newWorld = () => {
  const clock = createVirtualClock({ startMs, settleMs: 0, activity: createActivity() });
  return { clock, client: createFakeClient([], { clock }) };
};

describe("shared certificates", () => {
  it("gives all replicas the same ones, also those that begin at the same time", async () => {
    const { clock, client } = newWorld();
    const replicas = await Promise.all([1, 2, 3].map(() => replica(client, clock)));
    expect(new Set(replicas.map(({ current }) => current.certificate)).size).toBe(1);
    expect(client.writes).toHaveLength(1);
    expect(isTrusted(replicas[0]?.current.caBundle ?? "", replicas[0]?.current.certificate ?? "")).toBe(true);
  });

  it("renews before the end; at no moment one replica serves what another has not registered as trusted", async () => {
    const { clock, client } = newWorld();
    const replicas = [await replica(client, clock), await replica(client, clock)];
    const first = replicas[0]?.current.certificate;
    await clock.advance(2 * hourMs - 30_000);
    expect(client.writes).toHaveLength(1);
    for (let minute = 0; minute < 15; minute++) {
      await clock.advance(60_000);
      for (const { current } of replicas) {
        for (const other of replicas) expect(isTrusted(other.current.caBundle, current.certificate)).toBe(true);
      }
    }
    expect(new Set(replicas.map(({ current }) => current.certificate)).size).toBe(1);
    expect(replicas[0]?.current.certificate).not.toBe(first);
    expect(replicas[0]?.current.notAfterMs).toBeGreaterThan(startMs + 4 * hourMs);
    expect(client.writes).toHaveLength(3);
    const [secret] = client.objects(resources.secrets);
    expect(Object.keys(secret?.["data"] as object)).toEqual(["tls.crt", "tls.key", "ca.crt"]);
  });

  it("replaces what is unreadable, expired, or made for other names", async () => {
    const { clock, client } = newWorld();
    const before = await replica(client, clock);
    await before.shared.stop();
    const renamed = await replica(client, clock, ["other.slipway.svc"]);
    expect(renamed.current.certificate).not.toBe(before.current.certificate);
    await renamed.shared.stop();
    await client.patch(resources.secrets, key, { type: "merge", body: { data: { "tls.crt": "eA==" } } });
    const mended = await replica(client, clock);
    await mended.shared.stop();
    await clock.advance(4 * hourMs);
    const late = await replica(client, clock);
    expect(late.current.notAfterMs).toBe(clock.now() + 3 * hourMs);
    await late.shared.stop();
  });

  it("keeps serving while the API server cannot be asked, and goes on when it can", async () => {
    const { clock, client } = newWorld();
    const one = await replica(client, clock);
    const first = one.current.certificate;
    client.before(() => {
      throw apiError({ kind: "Status", apiVersion: "v1", status: "Failure", code: 500, reason: "InternalError", message: "down" });
    });
    await clock.advance(2.1 * hourMs);
    expect(one.current.certificate).toBe(first);
    client.before(undefined);
    await clock.advance(15 * 60_000);
    expect(one.current.certificate).not.toBe(first);
    await one.shared.stop();
  });
});
