/** The manager's Deployment with what belongs to it, and the Service and configurations of its webhooks. */
import type { KubeObject } from "@slipway/kube";
import { managerLabels, managerName, webhookConfigurationName, webhookServiceName } from "./names.ts";
import type { InstallOptions } from "./options.ts";

const ports = { metrics: 8080, health: 8081, webhook: 9443 };
const servicePort = 443;
/** Of the image's user, and of no file. */
const userId = 65532;

/** Of the manager's container. No limit of processor time: a release must not slow down because a node is busy elsewhere. */
export const managerResources: { readonly requests: object; readonly limits: object } = {
  requests: { cpu: "100m", memory: "128Mi" },
  limits: { memory: "512Mi" },
};

export function namespaceObject(name: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  };
}

export function webhookService(namespace: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: webhookServiceName, namespace },
    spec: { selector: managerLabels, ports: [{ name: "webhook", port: servicePort, targetPort: "webhook", protocol: "TCP" }] },
  };
}

/**
 * Without webhooks: which there are, and whom to trust, is the manager's to say. They are part of the installation so that
 * whatever removes it removes them too; one left behind would refuse every change of a Rollout.
 */
export function webhookConfigurations(): KubeObject[] {
  return ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"].map((kind) => ({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind,
    metadata: { name: webhookConfigurationName },
  }));
}

export function disruptionBudget(namespace: string): KubeObject {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: managerName, namespace },
    // As a bound on what is away it lets a single replica move, where a bound on what is there would block the node's drain.
    spec: { maxUnavailable: 1, selector: { matchLabels: managerLabels } },
  };
}

export function managerDeployment(options: InstallOptions): KubeObject {
  const { namespace, replicas, labels } = options;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: managerName, namespace },
    spec: {
      replicas,
      selector: { matchLabels: managerLabels },
      // A replica that is ready stays until the next one is: somebody always answers the webhooks.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels: { ...labels, ...managerLabels } },
        spec: {
          serviceAccountName: managerName,
          automountServiceAccountToken: true,
          // Reconciles in work get 20 s, then leases are freed.
          terminationGracePeriodSeconds: 45,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: userId,
            runAsGroup: userId,
            seccompProfile: { type: "RuntimeDefault" },
          },
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "kubernetes.io/hostname",
              whenUnsatisfiable: "ScheduleAnyway",
              labelSelector: { matchLabels: managerLabels },
            },
          ],
          containers: [managerContainer(options)],
        },
      },
    },
  };
}

function managerContainer({ image, features, logLevel, tracingEndpoint }: InstallOptions): object {
  return {
    name: "manager",
    image,
    imagePullPolicy: "IfNotPresent",
    args: [
      `--features=${features.join(",")}`,
      `--log-level=${logLevel}`,
      ...(tracingEndpoint === "" ? [] : [`--tracing-endpoint=${tracingEndpoint}`]),
      // Expanded by the kubelet: a change of the namespace needs no change here.
      "--lease-namespace=$(POD_NAMESPACE)",
      `--webhook-service=$(POD_NAMESPACE)/${webhookServiceName}:${servicePort}`,
    ],
    env: [{ name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } }],
    ports: Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort, protocol: "TCP" })),
    livenessProbe: { httpGet: { path: "/healthz", port: "health" }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    readinessProbe: { httpGet: { path: "/readyz", port: "health" }, periodSeconds: 5, timeoutSeconds: 5 },
    resources: managerResources,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  };
}
