/**
 * Patch schemas of built-in kinds: the `patchMergeKey` and `patchStrategy` of the Kubernetes API types, written down
 * as far as they differ from the default (objects merge, lists are replaced).
 */
import type { GroupVersionKind } from "../object.ts";
import { getOwn } from "../own-property.ts";
import type { PatchSchema } from "./strategic-merge-patch.ts";

function object(fields: Readonly<Record<string, PatchSchema>>): PatchSchema {
  return { fields };
}
function keyed(mergeKey: string, items?: PatchSchema): PatchSchema {
  return items === undefined ? { mergeKey } : { mergeKey, items };
}

const metadata = object({ ownerReferences: keyed("uid"), finalizers: { mergeSet: true } });
const conditions = object({ conditions: keyed("type") });
const union: PatchSchema = { retainKeys: true };

const container = object({
  env: keyed("name"),
  ports: keyed("containerPort"),
  volumeMounts: keyed("mountPath"),
  volumeDevices: keyed("devicePath"),
});
const podSpec = object({
  containers: keyed("name", container),
  initContainers: keyed("name", container),
  ephemeralContainers: keyed("name", container),
  volumes: keyed("name", union),
  imagePullSecrets: keyed("name"),
  hostAliases: keyed("ip"),
  topologySpreadConstraints: keyed("topologyKey"),
  schedulingGates: keyed("name"),
  resourceClaims: keyed("name", union),
});
const podStatus = object({
  conditions: keyed("type"),
  podIPs: keyed("ip"),
  hostIPs: keyed("ip"),
  resourceClaimStatuses: keyed("name", union),
});
const podTemplate = object({ metadata, spec: podSpec });
const job = object({ template: podTemplate });

function kind(spec: PatchSchema | undefined, status: PatchSchema | undefined): PatchSchema {
  return object({ metadata, ...(spec === undefined ? {} : { spec }), ...(status === undefined ? {} : { status }) });
}
const plain = kind(undefined, undefined);

const schemas: Readonly<Record<string, PatchSchema>> = {
  "/Pod": kind(podSpec, podStatus),
  "/PodTemplate": object({ metadata, template: podTemplate }),
  "/Service": kind(object({ ports: keyed("port") }), conditions),
  "/ServiceAccount": object({ metadata, secrets: keyed("name") }),
  "/ConfigMap": plain,
  "/Secret": plain,
  "/Event": plain,
  "/Endpoints": plain,
  "/Namespace": kind(undefined, conditions),
  "/Node": kind(object({ podCIDRs: { mergeSet: true } }), object({ conditions: keyed("type"), addresses: keyed("type") })),
  "/PersistentVolume": plain,
  "/PersistentVolumeClaim": kind(undefined, conditions),
  "/ReplicationController": kind(job, conditions),
  "/ResourceQuota": plain,
  "/LimitRange": plain,
  "apps/Deployment": kind(object({ template: podTemplate, strategy: union }), conditions),
  "apps/ReplicaSet": kind(job, conditions),
  "apps/StatefulSet": kind(job, conditions),
  "apps/DaemonSet": kind(job, conditions),
  "apps/ControllerRevision": plain,
  "batch/Job": kind(job, conditions),
  "batch/CronJob": kind(object({ jobTemplate: object({ metadata, spec: job }) }), undefined),
  "networking.k8s.io/Ingress": plain,
  "networking.k8s.io/IngressClass": plain,
  "networking.k8s.io/NetworkPolicy": plain,
  "discovery.k8s.io/EndpointSlice": plain,
  "coordination.k8s.io/Lease": plain,
  "autoscaling/HorizontalPodAutoscaler": kind(undefined, conditions),
  "policy/PodDisruptionBudget": kind(object({ selector: { replace: true } }), conditions),
  "rbac.authorization.k8s.io/Role": plain,
  "rbac.authorization.k8s.io/RoleBinding": plain,
  "rbac.authorization.k8s.io/ClusterRole": plain,
  "rbac.authorization.k8s.io/ClusterRoleBinding": plain,
  "admissionregistration.k8s.io/MutatingWebhookConfiguration": object({ metadata, webhooks: keyed("name") }),
  "admissionregistration.k8s.io/ValidatingWebhookConfiguration": object({ metadata, webhooks: keyed("name") }),
  "admissionregistration.k8s.io/ValidatingAdmissionPolicy": plain,
  "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": plain,
  "admissionregistration.k8s.io/MutatingAdmissionPolicy": plain,
  "admissionregistration.k8s.io/MutatingAdmissionPolicyBinding": plain,
  "apiextensions.k8s.io/CustomResourceDefinition": plain,
  "scheduling.k8s.io/PriorityClass": plain,
  "storage.k8s.io/StorageClass": plain,
};

/** The patch schema of a built-in kind, for any of its versions; `undefined` for all others (custom resources: 415). */
export function patchSchemaFor(gvk: GroupVersionKind): PatchSchema | undefined {
  return getOwn(schemas, `${gvk.group}/${gvk.kind}`) as PatchSchema | undefined;
}
