/** A release and some workflows that need nobody, and the world that they lead to. */
import { rolloutKind, resourceOf, workflowRunKind } from "@slipway/api";
import type { KubeObject, Resource } from "@slipway/kube";
import { resources } from "@slipway/kube";
import type { Cluster } from "./open-cluster.ts";
import { until } from "./until.ts";

const rollouts: Resource = resourceOf(rolloutKind);
export const workflowRuns: Resource = resourceOf(workflowRunKind);
const runNames = ["first", "second", "third", "fourth"];
const replicas = 4;

export interface Scenario {
  /** Applies the manifests and changes the Deployment's image once the Rollout has adopted it. */
  start(): Promise<void>;
  /** Resolves when the release and every workflow have ended. Throws after `timeoutMs` with what has not. */
  ended(timeoutMs: number): Promise<void>;
  /** Everything that counts of the world, without names that the cluster chooses and without times. */
  world(): Promise<unknown>;
  /** Deletes the manifests and waits until they are gone. */
  remove(): Promise<void>;
}

export function createScenario(cluster: Cluster, namespace: string): Scenario {
  const { client } = cluster;
  const rollout = async (): Promise<RolloutStatus> =>
    ((await client.get(rollouts, { namespace, name: "web" }))["status"] ?? {}) as RolloutStatus;
  const released = ({ phase, canaryStatus }: RolloutStatus): boolean =>
    phase === "Healthy" && canaryStatus?.currentStepState === "Completed" && canaryStatus.observedWorkloadGeneration !== undefined;
  const runs = async (): Promise<readonly KubeObject[]> => (await client.list(workflowRuns, { namespace })).items;
  const unfinished = async (): Promise<readonly string[]> => {
    const open = (await runs()).filter((run) => (run["status"] as RunStatus | undefined)?.finished !== true);
    const status = await rollout();
    const image = imageOf(await client.get(resources.deployments, { namespace, name: "web" }));
    const waiting = open.map((run) => `WorkflowRun ${run.metadata.name}: ${JSON.stringify(run["status"] ?? {})}`);
    return released(status) && image === "web:2" ? waiting : [...waiting, `Rollout web: ${JSON.stringify(status)}`];
  };
  const path = cluster.file("scenario.yaml", manifest(namespace));
  return {
    start: async () => {
      await cluster.run("apply", "-f", path);
      await until("the Rollout to adopt its workload", 90_000, async () => (await rollout()).phase === "Healthy");
      await cluster.run("set", "image", "deployment/web", "web=web:2");
    },
    ended: async (timeoutMs) => {
      let open: readonly string[] = [];
      await until("the end", timeoutMs, async () => {
        open = await unfinished();
        return open.length === 0;
      }).catch((error: unknown) => {
        throw new Error(`${(error as Error).message}; open:\n${open.join("\n")}`, { cause: error });
      });
    },
    world: async () => {
      const of = async (resource: Resource): Promise<readonly KubeObject[]> => (await client.list(resource, { namespace })).items;
      const deployments = await of(resources.deployments);
      return {
        runs: (await runs()).map((run) => {
          const { status, steps } = (run["status"] ?? {}) as RunStatus;
          return { name: run.metadata.name, status, steps: steps?.map(stepEnd) };
        }),
        configMaps: (await of(resources.configMaps))
          .filter(({ metadata }) => metadata.name?.startsWith("made-by-") === true)
          .map((map) => ({ name: map.metadata.name, data: map["data"] })),
        deployments: deployments.map((deployment) => ({ name: deployment.metadata.name, spec: deployment["spec"] })),
        services: (await of(resources.services)).map((service) => ({
          name: service.metadata.name,
          selector: (service["spec"] as { selector?: unknown }).selector,
        })),
        ingresses: (await of(resources.ingresses)).map(({ metadata }) => ({
          name: metadata.name,
          annotations: Object.keys(metadata.annotations ?? {}),
        })),
        rollout: { phase: (await rollout()).phase, state: (await rollout()).canaryStatus?.currentStepState },
      };
    },
    remove: async () => {
      await cluster.run("delete", "-f", path, "--timeout=50s");
    },
  };
}

/** A hold whose time was over before anybody could record that it holds has no message. */
function stepEnd({ name, phase, message }: StepStatus): StepStatus {
  return name === "hold" ? { name, phase } : { name, phase, message: message ?? "" };
}

interface RolloutStatus {
  readonly phase?: string;
  readonly canaryStatus?: { readonly currentStepState?: string; readonly observedWorkloadGeneration?: number };
}

interface RunStatus {
  readonly status?: string;
  readonly finished?: boolean;
  readonly steps?: readonly StepStatus[];
}

interface StepStatus {
  readonly name: string;
  readonly phase: string;
  readonly message?: string;
}

function imageOf(deployment: KubeObject): string {
  const { template } = deployment["spec"] as { template: { spec: { containers: readonly { image: string }[] } } };
  return template.spec.containers[0]?.image ?? "";
}

function manifest(namespace: string): string {
  const metadata = (name: string): string => `metadata: { name: ${name}, namespace: ${namespace} }`;
  const run = (name: string): string => `
---
apiVersion: core.oam.dev/v1alpha1
kind: WorkflowRun
${metadata(name)}
spec:
  workflowSpec:
    steps:
      - name: write
        type: apply-object
        properties:
          value:
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: made-by-${name}, namespace: ${namespace} }
            data: { writer: ${name} }
      - name: hold
        type: suspend
        properties: { duration: 3s }
      - name: look
        type: read-object
        properties: { apiVersion: v1, kind: ConfigMap, name: made-by-${name}, namespace: ${namespace} }`;
  return `
apiVersion: apps/v1
kind: Deployment
${metadata("web")}
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: "web:1" }] }
---
apiVersion: v1
kind: Service
${metadata("web")}
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
${metadata("web")}
spec:
  ingressClassName: nginx
  rules:
    - host: web.example.com
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
---
apiVersion: rollouts.kruise.io/v1beta1
kind: Rollout
${metadata("web")}
spec:
  workloadRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  strategy:
    canary:
      enableExtraWorkloadForCanary: true
      steps:
        - { traffic: 25%, replicas: 1, pause: { duration: 2 } }
        - { traffic: 50%, replicas: 2, pause: { duration: 2 } }
      trafficRoutings: [{ service: web, ingress: { name: web, classType: nginx } }]${runNames.map(run).join("")}
`;
}
