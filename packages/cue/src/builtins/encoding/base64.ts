/** Package encoding/base64. Only the standard encoding is supported, which `null` names. */
import { decodeBase64, encodeBase64 } from "../../encoding/base64.ts";
import type { BuiltinPackage, Handle } from "../contract.ts";
import { CallFailure, kind } from "../contract.ts";
import { bytesOf, define, kindName } from "../signature.ts";

function requireStandard(encoding: Handle): void {
  if (encoding.kinds() === kind.null) return;
  const used = `cannot use value ${encoding.text()} (type ${kindName(encoding)}) as null`;
  throw new CallFailure(`base64: unsupported encoding: ${used}`);
}

export const base64Package: BuiltinPackage = {
  path: "encoding/base64",
  functions: [
    define("EncodedLen", ["value", "int"], "int", (call) => {
      requireStandard(call.value(0));
      return BigInt(Math.floor((call.integer(1) + 2) / 3) * 4);
    }),
    define("DecodedLen", ["value", "int"], "int", (call) => {
      requireStandard(call.value(0));
      return BigInt(Math.floor(call.integer(1) / 4) * 3);
    }),
    define("Encode", ["value", "bytes"], "string", (call) => {
      requireStandard(call.value(0));
      return encodeBase64(call.bytes(1));
    }),
    define("Decode", ["value", "string"], "bytes", (call) => {
      requireStandard(call.value(0));
      const decoded = decodeBase64(bytesOf(call.string(1)));
      if ("bytes" in decoded) return decoded.bytes;
      throw new CallFailure(`illegal base64 data at input byte ${decoded.badAt}`);
    }),
  ],
};
