import type { JsonValue } from "@slipway/std";
import { parse, stringify } from "yaml";
import type { Plain } from "../evaluate/call.ts";
import { base64 } from "../evaluate/export.ts";
import { text } from "./arguments.ts";
import type { BuiltinPackage } from "./packages.ts";

/** A text as one character a UTF-8 byte, and back. */
function toBytes(value: string): string {
  return String.fromCharCode(...new TextEncoder().encode(value));
}
function fromBytes(bytes: string): string {
  return new TextDecoder().decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));
}

function rawBytes(value: Plain | undefined): string {
  return typeof value === "string" ? toBytes(value) : text(value);
}

function decodeBase64(value: string): string {
  const compact = value.replaceAll(/[\r\n]/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.length % 4 !== 0) throw new Error("illegal base64 data");
  return atob(compact);
}

function unwrap(value: Plain | undefined): JsonValue {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "object" && value !== null && "float" in value && typeof value["float"] === "number") return value["float"];
  return (value ?? null) as JsonValue;
}

export const encodingPackages: Readonly<Record<string, BuiltinPackage>> = {
  "encoding/json": {
    functions: {
      Marshal: { arity: 1, call: ([a]) => JSON.stringify(unwrap(a)) },
      Unmarshal: { arity: 1, call: ([a]) => JSON.parse(bytesToText(a)) as JsonValue },
      Indent: {
        arity: 3,
        call: ([a, b, c]) => JSON.stringify(JSON.parse(bytesToText(a)), undefined, text(c)).replaceAll("\n", `\n${text(b)}`),
      },
      Valid: { arity: 1, validator: true, call: ([a]) => (JSON.parse(bytesToText(a)), true) },
    },
    constants: {},
  },
  "encoding/yaml": {
    functions: {
      Marshal: { arity: 1, call: ([a]) => stringify(unwrap(a), { lineWidth: 0 }) },
      Unmarshal: { arity: 1, call: ([a]) => (parse(bytesToText(a)) ?? null) as JsonValue },
    },
    constants: {},
  },
  "encoding/base64": {
    functions: {
      Encode: { arity: 2, call: ([, value]) => base64(rawBytes(value)) },
      Decode: { arity: 2, call: ([, value]) => ({ bytes: decodeBase64(text(value)) }) },
    },
    constants: {},
  },
  "encoding/hex": {
    functions: {
      Encode: {
        arity: 1,
        call: ([value]) => [...rawBytes(value)].map((char) => char.charCodeAt(0).toString(16).padStart(2, "0")).join(""),
      },
      Decode: {
        arity: 1,
        call: ([value]) => ({
          bytes: (text(value).match(/../g) ?? []).map((pair) => String.fromCharCode(Number.parseInt(pair, 16))).join(""),
        }),
      },
    },
    constants: {},
  },
};

function bytesToText(value: Plain | undefined): string {
  return typeof value === "string" ? value : fromBytes(text(value));
}
