/**
 * The older package `vela/op` in terms of the newer ones (contract §3.8): its parameters have the same names but stand beside
 * the results, in the action itself.
 */
import type { JsonObject, JsonValue } from "@slipway/std";
import { isJsonObject } from "@slipway/std";

export interface FunctionName {
  readonly provider: string;
  readonly fn: string;
}

const newer: Readonly<Record<string, readonly [provider: string, fn: string]>> = {
  apply: ["kube", "apply"],
  patch: ["kube", "patch"],
  "apply-in-parallel": ["kube", "apply-in-parallel"],
  read: ["kube", "read"],
  list: ["kube", "list"],
  delete: ["kube", "delete"],
  do: ["http", "do"],
  "create-config": ["config", "create"],
  "read-config": ["config", "read"],
  "list-config": ["config", "list"],
  "delete-config": ["config", "delete"],
  send: ["email", "send"],
  promCheck: ["metrics", "promCheck"],
  timestamp: ["time", "timestamp"],
  date: ["time", "date"],
  "patch-k8s-object": ["util", "patch-k8s-object"],
  string: ["util", "string"],
  log: ["util", "log"],
  wait: ["builtin", "wait"],
  suspend: ["builtin", "suspend"],
  break: ["builtin", "break"],
  fail: ["builtin", "fail"],
  message: ["builtin", "message"],
  var: ["builtin", "var"],
};

/** What an action of any style calls. */
export function functionName(provider: string, fn: string): FunctionName {
  const found = provider === "op" && Object.hasOwn(newer, fn) ? newer[fn] : undefined;
  return found === undefined ? { provider, fn } : { provider: found[0], fn: found[1] };
}

/** Where the older style keeps what the newer one returns. */
export function legacyResult({ provider, fn }: FunctionName, given: JsonObject, returned: JsonValue): JsonValue {
  if (!isJsonObject(returned)) return returned;
  switch (`${provider}.${fn}`) {
    case "http.do":
      return { response: returned };
    case "kube.list": {
      const { values, ...rest } = returned;
      return values === undefined ? rest : { ...rest, list: values };
    }
    case "kube.apply":
    case "kube.apply-in-parallel":
    case "kube.read":
      return returned["value"] === undefined ? returned : { ...returned, value: underGiven(given["value"], returned["value"]) };
    default:
      return returned;
  }
}

/**
 * The object as it came back, under what the template says of it: the result has the place of the parameter, and the API
 * server writes some values its own way (`1000m` of a quantity comes back as `1`).
 */
function underGiven(given: JsonValue | undefined, returned: JsonValue): JsonValue {
  if (given === undefined) return returned;
  if (isJsonObject(given) && isJsonObject(returned)) {
    const result: JsonObject = { ...returned };
    for (const [name, value] of Object.entries(given)) result[name] = underGiven(value, returned[name] ?? value);
    return result;
  }
  if (Array.isArray(given) && Array.isArray(returned) && given.length === returned.length)
    return given.map((each, index) => underGiven(each, returned[index] ?? each));
  return given;
}
