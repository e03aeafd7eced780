/** Access to a control plane, as a suite or a benchmark has it. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeClient, KubeObject } from "@slipway/kube";
import { apiStatusOf, resources } from "@slipway/kube";
import { createHttpClient, loadKubeconfig } from "@slipway/kube/node";
import { realClock } from "@slipway/std/node";
import { until } from "./until.ts";

export interface Output {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Where the control plane is. */
export interface Ground {
  /** Path of an administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Program to run as kubectl. */
  readonly kubectl: string;
}

export interface Cluster {
  /** As administrator. */
  readonly client: KubeClient;
  readonly kubeconfig: string;
  /** Runs kubectl as administrator, in the suite's namespace unless told otherwise. */
  kubectl(...args: string[]): Promise<Output>;
  /** As `kubectl`, and throws when it fails. Returns what it printed. */
  run(...args: string[]): Promise<string>;
  /** Writes a file that lives as long as the suite. */
  file(name: string, text: string): string;
  /** Path of a kubeconfig with a token of the ServiceAccount, valid for an hour. */
  kubeconfigOf(serviceAccount: { readonly namespace: string; readonly name: string }): Promise<string>;
  /** Deletes the namespace with all that is in it; a controller whose finalizers are in there must still run. */
  close(): Promise<void>;
}

/** Makes `namespace`, which must not exist; only `default` is taken as it is, and left. */
export async function openClusterAt(ground: Ground, namespace: string): Promise<Cluster> {
  const { kubeconfig } = ground;
  const folder = mkdtempSync(join(tmpdir(), "slipway-cluster-test-"));
  const client = createHttpClient(loadKubeconfig({ path: kubeconfig, env: {} }), { clock: realClock, userAgent: "slipway-test" });
  const made = namespace !== "default";
  if (made) await client.create(resources.namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  // Its own copy, so that the namespace is the context's: with the flag, kubectl refuses manifests of other namespaces.
  const own = file("kubeconfig", readFileSync(kubeconfig, "utf8"));
  const kubectl = (...args: string[]): Promise<Output> =>
    execute(ground.kubectl, ["--kubeconfig", own, "--cache-dir", join(folder, "cache"), ...args]);
  const configured = await kubectl("config", "set-context", "--current", "--namespace", namespace);
  if (configured.code !== 0) throw new Error(`cannot set the namespace of ${kubeconfig}: ${configured.err}`);
  return {
    client,
    kubeconfig,
    kubectl,
    file,
    run: async (...args) => {
      const { code, out, err } = await kubectl(...args);
      if (code !== 0) throw new Error(`kubectl ${args.join(" ")} ended with ${code}: ${err}`);
      return out;
    },
    kubeconfigOf: async (account) =>
      file(`${account.namespace}-${account.name}.kubeconfig`, await tokenKubeconfig(client, kubeconfig, account)),
    close: async () => {
      if (made) {
        await client.delete(resources.namespaces, { namespace: "", name: namespace }, { propagationPolicy: "Background" });
        await until(`namespace ${namespace} to be gone`, 60_000, () => isGone(client, namespace));
      }
      await client.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function execute(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Output> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 60_000, env: { ...process.env, ...env }, maxBuffer: 64 << 20 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : 1, out, err });
    });
  });
}

async function isGone(client: KubeClient, name: string): Promise<boolean> {
  return client.get(resources.namespaces, { namespace: "", name }).then(
    () => false,
    (error: unknown) => {
      if (apiStatusOf(error)?.code === 404) return true;
      throw error;
    },
  );
}

async function tokenKubeconfig(
  client: KubeClient,
  admin: string,
  account: { readonly namespace: string; readonly name: string },
): Promise<string> {
  const answer = await client.raw({
    method: "POST",
    path: `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } }),
  });
  const { token } = (JSON.parse(answer.body) as KubeObject & { status: { token: string } }).status;
  const { server, tls } = loadKubeconfig({ path: admin, env: {} });
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "c",
    clusters: [{ name: "c", cluster: { server, "certificate-authority-data": Buffer.from(tls?.ca ?? "").toString("base64") } }],
    users: [{ name: "u", user: { token } }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
  });
}
