/**
 * The conformance vectors that are kept beside the checkout, counted per category against a committed minimum. The
 * counts may only rise: `UPDATE=1` writes them after an improvement. Per assertion, tier 1, values (`json`), kinds and
 * errors (that there is one; its text and position are not judged yet).
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonValue } from "@slipway/std";
import { deepEqual } from "@slipway/std";
import { describe, expect, it } from "vitest";
import { compile } from "./index.ts";

interface Vector {
  readonly tier: number;
  readonly cmd?: string;
  readonly src?: string;
  readonly slice?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly expect?: { readonly json?: JsonValue; readonly error?: object; readonly kind?: string };
}

interface Category {
  readonly sources: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly vectors: readonly Vector[];
}

interface Count {
  pass: number;
  of: number;
}

const root = join(import.meta.dirname, "../../..");
const folder = join(root, "../shared/conformance/cue");
const ratchet = join(root, "packages/cue/testdata/conformance.json");
/** What the evaluator does not do at all yet. */
const left = /^(jsonschema|openapi|debug-golden|script-|fmt|flow|subsume|field-order|export-syntax|errors-report)/;

describe("conformance", () => {
  it.skipIf(!existsSync(folder))("passes at least as many vectors as before (needs ../shared)", { timeout: 120_000 }, () => {
    const counts: Record<string, Count> = {};
    for (const file of readdirSync(folder)
      .filter((name) => name.endsWith(".json") && !left.test(name))
      .sort()) {
      const category = JSON.parse(readFileSync(join(folder, file), "utf8")) as Category;
      const count: Count = { pass: 0, of: 0 };
      for (const vector of category.vectors) {
        if (vector.tier !== 1 || vector.cmd !== undefined || vector.expect === undefined) continue;
        if (!("json" in vector.expect || "error" in vector.expect || "kind" in vector.expect)) continue;
        count.of++;
        if (passes(category, vector, vector.expect)) count.pass++;
      }
      counts[file.slice(0, -".json".length)] = count;
    }
    if (process.env["UPDATE"] !== undefined) writeFileSync(ratchet, `${JSON.stringify(counts, undefined, 2)}\n`);
    const minimum = JSON.parse(readFileSync(ratchet, "utf8")) as Record<string, Count>;
    for (const [name, { pass }] of Object.entries(minimum)) expect(counts[name]?.pass ?? 0, name).toBeGreaterThanOrEqual(pass);
  });
});

function passes(category: Category, vector: Vector, wanted: NonNullable<Vector["expect"]>): boolean {
  const files = vector.files ?? category.sources[vector.slice ?? vector.src ?? ""] ?? {};
  const [text = ""] = Object.values(files);
  // A small budget: a vector that needs more counts as failed, and the run stays short.
  const program = compile([{ filename: "in.cue", text }], { budget: { steps: 50_000, depth: 100 } });
  const value = vector.path === undefined ? program.instance() : program.instance().lookup(vector.path);
  if (wanted.json !== undefined) {
    const json = value.toJson();
    return json.ok && deepEqual(json.value, plain(wanted.json));
  }
  if (wanted.error !== undefined) return value.error() !== undefined || value.validate().length > 0 || !value.toJson().ok;
  return value.kind() === wanted.kind || value.incompleteKind() === wanted.kind;
}

/** Numbers that a double cannot hold are written apart in the vectors. */
function plain(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (typeof value["$num"] === "string") {
    const number = Number(value["$num"]);
    return Number.isSafeInteger(number) || !/^-?\d+$/.test(value["$num"]) ? number : value["$num"];
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
