/**
 * Credential plugins: a command that prints an `ExecCredential` (client.authentication.k8s.io v1 and v1beta1).
 *
 * What it prints is kept until `expirationTimestamp`, or for good without one, and dropped after a 401. Callers that
 * need it at the same time share one run. Never interactive: standard input is closed.
 */
import { spawn } from "node:child_process";
import type { Clock } from "@slipway/std";
import { AppError, parseTimestamp } from "@slipway/std";
import { isRecord } from "../own-property.ts";
import type { Credentials, CredentialSource, TlsConfig } from "./cluster-config.ts";
import { configError } from "./kubeconfig.ts";

export interface ExecSpec {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint: string | undefined;
  readonly provideClusterInfo: boolean;
}

export interface ExecContext {
  /** Credentials that stand beside the plugin's. */
  readonly fixed: Credentials;
  readonly server: string;
  readonly tls: TlsConfig;
  /** What the plugin inherits. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Begins every error: file, user, field. */
  readonly describe: string;
}

const apiVersions: ReadonlySet<unknown> = new Set(["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]);
/** A plugin that asks a person or hangs must not hold the controller for ever. Real time. */
const longestRunMs = 60_000;

/** Checks `users[].user.exec`. Throws `KUBE_CONFIG`. */
export function parseExecSpec(exec: unknown, file: string, where: string): ExecSpec {
  if (!isRecord(exec)) throw configError(file, where, "exec must be an object");
  const { apiVersion, command, args, env, installHint, interactiveMode, provideClusterInfo } = exec;
  if (!apiVersions.has(apiVersion))
    throw configError(file, where, `exec.apiVersion must be client.authentication.k8s.io/v1 or v1beta1, not ${JSON.stringify(apiVersion)}`);
  if (typeof command !== "string" || command === "") throw configError(file, where, "exec.command is missing");
  if (interactiveMode === "Always")
    throw configError(file, where, "exec.interactiveMode Always needs a terminal; use IfAvailable or Never");
  const variables: Record<string, string> = {};
  for (const item of Array.isArray(env) ? (env as unknown[]) : []) {
    if (isRecord(item) && typeof item["name"] === "string") variables[item["name"]] = String(item["value"] ?? "");
  }
  return {
    apiVersion: apiVersion as string,
    command,
    args: Array.isArray(args) ? args.map(String) : [],
    env: variables,
    installHint: typeof installHint === "string" ? installHint : undefined,
    provideClusterInfo: provideClusterInfo === true,
  };
}

export function createExecCredentials(spec: ExecSpec, context: ExecContext): CredentialSource {
  let cached: { readonly credentials: Credentials; readonly expiresAtMs: number } | undefined;
  let running: Promise<Credentials> | undefined;

  const renew = async (): Promise<Credentials> => {
    const { credentials, expiresAtMs } = readCredential(await run(spec, context), spec, context);
    cached = { credentials, expiresAtMs };
    return credentials;
  };
  return {
    async current() {
      if (cached !== undefined && context.clock.now() < cached.expiresAtMs) return cached.credentials;
      running ??= renew().finally(() => (running = undefined));
      return running;
    },
    invalidate(rejected) {
      if (cached?.credentials === rejected) cached = undefined;
      return true;
    },
  };
}

function failed(context: ExecContext, why: string, cause?: unknown): AppError {
  return new AppError("KUBE_CONFIG", `${context.describe}: ${why}`, { retry: "backoff", cause });
}

function run(spec: ExecSpec, context: ExecContext): Promise<string> {
  const info = {
    apiVersion: spec.apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false, ...(spec.provideClusterInfo ? { cluster: clusterInfo(context) } : {}) },
  };
  return new Promise((resolve, reject) => {
    const child = spawn(spec.command, spec.args, {
      env: { ...context.env, ...spec.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: longestRunMs,
    });
    let output = "";
    let complaints = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
    child.once("error", (error: NodeJS.ErrnoException) => {
      const hint = error.code === "ENOENT" && spec.installHint !== undefined ? `\n${spec.installHint}` : "";
      reject(failed(context, `cannot run ${spec.command}: ${error.message}${hint}`, error));
    });
    child.once("close", (code, signal) => {
      if (code === 0) resolve(output);
      else
        reject(
          failed(
            context,
            `${spec.command} ended with ${signal ?? `exit code ${code ?? "?"}`}${complaints === "" ? "" : `: ${complaints.trim().slice(0, 500)}`}`,
          ),
        );
    });
  });
}

function clusterInfo(context: ExecContext): object {
  return {
    server: context.server,
    ...(context.tls.ca === undefined ? {} : { "certificate-authority-data": Buffer.from(context.tls.ca).toString("base64") }),
    ...(context.tls.insecureSkipVerify === true ? { "insecure-skip-tls-verify": true } : {}),
    ...(context.tls.serverName === undefined ? {} : { "tls-server-name": context.tls.serverName }),
  };
}

function readCredential(output: string, spec: ExecSpec, context: ExecContext): { credentials: Credentials; expiresAtMs: number } {
  let credential: unknown;
  try {
    credential = JSON.parse(output);
  } catch (cause) {
    throw failed(context, `${spec.command} did not print JSON`, cause);
  }
  const status = isRecord(credential) ? credential["status"] : undefined;
  if (!isRecord(credential) || credential["kind"] !== "ExecCredential" || !isRecord(status)) {
    throw failed(context, `${spec.command} did not print an ExecCredential with a status`);
  }
  if (credential["apiVersion"] !== spec.apiVersion) {
    throw failed(context, `${spec.command} answered in ${String(credential["apiVersion"])}, asked for was ${spec.apiVersion}`);
  }
  const text = (field: string): string | undefined =>
    typeof status[field] === "string" && status[field] !== "" ? status[field] : undefined;
  const token = text("token");
  const certificate = text("clientCertificateData");
  const key = text("clientKeyData");
  if (token === undefined && (certificate === undefined || key === undefined)) {
    throw failed(context, `${spec.command} answered neither a token nor a client certificate with its key`);
  }
  return {
    credentials: {
      ...context.fixed,
      ...(token === undefined ? {} : { token }),
      ...(certificate === undefined || key === undefined ? {} : { certificate, key }),
    },
    expiresAtMs: parseTimestamp(text("expirationTimestamp")) ?? Infinity,
  };
}
