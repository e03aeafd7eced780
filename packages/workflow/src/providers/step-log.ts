/** `util.#Log`: what is kept of it for `workflow logs` (contract §2.4, key `logConfig`). */
import type { JsonObject, JsonValue } from "@slipway/std";
import { isJsonObject } from "@slipway/std";

const key = "logConfig";

/** The context key with this step's part added; a later source of the same form replaces the earlier one. */
export function logConfig(params: JsonObject, stepName: string, read: (name: string) => string | undefined): Record<string, string> {
  const config = parse(read(key));
  const before = asObject(config[stepName]);
  const source = { ...asObject(before["source"]) };
  const given = asObject(params["source"]);
  if (given["url"] !== undefined) source["url"] = given["url"];
  if (given["resources"] !== undefined) source["resources"] = given["resources"];
  const step: JsonObject = { ...before };
  if (params["data"] !== undefined) step["data"] = true;
  if (Object.keys(source).length > 0) step["source"] = source;
  return Object.keys(step).length === 0 ? {} : { [key]: JSON.stringify({ ...config, [stepName]: step }) };
}

function parse(text: string | undefined): JsonObject {
  try {
    return asObject(JSON.parse(text ?? "{}") as JsonValue);
  } catch {
    return {}; // written by hand
  }
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value ?? null) ? (value as JsonObject) : {};
}
