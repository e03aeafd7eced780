import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAppError } from "@slipway/std";
import * as x509 from "@peculiar/x509";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resources } from "../resources.ts";
import { createHttpClient } from "./http-client.ts";
import { loadKubeconfig } from "./load-kubeconfig.ts";
import type { ScriptedServer } from "./testing/scripted-server.ts";
import { sendJson, startServer } from "./testing/scripted-server.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
interface Pair {
  readonly certificate: string;
  readonly key: string;
}
interface Authority extends Pair {
  issue(name: string, hosts: readonly string[]): Promise<Pair>;
}

async function createAuthority(): Promise<Authority> {
  x509.cryptoProvider.set(webcrypto);
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
  const pem = async (keys: webcrypto.CryptoKeyPair): Promise<string> => {
    const der = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
    return `-----BEGIN PRIVATE KEY-----\n${Buffer.from(der).toString("base64")}\n-----END PRIVATE KEY-----\n`;
  };
  const generate = async (): Promise<webcrypto.CryptoKeyPair> =>
    (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const caKeys = await generate();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=test-ca",
    keys: caKeys,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    certificate: ca.toString("pem"),
    key: await pem(caKeys),
    async issue(name, hosts) {
      const keys = await generate();
      const certificate = await x509.X509CertificateGenerator.create({
        subject: `CN=${name}`,
        issuer: ca.subject,
        signingKey: caKeys.privateKey,
        publicKey: keys.publicKey,
        signingAlgorithm: algorithm,
        ...validity,
        extensions:
          hosts.length === 0
            ? []
            : [
                new x509.SubjectAlternativeNameExtension(
                  hosts.map((host) => ({ type: /^[\d.]+$/.test(host) ? "ip" : "dns", value: host })),
                ),
              ],
      });
      return { certificate: certificate.toString("pem"), key: await pem(keys) };
    },
  };
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const web = { namespace: "default", name: "web" };
let folder = "";
let server: ScriptedServer;
let ca: Authority;
let alice: Pair;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-tls-"));
  ca = await createAuthority();
  const served = await ca.issue("server", ["127.0.0.1", "api.example.com"]);
  alice = await ca.issue("alice", []);
  server = await startServer(
    (request, response) =>
      sendJson(response, 200, { apiVersion: "v1", kind: "Pod", metadata: { name: request.clientName ?? "anonymous" } }),
    {
      cert: served.certificate,
      key: served.key,
      ca: ca.certificate,
      requestCert: true,
      rejectUnauthorized: false,
    },
  );
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Who the server saw, through a kubeconfig with these lines under cluster and user. */
async function whoAmI(cluster: object, user: object): Promise<string | undefined> {
  const path = join(folder, "config");
  await writeFile(
    path,
    JSON.stringify({
      "current-context": "c",
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      clusters: [{ name: "c", cluster: { server: server.url, ...cluster } }],
      users: [{ name: "u", user }],
    }),
  );
  const client = createHttpClient(loadKubeconfig({ path }));
  try {
    return (await client.get(resources.pods, web)).metadata.name;
  } finally {
    await client.close();
  }
}

describe("TLS", () => {
  it("trusts the kubeconfig's authority and shows the client certificate, both as data", async () => {
    const user = { "client-certificate-data": base64(alice.certificate), "client-key-data": base64(alice.key) };
    expect(await whoAmI({ "certificate-authority-data": base64(ca.certificate) }, user)).toBe("alice");
  });

  it("reads them from files beside the kubeconfig", async () => {
    await writeFile(join(folder, "ca.crt"), ca.certificate);
    await writeFile(join(folder, "alice.crt"), alice.certificate);
    await writeFile(join(folder, "alice.key"), alice.key);
    expect(await whoAmI({ "certificate-authority": "ca.crt" }, { "client-certificate": "alice.crt", "client-key": "./alice.key" })).toBe(
      "alice",
    );
  });

  it("refuses a server of an unknown authority", async () => {
    const error: unknown = await whoAmI({}, {}).catch((caught: unknown) => caught);
    expect(isAppError(error, "KUBE_TRANSPORT") && error.message).toMatch(/certificate/);
  });

  it("accepts any server with insecure-skip-tls-verify", async () => {
    expect(await whoAmI({ "insecure-skip-tls-verify": true }, {})).toBe("anonymous");
  });

  it("verifies tls-server-name instead of the host", async () => {
    const authority = { "certificate-authority-data": base64(ca.certificate) };
    expect(await whoAmI({ ...authority, "tls-server-name": "api.example.com" }, {})).toBe("anonymous");
    const error: unknown = await whoAmI({ ...authority, "tls-server-name": "other.example.com" }, {}).catch((caught: unknown) => caught);
    expect(isAppError(error, "KUBE_TRANSPORT") && error.message).toContain("other.example.com");
  });

  it("changes to the certificate that an exec plugin renews", async () => {
    const bob = await ca.issue("bob", []);
    const answer = (pair: Pair, expirationTimestamp: string): string =>
      JSON.stringify({
        apiVersion: "client.authentication.k8s.io/v1",
        kind: "ExecCredential",
        status: { clientCertificateData: pair.certificate, clientKeyData: pair.key, expirationTimestamp },
      });
    await writeFile(join(folder, "first.json"), answer(alice, "2001-01-01T00:00:00Z"));
    await writeFile(join(folder, "second.json"), answer(bob, "2100-01-01T00:00:00Z"));
    const plugin = join(folder, "plugin.cjs");
    await writeFile(
      plugin,
      `const fs = require("node:fs"); const mark = __dirname + "/ran";
       process.stdout.write(fs.readFileSync(__dirname + (fs.existsSync(mark) ? "/second.json" : "/first.json")));
       fs.writeFileSync(mark, "");`,
    );
    const path = join(folder, "exec-config");
    await writeFile(
      path,
      JSON.stringify({
        "current-context": "c",
        contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
        clusters: [{ name: "c", cluster: { server: server.url, "certificate-authority-data": base64(ca.certificate) } }],
        users: [
          {
            name: "u",
            user: {
              exec: { apiVersion: "client.authentication.k8s.io/v1", command: process.execPath, args: [plugin], interactiveMode: "Never" },
            },
          },
        ],
      }),
    );
    const client = createHttpClient(loadKubeconfig({ path }));
    const seen: unknown[] = [];
    for (let i = 0; i < 3; i++) seen.push((await client.get(resources.pods, web)).metadata.name);
    await client.close();
    expect(seen).toEqual(["alice", "bob", "bob"]);
  });
});
