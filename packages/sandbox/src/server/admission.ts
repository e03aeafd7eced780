/** Admission webhooks: who is asked, in which order, and what their answers do. */
import type { KubeObject } from "@slipway/kube";
import { applyJsonPatch, labelSelectorFromObject, matchesLabels } from "@slipway/kube";
import type { KubeStatus } from "@slipway/kube";
import type { Logger, RandomSource } from "@slipway/std";
import { errorMessage } from "@slipway/std";
import type { Fields } from "../schema/fields.ts";
import { child, isFields, items, text } from "../schema/fields.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { deniedByWebhook, internalError } from "./api-errors.ts";
import { createUid } from "./object-names.ts";
import type { ServedResource } from "./served-resource.ts";
import type { WebhookClient } from "./webhook-client.ts";

export type AdmissionOperation = "CREATE" | "UPDATE" | "DELETE";

export interface AdmissionAttributes {
  readonly served: ServedResource;
  readonly operation: AdmissionOperation;
  /** Absent for DELETE. */
  readonly object: KubeObject | undefined;
  /** Absent for CREATE. */
  readonly old: KubeObject | undefined;
  readonly subresource: string | undefined;
  readonly dryRun: boolean;
  /** Webhooks' warnings are added here. */
  readonly warnings: string[];
}

export interface Admission {
  /** The object after all mutating webhooks; the very same one when none changed it. For DELETE: the old object. */
  mutate(attributes: AdmissionAttributes): Promise<KubeObject>;
  /** Throws the refusal of the first validating webhook that says no. */
  validate(attributes: AdmissionAttributes): Promise<void>;
}

const buckets = {
  mutating: "admissionregistration.k8s.io/mutatingwebhookconfigurations",
  validating: "admissionregistration.k8s.io/validatingwebhookconfigurations",
} as const;
/** The user of every request: the sandbox knows one. */
const userInfo = { username: "kubernetes-admin", groups: ["system:masters", "system:authenticated"] };

export function createAdmission(store: ObjectStore, webhooks: WebhookClient, random: RandomSource, log: Logger): Admission {
  const matching = (type: keyof typeof buckets, attributes: AdmissionAttributes, object: KubeObject | undefined): Fields[] => {
    const configurations = store.list(buckets[type]);
    if (configurations.length === 0 || attributes.served.group === "admissionregistration.k8s.io") return [];
    return configurations
      .flatMap((entry) => items(entry.object["webhooks"]))
      .filter(
        (webhook) =>
          items(webhook["rules"]).some((rule) => ruleMatches(rule, attributes)) && selectorsMatch(store, webhook, attributes, object),
      );
  };

  /** The response, or `undefined` when the call failed and the webhook's policy is to go on. */
  const ask = async (webhook: Fields, attributes: AdmissionAttributes, object: KubeObject | undefined): Promise<Fields | undefined> => {
    const { served, operation, old, subresource, dryRun } = attributes;
    const subject = object ?? old;
    const name = text(webhook["name"]);
    if (dryRun && webhook["sideEffects"] !== "None" && webhook["sideEffects"] !== "NoneOnDryRun") {
      throw internalError(`admission webhook "${name}" does not support dry run`);
    }
    const uid = createUid(random);
    const kind = { group: served.group, version: served.version, kind: served.kind };
    const resource = { group: served.group, version: served.version, resource: served.plural };
    const review = {
      kind: "AdmissionReview",
      apiVersion: "admission.k8s.io/v1",
      request: {
        uid,
        kind,
        resource,
        requestKind: kind,
        requestResource: resource,
        ...(subresource === undefined ? {} : { subResource: subresource, requestSubResource: subresource }),
        name: subject?.metadata.name ?? "",
        ...(served.namespaced ? { namespace: subject?.metadata.namespace ?? "" } : {}),
        operation,
        userInfo,
        object: object ?? null,
        oldObject: old ?? null,
        dryRun,
        options: {
          kind: `${operation === "CREATE" ? "Create" : operation === "UPDATE" ? "Update" : "Delete"}Options`,
          apiVersion: "meta.k8s.io/v1",
        },
      },
    };
    try {
      const seconds = typeof webhook["timeoutSeconds"] === "number" ? webhook["timeoutSeconds"] : 10;
      const answer = await webhooks.post(child(webhook, "clientConfig"), review, seconds * 1000);
      const response = child(answer, "response");
      if (response["uid"] !== uid) throw new Error("the response's uid does not match the request's");
      for (const warning of Array.isArray(response["warnings"]) ? (response["warnings"] as unknown[]) : [])
        attributes.warnings.push(text(warning));
      return response;
    } catch (error) {
      if (webhook["failurePolicy"] === "Ignore") {
        log.warn("admission webhook failed and is ignored", { webhook: name, error: errorMessage(error) });
        return undefined;
      }
      throw internalError(`failed calling webhook "${name}": ${errorMessage(error)}`);
    }
  };

  const refuseUnlessAllowed = (webhook: Fields, response: Fields): void => {
    if (response["allowed"] !== true) throw deniedByWebhook(text(webhook["name"]), child(response, "status") as Partial<KubeStatus>);
  };

  return {
    async mutate(attributes): Promise<KubeObject> {
      let object = attributes.object;
      for (const webhook of matching("mutating", attributes, object)) {
        const response = await ask(webhook, attributes, object);
        if (response === undefined) continue;
        refuseUnlessAllowed(webhook, response);
        const patch = text(response["patch"]);
        if (patch === "" || object === undefined) continue;
        try {
          const operations = JSON.parse(Buffer.from(patch, "base64").toString("utf8")) as object[];
          object = applyJsonPatch(object, operations) as KubeObject;
        } catch (error) {
          throw internalError(`admission webhook "${text(webhook["name"])}" returned a patch that does not apply: ${errorMessage(error)}`);
        }
      }
      return object ?? (attributes.old as KubeObject);
    },
    async validate(attributes): Promise<void> {
      const webhooksToAsk = matching("validating", attributes, attributes.object);
      const answers = await Promise.all(webhooksToAsk.map((webhook) => ask(webhook, attributes, attributes.object)));
      answers.forEach((response, index) => {
        const webhook = webhooksToAsk[index];
        if (response !== undefined && webhook !== undefined) refuseUnlessAllowed(webhook, response);
      });
    },
  };
}

function ruleMatches(rule: Fields, { served, operation, subresource }: AdmissionAttributes): boolean {
  const lists = (field: string, value: string): boolean => {
    const values = Array.isArray(rule[field]) ? (rule[field] as unknown[]) : [];
    return values.includes("*") || values.includes(value);
  };
  const scope = rule["scope"] ?? "*";
  if (scope !== "*" && (scope === "Namespaced") !== served.namespaced) return false;
  if (!lists("apiGroups", served.group) || !lists("apiVersions", served.version) || !lists("operations", operation)) return false;
  const resources = Array.isArray(rule["resources"]) ? (rule["resources"] as unknown[]).map(text) : [];
  return resources.some((pattern) => {
    const [plural = "", sub] = pattern.split("/", 2) as [string, string?];
    if (pattern === "*/*") return true;
    if (plural !== "*" && plural !== served.plural) return false;
    return subresource === undefined ? sub === undefined : sub === "*" || sub === subresource;
  });
}

function selectorsMatch(store: ObjectStore, webhook: Fields, attributes: AdmissionAttributes, object: KubeObject | undefined): boolean {
  const byObject = webhook["objectSelector"];
  if (isFields(byObject) && Object.keys(byObject).length > 0) {
    const selector = labelSelectorFromObject(byObject);
    if (![object, attributes.old].some((candidate) => candidate !== undefined && matchesLabels(selector, candidate.metadata.labels)))
      return false;
  }
  const byNamespace = webhook["namespaceSelector"];
  if (isFields(byNamespace) && Object.keys(byNamespace).length > 0) {
    const subject = object ?? attributes.old;
    const isNamespace = attributes.served.group === "" && attributes.served.kind === "Namespace";
    if (!attributes.served.namespaced && !isNamespace) return true;
    const name = (isNamespace ? subject?.metadata.name : subject?.metadata.namespace) ?? "";
    const labels = isNamespace ? subject?.metadata.labels : store.get("/namespaces", { namespace: "", name })?.object.metadata.labels;
    return matchesLabels(labelSelectorFromObject(byNamespace), labels);
  }
  return true;
}
