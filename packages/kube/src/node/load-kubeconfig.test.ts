import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { isAppError } from "@slipway/std";
import { createVirtualClock } from "@slipway/std/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resources } from "../resources.ts";
import { apiStatusOf } from "../status.ts";
import type { Credentials, CredentialSource } from "./cluster-config.ts";
import { credentialSource } from "./cluster-config.ts";
import { createHttpClient } from "./http-client.ts";
import { parseKubeconfig } from "./kubeconfig.ts";
import type { LoadKubeconfigOptions } from "./load-kubeconfig.ts";
import { loadKubeconfig } from "./load-kubeconfig.ts";
import type { ScriptedServer } from "./testing/scripted-server.ts";
import { sendJson, startServer, statusBody } from "./testing/scripted-server.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-kubeconfig-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}
function config(name: string, user: object, cluster: object = {}, context: object = {}): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name, ...context } }],
    clusters: [{ name, cluster: { server: `https://${name}:6443`, ...cluster } }],
    users: [{ name, user }],
  };
}
function refusal(options: LoadKubeconfigOptions): string {
  try {
    loadKubeconfig(options);
  } catch (error) {
    if (isAppError(error, "KUBE_CONFIG")) return error.message;
    throw error;
  }
  throw new Error("it was accepted");
}
const credentialsIn = (options: LoadKubeconfigOptions): CredentialSource => credentialSource(loadKubeconfig(options).credentials);
const current = (options: LoadKubeconfigOptions): Promise<Credentials> => credentialsIn(options).current();

describe("where the configuration comes from", () => {
  it("is the path, before KUBECONFIG, before the home folder", async () => {
    const path = await write("path", config("path", {}));
    const listed = await write("listed", config("listed", {}));
    await write(".kube/config", config("home", {}));
    const env = { KUBECONFIG: listed, HOME: folder };
    expect(loadKubeconfig({ path, env }).server).toBe("https://path:6443");
    expect(loadKubeconfig({ env }).server).toBe("https://listed:6443");
    expect(loadKubeconfig({ env: { HOME: folder } }).server).toBe("https://home:6443");
  });

  it("merges the files of KUBECONFIG: the first to name something wins, missing files are skipped", async () => {
    const first = await write("first", { "current-context": "a", clusters: [{ name: "c", cluster: { server: "https://first" } }] });
    const second = await write("deep/second", {
      "current-context": "b",
      clusters: [{ name: "c", cluster: { server: "https://second" } }],
      contexts: [{ name: "a", context: { cluster: "c", user: "u", namespace: "ns" } }],
      users: [{ name: "u", user: { tokenFile: "token" } }],
    });
    await write("deep/token", "beside-the-second\n");
    const env = { KUBECONFIG: [join(folder, "absent"), first, second].join(delimiter) };
    expect(loadKubeconfig({ env })).toMatchObject({ server: "https://first", namespace: "ns" });
    expect(await current({ env })).toEqual({ token: "beside-the-second" });
  });

  it("is the service account inside a pod", async () => {
    await write("token", "t1");
    await write("ca.crt", "PEM");
    await write("namespace", "prod\n");
    const clock = createVirtualClock({ startMs: 0 });
    const options = { env: { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "6443" }, serviceAccountFolder: folder, clock };
    expect(loadKubeconfig(options)).toMatchObject({ server: "https://[fd00::1]:6443", tls: { ca: "PEM" }, namespace: "prod" });
    const credentials = credentialsIn(options);
    const seen = [(await credentials.current()).token];
    await write("token", "t2");
    seen.push((await credentials.current()).token);
    await clock.advance(60_000);
    seen.push((await credentials.current()).token);
    expect(seen).toEqual(["t1", "t1", "t2"]);
  });

  it("is named when there is none", () => {
    expect(refusal({ env: { HOME: folder } })).toBe(
      `no kubeconfig found at ${join(folder, ".kube", "config")} and not running in a cluster; pass --kubeconfig or set KUBECONFIG`,
    );
  });
});

describe("users", () => {
  it.each([
    ["nothing", {}, {}],
    ["a token", { token: "t" }, { token: "t" }],
    ["basic", { username: "u", password: "p" }, { username: "u", password: "p" }],
    [
      "another user to act as",
      { token: "t", as: "bob", "as-groups": ["g", "h"], "as-uid": "1", "as-user-extra": { "a/b": ["c"] } },
      {
        token: "t",
        headers: { "Impersonate-User": "bob", "Impersonate-Group": ["g", "h"], "Impersonate-Uid": "1", "Impersonate-Extra-a%2Fb": ["c"] },
      },
    ],
  ])("with %s", async (_title, user, expected) => {
    expect(await current({ path: await write("config", config("c", user)) })).toEqual(expected);
  });
});

describe("mistakes name file, place and field", () => {
  it.each([
    ["kind: [", "not YAML"],
    ["[]", "not a kubeconfig"],
    [{ kind: "Pod" }, 'kind: expected Config, found "Pod"'],
    [{ clusters: [{}] }, "clusters[0]: name is missing"],
    [{ clusters: {} }, "clusters: must be a list"],
    [{}, "current-context: is not set"],
    [{ ...config("c", {}), "current-context": "d" }, 'contexts: no context named "d"; there is c'],
    [config("c", {}, {}, { cluster: "x" }), 'context "c": cluster "x" is not defined'],
    [config("c", {}, {}, { user: "x" }), 'context "c": user "x" is not defined'],
    [config("c", {}, { server: "" }), 'cluster "c": server is missing'],
    [config("c", {}, { "certificate-authority": "/nope" }), 'cluster "c": certificate-authority: cannot read /nope: ENOENT'],
    [config("c", {}, { "certificate-authority-data": "AAAA" }), "certificate-authority-data is not base64 of PEM text"],
    [config("c", {}, { "proxy-url": "http://p" }), 'cluster "c": proxy-url'],
    [config("c", { token: 5 }), 'user "c": token must be a string'],
    [config("c", { "auth-provider": { name: "gcp" } }), 'user "c": auth-provider'],
    [
      config("c", { "client-key-data": Buffer.from("-----BEGIN X").toString("base64") }),
      'user "c": client-certificate is missing beside client-key',
    ],
    [config("c", { "as-groups": ["g"] }), 'user "c": as-groups'],
    [config("c", { exec: { apiVersion: "client.authentication.k8s.io/v1alpha1", command: "x" } }), "exec.apiVersion must be"],
    [config("c", { exec: { apiVersion: "client.authentication.k8s.io/v1" } }), "exec.command is missing"],
    [
      config("c", { exec: { apiVersion: "client.authentication.k8s.io/v1", command: "x", interactiveMode: "Always" } }),
      "exec.interactiveMode",
    ],
  ])("%j", async (content, message) => {
    const path = await write("config", content);
    const text = refusal({ path });
    expect(text).toContain(message);
    expect(text.startsWith(`${path}: `)).toBe(true);
  });

  it("a file that is not there", () => {
    expect(refusal({ path: join(folder, "absent") })).toContain(`cannot read ${join(folder, "absent")}: ENOENT`);
  });

  it("keeps entries of a parsed text with their file", () => {
    expect(parseKubeconfig("users: [{name: u, user: {token: t}}]", "f").users).toEqual([{ name: "u", file: "f", fields: { token: "t" } }]);
  });
});

describe("exec plugins", () => {
  const plugin = `
    const fs = require("node:fs"), path = require("node:path");
    const log = path.join(__dirname, "runs");
    const info = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
    fs.appendFileSync(log, JSON.stringify({ info, args: process.argv.slice(2), own: process.env.OWN, inherited: process.env.INHERITED }) + "\\n");
    const runs = fs.readFileSync(log, "utf8").trim().split("\\n").length;
    console.log(JSON.stringify({ apiVersion: info.apiVersion, kind: "ExecCredential",
      status: { token: "token-" + runs, expirationTimestamp: process.env.EXPIRES || undefined } }));`;
  const exec = (more: object = {}, version = "v1"): object => ({
    exec: {
      apiVersion: `client.authentication.k8s.io/${version}`,
      command: process.execPath,
      args: [join(folder, "plugin.cjs"), "--flag"],
      interactiveMode: "Never",
      ...more,
    },
  });
  const runs = async (): Promise<Record<string, unknown>[]> =>
    (await readFile(join(folder, "runs"), "utf8"))
      .trim()
      .split("\n")
      .map((text) => JSON.parse(text) as Record<string, unknown>);

  it("get their arguments, environment and cluster, and run once for many callers", async () => {
    await write("plugin.cjs", plugin);
    const user = exec({ env: [{ name: "OWN", value: "1" }], provideClusterInfo: true }, "v1beta1");
    const path = await write("config", config("c", user, { "tls-server-name": "n" }));
    const source = credentialsIn({ path, env: { INHERITED: "2", PATH: process.env["PATH"] } });
    const all = await Promise.all([source.current(), source.current(), source.current()]);
    expect(all.map((credentials) => credentials.token)).toEqual(["token-1", "token-1", "token-1"]);
    expect((await source.current()).token).toBe("token-1");
    expect(await runs()).toEqual([
      {
        args: ["--flag"],
        own: "1",
        inherited: "2",
        info: {
          apiVersion: "client.authentication.k8s.io/v1beta1",
          kind: "ExecCredential",
          spec: { interactive: false, cluster: { server: "https://c:6443", "tls-server-name": "n" } },
        },
      },
    ]);
  });

  it("run again when what they gave expires", async () => {
    await write("plugin.cjs", plugin);
    const path = await write("config", config("c", exec({ env: [{ name: "EXPIRES", value: "1970-01-01T00:01:00Z" }] })));
    const clock = createVirtualClock({ startMs: 0 });
    const source = credentialsIn({ path, clock });
    const seen = [(await source.current()).token, (await source.current()).token];
    await clock.advance(60_000);
    seen.push((await source.current()).token);
    expect(seen).toEqual(["token-1", "token-1", "token-2"]);
  });

  it("run again, once, after the server refused their token", async () => {
    await write("plugin.cjs", plugin);
    let accepted = "Bearer token-2";
    const server: ScriptedServer = await startServer((request, response) => {
      if (request.headers.authorization === accepted)
        sendJson(response, 200, { kind: "ConfigMap", apiVersion: "v1", metadata: { name: "x" } });
      else sendJson(response, 401, statusBody(401, "Unauthorized", "who are you"));
    });
    const path = await write("config", config("c", exec(), { server: server.url }));
    const client = createHttpClient(loadKubeconfig({ path }));
    try {
      const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", namespace: "default" } };
      expect((await client.create(resources.configMaps, object)).metadata.name).toBe("x");
      expect(server.requests.map((request) => request.headers.authorization)).toEqual(["Bearer token-1", "Bearer token-2"]);
      accepted = "nothing";
      const error: unknown = await client.create(resources.configMaps, object).catch((caught: unknown) => caught);
      expect(apiStatusOf(error)?.code).toBe(401);
      expect(await runs()).toHaveLength(3);
    } finally {
      await client.close();
      await server.close();
    }
  });

  it.each([
    ["exit code", `console.error("no session"); process.exit(3)`, {}, "ended with exit code 3: no session"],
    ["not JSON", `console.log("hello")`, {}, "did not print JSON"],
    ["another kind", `console.log("{}")`, {}, "did not print an ExecCredential"],
    ["another version", `console.log('{"apiVersion":"x","kind":"ExecCredential","status":{"token":"t"}}')`, {}, "answered in x"],
    [
      "empty",
      `console.log('{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{}}')`,
      {},
      "neither a token nor",
    ],
    ["absent", "", { command: "no-such-plugin-anywhere", installHint: "install it" }, "ENOENT\ninstall it"],
  ])("fail by name: %s", async (_title, script, more, message) => {
    await write("plugin.cjs", script);
    const path = await write("config", config("c", exec(more)));
    const error: unknown = await current({ path }).catch((caught: unknown) => caught);
    expect(isAppError(error, "KUBE_CONFIG") && error.message).toContain(message);
    expect((error as Error).message.startsWith(`${path}: user "c": exec: `)).toBe(true);
  });
});
