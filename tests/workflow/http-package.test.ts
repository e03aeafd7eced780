import { execFileSync } from "node:child_process";
import { createServer as createTlsServer } from "node:https";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Web } from "./web.ts";
import { createWeb } from "./web.ts";
import type { World } from "./world.ts";
import { createWorld } from "./world.ts";

let world: World;
let web: Web;
beforeAll(async () => {
  [world, web] = await Promise.all([createWorld(), createWeb()]);
  await world.define("call", 'import "vela/http"\ncall: http.#HTTPDo & {$params: parameter}\n');
  await world.apply(secret("creds", { token: "Bearer top-secret-token" }));
});
beforeEach(() => {
  web.received.length = 0;
  web.answer = (): object => ({});
});
afterAll(async () => {
  await world.stop();
  await web.stop();
});

const secret = (name: string, stringData: object): object => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace: "default" },
  stringData,
});
const outputs = [{ name: "answer", valueFrom: "call.$returns" }];

describe("vela/http", () => {
  it("sends what it is told and gives back the whole answer", async () => {
    web.answer = () => ({ status: 418, body: "short", headers: { "X-Kind": "pot" }, trailers: { "X-End": "done" } });
    const properties = {
      method: "PUT",
      url: `${web.url}/path?a=b`,
      request: { body: "text", header: { "Content-Type": "text/plain" }, trailer: { "X-Sum": "7" }, timeout: "5s" },
    };
    const run = await world.start("whole", [{ name: "c", type: "call", properties, outputs }]);
    expect(await run.outcome()).toBe("succeeded");
    expect(web.received).toMatchObject([
      { method: "PUT", path: "/path?a=b", body: "text", headers: { "content-type": "text/plain" }, trailers: { "x-sum": "7" } },
    ]);
    expect(await run.variable("answer")).toMatchObject({
      statusCode: 418,
      body: "short",
      header: { "x-kind": ["pot"] },
      trailer: { "x-end": ["done"] },
    });
  });

  it("polls with GET while the step waits, and makes any other request once", async () => {
    web.answer = ({ method }) => ({ body: method === "GET" && web.received.length > 4 ? "ready" : "not yet" });
    await world.define(
      "poll",
      `import ("vela/http", "vela/builtin")
begin: http.#HTTPPost & {$params: {url: parameter.url, request: body: "{}"}}
look: http.#HTTPGet & {$params: url: parameter.url}
wait: builtin.#ConditionalWait & {$params: continue: look.$returns.body == "ready"}
`,
    );
    const run = await world.start("polling", [{ name: "p", type: "poll", properties: { url: web.url } }], { ms: 20_000 });
    expect(await run.outcome()).toBe("succeeded");
    expect(web.received.map(({ method }) => method).filter((method) => method === "POST")).toHaveLength(1);
    expect(web.received.length).toBeGreaterThan(4);
    expect(web.received[0]?.headers).toMatchObject({ "content-type": "application/json" });
  });

  it("takes headers from Secrets and tells them to nobody else", async () => {
    web.answer = ({ headers }) => ({ status: 500, body: JSON.stringify(headers) });
    await world.define(
      "echo",
      `import ("vela/http", "vela/builtin")
call: http.#HTTPDo & {$params: {method: "POST", url: parameter.url, request: headersFromSecret: [{header: "Authorization", secret: "creds", key: "token"}]}}
fail: builtin.#Fail & {$params: message: "answered \\(call.$returns.body)"}
`,
    );
    const run = await world.start("header", [{ name: "e", type: "echo", properties: { url: web.url }, outputs }], { debug: true });
    expect(await run.step("e")).toMatchObject({ phase: "failed", reason: "Action" });
    expect(web.received.map(({ headers }) => headers["authorization"])).toEqual(["Bearer top-secret-token"]);
    expect(await world.told("header")).not.toContain("top-secret-token");
  });

  it.each([
    ["a Secret", { secret: "nothing", key: "k" }, 'secret "nothing" not found for header "X": secrets "nothing" not found'],
    ["a key", { secret: "creds", key: "other" }, 'key "other" not found in secret "creds"'],
  ])("says which header lacks %s", async (what, from, message) => {
    const properties = { url: web.url, request: { headersFromSecret: [{ header: "X", ...from }] } };
    const run = await world.start(`lacks-${String(what.length)}`, [{ name: "c", type: "call", properties }], { ms: 0 });
    expect(await run.step("c")).toMatchObject({ phase: "failed", reason: "Execute" });
    expect((await run.step("c")).message).toContain(message);
    expect(web.received).toEqual([]);
  });

  it("ends a request that takes longer than its timeout", async () => {
    web.answer = () => ({ afterMs: 2000 });
    const properties = { url: web.url, request: { timeout: "100ms" } };
    const run = await world.start("slow", [{ name: "c", type: "call", properties }], { ms: 0 });
    expect((await run.step("c")).message).toContain(`GET ${web.url}: no answer within 0.1 s`);
  });

  it("waits while the rate limit is used up, by method and address without query", async () => {
    const properties = { method: "POST", url: `${web.url}/limited?n=1`, request: { ratelimiter: { limit: 1, period: "1m" } } };
    const first = await world.start("limit-1", [{ name: "c", type: "call", properties }]);
    const second = await world.start("limit-2", [
      { name: "c", type: "call", properties: { ...properties, url: `${web.url}/limited?n=2` } },
    ]);
    expect(await first.outcome()).toBe("succeeded");
    expect(await second.step("c")).toMatchObject({ phase: "running", reason: "Wait", message: "request exceeds the rate limiter" });
    const put = await world.start("limit-3", [{ name: "c", type: "call", properties: { ...properties, method: "PUT" } }]);
    expect(await put.outcome()).toBe("succeeded");
    await world.sandbox.advance(120_000);
    expect(await second.outcome()).toBe("succeeded");
    const limited = web.received.filter(({ path }) => path.startsWith("/limited"));
    expect(limited.map(({ method, path }) => [method, path])).toEqual([
      ["POST", "/limited?n=1"],
      ["PUT", "/limited?n=1"],
      ["POST", "/limited?n=2"],
    ]);
  });

  it("follows redirects, without headers on another host", async () => {
    const other = await createWeb();
    web.answer = ({ path }) => ({
      status: path === "/see" ? 303 : 307,
      headers: { Location: path === "/see" ? "/there" : `${other.url}/there` },
    });
    const properties = { method: "POST", url: `${web.url}/see`, request: { body: "x", header: { "X-Key": "k" } } };
    await world.start("redirect", [{ name: "c", type: "call", properties }]);
    expect(web.received.map(({ method, path, headers }) => [method, path, headers["x-key"]])).toEqual([
      ["POST", "/see", "k"],
      ["GET", "/there", "k"],
    ]);
    expect(other.received.map(({ method, path, headers }) => [method, path, headers["x-key"]])).toEqual([["GET", "/there", undefined]]);
    await other.stop();
  });

  it("keeps the older package's shape", async () => {
    web.answer = () => ({ body: "old" });
    await world.define(
      "old-call",
      'import "vela/op"\nreq: op.#HTTPPost & {url: parameter.url, request: body: "b"}\nbody: req.response.body\n',
    );
    const run = await world.start("old", [
      { name: "c", type: "old-call", properties: { url: web.url }, outputs: [{ name: "body", valueFrom: "body" }] },
    ]);
    expect(await run.variable("body")).toBe("old");
    expect(web.received).toMatchObject([{ method: "POST", body: "b" }]);
  });
});

describe("TLS from a Secret", () => {
  const folder = mkdtempSync(join(tmpdir(), "tls-"));
  const file = (name: string): string => readFileSync(join(folder, name), "utf8");
  const openssl = (...args: string[]): unknown => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  let secure: Web;

  beforeAll(async () => {
    const subject = (name: string): string[] => ["-subj", `/CN=${name}`];
    const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    openssl("req", "-x509", ...newKey, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", ...subject("ca"));
    for (const name of ["server", "client"]) {
      openssl(
        "req",
        ...newKey,
        "-keyout",
        `${name}.key`,
        "-out",
        `${name}.csr`,
        ...subject(name),
        "-addext",
        "subjectAltName=IP:127.0.0.1",
      );
      const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-copy_extensions", "copy"];
      openssl("x509", "-req", "-in", `${name}.csr`, "-out", `${name}.crt`, ...signed);
    }
    const options = { ca: file("ca.crt"), cert: file("server.crt"), key: file("server.key"), requestCert: true, rejectUnauthorized: true };
    secure = await createWeb((listener) => createTlsServer(options, listener));
  });
  afterAll(async () => {
    await secure.stop();
    rmSync(folder, { recursive: true });
  });

  it.each([
    ["plain PEM", (text: string) => text, {}],
    ["base64 once more, as upstream keeps it", (text: string) => Buffer.from(text).toString("base64"), { namespace: "default" }],
    ["with the namespace before the name", (text: string) => text, { secret: "default/pair-2" }],
  ])("%s", async (what, encode, config) => {
    const name = `pair-${String(["plain PEM", "base64 once more, as upstream keeps it"].indexOf(what) + 1 || 2)}`;
    const pair = { "ca.crt": file("ca.crt"), "client.crt": file("client.crt"), "client.key": file("client.key") };
    await world.apply(secret(name, Object.fromEntries(Object.entries(pair).map(([key, text]) => [key, encode(text)]))));
    secure.received.length = 0;
    const properties = { url: `${secure.url}/private`, tls_config: { secret: name, ...config } };
    const run = await world.start(`tls-${String(what.length)}`, [{ name: "c", type: "call", properties, outputs }]);
    expect(await run.outcome()).toBe("succeeded");
    expect(secure.received).toMatchObject([{ path: "/private" }]);
  });

  it("is an error where the certificates do not fit, not a request without them", async () => {
    await world.apply(secret("half", { "client.crt": file("client.crt") }));
    const half = await world.start(
      "tls-half",
      [{ name: "c", type: "call", properties: { url: secure.url, tls_config: { secret: "half" } } }],
      { ms: 0 },
    );
    expect((await half.step("c")).message).toContain("secret default/half needs both client.crt and client.key, or neither");
    const none = await world.start("tls-none", [{ name: "c", type: "call", properties: { url: secure.url } }], { ms: 0 });
    expect((await none.step("c")).message).toMatch(/self-signed certificate|unable to (get|verify)/);
  });
});
