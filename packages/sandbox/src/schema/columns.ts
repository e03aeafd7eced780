/** The columns that `kubectl get` shows for built-in kinds, as `pkg/printers/internalversion` defines them. */
import { formatLabelSelector, labelSelectorFromObject } from "@slipway/kube";
import type { KubeObject } from "@slipway/kube";
import { formatAge, parseTimestamp } from "@slipway/std";
import type { Fields } from "./fields.ts";
import { child, count, isFields, items, text, valueAt } from "./fields.ts";
import type { TableColumn } from "./kind-definition.ts";

type Cell = (object: KubeObject, nowMs: number) => unknown;

export function column(name: string, value: Cell, options: Partial<Omit<TableColumn, "name" | "value">> = {}): TableColumn {
  return { name, type: "string", ...options, value };
}
const integer = (name: string, value: Cell): TableColumn => column(name, value, { type: "integer" });
const wide = (name: string, value: Cell): TableColumn => column(name, value, { priority: 1 });

export const nameColumn: TableColumn = column("Name", (object) => object.metadata.name, { format: "name" });
export const ageColumn: TableColumn = column("Age", (object, now) => age(object.metadata.creationTimestamp, now));

/** `5s`, or `<unknown>` without a time. */
export function age(stamp: unknown, nowMs: number): string {
  const at = typeof stamp === "string" ? parseTimestamp(stamp) : undefined;
  return at === undefined ? "<unknown>" : formatAge(nowMs - at);
}

const spec = (object: KubeObject): Fields => child(object, "spec");
const status = (object: KubeObject): Fields => child(object, "status");
const orNone = (value: string): string => (value === "" ? "<none>" : value);
const joined = (values: readonly unknown[]): string => values.map(text).join(",");
const ratio = (ready: unknown, wanted: unknown): string => `${count(ready)}/${count(wanted)}`;
const keyCount = (...maps: unknown[]): number => maps.reduce<number>((sum, map) => sum + (isFields(map) ? Object.keys(map).length : 0), 0);
const pairs = (map: unknown): string =>
  orNone(
    Object.entries(isFields(map) ? map : {})
      .sort()
      .map(([key, value]) => `${key}=${text(value)}`)
      .join(","),
  );

function selectorText(selector: unknown): string {
  try {
    return isFields(selector) ? orNone(formatLabelSelector(labelSelectorFromObject(selector))) : "<none>";
  } catch {
    return "<error>";
  }
}

const templateContainers = (object: KubeObject): Fields[] => items(child(object, "spec", "template", "spec")["containers"]);
const containerColumns: readonly TableColumn[] = [
  wide("Containers", (object) => joined(templateContainers(object).map((container) => container["name"]))),
  wide("Images", (object) => joined(templateContainers(object).map((container) => container["image"]))),
];
const selectorColumn: TableColumn = wide("Selector", (object) => selectorText(spec(object)["selector"]));

/** The STATUS cell of a pod. */
export function podStatus(pod: KubeObject): string {
  const state = status(pod);
  let reason = text(state["reason"]) || text(state["phase"]) || "Unknown";
  let initializing = false;
  const initStatuses = items(state["initContainerStatuses"]);
  const initCount = items(spec(pod)["initContainers"]).length;
  for (const [index, container] of initStatuses.entries()) {
    const terminated = child(container, "state", "terminated");
    if (terminated["exitCode"] === 0) continue;
    const waiting = text(child(container, "state", "waiting")["reason"]);
    if ("exitCode" in terminated) reason = `Init:${text(terminated["reason"]) || `ExitCode:${text(terminated["exitCode"])}`}`;
    else if (waiting !== "" && waiting !== "PodInitializing") reason = `Init:${waiting}`;
    else reason = `Init:${index}/${initCount}`;
    initializing = true;
    break;
  }
  if (!initializing) {
    let running = false;
    for (const container of items(state["containerStatuses"]).reverse()) {
      const waiting = text(child(container, "state", "waiting")["reason"]);
      const terminated = child(container, "state", "terminated");
      if (waiting !== "") reason = waiting;
      else if (text(terminated["reason"]) !== "") reason = text(terminated["reason"]);
      else if ("exitCode" in terminated) reason = `ExitCode:${text(terminated["exitCode"])}`;
      else if (container["ready"] === true && isFields(valueAt(container, ["state", "running"]))) running = true;
    }
    if (reason === "Completed" && running) reason = "Running";
  }
  if (pod.metadata.deletionTimestamp !== undefined) return text(state["reason"]) === "NodeLost" ? "Unknown" : "Terminating";
  return reason;
}

function podRestarts(pod: KubeObject, nowMs: number): string {
  const statuses = items(status(pod)["containerStatuses"]);
  const restarts = statuses.reduce((sum, container) => sum + count(container["restartCount"]), 0);
  const last = statuses
    .map((container) => parseTimestamp(text(child(container, "lastState", "terminated")["finishedAt"])) ?? 0)
    .reduce((latest, at) => Math.max(latest, at), 0);
  return restarts > 0 && last > 0 ? `${restarts} (${formatAge(nowMs - last)} ago)` : String(restarts);
}

export const podColumns: readonly TableColumn[] = [
  nameColumn,
  column("Ready", (pod) => {
    const statuses = items(status(pod)["containerStatuses"]);
    return ratio(statuses.filter((container) => container["ready"] === true).length, items(spec(pod)["containers"]).length);
  }),
  column("Status", podStatus),
  column("Restarts", podRestarts),
  ageColumn,
  wide("IP", (pod) => orNone(text(status(pod)["podIP"]))),
  wide("Node", (pod) => orNone(text(spec(pod)["nodeName"]))),
  wide("Nominated Node", (pod) => orNone(text(status(pod)["nominatedNodeName"]))),
  wide("Readiness Gates", (pod) => {
    const gates = items(spec(pod)["readinessGates"]);
    const met = gates.filter((gate) =>
      items(status(pod)["conditions"]).some((condition) => condition["type"] === gate["conditionType"] && condition["status"] === "True"),
    );
    return gates.length === 0 ? "<none>" : `${met.length}/${gates.length}`;
  }),
];

export const deploymentColumns: readonly TableColumn[] = [
  nameColumn,
  column("Ready", (object) => ratio(status(object)["readyReplicas"], spec(object)["replicas"])),
  integer("Up-to-date", (object) => count(status(object)["updatedReplicas"])),
  integer("Available", (object) => count(status(object)["availableReplicas"])),
  ageColumn,
  ...containerColumns,
  selectorColumn,
];

export const replicaSetColumns: readonly TableColumn[] = [
  nameColumn,
  integer("Desired", (object) => count(spec(object)["replicas"])),
  integer("Current", (object) => count(status(object)["replicas"])),
  integer("Ready", (object) => count(status(object)["readyReplicas"])),
  ageColumn,
  ...containerColumns,
  selectorColumn,
];

export const statefulSetColumns: readonly TableColumn[] = [
  nameColumn,
  column("Ready", (object) => ratio(status(object)["readyReplicas"], spec(object)["replicas"])),
  ageColumn,
  ...containerColumns,
];

export const daemonSetColumns: readonly TableColumn[] = [
  nameColumn,
  integer("Desired", (object) => count(status(object)["desiredNumberScheduled"])),
  integer("Current", (object) => count(status(object)["currentNumberScheduled"])),
  integer("Ready", (object) => count(status(object)["numberReady"])),
  integer("Up-to-date", (object) => count(status(object)["updatedNumberScheduled"])),
  integer("Available", (object) => count(status(object)["numberAvailable"])),
  column("Node Selector", (object) => pairs(child(object, "spec", "template", "spec")["nodeSelector"])),
  ageColumn,
  ...containerColumns,
  selectorColumn,
];

export const controllerRevisionColumns: readonly TableColumn[] = [
  nameColumn,
  column("Controller", (object) => {
    const owner = object.metadata.ownerReferences?.find((reference) => reference.controller === true);
    if (owner === undefined) return "<none>";
    const group = owner.apiVersion.includes("/") ? `.${owner.apiVersion.split("/")[0] ?? ""}` : "";
    return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
  }),
  integer("Revision", (object) => count(object["revision"])),
  ageColumn,
];

export const jobColumns: readonly TableColumn[] = [
  nameColumn,
  column("Status", (object) => {
    const conditions = items(status(object)["conditions"]).filter((condition) => condition["status"] === "True");
    const has = (type: string): boolean => conditions.some((condition) => condition["type"] === type);
    if (has("Complete")) return "Complete";
    if (has("Failed")) return "Failed";
    if (object.metadata.deletionTimestamp !== undefined) return "Terminating";
    return has("Suspended") ? "Suspended" : has("FailureTarget") ? "FailureTarget" : "Running";
  }),
  column("Completions", (object) => {
    const wanted = spec(object)["completions"];
    if (typeof wanted === "number") return ratio(status(object)["succeeded"], wanted);
    const parallelism = count(spec(object)["parallelism"]);
    return parallelism > 1 ? `${count(status(object)["succeeded"])}/1 of ${parallelism}` : `${count(status(object)["succeeded"])}/1`;
  }),
  column("Duration", (object, now) => {
    const start = parseTimestamp(text(status(object)["startTime"]));
    if (start === undefined) return "";
    return formatAge((parseTimestamp(text(status(object)["completionTime"])) ?? now) - start);
  }),
  ageColumn,
  ...containerColumns,
  selectorColumn,
];

const jobTemplateContainers = (object: KubeObject): Fields[] =>
  items(child(object, "spec", "jobTemplate", "spec", "template", "spec")["containers"]);
export const cronJobColumns: readonly TableColumn[] = [
  nameColumn,
  column("Schedule", (object) => text(spec(object)["schedule"])),
  column("Timezone", (object) => orNone(text(spec(object)["timeZone"]))),
  column("Suspend", (object) => (spec(object)["suspend"] === true ? "True" : "False")),
  integer("Active", (object) => items(status(object)["active"]).length),
  column("Last Schedule", (object, now) => {
    const last = status(object)["lastScheduleTime"];
    return last === undefined ? "<none>" : age(last, now);
  }),
  ageColumn,
  wide("Containers", (object) => joined(jobTemplateContainers(object).map((container) => container["name"]))),
  wide("Images", (object) => joined(jobTemplateContainers(object).map((container) => container["image"]))),
  wide("Selector", (object) => selectorText(child(object, "spec", "jobTemplate", "spec")["selector"])),
];

export const serviceColumns: readonly TableColumn[] = [
  nameColumn,
  column("Type", (object) => text(spec(object)["type"])),
  column("Cluster-IP", (object) => orNone(text(spec(object)["clusterIP"]))),
  column("External-IP", (object) => {
    const type = text(spec(object)["type"]);
    if (type === "ExternalName") return text(spec(object)["externalName"]);
    const external = (Array.isArray(spec(object)["externalIPs"]) ? (spec(object)["externalIPs"] as unknown[]) : []).map(text);
    if (type !== "LoadBalancer") return orNone(external.join(","));
    const ingress = items(child(object, "status", "loadBalancer")["ingress"]).map((point) => text(point["ip"]) || text(point["hostname"]));
    return [...ingress, ...external].join(",") || "<pending>";
  }),
  column("Port(s)", (object) =>
    orNone(
      items(spec(object)["ports"])
        .map((port) => `${text(port["port"])}${count(port["nodePort"]) > 0 ? `:${text(port["nodePort"])}` : ""}/${text(port["protocol"])}`)
        .join(","),
    ),
  ),
  ageColumn,
  wide("Selector", (object) => pairs(spec(object)["selector"])),
];

export const ingressColumns: readonly TableColumn[] = [
  nameColumn,
  column("Class", (object) => orNone(text(spec(object)["ingressClassName"]))),
  column("Hosts", (object) => {
    const hosts = items(spec(object)["rules"])
      .map((rule) => text(rule["host"]))
      .filter((host) => host !== "");
    if (hosts.length === 0) return "*";
    return hosts.length > 3 ? `${hosts.slice(0, 3).join(",")} + ${hosts.length - 3} more...` : hosts.join(",");
  }),
  column("Address", (object) =>
    items(child(object, "status", "loadBalancer")["ingress"])
      .map((point) => text(point["ip"]) || text(point["hostname"]))
      .join(","),
  ),
  column("Ports", (object) => (items(spec(object)["tls"]).length > 0 ? "80, 443" : "80")),
  ageColumn,
];

export const ingressClassColumns: readonly TableColumn[] = [
  nameColumn,
  column("Controller", (object) => text(spec(object)["controller"])),
  column("Parameters", (object) => {
    const parameters = spec(object)["parameters"];
    return isFields(parameters) ? `${text(parameters["kind"])}/${text(parameters["name"])}` : "<none>";
  }),
  ageColumn,
];

export const configMapColumns: readonly TableColumn[] = [
  nameColumn,
  integer("Data", (object) => keyCount(object["data"], object["binaryData"])),
  ageColumn,
];
export const secretColumns: readonly TableColumn[] = [
  nameColumn,
  column("Type", (object) => text(object["type"])),
  integer("Data", (object) => keyCount(object["data"])),
  ageColumn,
];
export const serviceAccountColumns: readonly TableColumn[] = [
  nameColumn,
  integer("Secrets", (object) => items(object["secrets"]).length),
  ageColumn,
];
export const namespaceColumns: readonly TableColumn[] = [
  nameColumn,
  column("Status", (object) => text(status(object)["phase"])),
  ageColumn,
];

const nodeAddress = (object: KubeObject, type: string): string =>
  orNone(text(items(status(object)["addresses"]).find((address) => address["type"] === type)?.["address"]));
const nodeInfo = (object: KubeObject, field: string): string => text(child(object, "status", "nodeInfo")[field]) || "<unknown>";
export const nodeColumns: readonly TableColumn[] = [
  nameColumn,
  column("Status", (object) => {
    const ready = items(status(object)["conditions"]).find((condition) => condition["type"] === "Ready");
    const state = ready === undefined ? "Unknown" : ready["status"] === "True" ? "Ready" : "NotReady";
    return spec(object)["unschedulable"] === true ? `${state},SchedulingDisabled` : state;
  }),
  column("Roles", (object) => {
    const prefix = "node-role.kubernetes.io/";
    const roles = Object.keys(object.metadata.labels ?? {})
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
    return orNone(roles.sort().join(","));
  }),
  ageColumn,
  column("Version", (object) => text(child(object, "status", "nodeInfo")["kubeletVersion"])),
  wide("Internal-IP", (object) => nodeAddress(object, "InternalIP")),
  wide("External-IP", (object) => nodeAddress(object, "ExternalIP")),
  wide("OS-Image", (object) => nodeInfo(object, "osImage")),
  wide("Kernel-Version", (object) => nodeInfo(object, "kernelVersion")),
  wide("Container-Runtime", (object) => nodeInfo(object, "containerRuntimeVersion")),
];

const firstSeen = (event: KubeObject): unknown => event["firstTimestamp"] ?? event["eventTime"];
const lastSeen = (event: KubeObject): unknown => child(event, "series")["lastObservedTime"] ?? event["lastTimestamp"] ?? firstSeen(event);
/** Columns of core/v1 events; events.k8s.io events are converted before they are shown. */
export const eventColumns: readonly TableColumn[] = [
  column("Last Seen", (event, now) => age(lastSeen(event), now)),
  column("Type", (event) => text(event["type"])),
  column("Reason", (event) => text(event["reason"])),
  column("Object", (event) => {
    const about = child(event, "involvedObject");
    return `${text(about["kind"]).toLowerCase()}/${text(about["name"])}`;
  }),
  wide("Subobject", (event) => text(child(event, "involvedObject")["fieldPath"])),
  wide("Source", (event) => {
    const source = child(event, "source");
    const component = text(source["component"]) || text(event["reportingComponent"]);
    const host = text(source["host"]) || text(event["reportingInstance"]);
    return host === "" ? component : `${component}, ${host}`;
  }),
  column("Message", (event) => text(event["message"]).trim()),
  wide("First Seen", (event, now) => age(firstSeen(event), now)),
  wide("Count", (event) => String(count(child(event, "series")["count"]) || count(event["count"]) || 1)),
  column("Name", (event) => event.metadata.name, { priority: 1, format: "name" }),
];

export const leaseColumns: readonly TableColumn[] = [
  nameColumn,
  column("Holder", (object) => text(spec(object)["holderIdentity"])),
  ageColumn,
];

export const endpointsColumns: readonly TableColumn[] = [
  nameColumn,
  column("Endpoints", (object) =>
    orNone(
      items(object["subsets"])
        .flatMap((subset) =>
          items(subset["ports"]).flatMap((port) =>
            items(subset["addresses"]).map((address) => `${text(address["ip"])}:${text(port["port"])}`),
          ),
        )
        .join(","),
    ),
  ),
  ageColumn,
];

const shortened = (values: readonly string[]): string =>
  values.length === 0 ? "<unset>" : values.length > 3 ? `${values.slice(0, 3).join(",")} + ${values.length - 3} more...` : values.join(",");
export const endpointSliceColumns: readonly TableColumn[] = [
  nameColumn,
  column("AddressType", (object) => text(object["addressType"])),
  column("Ports", (object) => shortened(items(object["ports"]).map((port) => text(port["port"]) || "*"))),
  column("Endpoints", (object) =>
    shortened(
      items(object["endpoints"]).flatMap((endpoint) => (Array.isArray(endpoint["addresses"]) ? endpoint["addresses"].map(text) : [])),
    ),
  ),
  ageColumn,
];

export const crdColumns: readonly TableColumn[] = [nameColumn, column("Created At", (object) => object.metadata.creationTimestamp)];
export const webhookColumns: readonly TableColumn[] = [
  nameColumn,
  integer("Webhooks", (object) => items(object["webhooks"]).length),
  ageColumn,
];
