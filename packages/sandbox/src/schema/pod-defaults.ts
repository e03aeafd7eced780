/** Defaulting of pod specs, as `pkg/apis/core/v1/defaults.go` describes it. */
import type { Fields } from "./fields.ts";
import { child, ensure, fill, fillZero, isFields, items, text } from "./fields.ts";

export function defaultPodSpec(spec: Fields): void {
  fillZero(spec, "restartPolicy", "Always");
  fill(spec, "terminationGracePeriodSeconds", 30);
  fillZero(spec, "dnsPolicy", "ClusterFirst");
  fill(spec, "securityContext", {});
  fillZero(spec, "schedulerName", "default-scheduler");
  const account = text(spec["serviceAccountName"]) || text(spec["serviceAccount"]);
  if (account !== "") {
    spec["serviceAccountName"] = account;
    spec["serviceAccount"] = account;
  }
  for (const list of ["initContainers", "containers", "ephemeralContainers"]) {
    for (const container of items(spec[list])) defaultContainer(container);
  }
  for (const volume of items(spec["volumes"])) defaultVolume(volume);
}

function defaultContainer(container: Fields): void {
  for (const port of items(container["ports"])) fillZero(port, "protocol", "TCP");
  for (const env of items(container["env"])) {
    const reference = child(env, "valueFrom", "fieldRef");
    if ("fieldPath" in reference) fillZero(reference, "apiVersion", "v1");
  }
  const resources = ensure(container, "resources");
  const limits = resources["limits"];
  if (isFields(limits) && Object.keys(limits).length > 0) {
    const requests = ensure(resources, "requests");
    for (const [name, value] of Object.entries(limits)) fill(requests, name, value);
  }
  for (const name of ["livenessProbe", "readinessProbe", "startupProbe"]) {
    const probe = container[name];
    if (isFields(probe)) defaultProbe(probe);
  }
  for (const hook of ["postStart", "preStop"]) {
    const get = child(container, "lifecycle", hook, "httpGet");
    if ("port" in get) defaultHttpGet(get);
  }
  fillZero(container, "terminationMessagePath", "/dev/termination-log");
  fillZero(container, "terminationMessagePolicy", "File");
  fillZero(container, "imagePullPolicy", pullPolicyOf(text(container["image"])));
}

function defaultProbe(probe: Fields): void {
  const get = probe["httpGet"];
  if (isFields(get)) defaultHttpGet(get);
  fillZero(probe, "timeoutSeconds", 1);
  fillZero(probe, "periodSeconds", 10);
  fillZero(probe, "successThreshold", 1);
  fillZero(probe, "failureThreshold", 3);
}

function defaultHttpGet(get: Fields): void {
  fillZero(get, "path", "/");
  fillZero(get, "scheme", "HTTP");
}

function defaultVolume(volume: Fields): void {
  for (const source of ["configMap", "secret", "downwardAPI", "projected"]) {
    const found = volume[source];
    if (isFields(found)) fill(found, "defaultMode", 420);
  }
  const hostPath = volume["hostPath"];
  if (isFields(hostPath)) fill(hostPath, "type", "");
  if (Object.keys(volume).length === 1 && "name" in volume) volume["emptyDir"] = {};
}

/** `Always` for an untagged or `latest` image, else `IfNotPresent`. */
function pullPolicyOf(image: string): string {
  if (image.includes("@")) return "IfNotPresent";
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag === undefined || tag === "latest" ? "Always" : "IfNotPresent";
}
