/** The Node objects of a sandbox. They are written once and stay ready: there is no heartbeat. */
import type { KubeClient } from "@slipway/kube";
import { isAlreadyExists, resources } from "@slipway/kube";
import { formatTimestamp } from "@slipway/std";
import type { Node } from "../controllers/kinds.ts";

export const nodeAddress = "127.0.0.1";

/** Creates `sandbox-node-1` to `-count`; those that a durable store already has stay. */
export async function ensureNodes(client: KubeClient, count: number, nowMs: number): Promise<void> {
  const { body } = await client.raw({ method: "GET", path: "/version" });
  const { gitVersion } = JSON.parse(body) as { gitVersion: string };
  await Promise.all(Array.from({ length: count }, (_, index) => ensureNode(client, `sandbox-node-${index + 1}`, gitVersion, nowMs)));
}

async function ensureNode(client: KubeClient, name: string, kubeletVersion: string, nowMs: number): Promise<void> {
  const labels = { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" };
  try {
    await client.create<Node>(resources.nodes, { apiVersion: "v1", kind: "Node", metadata: { name, labels }, spec: {} });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  const now = formatTimestamp(nowMs);
  const times = { lastHeartbeatTime: now, lastTransitionTime: now };
  const capacity = { cpu: "64", memory: "256Gi", pods: "5000", "ephemeral-storage": "1Ti" };
  const status = {
    capacity,
    allocatable: capacity,
    addresses: [
      { type: "InternalIP", address: nodeAddress },
      { type: "Hostname", address: name },
    ],
    conditions: [
      {
        type: "MemoryPressure",
        status: "False",
        reason: "KubeletHasSufficientMemory",
        message: "kubelet has sufficient memory available",
        ...times,
      },
      { type: "DiskPressure", status: "False", reason: "KubeletHasNoDiskPressure", message: "kubelet has no disk pressure", ...times },
      {
        type: "PIDPressure",
        status: "False",
        reason: "KubeletHasSufficientPID",
        message: "kubelet has sufficient PID available",
        ...times,
      },
      { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status", ...times },
    ],
    nodeInfo: {
      architecture: "amd64",
      bootID: "",
      containerRuntimeVersion: "sandbox://0.1.0",
      kernelVersion: "",
      kubeProxyVersion: "",
      kubeletVersion,
      machineID: "",
      operatingSystem: "linux",
      osImage: "Slipway sandbox",
      systemUUID: "",
    },
  };
  await client.patch(resources.nodes, { namespace: "", name }, { type: "merge", body: { status } }, { subresource: "status" });
}
