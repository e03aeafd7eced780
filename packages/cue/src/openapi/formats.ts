/** Formats of OpenAPI for types of CUE that have one (upstream `encoding/openapi`: cueToOpenAPI). */
import { builtinName, formatValue } from "../engine/format.ts";
import type { Vertex } from "../engine/vertex.ts";

const formats: Readonly<Record<string, string>> = {
  int32: "int32",
  int64: "int64",
  float32: "float",
  float64: "double",
  bytes: "binary",
  "time.Time": "date-time",
  'time.Format("2006-01-02")': "date",
  'time.Format("2006-01-02T15:04:05.999999999Z07:00")': "date-time",
};

/** The format; undefined for values that have none. */
export function formatOf(vertex: Vertex): string | undefined {
  const { base } = vertex.derefValue();
  switch (base?.type) {
    case "conjunction":
    case "basicType":
      return formats[formatValue(base)];
    case "builtin":
      return formats[builtinName(base)];
    case "validator":
      return (
        formats[builtinName(base.builtin)] ??
        formats[`${builtinName(base.builtin)}(${base.args.map((arg) => formatValue(arg)).join(", ")})`]
      );
    default:
      return undefined;
  }
}
