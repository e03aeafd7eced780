import type { ObjectKey } from "@slipway/kube";
import { child, items, text } from "../schema/fields.ts";
import type { ApiCore, PodLogRequest } from "./api-core.ts";
import { badRequest, methodNotAllowed, notFound } from "./api-errors.ts";
import type { ApiRequest, ApiResponse } from "./http-message.ts";
import { bucketOf } from "./resource-registry.ts";

const podResource = { group: "", kind: "Pod", plural: "pods" };

/** `GET .../pods/x/log`: plain text, streamed while it is followed. */
export function logsResponse(core: ApiCore, request: ApiRequest, key: ObjectKey): ApiResponse {
  if (request.method !== "GET") throw methodNotAllowed(request.method);
  const pod = core.store.get(bucketOf("", "pods"), key);
  if (pod === undefined) throw notFound(podResource, key.name);
  const spec = child(pod.object, "spec");
  const containers = items(spec["containers"]).map((container) => text(container["name"]));
  const all = [...containers, ...items(spec["initContainers"]).map((container) => text(container["name"]))];
  const asked = request.query.get("container") ?? "";
  if (asked !== "" && !all.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${key.name}`);
  if (asked === "" && all.length > 1) {
    throw badRequest(`a container name must be specified for pod ${key.name}, choose one of: [${containers.join(" ")}]`);
  }
  const container = asked === "" ? (containers[0] ?? "") : asked;
  const statuses = [
    ...items(child(pod.object, "status")["containerStatuses"]),
    ...items(child(pod.object, "status")["initContainerStatuses"]),
  ];
  const state = child(
    statuses.find((status) => status["name"] === container),
    "state",
  );
  if (state["running"] === undefined && state["terminated"] === undefined) {
    const reason = text(child(state, "waiting")["reason"]) || "ContainerCreating";
    throw badRequest(`container "${container}" in pod "${key.name}" is waiting to start: ${reason}`);
  }
  const number = (name: string): number | undefined => {
    const value = request.query.get(name);
    if (value === null || value === "") return undefined;
    if (!/^\d+$/.test(value)) throw badRequest(`${name} must be a whole number, not "${value}"`);
    return Number(value);
  };
  const flag = (name: string): boolean => request.query.get(name) === "true";
  const [tailLines, sinceSeconds, limitBytes] = [number("tailLines"), number("sinceSeconds"), number("limitBytes")];
  const asking: PodLogRequest = {
    namespace: key.namespace,
    name: key.name,
    container,
    follow: flag("follow"),
    previous: flag("previous"),
    timestamps: flag("timestamps"),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    signal: request.signal,
  };
  return {
    status: 200,
    headers: { "content-type": "text/plain" },
    warnings: [],
    body: core.podLogs === undefined ? "" : core.podLogs(asking),
    longRunning: asking.follow,
  };
}
