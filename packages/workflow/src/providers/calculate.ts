/** Functions that only calculate (contract §3.8): the engine answers them itself. */
import type { Value } from "@slipway/cue";
import { compile } from "@slipway/cue";
import type { JsonObject, JsonValue } from "@slipway/std";
import { formatTimestamp } from "@slipway/std";
import type { Evaluated } from "../model/step-run.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { mergeByStrategy, patchMarks } from "./strategy-merge.ts";

/** `params` as data and, for comments, as the template has them. */
type Calculation = (params: JsonObject, source: Value) => Evaluated<JsonValue>;

const rfc3339 = "2006-01-02T15:04:05Z07:00";

const calculations: Readonly<Record<string, Calculation>> = {
  "time.timestamp": ({ date, layout }) => {
    if (typeof date !== "string" || date === "") return failed("empty date to convert");
    const parsed = callTime(`time.Parse(${layoutText(layout)}, ${JSON.stringify(date)})`);
    return parsed.ok ? { ok: true, value: { timestamp: Math.floor(Date.parse(parsed.value) / 1000) } } : parsed;
  },
  "time.date": ({ timestamp, layout }) => {
    const formatted = callTime(`time.FormatString(${layoutText(layout)}, ${JSON.stringify(formatTimestamp(Number(timestamp) * 1000))})`);
    return formatted.ok ? { ok: true, value: { date: formatted.value } } : formatted;
  },
  // Bytes are base64 in JSON.
  "util.string": ({ bt }) => ({ ok: true, value: { str: decodeBase64(String(bt)) ?? "" } }),
  "util.patch-k8s-object": ({ value, patch }, source) => {
    const merged = mergeByStrategy(value ?? {}, patch ?? {}, patchMarks(source.lookup(["patch"])));
    return { ok: true, value: merged.ok ? { result: merged.value } : { err: merged.message } };
  },
  "base64.encode": (params) => ({ ok: true, value: encodeBase64(text(params)) }),
  "base64.decode": (params) => {
    const decoded = decodeBase64(text(params));
    return decoded === undefined ? failed("illegal base64 data") : { ok: true, value: decoded };
  },
  "cue.strategy-unify": ({ value, patch }, source) => mergeByStrategy(value ?? {}, patch ?? {}, patchMarks(source.lookup(["patch"]))),
};

/** The result of a function that only calculates; `undefined` for any other. */
export function calculate(name: string, params: JsonObject, source: Value): Evaluated<JsonValue> | undefined {
  return Object.hasOwn(calculations, name) ? calculations[name]?.(params, source) : undefined;
}

function failed(message: string): Evaluated<never> {
  return { ok: false, message };
}

/** Where the parameter is no struct, it comes as the field `""`. */
function text(params: JsonObject): string {
  return String(params[""] ?? "");
}

function layoutText(layout: JsonValue | undefined): string {
  return JSON.stringify(typeof layout === "string" && layout !== "" ? layout : rfc3339);
}

/** Layouts are Go's, which CUE's own package `time` knows. */
function callTime(expression: string): Evaluated<string> {
  const value = compile([{ filename: "time", text: `import "time"\nout: ${expression}` }])
    .instance()
    .lookup(["out"])
    .toJson();
  if (value.ok) return { ok: true, value: String(value.value) };
  return failed(value.errors.map((error) => error.message).join("; "));
}
