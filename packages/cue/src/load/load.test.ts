import { describe, expect, it } from "vitest";
import { compile } from "../compile/program.ts";
import { dataSources } from "./data-source.ts";
import { compileFolder } from "./folder.ts";
import { memoryFileSystem } from "./file-system.ts";
import type { LoadOptions, Loaded } from "./load.ts";
import { isPackageArgument, load } from "./load.ts";

const module = 'module: "mod.test@v0"\nlanguage: version: "v0.9.0"\n';

function loaded(files: Readonly<Record<string, string>>, args: readonly string[], options: Partial<LoadOptions> = {}): Loaded {
  const fs = memoryFileSystem(new Map(Object.entries(files).map(([name, text]) => [`/${name}`, text])));
  return load(fs, args, { cwd: "/", ...options });
}

function messages(result: Loaded): readonly string[] {
  return [...result.errors, ...result.instances.flatMap((each) => each.errors)].map((each) => each.message);
}

function names(result: Loaded): readonly (readonly string[])[] {
  return result.instances.map((each) => each.files.map((file) => file.filename));
}

function json(result: Loaded): unknown {
  const [instance] = result.instances;
  let value = compile(instance?.files ?? [], { imports: result.imports }).instance();
  for (const each of instance?.injections ?? []) value = value.fill(each.path, each.value);
  const found = value.toJson();
  return found.ok ? found.value : found.errors;
}

describe("packages", () => {
  it("takes the files of one package, and those of the same package above them in the module", () => {
    const files = {
      "cue.mod/module.cue": module,
      "root.cue": "package a\nx: 1\n",
      "other.cue": "package b\nx: 2\n",
      "sub/a.cue": "package a\ny: x\n",
      "sub/none.cue": "z: 3\n",
    };
    const result = loaded(files, ["./sub"]);
    expect(names(result)).toEqual([["/root.cue", "/sub/a.cue"]]);
    expect(result.instances[0]?.importPath).toBe("mod.test/sub@v0");
    expect(json(result)).toEqual({ y: 1, x: 1 });
  });

  it("wants a package to be named where there are several", () => {
    const files = { "x.cue": "package x\n", "y.cue": "package y\n" };
    expect(messages(loaded(files, ["."]))).toEqual(['found packages "x" (x.cue) and "y" (y.cue) in "."']);
    expect(names(loaded(files, [".:y"]))).toEqual([["/y.cue"]]);
  });

  it("says which files it left out where none is left", () => {
    const files = { "d/a.cue": "a: 1\n", "d/.b.cue": "package b\n", "d/c.cue": "@if(prod)\n\npackage c\n" };
    expect(messages(loaded(files, ["./d"]))).toEqual([
      "build constraints exclude all CUE files in ./d:\n    ./d/.b.cue: filename starts with a '.'\n    ./d/a.cue: no package name\n    ./d/c.cue: @if(prod) did not match",
    ]);
    expect(names(loaded(files, ["./d"], { tags: ["prod"] }))).toEqual([["/d/c.cue"]]);
  });

  it("matches patterns, without hidden directories and nested modules", () => {
    const files = {
      "cue.mod/module.cue": module,
      "a/a.cue": "package a\n",
      "a/deep/a.cue": "package deep\n",
      "_b/b.cue": "package b\n",
      "nested/cue.mod/module.cue": module,
      "nested/n.cue": "package n\n",
    };
    expect(names(loaded(files, ["./..."]))).toEqual([["/a/a.cue"], ["/a/deep/a.cue"]]);
    expect(names(loaded(files, ["./.../deep"]))).toEqual([["/a/deep/a.cue"]]);
    expect(messages(loaded(files, ["./x/..."]))).toEqual(['cue: "./x/..." matched no packages']);
    expect(messages(loaded(files, ["./nested"]))).toEqual([
      'cannot determine import path for "./nested" (directory is in a nested module)',
    ]);
  });

  it("tells packages and files apart", () => {
    for (const each of [".", "..", "./a", ".:b", "mod.test/a:b", "example.com/x@v0", "./...", "./.hidden", "name"])
      expect(isPackageArgument(each), each).toBe(true);
    for (const each of ["-", "a.cue", "./a.json", "json:a.txt", "mod.test"]) expect(isPackageArgument(each), each).toBe(false);
  });
});

describe("imports", () => {
  const main = { "cue.mod/module.cue": module, "main.cue": 'package main\n\nimport "mod.test/lib"\n\nout: lib.value\n' };

  it("finds packages of the module, and vendored ones", () => {
    expect(json(loaded({ ...main, "lib/lib.cue": 'package lib\n\nvalue: "own"\n' }, ["."]))).toEqual({ out: "own" });
    const vendored = {
      "cue.mod/module.cue": module,
      "main.cue": 'package main\n\nimport "other.test/lib"\n\nout: lib.value\n',
      "cue.mod/pkg/other.test/lib/lib.cue": 'package lib\n\nvalue: "vendored"\n',
    };
    expect(json(loaded(vendored, ["."]))).toEqual({ out: "vendored" });
  });

  it("finds modules where the host has them, and replaces them as told", () => {
    const files = {
      "cue.mod/module.cue": `${module}deps: "dep.test@v0": v: "v0.1.0"\n`,
      "main.cue": 'package main\n\nimport "dep.test:lib"\n\nout: lib.value\n',
      "cache/dep/cue.mod/module.cue": 'module: "dep.test@v0"\n',
      "cache/dep/lib.cue": "package lib\n\nvalue: 1\n",
    };
    const moduleDirectory = (path: string, version: string): string | undefined =>
      path === "dep.test" && version === "v0.1.0" ? "/cache/dep" : undefined;
    expect(json(loaded(files, ["."], { moduleDirectory }))).toEqual({ out: 1 });
    expect(messages(loaded(files, ["."]))).toEqual([
      'mod.test@v0: import failed: cannot find package "dep.test": module dep.test@v0.1.0 not found',
    ]);
    const local = { ...files, "cue.mod/local-module.cue": 'deps: "dep.test@v0": {v: "v0.1.0", replaceWith: "./cache/dep"}\n' };
    expect(json(loaded(local, ["."]))).toEqual({ out: 1 });
  });

  it("says what is wrong with an import, and where", () => {
    const missing = loaded(main, ["."]);
    expect(messages(missing)).toEqual([
      'mod.test@v0: import failed: cannot find package "mod.test/lib": cannot find module providing package mod.test/lib',
    ]);
    expect(missing.instances[0]?.errors[0]?.at).toEqual([{ file: "/main.cue", line: 3, column: 8 }]);
    expect(messages(loaded({ ...main, "lib/x.cue": "package x\n" }, ["."]))).toEqual([
      'mod.test@v0: import failed: cannot find package "mod.test/lib": no files in package directory with package name "lib"',
    ]);
    expect(messages(loaded({ "x.cue": 'import "a.test/b"\n\nx: b.c\n' }, ["x.cue"]))).toEqual([
      "import failed: imports are unavailable because there is no cue.mod/module.cue file",
    ]);
  });

  it("ends where packages import each other", () => {
    const files = {
      ...main,
      "lib/lib.cue": 'package lib\n\nimport "mod.test/back"\n\nvalue: back.value\n',
      "back/back.cue": 'package back\n\nimport "mod.test/lib"\n\nvalue: lib.value\n',
    };
    expect(messages(loaded(files, ["."]))).toEqual(["mod.test@v0: import failed: import cycle not allowed"]);
  });

  it("compiles a folder that is held in memory", () => {
    const program = compileFolder({ ...main, "lib/lib.cue": "package lib\n\nvalue: 1 & 2\n" });
    expect(
      program
        .instance()
        .validate()[0]
        ?.at.map((each) => each.file),
    ).toContain("lib/lib.cue");
  });
});

describe("tags", () => {
  const files = {
    "x.cue":
      'package x\n\na: string @tag(a)\nb: int @tag(b,type=int)\nenv: "prod" | "dev" @tag(env,short=prod|dev)\nn: string @tag(n,var=now)\n',
  };

  it("sets fields by name, by short form and by variable", () => {
    const result = loaded(files, ["."], { tags: ["a=x", "b=7", "dev"], tagVariables: { now: "then" } });
    expect(messages(result)).toEqual([]);
    expect(json(result)).toEqual({ a: "x", b: 7, env: "dev", n: "then" });
  });

  it("refuses what no file asks for, and values of the wrong type", () => {
    expect(messages(loaded(files, ["."], { tags: ["c=1"] }))).toEqual(['no tag for "c"']);
    expect(messages(loaded(files, ["."], { tags: ["staging"] }))).toEqual(['tag "staging" not used in any file']);
    expect(messages(loaded(files, ["."], { tags: ["b=x"] }))).toEqual(['invalid value "x" for int tag']);
  });

  it("refuses tags where a field is not there for certain", () => {
    const odd = { "x.cue": "package x\n\na?: string @tag(a)\nb: [{c: 1 @tag(c)}]\nif true {d: 1 @tag(d)}\n" };
    expect(messages(loaded(odd, ["."]))).toEqual([
      "@tag not allowed within field constraint",
      "@tag not allowed within lists",
      "@tag not allowed within comprehension",
    ]);
  });
});

describe("data", () => {
  function texts(path: string, text: string): readonly string[] {
    const [file] = loaded({ [path]: text }, [path]).data;
    const sources = file === undefined ? undefined : dataSources(file, { files: true });
    return sources?.ok === true
      ? sources.values.map((each) => each.text)
      : [sources === undefined ? "none" : (sources.errors[0]?.message ?? "")];
  }

  it("keeps the lines of YAML and of JSON streams", () => {
    expect(texts("a.yaml", "a: 1\nb:\n  - x\n  - y: true\n---\nc: null\n")).toEqual([
      'a: 1,\nb:[\n    "x",{\n    y: true}]\n',
      "\n\n\n\n\nc: null\n",
    ]);
    expect(texts("a.jsonl", '{"a": 1}\n{"b": 2}\n')).toEqual(['{"a": 1}', '        \n{"b": 2}']);
  });

  it("refuses what is not in the format", () => {
    expect(texts("a.json", '{"a": 1} x')).toEqual([expect.stringMatching(/^invalid JSON: invalid character 'x' after top-level value/)]);
    expect(messages(loaded({ "a.bar": "" }, ["a.bar"]))).toEqual(["unknown file extension .bar"]);
    expect(messages(loaded({ "a.bar": "" }, ["csv:", "a.bar"]))).toEqual(["unknown filetype csv"]);
  });

  it("embeds files where the file asks for it", () => {
    const files = {
      "x.cue":
        '@extern(embed)\n\npackage x\n\na: _ @embed(file="d.json")\nb: _ @embed(glob="y/*.yaml")\nc: string | *"z" @embed(file="t.txt")\n',
      "d.json": '{"k": [1]}',
      "y/one.yaml": "v: 1\n",
      "y/.hidden.yaml": "v: 2\n",
      "t.txt": "text",
    };
    expect(json(loaded(files, ["."]))).toEqual({ a: { k: [1] }, b: { "y/one.yaml": { v: 1 } }, c: "text" });
    expect(messages(loaded({ "x.cue": '@extern(embed)\n\npackage x\n\na: _ @embed(file="../d.json")\n' }, ["."]))).toEqual([
      "@embed: cannot refer to parent directory",
    ]);
  });
});

describe("hostile input", () => {
  it("comes to an end", () => {
    expect(messages(loaded({ "x.cue": `@if(${"(".repeat(5000)}a${")".repeat(5000)})\n\npackage x\n` }, ["."]))[0]).toMatch(
      /^invalid @if attribute/,
    );
    const chain = Object.fromEntries(
      Array.from({ length: 2000 }, (_, index) => [
        `p${index}/x.cue`,
        `package p${index}\n\nimport "mod.test/p${index + 1}"\n\nv: p${index + 1}.v\n`,
      ]),
    );
    expect(messages(loaded({ "cue.mod/module.cue": module, ...chain }, ["./p0"]))).toHaveLength(1);
  });
});
