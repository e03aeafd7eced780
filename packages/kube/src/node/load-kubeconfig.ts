/** From `--kubeconfig`, `$KUBECONFIG`, `~/.kube/config` or the pod's service account to a ClusterConfig. */
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import type { Clock } from "@slipway/std";
import { AppError } from "@slipway/std";
import { realClock } from "@slipway/std/node";
import { isRecord } from "../own-property.ts";
import type { ClusterConfig, Credentials, CredentialSource, TlsConfig } from "./cluster-config.ts";
import { createExecCredentials, parseExecSpec } from "./exec-credentials.ts";
import type { Kubeconfig, KubeconfigEntry } from "./kubeconfig.ts";
import { configError, mergeKubeconfigs, parseKubeconfig, textField } from "./kubeconfig.ts";
import { createTokenFileCredentials } from "./token-file.ts";

export interface LoadKubeconfigOptions {
  /** One file, instead of `$KUBECONFIG` and `~/.kube/config`. */
  readonly path?: string;
  /** Default: the file's current context. */
  readonly context?: string;
  /** The process's environment, as the app read it: `KUBECONFIG`, `HOME`, `KUBERNETES_SERVICE_HOST`, and what exec plugins inherit. Default empty. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where a pod's service account is mounted. Default `/var/run/secrets/kubernetes.io/serviceaccount`. */
  readonly serviceAccountFolder?: string;
  /** For token and plugin caches. Default: real time. */
  readonly clock?: Clock;
}

/**
 * In this order: `path`; the files of `$KUBECONFIG`, merged (those that do not exist are skipped); `$HOME/.kube/config`;
 * the in-cluster service account. Throws `KUBE_CONFIG`, naming file, context and field.
 */
export function loadKubeconfig(options: LoadKubeconfigOptions = {}): ClusterConfig {
  const env = options.env ?? {};
  const clock = options.clock ?? realClock;
  const files = kubeconfigFiles(options.path, env);
  if (files.length > 0) {
    const merged = mergeKubeconfigs(files.map((file) => parseKubeconfig(readConfigFile(file, file, ""), file)));
    return resolveKubeconfig(merged, { ...options, env, clock });
  }
  if (env["KUBERNETES_SERVICE_HOST"] !== undefined && options.context === undefined)
    return inClusterConfig(env, options.serviceAccountFolder ?? "/var/run/secrets/kubernetes.io/serviceaccount", clock);
  const looked = env["KUBECONFIG"] ?? (env["HOME"] === undefined ? undefined : join(env["HOME"], ".kube", "config"));
  throw new AppError(
    "KUBE_CONFIG",
    `no kubeconfig found${looked === undefined ? "" : ` at ${looked}`} and not running in a cluster; pass --kubeconfig or set KUBECONFIG`,
    { retry: "never" },
  );
}

function kubeconfigFiles(path: string | undefined, env: Readonly<Record<string, string | undefined>>): string[] {
  if (path !== undefined) return [resolve(path)];
  const listed = env["KUBECONFIG"];
  if (listed !== undefined && listed !== "") {
    const names = [...new Set(listed.split(delimiter).filter((name) => name !== ""))];
    return names.map((name) => resolve(name)).filter((file) => existsSync(file));
  }
  const home = env["HOME"] === undefined ? undefined : join(env["HOME"], ".kube", "config");
  return home !== undefined && existsSync(home) ? [home] : [];
}

/** Resolves one context of a parsed kubeconfig; reads the files it names. Throws `KUBE_CONFIG`. */
export function resolveKubeconfig(config: Kubeconfig, options: Omit<LoadKubeconfigOptions, "path"> = {}): ClusterConfig {
  const files = config.files.join(", ");
  const contextName = options.context ?? config.currentContext;
  if (contextName === undefined) throw configError(files, "current-context", "is not set; name a context");
  const context = find(config.contexts, contextName);
  if (context === undefined) {
    const known = config.contexts.map((entry) => entry.name).join(", ");
    throw configError(files, "contexts", `no context named ${JSON.stringify(contextName)}; there is ${known === "" ? "none" : known}`);
  }
  const where = `context ${JSON.stringify(contextName)}`;
  const clusterName = textField(context, "context", "cluster");
  const cluster = clusterName === undefined ? undefined : find(config.clusters, clusterName);
  if (cluster === undefined)
    throw configError(
      context.file,
      where,
      clusterName === undefined ? "cluster is missing" : `cluster ${JSON.stringify(clusterName)} is not defined`,
    );
  const userName = textField(context, "context", "user");
  const user = userName === undefined ? undefined : find(config.users, userName);
  if (userName !== undefined && user === undefined)
    throw configError(context.file, where, `user ${JSON.stringify(userName)} is not defined`);

  const server = textField(cluster, "cluster", "server");
  if (server === undefined) throw configError(cluster.file, `cluster ${JSON.stringify(cluster.name)}`, "server is missing");
  refuse(cluster, "cluster", "proxy-url", "proxies are not supported; remove it or use a port-forward");
  const tls = tlsOf(cluster);
  const namespace = textField(context, "context", "namespace");
  return {
    server,
    tls,
    ...(user === undefined ? {} : { credentials: credentialsOf(user, server, tls, options.env ?? {}, options.clock ?? realClock) }),
    namespace: namespace ?? "default",
  };
}

function find(entries: readonly KubeconfigEntry[], name: string): KubeconfigEntry | undefined {
  return entries.find((entry) => entry.name === name);
}

function refuse(entry: KubeconfigEntry, list: string, field: string, why: string): void {
  if (entry.fields[field] !== undefined && entry.fields[field] !== "")
    throw configError(entry.file, `${list} ${JSON.stringify(entry.name)}`, `${field}: ${why}`);
}

function tlsOf(cluster: KubeconfigEntry): TlsConfig {
  const ca = dataOrFile(cluster, "cluster", "certificate-authority");
  const serverName = textField(cluster, "cluster", "tls-server-name");
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cluster.fields["insecure-skip-tls-verify"] === true ? { insecureSkipVerify: true } : {}),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

function credentialsOf(
  user: KubeconfigEntry,
  server: string,
  tls: TlsConfig,
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): Credentials | CredentialSource {
  const where = `user ${JSON.stringify(user.name)}`;
  refuse(user, "user", "auth-provider", "auth providers are not supported; use an exec plugin");
  const certificate = dataOrFile(user, "user", "client-certificate");
  const key = dataOrFile(user, "user", "client-key");
  if ((certificate === undefined) !== (key === undefined)) {
    throw configError(
      user.file,
      where,
      `${certificate === undefined ? "client-certificate" : "client-key"} is missing beside ${certificate === undefined ? "client-key" : "client-certificate"}`,
    );
  }
  const username = textField(user, "user", "username");
  const password = textField(user, "user", "password");
  const headers = impersonation(user);
  const fixed: Credentials = {
    ...(certificate === undefined || key === undefined ? {} : { certificate, key }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(headers === undefined ? {} : { headers }),
  };
  // A token file wins over a token, as in client-go.
  const tokenFile = textField(user, "user", "tokenFile");
  if (tokenFile !== undefined) return createTokenFileCredentials(besideConfig(user, tokenFile), fixed, clock);
  const token = textField(user, "user", "token");
  if (token !== undefined) return { ...fixed, token };
  const exec = user.fields["exec"];
  if (exec === undefined || exec === null) return fixed;
  const spec = parseExecSpec(exec, user.file, where);
  const command = spec.command.includes("/") && !isAbsolute(spec.command) ? besideConfig(user, spec.command) : spec.command;
  return createExecCredentials({ ...spec, command }, { fixed, server, tls, env, clock, describe: `${user.file}: ${where}: exec` });
}

function impersonation(user: KubeconfigEntry): Record<string, string | string[]> | undefined {
  const as = textField(user, "user", "as");
  if (as === undefined) {
    for (const field of ["as-uid", "as-groups", "as-user-extra"]) refuse(user, "user", field, 'needs the user to act as in "as"');
    return undefined;
  }
  const headers: Record<string, string | string[]> = { "Impersonate-User": as };
  const uid = textField(user, "user", "as-uid");
  if (uid !== undefined) headers["Impersonate-Uid"] = uid;
  const groups = user.fields["as-groups"];
  if (Array.isArray(groups)) headers["Impersonate-Group"] = groups.map(String);
  const extra = user.fields["as-user-extra"];
  if (isRecord(extra)) {
    for (const [name, values] of Object.entries(extra))
      headers[`Impersonate-Extra-${encodeURIComponent(name)}`] = (Array.isArray(values) ? values : [values]).map(String);
  }
  return headers;
}

/** `<field>-data` (base64) or, without it, the file that `<field>` names. */
function dataOrFile(entry: KubeconfigEntry, list: string, field: string): string | undefined {
  const where = `${list} ${JSON.stringify(entry.name)}`;
  const data = textField(entry, list, `${field}-data`);
  if (data !== undefined) {
    const decoded = Buffer.from(data, "base64").toString("utf8");
    if (!decoded.includes("-----BEGIN ")) throw configError(entry.file, where, `${field}-data is not base64 of PEM text`);
    return decoded;
  }
  const file = textField(entry, list, field);
  return file === undefined ? undefined : readConfigFile(besideConfig(entry, file), entry.file, `${where}: ${field}`);
}

function besideConfig(entry: KubeconfigEntry, path: string): string {
  return resolve(dirname(entry.file), path);
}

function readConfigFile(path: string, file: string, where: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw configError(file, where, `cannot read ${path}: ${(cause as NodeJS.ErrnoException).code ?? (cause as Error).message}`, cause);
  }
}

function inClusterConfig(env: Readonly<Record<string, string | undefined>>, folder: string, clock: Clock): ClusterConfig {
  const host = env["KUBERNETES_SERVICE_HOST"] ?? "";
  const port = env["KUBERNETES_SERVICE_PORT"] ?? "443";
  const namespaceFile = join(folder, "namespace");
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    tls: { ca: readConfigFile(join(folder, "ca.crt"), "in-cluster configuration", "ca.crt") },
    credentials: createTokenFileCredentials(join(folder, "token"), {}, clock),
    namespace: existsSync(namespaceFile) ? readConfigFile(namespaceFile, "in-cluster configuration", "namespace").trim() : "default",
  };
}
