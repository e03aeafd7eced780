import type { JsonObject, JsonValue } from "@slipway/std";
import { describe, expect, it } from "vitest";
import type { ActionResult, StepInvocation, StepRun } from "../model/step-run.ts";
import { createStepLanguage } from "./cue-language.ts";
import { shippedDefinitions } from "./packages.ts";

const language = createStepLanguage();

interface Given {
  readonly parameter?: JsonObject;
  /** Results of actions, by path. */
  readonly results?: Readonly<Record<string, JsonValue | Error>>;
  readonly keys?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, JsonValue>>;
  readonly recorded?: StepInvocation["recorded"];
}

function runTemplate(template: string, given: Given = {}): StepRun {
  return language.run({
    step: { name: "step", type: "custom" },
    id: "abcdefghij",
    template,
    context: { name: "run", namespace: "default", stepName: "step" },
    parameter: given.parameter ?? {},
    recorded: given.recorded,
    key: (name) => given.keys?.[name],
    variable: (path) => given.variables?.[path],
    result: (action): ActionResult | undefined => {
      const value = given.results?.[action.path];
      if (value === undefined) return undefined;
      return value instanceof Error ? { ok: false, message: value.message } : { ok: true, value };
    },
    nowMs: 0,
  });
}

function runShipped(type: string, given: Given): StepRun {
  return runTemplate(shippedDefinitions[type] ?? "", given);
}

describe("the walk for actions", () => {
  it("asks for one action after the other, in the order of fields, and sees what a result brings", () => {
    const template = `import "vela/kube"
first: kube.#Read & {$params: value: {kind: "A", metadata: name: "a"}}
if first.$returns.value.next != _|_ {
	third: kube.#Read & {$params: value: {kind: first.$returns.value.next}}
}
second: kube.#Read & {$params: value: {kind: "B"}}
`;
    const asked = (results: Given["results"]): unknown =>
      runTemplate(template, results === undefined ? {} : { results }).actions.map((each) => [each.path, each.params["value"]]);
    expect(asked(undefined)).toEqual([["first", { kind: "A", metadata: { name: "a" } }]]);
    const first = { value: { next: "C" } };
    expect(runTemplate(template, { results: { first, second: {} } }).actions.map((each) => each.params["value"])).toEqual([{ kind: "C" }]);
    expect(runTemplate(template, { results: { first, second: {}, third: {} } }).state).toBe("succeeded");
  });

  it("puts @step(n) first and goes into lists and hidden fields, not into definitions", () => {
    const template = `import "vela/kube"
a: kube.#Read & {$params: value: {kind: "late"}}
_b: kube.#Read & {$params: value: {kind: "first"}} @step(1)
list: [{c: kube.#Read & {$params: value: {kind: "in list"}}}]
#d: kube.#Read & {$params: value: {kind: "never"}}
`;
    const order: string[] = [];
    const results: Record<string, JsonValue> = {};
    for (let run = runTemplate(template, { results }); run.state === "acting"; run = runTemplate(template, { results })) {
      for (const action of run.actions) {
        order.push(action.path);
        results[action.path] = {};
      }
    }
    expect(order).toEqual(["_b", "a", "list.0.c"]);
  });

  it("waits for a field that is not there yet, naming it and the object", () => {
    const template = `import ("vela/kube", "vela/builtin")
apply: kube.#Apply & {$params: value: {kind: "Deployment", metadata: {name: "web", namespace: "shop"}}}
wait: builtin.#ConditionalWait & {$params: continue: apply.$returns.value.status.readyReplicas == 3}
`;
    const run = runTemplate(template, {
      results: { apply: { value: { kind: "Deployment", metadata: { name: "web", namespace: "shop" } } } },
    });
    expect(run.state).toBe("waiting");
    expect(run.waitingFor?.object).toBe("Deployment shop/web");
    expect(run.waitingFor?.condition).toContain("status");
  });

  it("fails on every visit for an error in the template, with its position", () => {
    for (const recorded of [undefined, { id: "abcdefghij", phase: "failed" }] as const) {
      const run = runTemplate("a: 1\na: 2\n", recorded === undefined ? {} : { recorded });
      expect(run.state).toBe("error");
      expect(run.message).toBe("a: conflicting values 2 and 1 (custom.cue:1:4)");
    }
  });

  it("reports a template that is no CUE, and unknown references, by place", () => {
    expect(runTemplate("a: {\n  b: ]\n}").message).toContain("custom.cue:2:6");
    const run = runTemplate("a: nowhere");
    expect([run.state, run.message]).toEqual(["error", 'invalid cue task for evaluation: reference "nowhere" not found (custom.cue:1:4)']);
  });

  it("allows an import that nothing uses, as stored definitions have it", () => {
    expect(runTemplate('import "strings"\na: 1').state).toBe("succeeded");
  });

  it("gives a failed action's text as the step's error", () => {
    const template = 'import "vela/kube"\na: kube.#Read & {$params: value: {kind: "A"}}';
    const run = runTemplate(template, { results: { a: new Error("no such kind") } });
    expect([run.state, run.message]).toEqual(["error", "no such kind"]);
    // It is not what the step says once it succeeded.
    const recorded = { id: "abcdefghij", phase: "failed", reason: "Execute", message: "no such kind" };
    const retried = runTemplate(template, { results: { a: {} }, recorded });
    expect([retried.state, retried.message]).toEqual(["succeeded", ""]);
  });
});

describe("flow control", () => {
  const flow = (action: string, given: Given = {}): StepRun => runTemplate(`import "vela/builtin"\nact: builtin.${action}`, given);

  it.each([
    ['#Fail & {$params: message: "no"}', "failed", "no"],
    ['#Break & {$params: message: "enough"}', "broken", "enough"],
    ['#Message & {$params: message: "hello"}', "succeeded", "hello"],
    ['#ConditionalWait & {$params: {continue: false, message: "later"}}', "waiting", "later"],
    ["#ConditionalWait & {$params: continue: true}", "succeeded", ""],
    ["#ConditionalWait", "waiting", ""],
  ])("%s ends as %s", (action, state, message) => {
    const run = flow(action);
    expect([run.state, run.message]).toEqual([state, message]);
  });

  it("suspends by field, and goes on when resumed", () => {
    const suspended = flow('#Suspend & {$params: duration: "90s"}');
    expect(suspended).toMatchObject({ state: "suspended", message: "Suspended by field act", resumeAtMs: 90_000 });
    expect(Object.keys(suspended.keys).sort()).toEqual(["abcdefghij.act.suspendTimeStamp", "abcdefghij.resumeTimeStamp"]);
    expect(
      flow('#Suspend & {$params: duration: "90s"}', { keys: suspended.keys, recorded: { id: "abcdefghij", phase: "running" } }).state,
    ).toBe("succeeded");
  });

  it("reads and writes variables", () => {
    expect(flow('#DoVar & {$params: {method: "Put", path: "a.b", value: 3}}').variables).toEqual({ "a.b": 3 });
    const read = runTemplate('import "vela/builtin"\nvalue: builtin.#DoVar & {$params: path: "a"}\nout: value.$returns.value + 1', {
      variables: { a: 41 },
    });
    expect(read.output("out")).toEqual({ ok: true, value: 42 });
    expect(flow('#DoVar & {$params: path: "gone"}')).toMatchObject({ state: "error", message: "var gone not found" });
  });
});

describe("outputs", () => {
  const template = 'import "vela/kube"\noutput: kube.#Read & {$params: value: {kind: "A"}}\n';
  const run = runTemplate(template, { results: { output: { value: { metadata: { name: "x" }, count: 2 } } } });

  it.each([
    ["output.$returns.value.metadata.name", "x"],
    ["output.value.metadata.name", "x"],
    ['"name: " + output.$returns.value.metadata.name', "name: x"],
    ['import "strconv"\nstrconv.FormatInt(output.$returns.value.count, 10)', "2"],
    ["a: output.$returns.value.count\nb: context.name", { a: 2, b: "run" }],
  ])("evaluates %j", (expression, value) => expect(run.output(expression)).toEqual({ ok: true, value }));

  it("says why there is none", () => expect(run.output("output.nothing").ok).toBe(false));
});

describe("conditions", () => {
  const scope = {
    status: { "a-b": { failed: true, message: "m" } },
    inputs: { "context.x[0]": 1 },
    context: { n: 1 },
    parameter: { l: [1] },
  };

  it.each([
    ['status["a-b"].failed', true],
    ['status["a-b"].message == "other"', false],
    ['inputs["context.x[0]"] == 1 && len(parameter.l) == 1', true],
    ["context.n > 1", false],
  ])("%s is %s", (text, value) => expect(language.condition(text, scope)).toEqual({ ok: true, value }));

  it.each(["status.missing.failed", "1 + 1", "nowhere", "]"])("%s is an error", (text) => {
    const result = language.condition(text, scope);
    expect(result).toMatchObject({ ok: false });
    expect(result.ok ? "" : result.message).toMatch(/^invalid if value: /);
  });
});

describe("shipped definitions", () => {
  it("read-app says when there is no Application, and nothing when there is", () => {
    const given = { parameter: { name: "shop" } };
    expect(runShipped("read-app", given).actions[0]).toMatchObject({
      mode: "observe",
      params: { value: { metadata: { name: "shop", namespace: "default" } } },
    });
    const missing = runShipped("read-app", {
      ...given,
      results: { read: { value: {}, err: 'applications.core.oam.dev "shop" not found' } },
    });
    expect([missing.state, missing.message]).toEqual(["succeeded", "Application not found"]);
    expect(runShipped("read-app", { ...given, results: { read: { value: { kind: "Application" } } } }).message).toBe("");
  });

  it("apply-app applies data, or what a ConfigMap holds, and waits until the Application runs at its generation", () => {
    const data = { apiVersion: "core.oam.dev/v1beta1", kind: "Application", metadata: { name: "shop" } };
    const applied = (status: JsonObject): StepRun =>
      runShipped("apply-app", {
        parameter: { data },
        results: { "app.apply": { value: { ...data, metadata: { name: "shop", generation: 2 }, status } } },
      });
    expect(runShipped("apply-app", { parameter: { data } }).actions[0]).toMatchObject({
      path: "app.apply",
      mode: "apply",
      params: { value: data },
    });
    expect(applied({}).state).toBe("waiting");
    expect(applied({ status: "running", observedGeneration: 1 }).state).toBe("waiting");
    expect(applied({ status: "running", observedGeneration: 2 }).state).toBe("succeeded");
    const ref = { parameter: { ref: { name: "cm" } } };
    expect(runShipped("apply-app", ref).actions[0]).toMatchObject({
      path: "app.read",
      params: { value: { metadata: { name: "cm", namespace: "default" } } },
    });
    const text = "apiVersion: core.oam.dev/v1beta1\nkind: Application\nmetadata:\n  name: other\n";
    const read = runShipped("apply-app", { ...ref, results: { "app.read": { value: { data: { application: text } } } } });
    expect(read.actions[0]?.params["value"]).toMatchObject({ metadata: { name: "other" } });
  });

  it("request fails for 400 and above, and parses the answer", () => {
    const run = (statusCode: number): StepRun =>
      runShipped("request", { parameter: { url: "http://x" }, results: { req: { body: '{"a": 1}', statusCode } } });
    expect([run(400).state, run(400).message]).toEqual(["failed", "request of http://x is fail: 400"]);
    expect(run(200).output("response.a")).toEqual({ ok: true, value: 1 });
  });

  it.each(Object.keys(shippedDefinitions))("%s compiles", (type) => {
    const run = runShipped(type, {});
    expect(run.message ?? "").not.toMatch(/invalid cue task/);
  });
});
