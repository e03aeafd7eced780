/** A real control plane on this machine: etcd, the API server with RBAC, controllers, scheduler, and kwok for nodes. */
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { KubeClient, KubeObject } from "@slipway/kube";
import { apiStatusOf, isConditionTrue, resources } from "@slipway/kube";
import type { Condition } from "@slipway/kube";
import { createHttpClient, loadKubeconfig } from "@slipway/kube/node";
import { realClock } from "@slipway/std/node";
import { ensureBinaries } from "./binaries.ts";
import type { Authority } from "./certificates.ts";
import { createAuthority } from "./certificates.ts";
import type { Programs } from "./programs.ts";
import { createPrograms } from "./programs.ts";
import { until } from "./until.ts";

export interface Plane {
  /** Path of an administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** The programs' folder, which holds `kubectl` of the same version. */
  readonly binaries: string;
  stop(): Promise<void>;
}

interface Credentials {
  readonly cert: string;
  readonly key: string;
}

const readyMs = 60_000;
const nodes = ["node-1", "node-2", "node-3"];

/** Resolves when pods can be scheduled and run. Throws with the log of what did not become ready within 60 s. */
export async function startPlane(env: Readonly<Record<string, string | undefined>>): Promise<Plane> {
  const binaries = ensureBinaries(env);
  const programs = createPrograms();
  const run = (name: string, ...args: string[]): void => programs.start(name, join(binaries, name), args);
  try {
    const authority = await createAuthority();
    const ca = programs.put("ca.crt", authority.certificate);
    const credentials = issuer(authority, programs);
    const [etcdPort, peerPort, port] = await freePorts();
    const server = `https://127.0.0.1:${port}`;
    const accounts = await credentials("accounts");
    startEtcd(run, programs.folder, `http://127.0.0.1:${etcdPort}`, `http://127.0.0.1:${peerPort}`);
    startApiServer(run, {
      folder: programs.folder,
      etcd: `http://127.0.0.1:${etcdPort}`,
      port,
      ca,
      serving: await credentials("server"),
      accounts,
    });
    const kubeconfigOf = async (user: string, group?: string): Promise<string> =>
      programs.put(`${user}.kubeconfig`, kubeconfigText(server, ca, await credentials(user, group)));
    const kubeconfig = await kubeconfigOf("admin", "system:masters");
    const client = createHttpClient(loadKubeconfig({ path: kubeconfig, env: {} }), { clock: realClock, userAgent: "slipway-test" });
    try {
      await until("the API server to be ready", readyMs, async () => {
        programs.assertRunning();
        const answer = await client.raw({ method: "GET", path: "/readyz" }).catch(() => undefined);
        return answer?.status === 200;
      }).catch((error: unknown) => fail(error, programs, "kube-apiserver"));
      // Each acts as itself, with the roles that Kubernetes ships for it.
      run(
        "kube-controller-manager",
        `--kubeconfig=${await kubeconfigOf("system:kube-controller-manager")}`,
        "--use-service-account-credentials",
        "--leader-elect=false",
        "--secure-port=0",
        `--service-account-private-key-file=${accounts.key}`,
        `--root-ca-file=${ca}`,
      );
      run("kube-scheduler", `--kubeconfig=${await kubeconfigOf("system:kube-scheduler")}`, "--leader-elect=false", "--secure-port=0");
      const stages = join(import.meta.dirname, "stages.yaml");
      run(
        "kwok",
        `--kubeconfig=${kubeconfig}`,
        "--manage-all-nodes",
        `--config=${stages}`,
        "--cidr=10.244.0.0/16",
        "--node-ip=10.1.0.1",
        "--node-lease-duration-seconds=40",
      );
      for (const name of nodes) await client.create(resources.nodes, node(name));
      await until("nodes and the default ServiceAccount", readyMs, async () => {
        programs.assertRunning();
        return (await nodesReady(client)) && (await exists(client, "/api/v1/namespaces/default/serviceaccounts/default"));
      }).catch((error: unknown) => fail(error, programs, "kwok"));
    } finally {
      await client.close();
    }
    return { kubeconfig, binaries, stop: () => programs.stop() };
  } catch (error) {
    await programs.stop();
    throw error;
  }
}

type Run = (name: string, ...args: string[]) => void;

function startEtcd(run: Run, folder: string, url: string, peer: string): void {
  run(
    "etcd",
    `--data-dir=${folder}/etcd`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    "--unsafe-no-fsync",
  );
}

interface ApiServerOptions {
  readonly folder: string;
  readonly etcd: string;
  readonly port: number;
  readonly ca: string;
  readonly serving: Credentials;
  readonly accounts: Credentials;
}

function startApiServer(run: Run, { folder, etcd, port, ca, serving, accounts }: ApiServerOptions): void {
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
    `--service-account-issuer=https://127.0.0.1:${port}`,
    `--service-account-key-file=${accounts.cert}`,
    `--service-account-signing-key-file=${accounts.key}`,
  );
}

function issuer(authority: Authority, programs: Programs): (name: string, group?: string) => Promise<Credentials> {
  return async (name, group) => {
    const pair = await authority.issue(name, group);
    return { cert: programs.put(`${name}.crt`, pair.certificate), key: programs.put(`${name}.key`, pair.key) };
  };
}

function kubeconfigText(server: string, ca: string, { cert, key }: Credentials): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "plane",
    clusters: [{ name: "plane", cluster: { server, "certificate-authority": ca } }],
    users: [{ name: "plane", user: { "client-certificate": cert, "client-key": key } }],
    contexts: [{ name: "plane", context: { cluster: "plane", user: "plane" } }],
  });
}

function node(name: string): KubeObject {
  return { apiVersion: "v1", kind: "Node", metadata: { name, labels: { "kubernetes.io/hostname": name } } };
}

async function nodesReady(client: KubeClient): Promise<boolean> {
  const { items } = await client.list(resources.nodes);
  return items.every((item) => isConditionTrue((item["status"] as { conditions?: Condition[] } | undefined)?.conditions ?? [], "Ready"));
}

async function exists(client: KubeClient, path: string): Promise<boolean> {
  return client.raw({ method: "GET", path }).then(
    ({ status }) => status === 200,
    (error: unknown) => {
      if (apiStatusOf(error)?.code === 404) return false;
      throw error;
    },
  );
}

function fail(error: unknown, programs: Programs, name: string): never {
  throw new Error(`${(error as Error).message}; the log of ${name} ends:\n${programs.logOf(name)}`, { cause: error });
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
