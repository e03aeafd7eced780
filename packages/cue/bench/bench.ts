/**
 * Speed and size, beside the WebAssembly build of the Go implementation (npm's cue-wasm, CUE v0.4.3):
 *
 *   npm run bench -w packages/cue [-- --milliseconds 400] [--no-wasm]
 *
 * Milliseconds; p50 unless said otherwise. The other implementation has no separate compile step, so each of its times is
 * for text to JSON, to be held against `compile + evaluate`; `evaluate + fill` is what serving a stored template costs.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compile } from "../src/index.ts";
import { bundleSize } from "./bundle-size.ts";
import { largePrograms } from "./large.ts";
import { heldBy, measure, timesOf } from "./measure.ts";
import type { Template } from "./templates.ts";
import { compileTemplate, compileWithData, fillTemplate, readPaths, readTemplates, wholeProgram } from "./templates.ts";
import { CueWasm } from "../src/testing/cue-wasm.ts";

const { values: flags } = parseArgs({
  options: { milliseconds: { type: "string", default: "400" }, "no-wasm": { type: "boolean", default: false } },
});
const milliseconds = Number(flags.milliseconds);
const wasm = flags["no-wasm"] ? undefined : new CueWasm();
const sizes = [1, 2, 4, 8];
const goals: string[] = [];
/** What gave an error rather than a result: its times say nothing. */
const refused: string[] = [];

await benchStart();
await benchTemplates();
await benchLarge();
await benchSize();
wasm?.stop();
goal("every program gives a result", refused.length === 0, refused.length === 0 ? "all" : `not ${refused.join(", ")}`);
print("\nGoals");
for (const goal of goals) print(`  ${goal}`);

async function benchStart(): Promise<void> {
  const ours = JSON.parse(execFileSync(process.execPath, [join(import.meta.dirname, "start-child.ts")], { encoding: "utf8" })) as {
    imported: number;
    first: number;
  };
  await wasm?.start();
  // V8 compiles WebAssembly twice: the second, faster code comes after a while.
  for (const template of readTemplates()) await wasm?.ask(wholeProgram(template), milliseconds);
  print("Start");
  print(
    `  import ${ms(ours.imported)} (types stripped by Node on the way), first program ${ms(ours.first)}; WASM import and init ${ms(wasm?.started)}`,
  );
}

async function benchTemplates(): Promise<void> {
  print("\nTemplates");
  row(["", "lines", "compile", "evaluate", "+ fill", "+ fill p90", "compile+eval", "WASM", "× cold", "× warm", ""]);
  const all: { compile: number; fill: number; cold: number; warm: number }[] = [];
  for (const template of readTemplates()) all.push(await benchTemplate(template));
  const worst = (of: (each: (typeof all)[number]) => number): number => Math.max(...all.map(of));
  goal("compile ≤ 5 ms", worst((each) => each.compile) <= 5, `worst ${ms(worst((each) => each.compile))}`);
  goal("evaluate + fill ≤ 0.5 ms", worst((each) => each.fill) <= 0.5, `worst ${ms(worst((each) => each.fill))}`);
  if (wasm === undefined) return;
  goal(
    "10 × faster, warm",
    all.every((each) => each.warm >= 10),
    `least ${Math.min(...all.map((each) => each.warm)).toFixed(0)} ×`,
  );
  goal(
    "10 × faster, text to JSON",
    all.every((each) => each.cold >= 10),
    `least ${Math.min(...all.map((each) => each.cold)).toFixed(0)} ×`,
  );
}

async function benchTemplate(template: Template): Promise<{ compile: number; fill: number; cold: number; warm: number }> {
  const compiled = measure(milliseconds, () => compileTemplate(template));
  const withData = compileWithData(template);
  const evaluated = measure(milliseconds, () => readPaths(template, withData.instance()));
  const program = compileTemplate(template);
  const filled = measure(milliseconds, () => readPaths(template, fillTemplate(template, program)));
  const whole = wholeProgram(template);
  const cold = measure(milliseconds, () => compile(whole).instance().toJson());
  const answer = await wasm?.ask(whole, milliseconds);
  const other = answer === undefined ? Number.NaN : timesOf(answer.samples).p50;
  const failed = readPaths(template, fillTemplate(template, program)).find((text) => text.startsWith("error"));
  if (failed !== undefined) refused.push(template.name);
  row([
    template.name,
    String(template.text.split("\n").length - 1),
    ms(compiled.p50),
    ms(evaluated.p50),
    ms(filled.p50),
    ms(filled.p90),
    ms(cold.p50),
    ms(other),
    ratio(other / cold.p50),
    ratio(other / filled.p50),
    [failed === undefined ? "" : `ours: ${failed}`, answer?.error === undefined ? "" : `WASM: ${answer.error}`].join(" ").slice(0, 120),
  ]);
  return { compile: compiled.p50, fill: filled.p50, cold: other / cold.p50, warm: other / filled.p50 };
}

async function benchLarge(): Promise<void> {
  print("\nLarge programs, text to JSON (compile / evaluate), and MiB held by program and instance");
  row(["", ...sizes.map((size) => `${size} ×`), "growth 4→8", "held 8 ×", "WASM 1 ×", "WASM 8 ×", "× at 8"]);
  for (const large of largePrograms) {
    const totals: number[] = [];
    const cells: string[] = [];
    let problem = "";
    for (const size of sizes) {
      const text = large.text(size);
      const compiled = measure(milliseconds / 2, () => compile(text));
      const program = compile(text);
      const evaluated = measure(milliseconds / 2, () => program.instance().toJson());
      const json = program.instance().toJson();
      if (!json.ok) problem = json.errors[0]?.message ?? "";
      totals.push(compiled.p50 + evaluated.p50);
      cells.push(`${compiled.p50.toFixed(1)} / ${evaluated.p50.toFixed(1)}`);
    }
    const held = heldBy(() => {
      const program = compile(large.text(8));
      const value = program.instance();
      value.toJson();
      return [program, value];
    });
    const first = await wasm?.ask(large.text(1), 0);
    const last = await wasm?.ask(large.text(8), 0);
    const growth = (totals[3] ?? 0) / (totals[2] ?? 1);
    const theirs = last?.samples[0];
    const died = wasm === undefined ? "" : "no answer";
    row([
      `${large.name} (${large.unit})`,
      ...cells,
      `${growth.toFixed(1)} ×`,
      `${held.toFixed(0)}`,
      first === undefined ? died : ms(first.samples[0]),
      theirs === undefined ? died : ms(theirs),
      theirs === undefined ? "" : ratio(theirs / (totals[3] ?? 1)),
      problem === "" ? "" : `ours: ${problem}`.slice(0, 80),
    ]);
    if (problem !== "") refused.push(large.name);
    goal(`growth of ${large.name} near linear (≤ 2.6 × from 4 to 8)`, growth <= 2.6, `${growth.toFixed(1)} ×`);
  }
}

async function benchSize(): Promise<void> {
  const { core, all } = await bundleSize();
  print("\nSize of the bundle (esbuild, minified)");
  print(
    `  without second-tier packages ${kib(core.minified)}, gzipped ${kib(core.gzipped)}; all ${kib(all.minified)}, gzipped ${kib(all.gzipped)}`,
  );
  print(
    `  ${core.parts
      .slice(0, 12)
      .map(([name, bytes]) => `${name} ${kib(bytes)}`)
      .join(", ")}`,
  );
  goal("≤ 150 KiB gzipped", core.gzipped <= 150 * 1024, kib(core.gzipped));
}

function goal(text: string, met: boolean, measured: string): void {
  goals.push(`${met ? "met   " : "MISSED"} ${text}: ${measured}`);
}

function ms(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? "–" : value < 10 ? value.toFixed(2) : value.toFixed(0);
}

function ratio(value: number): string {
  return Number.isNaN(value) ? "–" : `${value.toFixed(value < 10 ? 1 : 0)} ×`;
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}

function row(cells: readonly string[]): void {
  print(`  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(38) : cell.padStart(13))).join(" ")}`.trimEnd());
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
