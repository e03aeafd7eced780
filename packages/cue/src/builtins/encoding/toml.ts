/** Package encoding/toml. */
import { decodeToml, TomlError } from "../../encoding/toml-decode.ts";
import { encodeToml, TomlEncodeError } from "../../encoding/toml-encode.ts";
import type { BuiltinPackage } from "../contract.ts";
import { CallFailure } from "../contract.ts";
import { define, textOf } from "../signature.ts";

function failing<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof TomlError || error instanceof TomlEncodeError) throw new CallFailure(error.message);
    throw error;
  }
}

export const tomlPackage: BuiltinPackage = {
  path: "encoding/toml",
  functions: [
    define("Marshal", ["value"], "string", (call) => {
      const data = call.value(0).data();
      return failing(() => encodeToml(data));
    }),
    define("Unmarshal", ["bytes"], "value", (call) => failing(() => decodeToml(textOf(call.bytes(0))))),
  ],
};
