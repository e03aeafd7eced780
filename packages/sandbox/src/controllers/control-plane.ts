/**
 * Everything that gives an API server's objects life: workload controllers, scheduler, kubelet, Services and the gateway, on one
 * controller runtime over any KubeClient.
 */
import type { Runtime, RuntimeOptions } from "@slipway/controller";
import { createRuntime } from "@slipway/controller";
import type { KubeClient, Resource } from "@slipway/kube";
import { resources } from "@slipway/kube";
import type { Logger, RandomSource } from "@slipway/std";
import type { VirtualClock } from "@slipway/std/node";
import { realClock } from "@slipway/std/node";
import { echoImage } from "../images/echo.ts";
import type { ImageRegistry } from "../images/image.ts";
import { AddressBook } from "../network/address-book.ts";
import type { Gateway } from "../network/gateway/gateway.ts";
import { createGateway } from "../network/gateway/gateway.ts";
import type { LoopbackBlock } from "../network/loopback-block.ts";
import { createServiceProxy } from "../network/service-proxy.ts";
import type { ContainerLogs } from "../node/container-logs.ts";
import { createKubelet } from "../node/kubelet.ts";
import { ensureNodes, nodeAddress } from "../node/nodes.ts";
import type { PodTiming } from "../node/pod-worker.ts";
import { createScheduler } from "../node/scheduler.ts";
import { customKindWatcher } from "./custom-kinds.ts";
import { deploymentController } from "./deployment/controller.ts";
import { endpointSliceController } from "./endpoints/controller.ts";
import { createGarbageCollector } from "./garbage/controller.ts";
import type { EndpointSlice, Ingress, Pod, Service } from "./kinds.ts";
import { namespaceController } from "./namespace.ts";
import { replicaSetController } from "./replicaset/controller.ts";

export interface ControlPlaneOptions {
  readonly client: KubeClient;
  readonly clock: VirtualClock;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly logs: ContainerLogs;
  /** Where pods get their addresses from; closed by whoever reserved it. */
  readonly block: LoopbackBlock;
  /** Address of the gateway's listener. */
  readonly host: string;
  readonly gatewayPort: number;
  readonly nodes: number;
  readonly timing: PodTiming;
  /** Default: every image is the echo server. */
  readonly images?: ImageRegistry;
}

export interface ControlPlane {
  readonly gateway: Gateway;
  stop(): Promise<void>;
}

/** Resolves when the nodes exist and every controller has seen the world. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { client, clock, random, logger, host, block } = options;
  if (!block.ownAddresses) logger.warn("only 127.0.0.1 can be bound: pods and services listen on ports of it", { addresses: block.prefix });
  const addresses = new AddressBook(logger);
  const gateway = await createGateway({ host, port: options.gatewayPort, random, logger, addresses });
  const runtimeOptions: RuntimeOptions = {
    client,
    clock,
    processClock: realClock,
    logger,
    random,
    activity: clock.activity,
    component: "slipway-sandbox",
  };
  const runtime = createRuntime(runtimeOptions);
  const kubelet = createKubelet({
    client: runtime.client,
    clock,
    random,
    logger,
    activity: clock.activity,
    images: options.images ?? (() => echoImage),
    addresses,
    logs: options.logs,
    block,
    nodeAddress,
    timing: options.timing,
  });
  const services = createServiceProxy(addresses);
  const collector = createGarbageCollector();
  const crash = new AbortController();
  const customKinds = customKindWatcher((resource: Resource) => {
    const own: Runtime = createRuntime(runtimeOptions);
    own.add(collector.controllerFor(resource));
    own.start(crash.signal);
    return () => own.stop();
  });
  const controllers = [
    deploymentController,
    replicaSetController,
    endpointSliceController,
    namespaceController,
    createScheduler(),
    kubelet.controller,
    services.controller,
    gateway.controller,
    customKinds.controller,
    ...collector.controllers,
  ];
  for (const controller of controllers) runtime.add(controller);
  runtime.start(crash.signal);
  const stop = async (): Promise<void> => {
    await gateway.stop();
    await Promise.all([runtime.stop(), customKinds.stop()]);
    await Promise.all([kubelet.stop(), services.stop()]);
  };
  try {
    await Promise.all([ensureNodes(client, options.nodes, clock.now()), runtime.synced()]);
  } catch (error) {
    await stop();
    throw error;
  }
  gateway.serve({
    ingresses: runtime.cache<Ingress>(resources.ingresses),
    services: runtime.cache<Service>(resources.services),
    endpointSlices: runtime.cache<EndpointSlice>(resources.endpointSlices),
    pods: runtime.cache<Pod>(resources.pods),
  });
  return { gateway, stop };
}
