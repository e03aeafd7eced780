/**
 * Reading kubeconfig text: clusters, users, contexts, as `client-go/tools/clientcmd/api/v1` lays them out. No file but
 * the text itself is touched here; `load-kubeconfig.ts` resolves what it points to.
 *
 * Refused by name instead of ignored, because ignoring would connect as someone else or not at all: `auth-provider`,
 * `proxy-url`.
 */
import { AppError } from "@slipway/std";
import { parse } from "yaml";
import { isRecord } from "../own-property.ts";

/** One named entry and the file it stands in, against whose folder its relative paths are resolved. */
export interface KubeconfigEntry {
  readonly name: string;
  readonly file: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Kubeconfig {
  /** What was read, in order. */
  readonly files: readonly string[];
  readonly currentContext: string | undefined;
  readonly clusters: readonly KubeconfigEntry[];
  readonly users: readonly KubeconfigEntry[];
  readonly contexts: readonly KubeconfigEntry[];
}

/** `KUBE_CONFIG`, naming the file, the place in it and the field. */
export function configError(file: string, where: string, why: string, cause?: unknown): AppError {
  return new AppError("KUBE_CONFIG", `${file}: ${where === "" ? "" : `${where}: `}${why}`, { retry: "never", cause });
}

/** Throws `KUBE_CONFIG` for text that is not a kubeconfig. `file` is only named in errors and kept in the entries. */
export function parseKubeconfig(text: string, file = "kubeconfig"): Kubeconfig {
  let root: unknown;
  try {
    root = parse(text) ?? {};
  } catch (cause) {
    throw configError(file, "", `not YAML: ${(cause as Error).message.split("\n")[0] ?? ""}`, cause);
  }
  if (!isRecord(root)) throw configError(file, "", "not a kubeconfig: expected an object with clusters, users and contexts");
  const kind = root["kind"];
  if (kind !== undefined && kind !== "Config") throw configError(file, "kind", `expected Config, found ${JSON.stringify(kind)}`);

  const entries = (list: string, field: string): KubeconfigEntry[] => {
    const items = root[list] ?? [];
    if (!Array.isArray(items)) throw configError(file, list, "must be a list");
    return items.map((item: unknown, index) => {
      const where = `${list}[${index}]`;
      if (!isRecord(item) || typeof item["name"] !== "string") throw configError(file, where, "name is missing");
      const fields = item[field] ?? {};
      if (!isRecord(fields)) throw configError(file, `${where} (${item["name"]})`, `${field} must be an object`);
      return { name: item["name"], file, fields };
    });
  };
  const current = root["current-context"];
  return {
    files: [file],
    currentContext: typeof current === "string" && current !== "" ? current : undefined,
    clusters: entries("clusters", "cluster"),
    users: entries("users", "user"),
    contexts: entries("contexts", "context"),
  };
}

/** As kubectl merges the files of `$KUBECONFIG`: the first to name an entry, or a current context, wins. */
export function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  const first = (list: "clusters" | "users" | "contexts"): KubeconfigEntry[] => {
    const byName = new Map<string, KubeconfigEntry>();
    for (const entry of configs.flatMap((config) => config[list])) if (!byName.has(entry.name)) byName.set(entry.name, entry);
    return [...byName.values()];
  };
  return {
    files: configs.flatMap((config) => config.files),
    currentContext: configs.find((config) => config.currentContext !== undefined)?.currentContext,
    clusters: first("clusters"),
    users: first("users"),
    contexts: first("contexts"),
  };
}

/** A field that must be text when it is there; empty counts as absent. */
export function textField(entry: KubeconfigEntry, list: string, field: string): string | undefined {
  const value = entry.fields[field];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw configError(entry.file, `${list} ${JSON.stringify(entry.name)}`, `${field} must be a string`);
  return value;
}
