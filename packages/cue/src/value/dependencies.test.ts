import { describe, expect, it } from "vitest";
import type { PathElement, Value } from "../api.ts";
import { compile } from "../index.ts";

function text(path: readonly PathElement[]): string {
  return path.map((each) => (typeof each === "object" ? ("hidden" in each ? each.hidden : each.definition) : String(each))).join(".");
}
function of(value: Value): string[] {
  return value.dependencies().map(text);
}
function at(source: string, path: string): string[] {
  return of(compile(source).instance().lookup(path));
}

const context = 'context: {name: string, output: {...}, ...}\nparameter: {n: *1 | int, key: *"a" | string}\n';

describe("dependencies", () => {
  it("name what is not there yet", () => {
    expect(at(`${context}x: context.output.status.phase`, "x")).toEqual(["context.output.status.phase"]);
    expect(at(`${context}x: context.missing.y`, "x")).toEqual(["context.missing.y"]);
    expect(at("x: y.z\ny: {...}", "x")).toEqual(["y.z"]);
  });

  it("are found in every kind of expression", () => {
    const source = `${context}
a: len(context.name)
b: "\\(context.name)-\\(parameter.n + 1)"
c: *context.name | parameter.n
d: >parameter.n & <=100
e: [context.name, {x: parameter.n}]
f: [for k, v in e {v}]
g: e[parameter.n:]
h: {(parameter.key): context.name}
i: {[parameter.key]: 1}
j: -parameter.n
k: {x: context.name}.x
l: #D & {y: parameter.n}
#D: {y: _, z: context.name}`;
    const root = compile(source).instance();
    const expected: Readonly<Record<string, readonly string[]>> = {
      a: ["context.name"],
      b: ["context.name", "parameter.n"],
      c: ["context.name", "parameter.n"],
      d: ["parameter.n"],
      e: ["context.name", "parameter.n"],
      f: ["e", "e.0", "e.1"],
      g: ["e", "parameter.n"],
      h: ["parameter.key", "context.name"],
      i: ["parameter.key"],
      j: ["parameter.n"],
      k: ["context.name"],
      l: ["#D", "parameter.n"],
      "l.y": ["parameter.n", "#D.y"],
      "l.z": ["context.name", "#D.z"],
      "#D": ["context.name"],
    };
    for (const [path, dependencies] of Object.entries(expected))
      expect([path, of(root.lookup(path)).sort()]).toEqual([path, [...dependencies].sort()]);
  });

  it("follow lets, aliases and variables to what they stand for", () => {
    const source = `${context}
let L = context.output
let M = {p: context.name, q: L}
A=named: {x: 1}
"not an identifier": A.x
a: L.status.phase
b: M.p
c: M.q.status
d: M
e: {for k, v in items {"\\(k)": v.name}}
items: {i: {name: "n"}}
f: {
	let N = parameter
	g: N.n
}
h: {for v in [context] {x: v.name}}
i: {for v in [1] let O = parameter.n + v {x: O}}`;
    const root = compile(source).instance();
    expect(of(root.lookup(["not an identifier"]))).toEqual(["named.x"]);
    expect(of(root.lookup("a"))).toEqual(["context.output.status.phase"]);
    expect(of(root.lookup("b"))).toEqual(["context.name"]);
    expect(of(root.lookup("c"))).toEqual(["context.output.status"]);
    expect(of(root.lookup("d"))).toEqual(["context.name", "context.output"]);
    expect(of(root.lookup("e"))).toEqual(["items", "items.i.name"]);
    expect(of(root.lookup("f"))).toEqual(["parameter.n"]);
    expect(of(root.lookup("h"))).toEqual(["context", "context.name"]);
    expect(of(root.lookup("i"))).toEqual(["parameter.n"]);
  });

  it("take an index that is known, and what it is taken from where it is not", () => {
    const source = `${context}map: a: x: 1\nlist: [1, 2]\nb: map[parameter.key].x\nc: map[context.name].x\nd: list[1]`;
    expect(at(source, "b")).toEqual(["map.a.x", "parameter.key"]);
    expect(at(source, "c")).toEqual(["map", "context.name"]);
    expect(at(source, "d")).toEqual(["list.1"]);
  });

  it("leave out what lies within the value, and packages", () => {
    const source = `import "strings"\nx: {a: b, b: c.d, e: strings.ToUpper(b)}\nc: d: "s"`;
    expect(at(source, "x")).toEqual(["c.d"]);
    expect(at(source, "x.a")).toEqual(["x.b"]);
    expect(at(source, "x.e")).toEqual(["x.b"]);
    const imports = (path: string) => (path === "example.com/p" ? [{ filename: "p.cue", text: "package p\n#X: {y: z}\nz: 1" }] : undefined);
    const root = compile(`import "example.com/p"\na: p.#X & {w: v}\nv: 2`, { imports }).instance();
    expect(of(root.lookup("a"))).toEqual(["v"]);
  });

  it("count conditions before what depends on them", () => {
    const source = `${context}x: {if context.output.ready != _|_ {y: parameter.n}, z?: context.name}`;
    const root = compile(source).instance();
    expect(of(root.lookup("x"))).toEqual(["context.output.ready"]);
    expect(of(root.fill("context.output.ready", true).lookup("x"))).toEqual(["context.output.ready", "parameter.n"]);
  });

  it("come through structs that refer to others as a whole", () => {
    const source = "a: b\nb: c & {y: d}\nc: x: 1\nd: 2\ne: {b, z: 3}";
    expect(at(source, "a.x")).toEqual(["b.x"]);
    expect(at(source, "b.x")).toEqual(["c.x"]);
    expect(at(source, "b.y")).toEqual(["d"]);
    expect(at(source, "e.y")).toEqual(["d", "b.y"]);
    expect(at(source, "e.z")).toEqual([]);
  });

  it("stay what they are in values that were filled", () => {
    const program = compile(`${context}x: context.output.status.phase\ny: x\nz: {w: parameter.n}`);
    const before = program.instance();
    before.validate();
    const filled = before.fill("context.output", { status: { phase: "Running" } });
    expect(filled.lookup("x").toJson()).toEqual({ ok: true, value: "Running" });
    expect(of(filled.lookup("x"))).toEqual(["context.output.status.phase"]);
    expect(of(filled.lookup("y"))).toEqual(["x"]);
    expect(of(filled.lookup("z"))).toEqual(["parameter.n"]);
    expect(of(filled.lookup("context.output"))).toEqual([]);
  });

  it("are those of an expression that was evaluated", () => {
    const root = compile(`${context}x: 1`).instance();
    expect(of(root.evaluate("{a: context.name, b: x}"))).toEqual(["context.name", "x"]);
    expect(of(root)).toEqual([]);
  });

  it("end for values that refer to themselves, and for long ones", () => {
    expect(at("a: b\nb: a", "a")).toEqual(["b"]);
    expect(at("a: {b: a}", "a.b")).toEqual(["a"]);
    const sum = Array.from({ length: 3000 }, () => "x").join(" + ");
    expect(at(`x: 1\na: ${sum}`, "a")).toEqual(["x"]);
    expect(at("#L: {v: x, next?: #L}\nx: 1\na: #L & {next: next: {}}", "a")).toEqual(["#L"]);
  });
});
