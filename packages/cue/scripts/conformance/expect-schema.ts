/** `openapi` and `jsonschema`: what is generated from a value. */
import type { JsonValue } from "@slipway/std";
import type { Value } from "@slipway/cue";
import { sameJson } from "./expect-json.ts";
import { moduleAt } from "./landing.ts";
import type { Vector, Verdict } from "./vectors.ts";
import { failed, passed, short, unsupported } from "./vectors.ts";

type Generated =
  { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly errors: readonly { readonly message: string }[] };
interface Options {
  readonly expandReferences?: boolean;
  readonly version?: string;
  readonly nameOf?: (path: readonly string[]) => string;
  readonly describe?: () => string;
  readonly omits?: (constraint: string) => boolean;
  readonly allSchemas?: boolean;
}
type Generate = (value: Value, options: Options) => Generated;

const openapi = await moduleAt<{ readonly generateOpenApi: Generate }>("openapi/index.ts");
const documents = await moduleAt<{ readonly generateOpenApiDocument: Generate }>("openapi/document.ts");
const jsonSchema = await moduleAt<{ readonly generateJsonSchema: Generate }>("jsonschema/index.ts");

export function judgeSchema(value: Value, vector: Vector): Verdict {
  const tags = vector.options ?? [];
  const openApi = tags.includes("#v2") ? documents?.generateOpenApiDocument : openapi?.generateOpenApi;
  const generate = vector.kind === "openapi" ? openApi : jsonSchema?.generateJsonSchema;
  if (generate === undefined) return unsupported(`${vector.kind} is not generated yet`);
  const got = generate(value, optionsOf(tags));
  if (!got.ok) return failed(`want ${short(vector.expect.json)}; got error ${short(got.errors[0]?.message ?? "")}`);
  return sameJson(got.value, vector.expect.json ?? null)
    ? passed
    : failed(`want ${short(vector.expect.json, 900)}; got ${short(got.value, 900)}`);
}

/** The tags name options, and functions of the reference's tests. */
function optionsOf(tags: readonly string[]): Options {
  const tagged = (name: string): string | undefined =>
    tags
      .find((tag) => tag.startsWith(`#${name}:`))
      ?.slice(name.length + 2)
      .trim();
  const version = tagged("Version");
  const filter = tagged("FieldFilter");
  return {
    ...(tags.includes("#ExpandReferences") ? { expandReferences: true } : {}),
    ...(tags.includes("#AllSchemas") ? { allSchemas: true } : {}),
    ...(version === undefined ? {} : { version }),
    ...(tagged("NameFunc") === "toUpper" || tagged("NamesFunc") === "toUpper"
      ? { nameOf: (path: readonly string[]) => path.join("_").toUpperCase() }
      : {}),
    ...(tagged("DescriptionFunc") === "randomish" ? { describe: () => "Randomly picked description from a set of size one." } : {}),
    ...(filter === undefined ? {} : { omits: (constraint: string) => new RegExp(filter).test(constraint) }),
  };
}
