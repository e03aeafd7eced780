import { describe, expect, it } from "vitest";
import { compile } from "../compile/program.ts";
import { formatExpression } from "../format/format.ts";
import { CueValue } from "../value/cue-value.ts";
import { Exporter } from "./exporter.ts";
import { printValue } from "./index.ts";
import { final } from "./profile.ts";
import { vertexExpr } from "./values.ts";

function def(text: string, path: string): string {
  return printValue(compile(text).instance().lookup(path), { style: "def" });
}

describe("parts of an instance on their own", () => {
  it("keep references inside, and write out what is used once or short", () => {
    expect(def("x: {a: b, b: 1, c: o, d: s}\no: 5\ns: t: string\n", "x")).toBe("a: b\nb: 1\nc: 5\nd: t: string\n");
  });

  it("hoist what is used more than once", () => {
    expect(def("x: {c: s, d: s}\ns: t: string\n", "x")).toBe("c: S\nd: S\n\n//cue:path: s\nlet S = {t: string}\n");
  });

  it("hoist definitions as definitions, which name themselves inside", () => {
    expect(def("x: c: #s\n#s: {t: string, n?: #s}\n", "x")).toBe(
      "c: S.#x\n\n//cue:path: #s\nlet S = {\n\t#x: {\n\t\tt:  string\n\t\tn?: #x\n\t}\n}\n",
    );
  });

  it("do not take names that are in use", () => {
    expect(def("x: {c: s, d: s, S: 1}\ns: t: string\n", "x")).toContain("let S_1 = ");
  });

  it("write out packages that are not built in where that is asked for", () => {
    const imports = (path: string): { filename: string; text: string }[] | undefined =>
      path === "example.org/p" ? [{ filename: "p.cue", text: "package p\nv: {x: 3, y: x}\n" }] : undefined;
    const value = compile('import "example.org/p"\na: p.v\n', { imports }).instance();
    expect(printValue(value, { style: "def" })).toBe('import "example.org/p"\n\na: p.v\n');
    expect(printValue(value, { style: "def", inlineImports: true })).toBe("a: {\n\tx: 3\n\ty: x\n}\n");
  });
});

describe("values without end", () => {
  it("are cut off", () => {
    const levels = Array.from({ length: 40 }, (_, i) => `a${i}: [a${i + 1}, a${i + 1}]`).join("\n");
    const value = compile(`${levels}\na40: 1\n`).instance();
    const vertex = value instanceof CueValue ? value.finished() : undefined;
    if (!(value instanceof CueValue) || vertex === undefined) throw new Error("no value");
    const text = formatExpression(vertexExpr(new Exporter(final, value.instance.engine, vertex, 1000), vertex));
    expect(text.length).toBeLessThan(100_000);
    expect(text).toContain("_");
  });
});
