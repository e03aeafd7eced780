/** What is checked of the specs of built-in kinds: what people get wrong most, in the API server's words. */
import { dns1035LabelProblem, dnsLabelProblem, labelSelectorFromObject, matchesLabels } from "@slipway/kube";
import { errorMessage } from "@slipway/std";
import type { FieldProblem } from "./field-problem.ts";
import { duplicate, forbidden, invalid, notSupported, required } from "./field-problem.ts";
import type { Fields } from "./fields.ts";
import { child, isFields, items, text } from "./fields.ts";

export function validatePodSpec(spec: unknown, path: string): FieldProblem[] {
  if (!isFields(spec)) return [required(`${path}.containers`)];
  const problems: FieldProblem[] = [];
  if (items(spec["containers"]).length === 0) problems.push(required(`${path}.containers`));
  const names = new Set<string>();
  const volumes = new Set(items(spec["volumes"]).map((volume) => text(volume["name"])));
  for (const list of ["initContainers", "containers"]) {
    items(spec[list]).forEach((container, index) => {
      problems.push(...validateContainer(container, `${path}.${list}[${index}]`, names, volumes));
    });
  }
  const restart = text(spec["restartPolicy"]);
  if (restart !== "" && !["Always", "OnFailure", "Never"].includes(restart)) {
    problems.push(notSupported(`${path}.restartPolicy`, restart, ["Always", "OnFailure", "Never"]));
  }
  return problems;
}

function validateContainer(container: Fields, at: string, names: Set<string>, volumes: ReadonlySet<string>): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const name = text(container["name"]);
  if (name === "") problems.push(required(`${at}.name`));
  else {
    const problem = dnsLabelProblem(name);
    if (problem !== undefined) problems.push(invalid(`${at}.name`, name, problem));
    if (names.has(name)) problems.push(duplicate(`${at}.name`, name));
    names.add(name);
  }
  if (text(container["image"]) === "") problems.push(required(`${at}.image`));
  items(container["ports"]).forEach((port, index) => {
    const number = port["containerPort"];
    if (number === undefined) problems.push(required(`${at}.ports[${index}].containerPort`));
    else if (!isPort(number))
      problems.push(invalid(`${at}.ports[${index}].containerPort`, number, "must be between 1 and 65535, inclusive"));
  });
  items(container["volumeMounts"]).forEach((mount, index) => {
    const volume = text(mount["name"]);
    if (!volumes.has(volume)) {
      problems.push({
        reason: "FieldValueInvalid",
        field: `${at}.volumeMounts[${index}].name`,
        message: `Not found: ${JSON.stringify(volume)}`,
      });
    }
    if (text(mount["mountPath"]) === "") problems.push(required(`${at}.volumeMounts[${index}].mountPath`));
  });
  return problems;
}

/** A workload's selector and template: both there, and the selector selects the template. */
export function validateSelectorAndTemplate(spec: Fields, restartPolicies: readonly string[] = ["Always"]): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const template = child(spec, "template");
  const labels = child(template, "metadata", "labels") as Record<string, string>;
  const selector = spec["selector"];
  if (!isFields(selector)) problems.push(required("spec.selector"));
  else {
    try {
      const parsed = labelSelectorFromObject(selector);
      if (parsed.requirements.length === 0) problems.push(invalid("spec.selector", selector, "empty selector is invalid for deployment"));
      else if (!matchesLabels(parsed, labels)) {
        problems.push(invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
      }
    } catch (error) {
      problems.push(invalid("spec.selector", selector, errorMessage(error)));
    }
  }
  problems.push(...validatePodSpec(template["spec"], "spec.template.spec"));
  const restart = text(child(template, "spec")["restartPolicy"]);
  if (restart !== "" && !restartPolicies.includes(restart)) {
    problems.push(notSupported("spec.template.spec.restartPolicy", restart, restartPolicies));
  }
  return problems;
}

export function nonNegative(spec: Fields, field: string): FieldProblem[] {
  const value = spec[field];
  if (value === undefined || value === null) return [];
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return [];
  return [invalid(`spec.${field}`, value, "must be greater than or equal to 0")];
}

/** Counts (`2`) and percentages (`25%`) of a rolling update; `where` is the field path. */
export function validateIntOrPercent(value: unknown, where: string): FieldProblem[] {
  if (value === undefined || value === null) return [];
  if (typeof value === "number") return value >= 0 ? [] : [invalid(where, value, "must be greater than or equal to 0")];
  if (typeof value === "string" && /^\d+%$/.test(value)) return [];
  return [
    invalid(
      where,
      value,
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ),
  ];
}

export function validateDeploymentStrategy(spec: Fields): FieldProblem[] {
  const strategy = child(spec, "strategy");
  const type = text(strategy["type"]);
  const rolling = strategy["rollingUpdate"];
  if (type === "Recreate" && isFields(rolling)) {
    return [forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")];
  }
  if (type !== "Recreate" && type !== "RollingUpdate") return [notSupported("spec.strategy.type", type, ["Recreate", "RollingUpdate"])];
  if (!isFields(rolling)) return [];
  const base = "spec.strategy.rollingUpdate";
  const problems = [
    ...validateIntOrPercent(rolling["maxSurge"], `${base}.maxSurge`),
    ...validateIntOrPercent(rolling["maxUnavailable"], `${base}.maxUnavailable`),
  ];
  const isZero = (value: unknown): boolean => value === 0 || value === "0%";
  if (isZero(rolling["maxUnavailable"]) && isZero(rolling["maxSurge"])) {
    problems.push(invalid(`${base}.maxUnavailable`, rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0"));
  }
  return problems;
}

export function validateServiceSpec(spec: Fields, name: string): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const nameProblem = dns1035LabelProblem(name);
  if (nameProblem !== undefined) problems.push(invalid("metadata.name", name, nameProblem));
  const type = text(spec["type"]);
  if (!["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"].includes(type)) {
    problems.push(notSupported("spec.type", type, ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]));
  }
  const ports = items(spec["ports"]);
  if (ports.length === 0 && type !== "ExternalName" && spec["clusterIP"] !== "None") problems.push(required("spec.ports"));
  const names = new Set<string>();
  ports.forEach((port, index) => {
    const portName = text(port["name"]);
    if (ports.length > 1 && portName === "") problems.push(required(`spec.ports[${index}].name`));
    if (portName !== "" && names.has(portName)) problems.push(duplicate(`spec.ports[${index}].name`, portName));
    names.add(portName);
    if (!isPort(port["port"]))
      problems.push(invalid(`spec.ports[${index}].port`, port["port"] ?? 0, "must be between 1 and 65535, inclusive"));
  });
  return problems;
}

export function validateIngressSpec(spec: Fields): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const rules = items(spec["rules"]);
  if (rules.length === 0 && !isFields(spec["defaultBackend"])) {
    problems.push(invalid("spec", spec, "either `defaultBackend` or `rules` must be specified"));
  }
  rules.forEach((rule, at) => {
    items(child(rule, "http")["paths"]).forEach((path, index) => {
      const base = `spec.rules[${at}].http.paths[${index}]`;
      const type = path["pathType"];
      if (type === undefined || type === null || type === "") problems.push(required(`${base}.pathType`, "pathType must be specified"));
      else if (!["Exact", "Prefix", "ImplementationSpecific"].includes(text(type))) {
        problems.push(notSupported(`${base}.pathType`, type, ["Exact", "ImplementationSpecific", "Prefix"]));
      } else if (type !== "ImplementationSpecific" && !text(path["path"]).startsWith("/")) {
        problems.push(invalid(`${base}.path`, path["path"] ?? "", "must be an absolute path"));
      }
      const service = child(path, "backend", "service");
      if (text(service["name"]) === "" && !isFields(child(path, "backend")["resource"]))
        problems.push(required(`${base}.backend.service.name`));
    });
  });
  return problems;
}

function isPort(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65_535;
}
