/**
 * Definitions of KubeVela's shape: those that Slipway ships, and templates with every construct that stored definitions
 * use, with the fewest and with many parameters.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { JsonValue } from "@slipway/std";
import { describe, expect, it } from "vitest";
import type { Program, Value } from "./api.ts";
import { compile } from "./index.ts";

const packages = join(import.meta.dirname, "../..");
const templates = join(packages, "cue/bench/templates");
const library = join(packages, "workflow/src/packages");

interface Template {
  readonly paths: readonly string[];
  readonly context: JsonValue;
  readonly cases: Readonly<Record<string, { readonly parameter: JsonValue; readonly expect: Readonly<Record<string, JsonValue>> }>>;
}

function compileDefinition(file: string): Program {
  const files = [
    { filename: basename(file), text: readFileSync(file, "utf8") },
    { filename: "data.cue", text: "context: _\nparameter: _" },
  ];
  return compile(files, { imports: loadPackage, unusedImports: "ignore" });
}

function loadPackage(path: string): readonly { filename: string; text: string }[] | undefined {
  const file = join(library, `${path}.cue`);
  return existsSync(file) ? [{ filename: path, text: readFileSync(file, "utf8") }] : undefined;
}

function filled(program: Program, context: JsonValue, parameter: JsonValue): Value {
  return program.instance().fill(["context"], context).fill(["parameter"], parameter);
}

function json(value: Value): JsonValue {
  const result = value.toJson();
  return result.ok ? result.value : { errors: result.errors.map((error) => `${error.path?.join(".") ?? ""}: ${error.message}`) };
}

const shipped = ["workflow/src/definitions", "application/src/definitions"].flatMap((folder) =>
  readdirSync(join(packages, folder))
    .filter((name) => name.endsWith(".cue"))
    .map((name) => join(packages, folder, name)),
);
const shippedNamed = (name: string): Program => compileDefinition(shipped.find((file) => basename(file) === `${name}.cue`) ?? name);
const context = { name: "run", stepName: "step", namespace: "prod", appName: "shop" };

describe("shipped definitions", () => {
  it.each(shipped.map((file) => ({ name: basename(file), file })))("$name compiles and has no error of its own", ({ file }) => {
    const program = compileDefinition(file);
    expect(program.diagnostics).toEqual([]);
    expect(program.instance().validate()).toEqual([]);
  });

  it("read-object takes defaults and asks for nothing else", () => {
    const value = filled(shippedNamed("read-object"), context, { name: "web" });
    expect(json(value.lookup("output.$params"))).toEqual({
      cluster: "",
      value: { apiVersion: "core.oam.dev/v1beta1", kind: "Application", metadata: { name: "web", namespace: "default" } },
    });
    expect(json(value.lookup("output.#do"))).toBe("read");
    expect(value.lookup("output.$returns").exists()).toBe(false);
  });

  it("apply-deployment waits on what applying returns", () => {
    const value = filled(shippedNamed("apply-deployment"), context, { image: "nginx", replicas: 2 });
    const labels = { "workflow.oam.dev/step-name": "run-step" };
    expect(json(value.lookup("output.$params.value"))).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "step", namespace: "prod" },
      spec: {
        selector: { matchLabels: labels },
        replicas: 2,
        template: { metadata: { labels }, spec: { containers: [{ name: "step", image: "nginx" }] } },
      },
    });
    expect(value.lookup("wait.$params.continue").error()?.category).toBe("incomplete");
    const applied = value.fill("output.$returns", { value: { status: { readyReplicas: 2 } } });
    expect(json(applied.lookup("wait.$params.continue"))).toBe(true);
    const notYet = value.fill("output.$returns", { value: { status: { readyReplicas: 1 } } });
    expect(json(notYet.lookup("wait.$params.continue"))).toBe(false);
  });

  it("apply-deployment refuses a wrong type and a wrong parameter's value", () => {
    expect(filled(shippedNamed("apply-deployment"), context, { image: 1 }).lookup("parameter.image").error()?.category).toBe("eval");
    expect(filled(shippedNamed("request"), context, { url: "u", method: "PATCH" }).lookup("parameter.method").error()).toBeDefined();
  });

  it("request sends its body as JSON and fails on an error status", () => {
    const program = shippedNamed("request");
    const value = filled(program, context, { url: "https://example.dev", method: "POST", body: { a: [1, "x"] }, header: { "X-A": "1" } });
    expect(json(value.lookup("req.$params"))).toEqual({
      method: "POST",
      url: "https://example.dev",
      request: { body: '{"a":[1,"x"]}', header: { "X-A": "1" } },
    });
    expect(value.lookup("response").error()?.category).toBe("incomplete");
    const answered = value.fill("req.$returns", { body: '{"b":2}', statusCode: 200 });
    expect(json(answered.lookup("response"))).toEqual({ b: 2 });
    expect(json(answered.lookup("fail"))).toEqual({});
    const refused = value.fill("req.$returns", { body: "{}", statusCode: 404 });
    expect(json(refused.lookup("fail.$params.message"))).toBe("request of https://example.dev is fail: 404");
  });

  it("apply-app takes the manifest from the parameter, or from a ConfigMap once that is read", () => {
    const program = shippedNamed("apply-app");
    const inline = filled(program, context, { data: { kind: "Application", metadata: { name: "a" } } });
    expect(json(inline.lookup("app.apply.$params.value"))).toEqual({ kind: "Application", metadata: { name: "a" } });
    expect(inline.lookup("app.read.$params").exists()).toBe(false);
    const referred = filled(program, context, { ref: { name: "apps" } });
    expect(json(referred.lookup("app.read.$params.value"))).toEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "apps", namespace: "prod" },
    });
    const read = referred.fill("app.read.$returns", { value: { data: { application: "kind: Application\nmetadata: {name: b}\n" } } });
    expect(json(read.lookup("app.apply.$params.value"))).toEqual({ kind: "Application", metadata: { name: "b" } });
  });

  it("webservice gives a Deployment and a Service", () => {
    const value = filled(shippedNamed("webservice"), { ...context, name: "web" }, { image: "nginx", port: 80, cpu: "1" });
    const labels = { "app.oam.dev/component": "web" };
    expect(json(value.lookup("output"))).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels: { ...labels, "app.oam.dev/name": "shop" } },
          spec: {
            containers: [
              {
                name: "web",
                image: "nginx",
                ports: [{ containerPort: 80, protocol: "TCP" }],
                resources: { limits: { cpu: "1" }, requests: { cpu: "1" } },
              },
            ],
          },
        },
      },
    });
    expect(json(value.lookup("outputs.service.spec.ports"))).toEqual([{ port: 80, targetPort: 80, protocol: "TCP", name: "port-80" }]);
  });
});

const entries = JSON.parse(readFileSync(join(templates, "cases.json"), "utf8")) as Readonly<Record<string, Template>>;
const cases = Object.entries(entries).flatMap(([name, template]) =>
  Object.entries(template.cases).map(([which, each]) => ({ name, which, template, ...each })),
);

describe("templates", () => {
  it.each(cases)("$name with $which parameters", ({ name, template, parameter, expect: expected }) => {
    const program = compileDefinition(join(templates, `${name}.cue`));
    expect(program.diagnostics).toEqual([]);
    const value = filled(program, template.context, parameter);
    expect(Object.fromEntries(template.paths.map((path) => [path, json(value.lookup(path))]))).toEqual(expected);
  });

  it("refuse a parameter that is not declared where the schema is closed", () => {
    const program = compileDefinition(join(templates, "trait-env.cue"));
    const value = filled(program, entries["trait-env"]?.context ?? null, { containers: [{ containerName: "web", env: {}, wrong: 1 }] });
    expect(value.lookup("parameter").error()).toBeDefined();
  });

  it("show which parameter is missing", () => {
    const program = compileDefinition(join(templates, "component-worker.cue"));
    const value = filled(program, { name: "n", appName: "a" }, {});
    const problems = value.lookup("output").validate({ concrete: true });
    expect(problems.map((problem) => problem.category)).toContain("incomplete");
  });
});
