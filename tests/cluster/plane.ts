/** A real control plane on this machine: etcd, the API server with RBAC, controllers, scheduler, and kwok for nodes. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeClient } from "@slipway/kube";
import { createHttpClient, loadKubeconfig } from "@slipway/kube/node";
import { realClock } from "@slipway/std/node";
import { ensureBinaries } from "./binaries.ts";
import { createAuthority } from "./certificates.ts";

export interface Plane {
  /** Path of an administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly client: KubeClient;
  stop(): Promise<void>;
}

const readyMs = 60_000;

export async function startPlane(): Promise<Plane> {
  const binaries = ensureBinaries(process.env);
  const folder = mkdtempSync(join(tmpdir(), "slipway-plane-"));
  const children: ChildProcess[] = [];
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const run = (name: string, ...args: string[]): void => {
    const log = openSync(join(folder, `${name}.log`), "w");
    children.push(spawn(join(binaries, name), args, { stdio: ["ignore", log, log] }));
    closeSync(log);
  };
  // A process that exits takes them along; one that is killed does not.
  const kill = (): void => children.forEach((child) => child.kill("SIGKILL"));
  process.once("exit", kill);
  const stop = async (): Promise<void> => {
    const ended = children.map(async (child) => {
      if ((child.exitCode ?? child.signalCode) === null) await new Promise((done) => child.once("exit", done));
    });
    kill();
    await Promise.all(ended);
    process.off("exit", kill);
    rmSync(folder, { recursive: true, force: true });
  };
  const authority = await createAuthority();
  const ca = put("ca.crt", authority.certificate);
  const files = async (name: string, group?: string): Promise<{ cert: string; key: string }> => {
    const pair = await authority.issue(name, group);
    return { cert: put(`${name}.crt`, pair.certificate), key: put(`${name}.key`, pair.key) };
  };
  const [etcdPort, peerPort, port] = await freePorts();
  const [serving, admin, accounts] = [await files("server"), await files("admin", "system:masters"), await files("accounts")];
  const etcd = `http://127.0.0.1:${etcdPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  run(
    "etcd",
    `--data-dir=${folder}/etcd`,
    `--listen-client-urls=${etcd}`,
    `--advertise-client-urls=${etcd}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    "--unsafe-no-fsync",
  );
  const server = `https://127.0.0.1:${port}`;
  run(
    "kube-apiserver",
    `--etcd-servers=${etcd}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    `--cert-dir=${folder}`,
    `--tls-cert-file=${serving.cert}`,
    `--tls-private-key-file=${serving.key}`,
    `--client-ca-file=${ca}`,
    "--authorization-mode=RBAC",
    "--service-cluster-ip-range=10.0.0.0/24",
    `--service-account-issuer=${server}`,
    `--service-account-key-file=${accounts.cert}`,
    `--service-account-signing-key-file=${accounts.key}`,
  );
  const kubeconfig = put(
    "kubeconfig",
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "c",
      clusters: [{ name: "c", cluster: { server, "certificate-authority": ca } }],
      users: [{ name: "u", user: { "client-certificate": admin.cert, "client-key": admin.key } }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    }),
  );
  const client = createHttpClient(loadKubeconfig({ path: kubeconfig }), { clock: realClock, userAgent: "slipway-test" });
  try {
    const deadline = Date.now() + readyMs;
    while (
      !(await client.raw({ method: "GET", path: "/readyz" }).then(
        (r) => r.status === 200,
        () => false,
      ))
    ) {
      if (Date.now() > deadline)
        throw new Error(
          `the API server was not ready within ${readyMs / 1000} s:\n${readFileSync(join(folder, "kube-apiserver.log"), "utf8").slice(-3000)}`,
        );
      await new Promise((done) => setTimeout(done, 100));
    }
    run(
      "kube-controller-manager",
      `--kubeconfig=${kubeconfig}`,
      "--leader-elect=false",
      "--secure-port=0",
      `--service-account-private-key-file=${accounts.key}`,
      `--root-ca-file=${ca}`,
    );
    run("kube-scheduler", `--kubeconfig=${kubeconfig}`, "--leader-elect=false", "--secure-port=0");
    run("kwok", `--kubeconfig=${kubeconfig}`, "--manage-all-nodes=true");
  } catch (error) {
    await stop();
    throw error;
  }
  return { kubeconfig, client, stop: async () => (await client.close(), await stop()) };
}

/** Held together until all are known, so that they differ. */
async function freePorts(): Promise<readonly [number, number, number]> {
  const one = async (): Promise<readonly [number, () => void]> => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return [(server.address() as AddressInfo).port, () => void server.close()];
  };
  const [a, b, c] = [await one(), await one(), await one()];
  for (const [, release] of [a, b, c]) release();
  return [a[0], b[0], c[0]];
}
