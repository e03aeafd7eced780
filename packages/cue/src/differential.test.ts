/**
 * Generated programs of the stable core, beside an independent implementation (npm's cue-wasm, CUE v0.4.3, development
 * only): the exported JSON is the same, or both refuse. `CUE_DIFFERENTIAL_SECONDS=600` runs longer.
 */
import type { JsonValue } from "@slipway/std";
import { deepEqual } from "@slipway/std";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile } from "./index.ts";
import { CueWasm } from "./testing/cue-wasm.ts";
import { Choices, generateProgram, programText } from "./testing/generate-program.ts";

const seconds = Number(process.env["CUE_DIFFERENTIAL_SECONDS"] ?? "5");
const wasm = new CueWasm();

describe("beside cue-wasm", () => {
  beforeAll(() => wasm.start());
  afterAll(() => wasm.stop());

  it("exports the same JSON, or refuses as well", { timeout: seconds * 1000 + 60_000 }, async () => {
    const property = fc.asyncProperty(fc.array(fc.nat(1000), { minLength: 5, maxLength: 120 }), async (numbers) => {
      const text = programText(generateProgram(new Choices(numbers)));
      const answer = await wasm.ask(text, 0, 5000);
      fc.pre(answer !== undefined);
      const theirs = answer?.error === undefined ? { json: answer?.json as JsonValue } : { error: answer.error };
      const ours = evaluate(text);
      if ("json" in theirs !== "json" in ours || ("json" in theirs && "json" in ours && !deepEqual(theirs.json, ours.json)))
        expect.fail(`${text}\n\nours:   ${JSON.stringify(ours)}\ntheirs: ${JSON.stringify(theirs)}`);
    });
    await fc.assert(property, { numRuns: 1_000_000, interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false });
  });
});

function evaluate(text: string): { readonly json: JsonValue } | { readonly error: string } {
  const json = compile(text, { unusedImports: "ignore" }).instance().toJson();
  return json.ok ? { json: json.value } : { error: json.errors[0]?.message ?? "" };
}
