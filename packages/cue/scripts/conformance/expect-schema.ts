/** `openapi` and `jsonschema`: what is generated from a value. */
import type { JsonValue } from "@slipway/std";
import type { Value } from "@slipway/cue";
import { sameJson } from "./expect-json.ts";
import { moduleAt } from "./landing.ts";
import type { Vector, Verdict } from "./vectors.ts";
import { failed, passed, short, unsupported } from "./vectors.ts";

type Generated =
  { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly errors: readonly { readonly message: string }[] };
type Generate = (value: Value, options: { readonly tags: readonly string[] }) => Generated;

const openapi = await moduleAt<{ readonly generateOpenApi: Generate }>("openapi/index.ts");
const jsonSchema = await moduleAt<{ readonly generateJsonSchema: Generate }>("jsonschema/index.ts");

export function judgeSchema(value: Value, vector: Vector): Verdict {
  const generate = vector.kind === "openapi" ? openapi?.generateOpenApi : jsonSchema?.generateJsonSchema;
  if (generate === undefined) return unsupported(`${vector.kind} is not generated yet`);
  const got = generate(value, { tags: vector.options ?? [] });
  if (!got.ok) return failed(`want ${short(vector.expect.json)}; got error ${short(got.errors[0]?.message ?? "")}`);
  return sameJson(got.value, vector.expect.json ?? null)
    ? passed
    : failed(`want ${short(vector.expect.json, 300)}; got ${short(got.value, 300)}`);
}
