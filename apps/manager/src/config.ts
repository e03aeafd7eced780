/**
 * The process's configuration: flag > environment > file > default. Read once, checked, frozen. The table below is the
 * only place that knows an option's names.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { LogLevel } from "@slipway/std";
import { AppError, errorMessage, isJsonObject } from "@slipway/std";
import { parse as parseYaml } from "yaml";
import { featureNames } from "./features.ts";

export interface ManagerConfig {
  /** Path of a kubeconfig; empty: `$KUBECONFIG`, `~/.kube/config`, or the pod's service account. */
  readonly kubeconfig: string;
  /** Context of the kubeconfig; empty: its current one. */
  readonly context: string;
  readonly leaderElection: boolean;
  readonly sharding: boolean;
  /** Namespace of the Lease. */
  readonly leaseNamespace: string;
  readonly leaseName: string;
  /** Address of all three servers. */
  readonly host: string;
  readonly healthPort: number;
  readonly metricsPort: number;
  readonly webhookPort: number;
  /** Service in front of the webhook server as `namespace/name:port`; empty: the API server reaches us by URL. */
  readonly webhookService: string;
  /** Secret in the Service's namespace with the certificate that all replicas serve. */
  readonly certificateSecret: string;
  readonly logLevel: LogLevel;
  /** Names of the features to run, separated by commas; empty: all. */
  readonly features: string;
  /** Base URL of an OTLP/HTTP receiver; empty: no traces. */
  readonly tracingEndpoint: string;
  /** Share of the traces that are recorded, 0 to 1. */
  readonly tracingSampleRatio: number;
}

/** One option, as the parser, the help and the reference know it. */
export interface Option {
  readonly key: keyof ManagerConfig;
  readonly flag: string;
  readonly type: "string" | "boolean" | "port" | "log-level" | "service" | "features" | "url" | "ratio";
  readonly default: string | boolean | number;
  readonly description: string;
  /** A standard variable that says the same; `SLIPWAY_...` over it. */
  readonly standardEnv?: string;
}

const option = (
  key: keyof ManagerConfig,
  flag: string,
  type: Option["type"],
  defaultValue: Option["default"],
  description: string,
): Option => ({ key, flag, type, default: defaultValue, description });

export const options: readonly Option[] = [
  option("kubeconfig", "kubeconfig", "string", "", "path of a kubeconfig (default: $KUBECONFIG, ~/.kube/config, or the service account)"),
  option("context", "context", "string", "", "context of the kubeconfig (default: its current one)"),
  option("leaderElection", "leader-election", "boolean", true, "act only while holding the lease; needed with more than one replica"),
  option("sharding", "sharding", "boolean", false, "replicas share the namespaces among them instead of one that leads"),
  option("leaseNamespace", "lease-namespace", "string", "slipway-system", "namespace of the lease"),
  option("leaseName", "lease-name", "string", "slipway-manager", "name of the lease"),
  option("host", "host", "string", "0.0.0.0", "address that the servers listen on"),
  option("healthPort", "health-port", "port", 8081, "port of /healthz and /readyz"),
  option("metricsPort", "metrics-port", "port", 8080, "port of /metrics"),
  option("webhookPort", "webhook-port", "port", 9443, "port of the webhook server"),
  option("webhookService", "webhook-service", "service", "", "service in front of the webhook server (default: reached by URL)"),
  option(
    "certificateSecret",
    "certificate-secret",
    "string",
    "slipway-webhook-certificates",
    "secret beside the service with the certificate that all replicas serve",
  ),
  option("logLevel", "log-level", "log-level", "info", "error, warn, info or debug"),
  option("features", "features", "features", "", `what to run: any of ${featureNames.join(",")} (default: all)`),
  {
    ...option("tracingEndpoint", "tracing-endpoint", "url", "", "where traces go: base URL of an OTLP/HTTP receiver (default: no traces)"),
    standardEnv: "OTEL_EXPORTER_OTLP_ENDPOINT",
  },
  option("tracingSampleRatio", "tracing-sample-ratio", "ratio", 1, "share of the traces that are recorded"),
];

/** What an option of each type takes. */
export const allowed: Readonly<Record<Option["type"], string>> = {
  string: "text",
  boolean: "true or false",
  port: "a port, 0 to 65535",
  "log-level": "error, warn, info or debug",
  service: "namespace/name:port",
  features: `any of ${featureNames.join(",")}`,
  url: "an http or https URL without user and password",
  ratio: "a number, 0 to 1",
};

export type ParsedCommand = { readonly help: string } | { readonly config: ManagerConfig };

/** Environment variable of an option: `SLIPWAY_` and the flag in upper case. */
export function envName(flag: string): string {
  return `SLIPWAY_${flag.toUpperCase().replaceAll("-", "_")}`;
}

/** All that say the option's value, the first of them first. */
export function envNames({ flag, standardEnv }: Option): readonly string[] {
  return standardEnv === undefined ? [envName(flag)] : [envName(flag), standardEnv];
}

/** Throws `CONFIG` naming the option, where its value came from, and what is allowed. */
export function parseConfig(args: readonly string[], env: Readonly<Record<string, string | undefined>>): ParsedCommand {
  const flags = readFlags(args);
  if (flags["help"] === true) return { help: helpText() };
  const path = flags["config"] ?? env[envName("config")];
  const file = typeof path === "string" && path !== "" ? readFile(path) : {};
  const config: Record<string, unknown> = {};
  for (const entry of options) {
    const variable = envNames(entry).find((name) => env[name] !== undefined && env[name] !== "");
    if (flags[entry.flag] !== undefined) config[entry.key] = checked(entry, flags[entry.flag], `--${entry.flag}`);
    else if (variable !== undefined) config[entry.key] = checked(entry, env[variable], variable);
    else if (file[entry.key] !== undefined) config[entry.key] = checked(entry, file[entry.key], `${String(path)}: ${entry.key}`);
    else config[entry.key] = entry.default;
  }
  return { config: Object.freeze(config) as unknown as ManagerConfig };
}

function readFlags(args: readonly string[]): Record<string, string | boolean | undefined> {
  const known: Record<string, { readonly type: "string" | "boolean"; readonly short?: string }> = {
    help: { type: "boolean", short: "h" },
    config: { type: "string" },
  };
  for (const { flag, type } of options) known[flag] = { type: type === "boolean" ? "boolean" : "string" };
  try {
    return parseArgs({ args: [...args], options: known, allowNegative: true, strict: true }).values as Record<string, string | boolean>;
  } catch (cause) {
    throw configError(`${errorMessage(cause)}; see --help`, cause);
  }
}

function readFile(path: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = parseYaml(readFileSync(path, "utf8")) as unknown;
  } catch (cause) {
    throw configError(`cannot read the configuration file ${path}: ${errorMessage(cause)}`, cause);
  }
  if (content === null || content === undefined) return {};
  if (!isJsonObject(content)) throw configError(`the configuration file ${path} is not a mapping`);
  const unknown = Object.keys(content).filter((key) => !options.some((entry) => entry.key === key));
  if (unknown.length > 0)
    throw configError(`${path}: unknown field ${unknown.join(", ")}; known: ${options.map((entry) => entry.key).join(", ")}`);
  return content;
}

function checked(entry: Option, value: unknown, source: string): string | boolean | number {
  switch (entry.type) {
    case "string":
      if (typeof value === "string") return value;
      break;
    case "boolean":
      if (typeof value === "boolean") return value;
      if (value === "true" || value === "false") return value === "true";
      break;
    case "port": {
      const port = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
      if (typeof port === "number" && Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
      break;
    }
    case "service":
      if (typeof value === "string" && /^([^/:]+\/[^/:]+:\d+)?$/.test(value)) return value;
      break;
    case "features":
      if (typeof value === "string" && (value === "" || value.split(",").every((name) => featureNames.includes(name)))) return value;
      break;
    case "url":
      if (typeof value === "string" && (value === "" || isPlainUrl(value))) return value;
      break;
    case "ratio": {
      const ratio = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
      if (typeof ratio === "number" && ratio >= 0 && ratio <= 1) return ratio;
      break;
    }
    case "log-level":
      if (value === "error" || value === "warn" || value === "info" || value === "debug") return value;
      break;
  }
  // A password that does not belong there is not repeated.
  const shown = JSON.stringify(value).replace(/\/\/[^/]*@/, "//...@");
  throw configError(`${source} is ${shown}; it must be ${allowed[entry.type]}`);
}

function isPlainUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (url?.protocol === "http:" || url?.protocol === "https:") && url.username === "" && url.password === "";
}

function helpText(): string {
  const rows = [
    ["--config <file>", `YAML file with the same options [${envName("config")}]`],
    ...options.map((entry) => {
      const { flag, type, default: value, description } = entry;
      const argument = type === "string" ? "text" : type === "service" ? "namespace/name:port" : type;
      const left = type === "boolean" ? `--[no-]${flag}` : `--${flag} <${argument}>`;
      return [left, `${description} [${envNames(entry).join(", ")}]${value === "" ? "" : ` (default ${String(value)})`}`];
    }),
  ];
  const width = Math.max(...rows.map(([left = ""]) => left.length));
  const lines = rows.map(([left = "", right = ""]) => `  ${left.padEnd(width)}  ${right}`);
  return `usage: slipway-manager [options]\n\nruns the controllers against a cluster; flag > environment > file > default\n\n${lines.join("\n")}\n`;
}

function configError(message: string, cause?: unknown): AppError {
  return new AppError("CONFIG", message, { retry: "never", cause });
}
