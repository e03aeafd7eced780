/** Admission: holds Deployments whose template changes under a Rollout, and checks Rollouts. */
import type { Rollout } from "@slipway/api";
import { rolloutKind } from "@slipway/api";
import type { AdmissionHandler, AdmissionWebhook } from "@slipway/controller";
import { resources } from "@slipway/kube";
import { holdDeployment, rolloutFor, validateRollout, workloadTypeLabel } from "@slipway/rollout";
import { formatPath } from "@slipway/std";
import { rollouts } from "./gather.ts";

const holdTemplateChange: AdmissionHandler = (request, { cache }) => {
  const { object, oldObject } = request;
  if (request.operation !== "UPDATE" || (request.subResource ?? "") !== "" || object === undefined || oldObject === undefined) {
    return Promise.resolve({ allowed: true });
  }
  const rollout = rolloutFor(object, cache<Rollout>(rollouts).list({ namespace: request.namespace }));
  const replicaSets = cache(resources.replicaSets).byIndex("controller", oldObject.metadata.uid ?? "");
  const { patch, warnings } = holdDeployment(object, oldObject, rollout, replicaSets);
  return Promise.resolve({ allowed: true, ...(patch.length === 0 ? {} : { patch }), ...(warnings.length === 0 ? {} : { warnings }) });
};

const checkRollout: AdmissionHandler = (request, { cache }) => {
  const { object, oldObject, namespace } = request;
  if (object === undefined || (request.subResource ?? "") !== "") return Promise.resolve({ allowed: true });
  // On its way out an object only loses finalizers; refusing that would keep it for ever.
  if (object.metadata.deletionTimestamp !== undefined) return Promise.resolve({ allowed: true });
  const found = validateRollout(object, oldObject, cache<Rollout>(rollouts).list({ namespace }));
  const text = ({ path, message }: (typeof found)[number]): string => `${formatPath(path)}: ${message}`;
  const errors = found.filter((each) => each.severity === "error").map(text);
  const warnings = found.filter((each) => each.severity === "warning").map(text);
  return Promise.resolve({
    allowed: errors.length === 0,
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(errors.length === 0 ? {} : { message: errors.join(", "), code: 422 }),
  });
};

export const rolloutWebhooks: readonly AdmissionWebhook[] = [
  {
    type: "mutating",
    name: "mdeployment.kb.io",
    path: "/mutate-apps-v1-deployment",
    rules: [{ apiGroups: ["apps"], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["deployments"] }],
    objectSelector: { matchExpressions: [{ key: workloadTypeLabel, operator: "Exists" }] },
    // With us away, updates work and the late guard has to do (docs/decisions/0003).
    failurePolicy: "Ignore",
    timeoutSeconds: 5,
    handler: holdTemplateChange,
  },
  {
    type: "validating",
    name: "vrollout.kb.io",
    path: "/validate-rollouts-kruise-io-rollout",
    rules: [
      {
        apiGroups: [rolloutKind.group],
        apiVersions: rolloutKind.versions.map((version) => version.name),
        operations: ["CREATE", "UPDATE"],
        resources: [rolloutKind.plural],
      },
    ],
    failurePolicy: "Fail",
    timeoutSeconds: 5,
    handler: checkRollout,
  },
];
