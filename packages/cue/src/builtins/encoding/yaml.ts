/** Package encoding/yaml. */
import { decodeYaml, decodeYamlDocument, YamlError } from "../../encoding/yaml-decode.ts";
import { encodeYaml, encodeYamlStream } from "../../encoding/yaml-encode.ts";
import type { BuiltinPackage, Data, Handle } from "../contract.ts";
import { CallFailure } from "../contract.ts";
import { define, defineNonConcrete, textOf } from "../signature.ts";
import { validateData } from "./validate.ts";

function reading<T>(bytes: Uint8Array, read: (text: string) => T): T {
  try {
    return read(textOf(bytes));
  } catch (error) {
    if (error instanceof YamlError) throw new CallFailure(error.message);
    throw error;
  }
}

/** Tells all that is wrong, not the first error alone. */
function concrete(value: Handle): Data {
  value.require("concrete");
  return value.data();
}

export const yamlPackage: BuiltinPackage = {
  path: "encoding/yaml",
  functions: [
    define("Marshal", ["value"], "string", (call) => encodeYaml(concrete(call.value(0)))),
    define("MarshalStream", ["value"], "string", (call) => encodeYamlStream(call.value(0).elements().map(concrete))),
    define("Unmarshal", ["bytes"], "value", (call) => reading(call.bytes(0), decodeYamlDocument)),
    define("UnmarshalStream", ["bytes"], "value", (call) => reading(call.bytes(0), decodeYaml)),
    defineNonConcrete("Validate", ["bytes", "value"], "bool", (call) =>
      validateData(reading(call.bytes(0), decodeYaml), call.schema(1), "concrete"),
    ),
    defineNonConcrete("ValidatePartial", ["bytes", "value"], "bool", (call) =>
      validateData(reading(call.bytes(0), decodeYaml), call.schema(1), "consistent"),
    ),
  ],
};
