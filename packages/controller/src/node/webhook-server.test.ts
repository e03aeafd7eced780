import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { request } from "node:https";
import { connect as connectPlain } from "node:net";
import { connect } from "node:tls";
import type { KubeObject } from "@slipway/kube";
import type { Tracer } from "@slipway/std";
import { AppError, silentLogger } from "@slipway/std";
import { createVirtualClock, realClock } from "@slipway/std/node";
import { beforeAll, describe, expect, it } from "vitest";
import { createFakeClient } from "../testing/index.ts";
import type { AdmissionRequest, AdmissionResponse, AdmissionWebhook } from "../types.ts";
import type { ServingCertificates } from "./certificates.ts";
import { createServingCertificates } from "./certificates.ts";
import type { WebhookServer } from "./webhook-server.ts";
import { conversionPath, startWebhookServer } from "./webhook-server.ts";

let certificates: ServingCertificates;
beforeAll(async () => {
  certificates = await createServingCertificates({ names: ["127.0.0.1", "localhost"], clock: realClock });
});

const webhook = (path: string, handler: AdmissionWebhook["handler"]): AdmissionWebhook => ({
  type: "mutating",
  name: "test.example.com",
  path,
  rules: [],
  failurePolicy: "Fail",
  timeoutSeconds: 5,
  handler,
});

function start(
  webhooks: readonly AdmissionWebhook[],
  extra: Partial<Parameters<typeof startWebhookServer>[0]> = {},
): Promise<WebhookServer> {
  const context = { client: createFakeClient(), clock: realClock, log: silentLogger, cache: () => never() };
  return startWebhookServer({ webhooks, conversions: {}, certificates, context, logger: silentLogger, ...extra });
}
const never = (): never => {
  throw new Error("no cache in this test");
};

interface Answer {
  readonly status: number;
  readonly text: string;
}
function post(
  server: WebhookServer,
  path: string,
  body: unknown,
  ca: string = certificates.caBundle,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // No keep-alive: each request verifies the certificate anew.
    const options = { host: "127.0.0.1", port: server.port, path, method: "POST", headers, ca, agent: false };
    const call = request(options, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    call.on("error", reject);
    call.end(typeof body === "string" ? body : JSON.stringify(body));
  });
}

const review = (extra: object = {}): object => ({
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
  request: {
    uid: "42",
    operation: "UPDATE",
    resource: { group: "apps", version: "v1", resource: "deployments" },
    namespace: "default",
    name: "web",
    object: { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" } },
    oldObject: null,
    userInfo: { username: "alice", groups: ["dev"] },
    ...extra,
  },
});

async function answerOf(response: AdmissionResponse, body: unknown = review()): Promise<unknown> {
  const server = await start([webhook("/hook", async () => response)]);
  const { status, text } = await post(server, "/hook?timeout=5s", body);
  await server.stop();
  expect(status).toBe(200);
  return (JSON.parse(text) as { response: unknown }).response;
}

describe("webhook server", () => {
  it("answers an admission review with patch and warnings, over TLS that the CA verifies", async () => {
    const patch = [{ op: "add", path: "/spec/paused", value: true }];
    const response = (await answerOf({ allowed: true, patch, warnings: ["old spelling"] })) as { patch: string };
    expect(response).toMatchObject({ uid: "42", allowed: true, patchType: "JSONPatch", warnings: ["old spelling"] });
    expect(JSON.parse(Buffer.from(response.patch, "base64").toString())).toEqual(patch);
  });

  it("answers a refusal with message and code, 422 unless said otherwise", async () => {
    expect(await answerOf({ allowed: false, message: "no such workload" })).toEqual({
      uid: "42",
      allowed: false,
      status: { status: "Failure", message: "no such workload", code: 422 },
    });
    expect(await answerOf({ allowed: false, message: "busy", code: 409 })).toMatchObject({ status: { code: 409 } });
    expect(await answerOf({ allowed: true })).toEqual({ uid: "42", allowed: true });
  });

  it("gives handlers what the API server sent", async () => {
    let got: AdmissionRequest | undefined;
    const server = await start([
      webhook("/hook", async (admission) => {
        got = admission;
        return { allowed: true };
      }),
    ]);
    await post(server, "/hook", review({ subResource: "scale", dryRun: true }));
    await server.stop();
    expect(got).toMatchObject({
      operation: "UPDATE",
      subResource: "scale",
      dryRun: true,
      namespace: "default",
      name: "web",
      oldObject: undefined,
      userInfo: { username: "alice" },
    });
  });

  it("answers 500 for a handler that throws, so that the failure policy decides, and goes on serving", async () => {
    const server = await start([
      webhook("/bug", async () => {
        throw new TypeError("undefined is not a function");
      }),
      webhook("/fine", async () => ({ allowed: true })),
    ]);
    expect(await post(server, "/bug", review())).toEqual({ status: 500, text: "undefined is not a function\n" });
    expect((await post(server, "/fine", review())).status).toBe(200);
    expect(await post(server, "/fine", "not json")).toEqual({ status: 400, text: "the body is not JSON\n" });
    expect((await post(server, "/fine", { kind: "Pod" })).text).toBe("the body is no admission.k8s.io/v1 AdmissionReview\n");
    expect((await post(server, "/else", review())).status).toBe(404);
    await server.stop();
  });

  it("records admission requests as part of the trace they name, and no conversions", async () => {
    const spans: Record<string, unknown>[] = [];
    const root: Tracer["root"] = (options, work) => {
      const span: Record<string, unknown> = { ...options };
      spans.push(span);
      return work({ set: (attributes) => Object.assign(span, attributes), fail: (type) => (span["failed"] = type) });
    };
    const hooks = [
      webhook("/fine", async () => ({ allowed: false })),
      webhook("/broken", () => Promise.reject(new AppError("BROKEN", "text"))),
    ];
    const conversions = { "widgets.example.com": (object: KubeObject) => object };
    const server = await start(hooks, { conversions, tracer: { root, child: root } });
    await post(server, "/fine", review(), certificates.caBundle, { traceparent: "00-a-b-01" });
    await post(server, "/broken", review());
    await post(server, "/broken", "{");
    const conversion = { apiVersion: "apiextensions.k8s.io/v1", kind: "ConversionReview", request: { uid: "1", objects: [] } };
    expect((await post(server, conversionPath("widgets.example.com"), conversion)).status).toBe(200);
    const status = "http.response.status_code";
    expect(spans).toMatchObject([
      { name: "POST /fine", kind: "server", traceparent: "00-a-b-01", [status]: 200 },
      { name: "POST /broken", failed: "BROKEN", [status]: 500 },
      { name: "POST /broken", [status]: 400 },
    ]);
    expect(spans.map((span) => "failed" in span)).toEqual([false, true, false]);
    await server.stop();
  });

  it("converts objects, and fails the whole review with the object's name when one cannot be", async () => {
    const server = await start([], {
      conversions: {
        "widgets.example.com": (object, apiVersion) => {
          if (object["broken"] === true) throw new AppError("CONVERSION", "spec.size is missing", { retry: "never" });
          return { ...object, apiVersion };
        },
      },
    });
    const widget = (name: string, extra: object = {}): KubeObject => ({
      apiVersion: "example.com/v1",
      kind: "Widget",
      metadata: { namespace: "x", name },
      ...extra,
    });
    const convert = async (objects: readonly KubeObject[]): Promise<unknown> => {
      const body = {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "ConversionReview",
        request: { uid: "7", desiredAPIVersion: "example.com/v2", objects },
      };
      const { text } = await post(server, conversionPath("widgets.example.com"), body);
      return (JSON.parse(text) as { response: unknown }).response;
    };
    expect(await convert([widget("a"), widget("b")])).toMatchObject({
      uid: "7",
      convertedObjects: [{ apiVersion: "example.com/v2" }, { apiVersion: "example.com/v2" }],
      result: { status: "Success" },
    });
    expect(await convert([widget("a"), widget("b", { broken: true })])).toEqual({
      uid: "7",
      result: { status: "Failure", message: "cannot convert Widget x/b to example.com/v2: spec.size is missing" },
    });
    await server.stop();
  });

  it("is refused by a client with another CA, and serves new certificates after rotation", async () => {
    const server = await start([webhook("/hook", async () => ({ allowed: true }))]);
    const next = await createServingCertificates({ names: ["127.0.0.1"], clock: realClock });
    await expect(post(server, "/hook", review(), next.caBundle)).rejects.toThrow(/certificate/);
    server.replaceCertificates(next);
    expect((await post(server, "/hook", review(), next.caBundle)).status).toBe(200);
    await expect(post(server, "/hook", review())).rejects.toThrow(/certificate/);
    await server.stop();
  });

  it("stops at once although clients hold connections on which they sent nothing", async () => {
    const server = await start([webhook("/mutate", () => Promise.resolve({ allowed: true }))]);
    const silent = connect({ host: "127.0.0.1", port: server.port, ca: certificates.caBundle });
    const closed = once(silent, "close");
    await once(silent, "secureConnect");
    const mute = connectPlain(server.port, "127.0.0.1");
    await once(mute, "connect");
    silent.on("error", () => undefined);
    mute.on("error", () => undefined);
    const muteClosed = once(mute, "close");
    expect((await post(server, "/mutate", review())).status).toBe(200);
    await server.stop();
    await Promise.all([closed, muteClosed]);
  });

  it("waits for the request in work when it stops", async () => {
    let release = (): void => {};
    let reached = (): void => {};
    const inWork = new Promise<void>((resolve) => (reached = resolve));
    const server = await start([
      webhook("/slow", async () => {
        reached();
        await new Promise<void>((resolve) => (release = resolve));
        return { allowed: true };
      }),
    ]);
    const answer = post(server, "/slow", review());
    await inWork;
    const stopping = server.stop();
    release();
    expect((await answer).status).toBe(200);
    await stopping;
  });
});

describe("serving certificates", () => {
  it("are ECDSA P-256, for the names given, signed by the bundle's CA, for as long as asked", async () => {
    const clock = createVirtualClock({ startMs: 1_767_225_600_000 });
    const made = await createServingCertificates({ names: ["10.1.2.3", "hook.ns.svc"], clock, validityMs: 86_400_000 });
    const leaf = new X509Certificate(made.certificate);
    const ca = new X509Certificate(made.caBundle);
    expect(leaf.subjectAltName).toBe("IP Address:10.1.2.3, DNS:hook.ns.svc");
    expect([leaf.verify(ca.publicKey), leaf.ca, ca.ca]).toEqual([true, false, true]);
    expect(leaf.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: "prime256v1" });
    expect(leaf.validToDate.toISOString()).toBe("2026-01-02T00:00:00.000Z");
    expect(leaf.validFromDate.toISOString()).toBe("2025-12-31T23:00:00.000Z");
    expect(made.notAfterMs).toBe(1_767_312_000_000);
  });

  it("do not pass for another host", async () => {
    const made = await createServingCertificates({ names: ["hook.ns.svc"], clock: realClock });
    const server = await start([], { certificates: made });
    const error = await new Promise<Error>((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port: server.port, ca: made.caBundle }, () => reject(new Error("accepted")));
      socket.on("error", resolve);
    });
    expect(error.message).toContain("IP: 127.0.0.1 is not in the cert's list");
    await server.stop({ abrupt: true });
  });
});
