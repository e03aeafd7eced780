/** The process as its users run it: flags in, HTTP to an API server, signals, exit codes. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FakeClient } from "@slipway/controller/testing";
import { createFakeClient, eventually } from "@slipway/controller/testing";
import type { KubeObject, Resource } from "@slipway/kube";
import { apiStatusOf, resources } from "@slipway/kube";
import { crds } from "@slipway/api";
import { expect, it } from "vitest";

/** The in-memory cluster behind the REST paths that a manager uses. */
async function answer(client: FakeClient, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://server");
  const [, group = "", version = "", namespace, plural = "", name = ""] =
    /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?/.exec(url.pathname) ?? [];
  const known = Object.values(resources).find((candidate) => candidate.group === group && candidate.plural === plural);
  const kind = crds
    .map((crd) => (crd["spec"] as { names: { plural: string; kind: string } }).names)
    .find((names) => names.plural === plural)?.kind;
  const resource: Resource = known ?? { group, version, plural, kind: kind ?? plural, namespaced: true };
  const key = { namespace: namespace ?? "", name };
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const body = (text === "" ? {} : JSON.parse(text)) as KubeObject;
  if (url.searchParams.get("watch") === "true" || url.searchParams.get("watch") === "1") {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    const options = {
      allowBookmarks: true,
      sendInitialEvents: url.searchParams.get("sendInitialEvents") === "true",
      signal: gone.signal,
      ...(url.searchParams.has("resourceVersion") ? { resourceVersion: url.searchParams.get("resourceVersion") ?? "" } : {}),
    };
    for await (const event of client.watch(resource, options)) response.write(`${JSON.stringify(event)}\n`);
    response.end();
    return;
  }
  const result =
    request.method === "GET"
      ? await (name === "" ? client.list(resource) : client.get(resource, key))
      : request.method === "POST"
        ? await client.create(resource, body)
        : await client.replace(resource, body);
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result));
}

/** Says on standard output which modules of tracing a process loads. */
const watching = String.raw`
  import { registerHooks } from "node:module";
  const traces = /@opentelemetry\/(?!api\/)|src\/tracing/;
  registerHooks({
    load(url, context, next) {
      if (traces.test(url)) process.stdout.write(JSON.stringify({ level: "info", loaded: url }) + "\n");
      return next(url, context);
    },
  });`;

it.each([
  ["without traces", [], false],
  // Nobody listens there.
  ["with traces", ["--tracing-endpoint", "http://127.0.0.1:1"], true],
])("runs as a process %s: acts, says it is ready, and drains on SIGTERM", async (_how, tracing, loads) => {
  const established = { conditions: [{ type: "Established", status: "True" }] };
  const namespace: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "slipway-system" } };
  const client = createFakeClient([namespace, ...crds.map((crd) => ({ ...crd, status: established }))]);
  const server = createServer((request, response) => {
    void answer(client, request, response).catch((error: unknown) => {
      const status = apiStatusOf(error) ?? { code: 500, message: String(error) };
      response.writeHead(status.code ?? 500, { "content-type": "application/json" }).end(JSON.stringify({ kind: "Status", ...status }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const folder = mkdtempSync(join(tmpdir(), "slipway-manager-"));
  const kubeconfig = join(folder, "kubeconfig");
  const port = (server.address() as AddressInfo).port;
  const cluster = { clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}` } }], users: [{ name: "u", user: {} }] };
  const contexts = [{ name: "c", context: { cluster: "c", user: "u" } }];
  writeFileSync(kubeconfig, JSON.stringify({ apiVersion: "v1", kind: "Config", ...cluster, contexts, "current-context": "c" }));
  const flags = [
    ...tracing,
    "--kubeconfig",
    kubeconfig,
    "--host",
    "127.0.0.1",
    "--health-port",
    "0",
    "--metrics-port",
    "0",
    "--webhook-port",
    "0",
  ];
  const hooks = `--import=data:text/javascript,${encodeURIComponent(watching)}`;
  const child: ChildProcess = spawn(process.execPath, [hooks, join(import.meta.dirname, "main.ts"), ...flags], { stdio: "pipe" });
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const holder = (): unknown => (client.objects(resources.leases)[0]?.["spec"] as { holderIdentity?: string } | undefined)?.holderIdentity;
  try {
    await eventually(() => expect(output).toContain('"msg":"reconciling"'), { timeoutMs: 10_000 });
    expect(holder()).toMatch(/^slipway-/);
    child.kill("SIGTERM");
    const [code] = (await once(child, "exit")) as [number];
    expect([code, holder()]).toEqual([0, ""]);
    expect(output).toContain('"msg":"stopping"');
  } finally {
    child.kill("SIGKILL");
    server.closeAllConnections();
    server.close();
  }
  // Every line is one JSON object.
  for (const line of output.trim().split("\n")) expect(JSON.parse(line)).toMatchObject({ level: "info" });
  expect(output.includes('"loaded":')).toBe(loads);
});
