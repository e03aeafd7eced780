import { describe, expect, it } from "vitest";
import type { JsonValue } from "@slipway/std";
import type { FlowOptions, FlowTask, TaskTest } from "../index.ts";
import { compile, Flow, flowGraph, formatPath, toolPackages } from "../index.ts";

const isTask: TaskTest = (value) => {
  const run = value.lookup("$run");
  if (!run.exists()) return false;
  return run.kind() === "string" ? true : { error: "$run must be a string" };
};

function flowOf(text: string, options: FlowOptions = {}): Flow {
  return new Flow(compile(text).instance(), isTask, options);
}
function names(tasks: readonly FlowTask[]): string[] {
  return tasks.map(({ path }) => formatPath(path));
}
/** Runs all tasks, those that can start together in the order in which they were found. */
function runAll(flow: Flow, perform: (task: FlowTask) => JsonValue | undefined): string[][] {
  const rounds: string[][] = [];
  for (let started = flow.start(); started.length > 0; started = flow.start()) {
    rounds.push(names(started));
    for (const task of started) flow.finish(task, perform(task));
  }
  return rounds;
}

describe("flow", () => {
  it("starts tasks once those that they refer to have ended", () => {
    const flow = flowOf(`
a: {$run: "x", out?: string}
b: {$run: "x", in: a.out}
c: {$run: "x", in: "\\(b.result)-\\(other)"}
other: a.out
d: $run: "x"`);
    expect(flow.tasks.map((task) => [formatPath(task.path), names(task.dependencies)])).toEqual([
      ["a", []],
      ["b", ["a"]],
      ["c", ["b", "a"]],
      ["d", []],
    ]);
    expect(runAll(flow, (task) => (task.index === 0 ? { out: "o" } : task.index === 1 ? { result: "r" } : undefined))).toEqual([
      ["a", "d"],
      ["b"],
      ["c"],
    ]);
    expect(flow.errors).toEqual([]);
    expect(flow.value.lookup("c.in").toJson()).toEqual({ ok: true, value: "r-o" });
  });

  it("finds tasks that others bring about", () => {
    const flow = flowOf(`
list: {$run: "x", items: [...string]}
each: {for i, item in list.items {"\\(item)": {$run: "x", name: item}}}
last: {$run: "x", after: [for e in each {e}]}`);
    expect(names(flow.tasks)).toEqual(["list", "last"]);
    const rounds = runAll(flow, (task) => (task.index === 0 ? { items: ["p", "q"] } : undefined));
    expect(rounds).toEqual([["list"], ["each.p", "each.q"], ["last"]]);
  });

  it("looks for tasks below its root, in lists, and in hidden fields on demand", () => {
    const text = `#D: $run: "x"\n_h: $run: "x"\nsteps: [{$run: "x"}, {$run: "x", after: steps[0]}]\n"a b": {nested: $run: "x"}`;
    expect(names(flowOf(text).tasks)).toEqual(["steps[0]", "steps[1]", `"a b".nested`]);
    expect(names(flowOf(text, { hiddenTasks: true }).tasks).sort()).toEqual([`"a b".nested`, "_h", "steps[0]", "steps[1]"]);
    const below = flowOf(text, { root: "steps" });
    expect(names(below.tasks)).toEqual(["steps[0]", "steps[1]"]);
    expect(names(below.tasks[1]?.dependencies ?? [])).toEqual(["steps[0]"]);
    expect(flowOf(text, { root: "missing" }).errors.map((error) => error.message)).toEqual(["field not found: missing"]);
  });

  it("takes structs outside of its root for tasks where that is asked for", () => {
    const text = `template: $run: "x"\nfirst: {$run: "x", out?: string}\nbad: {$run: 1, out: 1}\nroot: {t: template & {in: first.out, b: bad.out}}`;
    expect(names(flowOf(text, { root: "root" }).tasks)).toEqual(["root.t"]);
    const inferred = flowOf(text, { root: "root", inferTasks: true });
    expect(names(inferred.tasks)).toEqual(["root.t", "first"]);
    expect(inferred.errors).toEqual([]);
  });

  it("does not wait for what is concrete, on demand", () => {
    const text = `a: {$run: "x", name: "n"}\nb: {$run: "x", in: a.name}`;
    expect(names(flowOf(text).tasks[1]?.dependencies ?? [])).toEqual(["a"]);
    expect(names(flowOf(text, { ignoreConcrete: true }).start())).toEqual(["a", "b"]);
  });

  it("tells tasks that wait for each other, and starts none", () => {
    const flow = flowOf(`z: {$run: "x", in: a.out}\na: {$run: "x", in: c.out}\nb: {$run: "x", in: a.out}\nc: {$run: "x", in: b.out}`);
    const [error, ...others] = flow.errors;
    expect(others).toEqual([]);
    expect(error?.code).toBe("CUE_TASK_CYCLE");
    expect(error?.message).toBe("cyclic task dependency:\n\ttask a refers to\n\ttask c refers to\n\ttask b refers to\n\ttask a");
    expect(error?.at.map(({ line, column }) => [line, column])).toEqual([
      [2, 1],
      [3, 1],
      [4, 1],
    ]);
    expect(flow.start()).toEqual([]);
  });

  it("ends with a task that fails or is malformed, and with a result that does not fit", () => {
    const failing = flowOf(`a: $run: "x"\nb: {$run: "x", in: a.out}`);
    const [task] = failing.start();
    if (task !== undefined) failing.fail(task, "no disk");
    expect(failing.errors.map((error) => [error.message, error.path])).toEqual([["task failed: no disk", ["a"]]]);
    expect(failing.start()).toEqual([]);
    expect(flowOf("a: $run: 1").errors.map((error) => error.message)).toEqual(["$run must be a string"]);
    const unfit = flowOf(`a: {$run: "x", out: int}`);
    const [running] = unfit.start();
    if (running !== undefined) unfit.finish(running, { out: "text" });
    expect(unfit.errors.length).toBeGreaterThan(0);
  });

  it("heeds only what is running", () => {
    const flow = flowOf(`a: $run: "x"\nb: {$run: "x", in: a.out}`);
    const [a, b] = flow.tasks;
    if (a === undefined || b === undefined) throw new Error("two tasks");
    flow.finish(b, { out: 1 });
    expect([a.state, b.state]).toEqual(["ready", "waiting"]);
    flow.start();
    flow.finish(a, { out: 2 });
    flow.finish(a, { out: 3 });
    expect(flow.errors).toEqual([]);
    expect(a.value.lookup("out").toJson()).toEqual({ ok: true, value: 2 });
    expect([a.state, b.state]).toEqual(["terminated", "ready"]);
  });

  it("is drawn as a graph", () => {
    const flow = flowOf(`"a b": $run: "x"\nc: {$run: "x", in: root["a b"].out}\nroot: {"a b": out: _}\nd: {$run: "x", e: c}`);
    expect(flowGraph(flow)).toBe(`graph TD\n  t0("#quot;a b#quot; [Ready]")\n  t1("c [Ready]")\n  t2("d [Waiting]")\n  t2-->t1\n`);
  });

  it("knows what the tasks of the command look like", () => {
    const text = `import ("tool/cli", "tool/file", "tool/exec", "tool/http")
print: cli.Print & {text: read.contents}
read: file.Read & {filename: "f", contents: string}
run: exec.Run & {cmd: ["ls", get.response.body], stdout: string}
get: http.Get & {url: "http://localhost"}`;
    const program = compile(text, { builtins: toolPackages });
    expect(program.diagnostics).toEqual([]);
    const flow = new Flow(program.instance(), (value) => value.lookup("$id").kind() === "string");
    expect(flow.tasks.map((task) => [formatPath(task.path), names(task.dependencies)])).toEqual([
      ["print", ["read"]],
      ["read", []],
      ["run", ["get"]],
      ["get", []],
    ]);
  });
});
