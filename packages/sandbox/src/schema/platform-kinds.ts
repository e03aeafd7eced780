/** Kinds of the platform around workloads: networking, leases, definitions, webhooks, reviews. */
import type { KubeObject } from "@slipway/kube";
import * as columns from "./columns.ts";
import { validateCustomResourceDefinition } from "./crd-validation.ts";
import type { FieldProblem } from "./field-problem.ts";
import { invalid, notSupported, required } from "./field-problem.ts";
import { child, ensure, fill, fillZero, isFields, items, text } from "./fields.ts";
import type { KindDefinition } from "./kind-definition.ts";
import { immutable, specOf } from "./kind-rules.ts";
import { validateIngressSpec } from "./spec-validation.ts";

function defaultWebhooks(object: KubeObject): void {
  for (const webhook of items(object["webhooks"])) {
    fillZero(webhook, "failurePolicy", "Fail");
    fillZero(webhook, "matchPolicy", "Equivalent");
    fillZero(webhook, "timeoutSeconds", 10);
    fill(webhook, "namespaceSelector", {});
    fill(webhook, "objectSelector", {});
    if (object.kind === "MutatingWebhookConfiguration") fillZero(webhook, "reinvocationPolicy", "Never");
    for (const rule of items(webhook["rules"])) fillZero(rule, "scope", "*");
    const service = child(webhook, "clientConfig")["service"];
    if (isFields(service)) fillZero(service, "port", 443);
  }
}

function validateWebhooks(object: KubeObject): FieldProblem[] {
  return items(object["webhooks"]).flatMap((webhook, index) => {
    const at = `webhooks[${index}]`;
    const problems: FieldProblem[] = [];
    if (text(webhook["name"]).split(".").length < 3) {
      problems.push(invalid(`${at}.name`, webhook["name"] ?? "", "should be a domain with at least three segments separated by dots"));
    }
    const client = child(webhook, "clientConfig");
    const url = text(client["url"]);
    if ((url === "") === !isFields(client["service"]))
      problems.push(required(`${at}.clientConfig`, "exactly one of url or service is required"));
    if (url !== "" && !url.startsWith("https://"))
      problems.push(invalid(`${at}.clientConfig.url`, url, "'https' is the only allowed URL scheme"));
    if (!["None", "NoneOnDryRun"].includes(text(webhook["sideEffects"]))) {
      problems.push(notSupported(`${at}.sideEffects`, webhook["sideEffects"] ?? "", ["None", "NoneOnDryRun"]));
    }
    if (items(webhook["rules"]).length === 0 && webhook["rules"] !== undefined && !Array.isArray(webhook["rules"]))
      problems.push(required(`${at}.rules`));
    return problems;
  });
}

export const platformKinds: readonly KindDefinition[] = [
  {
    group: "networking.k8s.io",
    version: "v1",
    kind: "Ingress",
    plural: "ingresses",
    namespaced: true,
    shortNames: ["ing"],
    message: "networking.Ingress",
    subresources: ["status"],
    columns: columns.ingressColumns,
    setDefaults: (object) => {
      ensure(object, "spec");
    },
    prepareCreate: (object) => {
      object["status"] = { loadBalancer: {} };
    },
    validate: (object) => validateIngressSpec(specOf(object)),
  },
  {
    group: "networking.k8s.io",
    version: "v1",
    kind: "IngressClass",
    plural: "ingressclasses",
    namespaced: false,
    message: "networking.IngressClass",
    columns: columns.ingressClassColumns,
    validateUpdate: immutable("spec", "controller"),
  },
  {
    group: "coordination.k8s.io",
    version: "v1",
    kind: "Lease",
    plural: "leases",
    namespaced: true,
    message: "coordination.Lease",
    hasGeneration: false,
    columns: columns.leaseColumns,
  },
  {
    group: "discovery.k8s.io",
    version: "v1",
    kind: "EndpointSlice",
    plural: "endpointslices",
    namespaced: true,
    message: "discovery.EndpointSlice",
    columns: columns.endpointSliceColumns,
    setDefaults: (object) => {
      for (const port of items(object["ports"])) {
        fill(port, "name", "");
        fill(port, "protocol", "TCP");
      }
    },
    validate: (object) =>
      ["IPv4", "IPv6", "FQDN"].includes(text(object["addressType"]))
        ? []
        : [notSupported("addressType", object["addressType"] ?? "", ["FQDN", "IPv4", "IPv6"])],
    validateUpdate: immutable("addressType"),
  },
  {
    group: "apiextensions.k8s.io",
    version: "v1",
    kind: "CustomResourceDefinition",
    plural: "customresourcedefinitions",
    namespaced: false,
    shortNames: ["crd", "crds"],
    categories: ["api-extensions"],
    subresources: ["status"],
    columns: columns.crdColumns,
    setDefaults: (object) => {
      const crd = ensure(object, "spec");
      fill(crd, "conversion", { strategy: "None" });
      const names = ensure(crd, "names");
      const kind = text(names["kind"]);
      fillZero(names, "singular", kind.toLowerCase());
      fillZero(names, "listKind", `${kind}List`);
    },
    prepareCreate: (object) => {
      object["status"] = { conditions: [], acceptedNames: { plural: "", kind: "" }, storedVersions: [] };
    },
    validate: validateCustomResourceDefinition,
    validateUpdate: immutable("spec", "scope"),
  },
  ...(["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"] as const).map((kind): KindDefinition => ({
    group: "admissionregistration.k8s.io",
    version: "v1",
    kind,
    plural: `${kind.toLowerCase()}s`,
    namespaced: false,
    categories: ["api-extensions"],
    message: `admissionregistration.${kind}`,
    columns: columns.webhookColumns,
    setDefaults: defaultWebhooks,
    validate: validateWebhooks,
  })),
  {
    group: "authorization.k8s.io",
    version: "v1",
    kind: "SelfSubjectAccessReview",
    plural: "selfsubjectaccessreviews",
    namespaced: false,
    virtual: true,
    message: "authorization.SelfSubjectAccessReview",
  },
];
