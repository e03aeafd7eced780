import type { KubeObject } from "@slipway/kube";
import { cloneJson } from "@slipway/std";
import { describe, expect, it } from "vitest";
import { builtinKinds } from "./builtin-kinds.ts";
import type { KindDefinition } from "./kind-definition.ts";

function kindOf(name: string): KindDefinition {
  const found = builtinKinds.find((definition) => definition.kind === name);
  if (found === undefined) throw new Error(`no kind ${name}`);
  return found;
}

function defaulted(kind: string, fields: object): KubeObject {
  const object: KubeObject = { apiVersion: "v1", kind, metadata: { name: "x", namespace: "default" }, ...cloneJson(fields) };
  kindOf(kind).setDefaults?.(object);
  return object;
}

const problems = (kind: string, fields: object): string[] =>
  (kindOf(kind).validate?.(defaulted(kind, fields)) ?? []).map((problem) => `${problem.field}: ${problem.message}`);
const container = { name: "c", image: "web" };
const template = { metadata: { labels: { a: "b" } }, spec: { containers: [container] } };
const workload = { spec: { selector: { matchLabels: { a: "b" } }, template } };

describe("defaults", () => {
  it.each([
    [
      "Pod",
      { spec: { containers: [container] } },
      { containers: [{ imagePullPolicy: "Always", terminationMessagePath: "/dev/termination-log" }], enableServiceLinks: true },
    ],
    ["Pod", { spec: { containers: [{ ...container, image: "web:1" }] } }, { containers: [{ imagePullPolicy: "IfNotPresent" }] }],
    ["Pod", { spec: { containers: [{ ...container, image: "host:5000/web" }] } }, { containers: [{ imagePullPolicy: "Always" }] }],
    [
      "Pod",
      { spec: { containers: [{ ...container, readinessProbe: { httpGet: { port: 80 } } }] } },
      {
        containers: [
          {
            readinessProbe: {
              httpGet: { path: "/", scheme: "HTTP" },
              timeoutSeconds: 1,
              periodSeconds: 10,
              successThreshold: 1,
              failureThreshold: 3,
            },
          },
        ],
      },
    ],
    [
      "Pod",
      { spec: { containers: [{ ...container, resources: { limits: { cpu: "1" } } }] } },
      { containers: [{ resources: { requests: { cpu: "1" } } }] },
    ],
    [
      "Deployment",
      workload,
      { replicas: 1, strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } } },
    ],
    ["Deployment", { spec: { ...workload.spec, strategy: { type: "Recreate" } } }, { strategy: { type: "Recreate" } }],
    [
      "StatefulSet",
      workload,
      { podManagementPolicy: "OrderedReady", updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } } },
    ],
    ["DaemonSet", workload, { updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } }],
    ["Job", { spec: { template } }, { completions: 1, parallelism: 1, backoffLimit: 6, completionMode: "NonIndexed" }],
    ["CronJob", { spec: { schedule: "* * * * *", jobTemplate: { spec: { template } } } }, { concurrencyPolicy: "Allow", suspend: false }],
    [
      "Service",
      { spec: { ports: [{ port: 80 }] } },
      { type: "ClusterIP", sessionAffinity: "None", ports: [{ port: 80, protocol: "TCP", targetPort: 80 }] },
    ],
    [
      "Service",
      { spec: { type: "NodePort", ports: [{ port: 80 }] } },
      { externalTrafficPolicy: "Cluster", internalTrafficPolicy: "Cluster" },
    ],
  ])("of a %s, once and for all", (kind, fields, expected) => {
    const once = defaulted(kind, fields);
    expect(once["spec"]).toMatchObject(expected);
    // They run again after admission webhooks.
    const twice = cloneJson(once);
    kindOf(kind).setDefaults?.(twice);
    expect(twice).toEqual(once);
  });

  it("leave no rolling update on a strategy that has none", () => {
    expect(defaulted("Deployment", { spec: { ...workload.spec, strategy: { type: "Recreate" } } })["spec"]).toHaveProperty("strategy", {
      type: "Recreate",
    });
  });
});

describe("rules", () => {
  it.each([
    ["Deployment", workload, []],
    ["Deployment", { spec: { ...workload.spec, replicas: -1 } }, ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"]],
    [
      "Deployment",
      { spec: { ...workload.spec, selector: { matchLabels: { a: "c" } } } },
      ['spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`'],
    ],
    [
      "Deployment",
      { spec: { ...workload.spec, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } } },
      ["spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"],
    ],
    [
      "Deployment",
      { spec: { ...workload.spec, minReadySeconds: 600 } },
      ["spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds"],
    ],
    ["Pod", { spec: { containers: [] } }, ["spec.containers: Required value"]],
    ["Pod", { spec: { containers: [container, container] } }, ['spec.containers[1].name: Duplicate value: "c"']],
    ["Pod", { spec: { containers: [{ name: "c" }] } }, ["spec.containers[0].image: Required value"]],
    [
      "Job",
      { spec: { template } },
      ['spec.template.spec.restartPolicy: Unsupported value: "Always": supported values: "Never", "OnFailure"'],
    ],
    ["Service", { spec: { ports: [{ port: 0 }] } }, ["spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"]],
    ["Service", { spec: { ports: [{ port: 1 }, { port: 2, name: "b" }] } }, ["spec.ports[0].name: Required value"]],
    [
      "Ingress",
      { spec: { rules: [{ http: { paths: [{ path: "/", backend: { service: { name: "s" } } }] } }] } },
      ["spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified"],
    ],
  ])("of a %s: %j", (kind, fields, expected) => {
    expect(problems(kind, fields)).toEqual(expected);
  });
});

describe("columns", () => {
  const now = Date.parse("2026-01-01T01:00:00Z");
  const cells = (kind: string, fields: object): unknown[] => {
    const object: KubeObject = { apiVersion: "v1", kind, metadata: { name: "x", creationTimestamp: "2026-01-01T00:00:00Z" }, ...fields };
    return (kindOf(kind).columns ?? []).filter((column) => column.priority !== 1).map((column) => column.value(object, now));
  };
  const pod = (status: object, metadata: object = {}): unknown[] =>
    cells("Pod", {
      metadata: { name: "x", creationTimestamp: "2026-01-01T00:00:00Z", ...metadata },
      spec: { containers: [container] },
      status,
    });
  const running = { name: "c", ready: true, restartCount: 0, state: { running: {} } };

  it.each([
    ["pending", pod({ phase: "Pending" }), ["x", "0/1", "Pending", "0", "60m"]],
    ["running", pod({ phase: "Running", containerStatuses: [running] }), ["x", "1/1", "Running", "0", "60m"]],
    [
      "crashing",
      pod({
        phase: "Running",
        containerStatuses: [
          {
            ...running,
            ready: false,
            restartCount: 3,
            state: { waiting: { reason: "CrashLoopBackOff" } },
            lastState: { terminated: { finishedAt: "2026-01-01T00:59:00Z" } },
          },
        ],
      }),
      ["x", "0/1", "CrashLoopBackOff", "3 (60s ago)", "60m"],
    ],
    [
      "going",
      pod({ phase: "Running", containerStatuses: [running] }, { deletionTimestamp: "2026-01-01T00:59:59Z" }),
      ["x", "1/1", "Terminating", "0", "60m"],
    ],
    [
      "done",
      pod({
        phase: "Succeeded",
        containerStatuses: [{ name: "c", ready: false, state: { terminated: { reason: "Completed", exitCode: 0 } } }],
      }),
      ["x", "0/1", "Completed", "0", "60m"],
    ],
    [
      "initializing",
      pod({ phase: "Pending", initContainerStatuses: [{ name: "i", state: { running: {} } }] }),
      ["x", "0/1", "Init:0/0", "0", "60m"],
    ],
    [
      "a node",
      cells("Node", {
        metadata: { name: "n", labels: { "node-role.kubernetes.io/worker": "" } },
        spec: { unschedulable: true },
        status: { conditions: [{ type: "Ready", status: "True" }] },
      }),
      ["n", "Ready,SchedulingDisabled", "worker", "<unknown>", ""],
    ],
    [
      "a load balancer",
      cells("Service", { spec: { type: "LoadBalancer", clusterIP: "10.0.0.1", ports: [{ port: 80, nodePort: 30000, protocol: "TCP" }] } }),
      ["x", "LoadBalancer", "10.0.0.1", "<pending>", "80:30000/TCP", "60m"],
    ],
  ])("of %s", (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});
