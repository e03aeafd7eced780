/**
 * Templates of configs (contract §3.8): CUE that makes a Secret, and maybe other objects, of a config's values. Nothing in
 * them is performed: actions stay without a result.
 */
import type { JsonObject, JsonValue } from "@slipway/std";
import { formatDiagnostic, isJsonObject } from "@slipway/std";
import type { Value } from "@slipway/cue";
import { compileTemplate, instantiate } from "../language/template.ts";
import type { Evaluated } from "../model/step-run.ts";

export interface ConfigRendering {
  /** The Secret as the template wants it; absent when it does not say. */
  readonly output?: JsonObject;
  /** Further objects. */
  readonly outputs: readonly JsonObject[];
  /** The template's own `metadata`, e.g. `sensitive` and `scope`. */
  readonly metadata: JsonObject;
}

export interface ConfigInput {
  /** CUE with `template: {parameter, output, outputs, validation}`. */
  readonly template: string;
  readonly name: string;
  readonly namespace: string;
  readonly config: JsonObject;
}

export function renderConfig({ template, name, namespace, config }: ConfigInput): Evaluated<ConfigRendering> {
  const program = compileTemplate(template, "config-template");
  const [problem] = program.diagnostics;
  if (problem !== undefined) return { ok: false, message: `the config template is not valid: ${formatDiagnostic(problem)}` };
  const value = instantiate(program, [
    { path: ["context"], data: { name, namespace } },
    { path: ["template", "parameter"], data: config },
  ]);
  const parameter = value.lookup("template.parameter").validate({ concrete: true })[0];
  if (parameter !== undefined) return { ok: false, message: `failed to validate config: ${formatDiagnostic(parameter)}` };
  const validation = objectAt(value, "template.validation.$returns");
  if (validation.ok && typeof validation.value["message"] === "string" && validation.value["message"] !== "")
    return { ok: false, message: `failed to validate config: ${validation.value["message"]}` };
  const output = objectAt(value, "template.output");
  if (!output.ok) return output;
  const outputs = objectAt(value, "template.outputs");
  if (!outputs.ok) return outputs;
  const metadata = objectAt(value, "metadata");
  return {
    ok: true,
    value: {
      ...(value.lookup("template.output").exists() ? { output: output.value } : {}),
      outputs: Object.values(outputs.value).filter((each): each is JsonObject => isJsonObject(each)),
      metadata: metadata.ok ? metadata.value : {},
    },
  };
}

/** Empty where nothing is. */
function objectAt(value: Value, path: string): Evaluated<JsonObject> {
  const found = value.lookup(path);
  if (!found.exists()) return { ok: true, value: {} };
  const json: ReturnType<Value["toJson"]> = found.toJson();
  if (!json.ok) return { ok: false, message: `failed to render config: ${json.errors.map(formatDiagnostic).join("; ")}` };
  const data: JsonValue = json.value;
  return { ok: true, value: isJsonObject(data) ? data : {} };
}
