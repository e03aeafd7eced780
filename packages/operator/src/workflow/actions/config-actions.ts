/** `vela/config`: configs are Secrets that a template makes of values, with the values kept beside (contract §3.8). */
import type { KubeClient, KubeObject, ObjectKey } from "@slipway/kube";
import { isNotFound, resources } from "@slipway/kube";
import type { JsonObject, JsonValue } from "@slipway/std";
import { AppError, isJsonObject } from "@slipway/std";
import type { ConfigRendering } from "@slipway/workflow";
import { renderConfig } from "@slipway/workflow";
import { applyObject, keyOfObject, resourceOfObject } from "../apply-object.ts";
import { systemNamespace } from "../kinds.ts";
import type { ActionHandler } from "../perform.ts";

const catalogLabel = "config.oam.dev/catalog";
const catalog = "velacore-config";
const typeLabel = "config.oam.dev/type";
const scopeLabel = "config.oam.dev/scope";
const sensitiveAnnotation = "config.oam.dev/sensitive";
const aliasAnnotation = "config.oam.dev/alias";
const descriptionAnnotation = "config.oam.dev/description";
const templateNamespaceAnnotation = "config.oam.dev/template-namespace";
const lastApplied = "config.oam.dev/last-applied-configuration";
const propertiesKey = "input-properties";
const referencesKey = "objects-reference";

interface Template extends ObjectKey {
  readonly text: string;
  /** Labels and annotations of the ConfigMap that it lies in. */
  readonly marks: Readonly<Record<string, string>>;
}

interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

function failure(message: string): AppError {
  return new AppError("WORKFLOW_CONFIG", message);
}

const create: ActionHandler = async ({ params }, { client, signal }) => {
  const {
    name,
    namespace,
    template: templateName,
    config,
  } = params as { name: string; namespace: string; template?: string; config: JsonObject };
  const template = (templateName ?? "") === "" ? undefined : await templateOf(client, templateName ?? "", signal);
  const rendering: ConfigRendering = template === undefined ? { outputs: [], metadata: {} } : rendered(template, name, namespace, config);
  const references: Reference[] = [];
  for (const output of rendering.outputs) {
    const key = keyOfObject(await resourceOfObject(client, output, signal), output);
    references.push({ apiVersion: String(output["apiVersion"]), kind: String(output["kind"]), ...key });
  }
  const secret = secretOf({ name, namespace }, config, template, rendering, references);
  await refuseChange(client, { name, namespace }, secret, signal);
  await applyObject(client, secret as unknown as JsonObject, { annotation: lastApplied }, signal);
  for (const output of rendering.outputs) await applyObject(client, output, {}, signal);
  return {};
};

function rendered(template: Template, name: string, namespace: string, config: JsonObject): ConfigRendering {
  const rendering = renderConfig({ template: template.text, name, namespace, config });
  if (!rendering.ok) throw failure(rendering.message);
  return rendering.value;
}

async function templateOf(client: KubeClient, reference: string, signal: AbortSignal): Promise<Template> {
  const [namespace, name] = reference.includes("/") ? (reference.split("/", 2) as [string, string]) : [systemNamespace, reference];
  try {
    const map = await client.get(resources.configMaps, { namespace, name: `config-template-${name}` }, { signal });
    const { labels, annotations } = map.metadata;
    const text = (map["data"] as Readonly<Record<string, string>> | undefined)?.["template"] ?? "";
    return { name, namespace, text, marks: { ...labels, ...annotations } };
  } catch (error) {
    if (isNotFound(error)) throw failure("the template does not exist");
    throw error;
  }
}

function secretOf(
  key: ObjectKey,
  config: JsonObject,
  template: Template | undefined,
  { output = {}, metadata }: ConfigRendering,
  references: readonly Reference[],
): KubeObject {
  const wanted = output as unknown as Partial<KubeObject>;
  const mark = (name: string, field: string): string => template?.marks[name] ?? text(metadata[field]);
  const type = output["type"] ?? (template === undefined ? undefined : `/${template.name}`);
  return {
    ...wanted,
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      ...key,
      labels: {
        ...wanted.metadata?.labels,
        [catalogLabel]: catalog,
        [typeLabel]: template?.name ?? "",
        [scopeLabel]: mark(scopeLabel, "scope"),
      },
      annotations: {
        ...wanted.metadata?.annotations,
        [sensitiveAnnotation]: mark(sensitiveAnnotation, "sensitive") || "false",
        [templateNamespaceAnnotation]: template?.namespace ?? "",
        [aliasAnnotation]: "",
        [descriptionAnnotation]: "",
      },
    },
    ...(type === undefined ? {} : { type }),
    data: {
      ...(output["data"] as JsonObject | undefined),
      [propertiesKey]: encode(config),
      ...(references.length === 0 ? {} : { [referencesKey]: encode(references as unknown as JsonValue) }),
    },
  };
}

async function refuseChange(client: KubeClient, key: ObjectKey, wanted: KubeObject, signal: AbortSignal): Promise<void> {
  const present = await find(client, key, signal);
  if (present === undefined) return;
  if (!isConfig(present)) throw failure(`secret ${key.namespace}/${key.name} is there and is no config`);
  if (present.metadata.labels?.[typeLabel] !== wanted.metadata.labels?.[typeLabel])
    throw failure("the template of the config can not be changed");
  if ((present["type"] ?? "Opaque") !== (wanted["type"] ?? "Opaque")) throw failure("the secret type of the config can not be changed");
}

const read: ActionHandler = async ({ params }, { client, signal }) => {
  const { name, namespace } = params as { name: string; namespace: string };
  const secret = await client.get(resources.secrets, { namespace, name }, { signal });
  if (isSensitive(secret)) throw failure("the config is sensitive");
  const config = propertiesOf(secret);
  if (config === undefined) throw failure(`config ${namespace}/${name} has no properties data`);
  return { config };
};

/** The values of sensitive ones are left out. */
const list: ActionHandler = async ({ params }, { client, signal }) => {
  const { template, namespace } = params as { template: string; namespace: string };
  if (template === "" || namespace === "") throw failure("the request is invalid");
  const labelSelector = `${catalogLabel}=${catalog},${typeLabel}=${template.slice(template.indexOf("/") + 1)}`;
  const { items } = await client.list(resources.secrets, { namespace, labelSelector, signal });
  return {
    configs: items.map((secret) => ({
      name: secret.metadata.name ?? "",
      alias: secret.metadata.annotations?.[aliasAnnotation] ?? "",
      description: secret.metadata.annotations?.[descriptionAnnotation] ?? "",
      config: isSensitive(secret) ? {} : (propertiesOf(secret) ?? {}),
    })),
  };
};

const remove: ActionHandler = async ({ params }, { client, signal, repeated }) => {
  const { name, namespace } = params as { name: string; namespace: string };
  const secret = await find(client, { namespace, name }, signal);
  if (secret === undefined && repeated) return {};
  if (secret === undefined) throw failure(`the config ${name} not found`);
  if (!isConfig(secret)) throw failure(`secret ${namespace}/${name} is no config`);
  const references = decode(secret, referencesKey);
  for (const reference of Array.isArray(references) ? (references as unknown as Reference[]) : []) {
    const { apiVersion, kind, name: object, namespace: where } = reference;
    const resource = await resourceOfObject(client, { apiVersion, kind }, signal);
    await client.delete(resource, { name: object, namespace: where }, { propagationPolicy: "Background", signal }).catch(ignoreMissing);
  }
  await client.delete(resources.secrets, { namespace, name }, { signal }).catch(ignoreMissing);
  return {};
};

async function find(client: KubeClient, key: ObjectKey, signal: AbortSignal): Promise<KubeObject | undefined> {
  try {
    return await client.get(resources.secrets, key, { signal });
  } catch (error) {
    ignoreMissing(error);
    return undefined;
  }
}

function ignoreMissing(error: unknown): void {
  if (!isNotFound(error)) throw error;
}

function isConfig(secret: KubeObject): boolean {
  return secret.metadata.labels?.[catalogLabel] === catalog;
}

function isSensitive(secret: KubeObject): boolean {
  return secret.metadata.annotations?.[sensitiveAnnotation] === "true";
}

function propertiesOf(secret: KubeObject): JsonObject | undefined {
  const value = decode(secret, propertiesKey);
  return isJsonObject(value ?? null) ? (value as JsonObject) : undefined;
}

function decode(secret: KubeObject, key: string): JsonValue | undefined {
  const encoded = (secret["data"] as Readonly<Record<string, string>> | undefined)?.[key];
  return encoded === undefined ? undefined : (JSON.parse(Buffer.from(encoded, "base64").toString("utf8")) as JsonValue);
}

function encode(value: JsonValue): string {
  return Buffer.from(JSON.stringify(value)).toString("base64");
}

function text(value: JsonValue | undefined): string {
  return value === undefined || value === null ? "" : String(value);
}

export const configActions: Readonly<Record<string, ActionHandler>> = {
  "config.create": create,
  "config.read": read,
  "config.list": list,
  "config.delete": remove,
};
