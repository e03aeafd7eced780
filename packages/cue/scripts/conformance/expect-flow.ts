/**
 * `steps`: the tasks of a program as they run one after another, each step as a graph and the value of the task that ended. The tasks
 * do what those of the reference's tests do, by their `$id`. The vectors do not tell the options of each test: one set of them must
 * give all steps.
 */
import type { JsonValue } from "@slipway/std";
import type { File, Program, Value } from "@slipway/cue";
import type { BuiltinPackage } from "@slipway/cue";
import type { Flow, FlowOptions, FlowTask, TaskTest } from "@slipway/cue";
import { moduleAt } from "./landing.ts";
import type { Expectation, Verdict } from "./vectors.ts";
import { failed, passed, short, unsupported } from "./vectors.ts";

interface FlowModule {
  readonly Flow: new (program: Value, isTask: TaskTest, options: FlowOptions) => Flow;
  readonly flowGraph: (flow: Flow) => string;
  readonly toolPackages: readonly BuiltinPackage[];
}
interface Documents {
  readonly valueFile: (value: Value, profile: object) => File;
}

const flows = await moduleAt<FlowModule>("flow/index.ts");
const documents = await moduleAt<Documents>("print/documents.ts");
const profiles = await moduleAt<{ readonly final: object }>("print/profile.ts");
const nodes = await moduleAt<{ readonly struct: (decls: File["decls"]) => unknown }>("print/nodes.ts");
const format = await moduleAt<{ readonly formatExpression: (expr: unknown) => string }>("format/format.ts");

/** What the programs of these vectors import besides the packages that all have. */
export const flowPackages: readonly BuiltinPackage[] = flows?.toolPackages ?? [];

type Steps = Record<string, string>;

export function judgeFlow(program: Program, { steps }: Expectation): Verdict {
  if (flows?.Flow === undefined || steps === undefined) return unsupported("no flows yet");
  let first: string | undefined;
  for (let set = 0; set < 8; set++) {
    const options = { root: "root", inferTasks: (set & 1) !== 0, ignoreConcrete: (set & 2) !== 0, hiddenTasks: (set & 4) !== 0 };
    const difference = firstDifference(steps, run(program, options));
    if (difference === undefined) return passed;
    first ??= difference;
  }
  return failed(first ?? "no steps");
}

function firstDifference(expected: Readonly<Steps>, got: Readonly<Steps>): string | undefined {
  for (const step of new Set([...Object.keys(expected), ...Object.keys(got)])) {
    const [want = "nothing", have = "nothing"] = [expected[step], got[step]];
    if (want.trim() !== have.trim()) return `${step}: want ${short(want, 300)}; got ${short(have, 300)}`;
  }
  return undefined;
}

function isTask(value: Value): ReturnType<TaskTest> {
  const id = value.lookup("$id");
  if (!id.exists()) return false;
  return id.kind() === "string" ? true : { error: id.error()?.message ?? "no string" };
}

function textOf(value: Value, field: string): JsonValue | undefined {
  const json = value.lookup(field).toJson();
  return json.ok ? json.value : undefined;
}

/** What a task fills in; an error where it fails; undefined where it has to wait for its turn. */
function perform({ value }: FlowTask, step: number): { readonly result?: JsonValue; readonly error?: string } | undefined {
  const val = textOf(value, "val");
  const out = typeof val === "string" ? { result: { out: val } } : {};
  switch (textOf(value, "$id")) {
    case "valToOut":
      return out;
    case "failure":
      return { error: "failure" };
    case "abort":
      return { error: "abort dependant tasks without failure" };
    case "list":
      return { result: { out: [1, 2] } };
    case "slow":
      return { result: { out: "finished" } };
    case "sequenced":
      return textOf(value, "seq") === step ? out : undefined;
    default:
      return { result: { stdout: "foo" } };
  }
}

function run(program: Program, options: FlowOptions): Steps {
  const steps: Steps = {};
  if (flows?.Flow === undefined || flows.flowGraph === undefined) return steps;
  const flow = new flows.Flow(program.instance(), isTask, options);
  let step = 0;
  steps.t0 = flows.flowGraph(flow);
  step++;
  const running: FlowTask[] = [];
  for (;;) {
    running.push(...flow.start());
    const ended = running.findIndex((task) => perform(task, step) !== undefined);
    const [task] = ended < 0 ? [] : running.splice(ended, 1);
    if (task === undefined || flow.errors.length > 0) break;
    const { result, error } = perform(task, step) ?? {};
    if (error === undefined) flow.finish(task, result);
    else flow.fail(task, error);
    if (error !== undefined) break;
    steps[`t${step}`] = flows.flowGraph(flow);
    steps[`t${step}/value`] = finalText(task.value);
    step++;
  }
  const [problem] = flow.errors;
  const message = problem === undefined ? "" : `error: ${problem.message}`;
  const places = problem?.code === "CUE_TASK_CYCLE" ? problem.at.map((at) => `    ./testdata/${at.file}:${at.line}:${at.column}`) : [];
  steps.errors = [places.length > 0 ? `${message}:` : message, ...places].join("\n");
  return steps;
}

/** A struct of the value with its defaults, that stands on its own. */
function finalText(value: Value): string {
  const profile = profiles?.final;
  const file = profile === undefined ? undefined : documents?.valueFile?.(value, { ...profile, final: false });
  return file === undefined ? "" : (format?.formatExpression?.(nodes?.struct?.(file.decls)) ?? "");
}
