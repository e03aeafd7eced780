import { describe, expect, it } from "vitest";
import { memoryFileSystem } from "../load/file-system.ts";
import { runCue } from "./command.ts";
import { unifiedDiff } from "./diff.ts";
import type { Outcome } from "./host.ts";

function run(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
  stdin = "",
  env: Readonly<Record<string, string>> = {},
): Outcome {
  const fs = memoryFileSystem(new Map(Object.entries(files).map(([name, text]) => [`/${name}`, text])));
  return runCue(args, { files: fs, cwd: "/", stdin, env });
}

const printed = (args: readonly string[], files: Readonly<Record<string, string>> = {}, stdin = ""): string => {
  const { stdout, stderr } = run(args, files, stdin);
  return stdout + stderr;
};

describe("export", () => {
  const files = { "x.cue": 'package x\n\na: 1\nb: {c: [1.50, "<"]}\n' };

  it("writes JSON, YAML, TOML, JSON lines and text", () => {
    expect(printed(["export"], files)).toBe(
      '{\n    "a": 1,\n    "b": {\n        "c": [\n            1.50,\n            "<"\n        ]\n    }\n}\n',
    );
    expect(printed(["export", "--out", "yaml"], files)).toBe("a: 1\nb:\n  c:\n    - 1.50\n    - <\n");
    expect(printed(["export", "--out", "jsonl", "--escape"], files)).toBe('{"a":1,"b":{"c":[1.50,"\\u003c"]}}\n');
    expect(printed(["export", "--out", "toml"], files)).toBe("a = 1\n\n[b]\nc = [1.5, '<']\n");
    expect(printed(["export", "-e", "b.c[1]", "--out", "text"], files)).toBe("<\n");
    expect(printed(["export", "--out", "yaml", "-e", "a", "-e", "a+1"], files)).toBe("1\n---\n2\n");
  });

  it("writes into files, and over them only when forced", () => {
    const outcome = run(["export", "-o", "out.json"], files);
    expect([outcome.stdout, [...outcome.writes.keys()]]).toEqual(["", ["/out.json"]]);
    const again = { ...files, "out.yaml": "old\n" };
    expect(run(["export", "-o", "out.yaml"], again).stderr).toBe('error writing "out.yaml": file already exists\n');
    expect(run(["export", "-f", "-o", "out.yaml"], again).writes.get("/out.yaml")).toContain("a: 1");
  });

  it("refuses what is not concrete, and unknown formats", () => {
    const open = run(["export", "x.cue"], { "x.cue": "a: int\n" });
    expect([open.exitCode, open.stdout, open.stderr]).toEqual([1, "", "a: incomplete value int:\n    ./x.cue:1:4\n"]);
    expect(printed(["export", "-out", "cue"], files)).toBe('no encoding specified for file "ut"\n');
    expect(printed(["export", "--out", "csv"], files)).toBe("unknown filetype csv\n");
  });

  it("merges data files, and places them", () => {
    const data = { "s.cue": "a: int\nb: a + 1\n", "d.yaml": "a: 2\n", "l.jsonl": '{"k": "x"}\n{"k": "y"}\n' };
    expect(printed(["export", "--out", "yaml", "s.cue", "d.yaml"], data)).toBe("a: 2\nb: 3\n");
    expect(printed(["export", "--out", "yaml", "-l", "k", "l.jsonl"], data)).toBe('x:\n  k: x\n"y":\n  k: "y"\n');
    expect(printed(["export", "--out", "yaml", "--list", "l.jsonl"], data)).toBe('- k: x\n- k: "y"\n');
    expect(printed(["export", "--out", "yaml", "-l", "at: data:", "d.yaml"], data)).toBe("at:\n  data:\n    a: 2\n");
  });

  it("reads standard input", () => {
    expect(printed(["export", "--out", "yaml", "-"], {}, "a: 1 + 1\n")).toBe("a: 2\n");
    expect(printed(["export", "--out", "yaml", "json:", "-"], {}, '{"a": 1}')).toBe("a: 1\n");
  });
});

describe("vet", () => {
  const files = { "s.cue": "package s\n\n#A: {n: <10}\nn: int\n", "ok.yaml": "n: 1\n", "bad.yaml": "n: 1\n---\nn: x\n" };

  it("checks every value of a data file", () => {
    expect(run(["vet", "s.cue", "ok.yaml"], files)).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
    const bad = run(["vet", "s.cue", "bad.yaml"], files);
    expect(bad.exitCode).toBe(1);
    expect(bad.stderr).toMatch(/^n: conflicting values .* \(mismatched types .*\):\n( {4}\.\/.*\n)+$/);
    expect(bad.stderr).toContain("./bad.yaml:3:4\n");
  });

  it("selects a schema", () => {
    expect(run(["vet", "s.cue", "ok.yaml", "-d", "#A"], files).stderr).toBe("");
    expect(run(["vet", "s.cue", "-d", "#A"], files).stderr).toBe("-d/--schema flag requires non-CUE input files\n");
  });

  it("hints at incomplete values unless it is told whether they matter", () => {
    expect(run(["vet"], files).stderr).toMatch(/^some instances are incomplete/);
    expect(run(["vet", "-c=false"], files)).toMatchObject({ exitCode: 0, stderr: "" });
    expect(run(["vet", "-c"], files)).toMatchObject({ exitCode: 1, stderr: "n: incomplete value int:\n    ./s.cue:4:4\n" });
  });
});

describe("fmt", () => {
  it("leaves formatted files alone and tells of broken ones", () => {
    expect(run(["fmt", "x.cue"], { "x.cue": "a: 1\n" })).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
    const broken = run(["fmt", "x.cue"], { "x.cue": "a: {\n" });
    expect(broken.exitCode).toBe(1);
    expect(broken.stderr).toMatch(/x\.cue:\d+:\d+/);
  });

  it("shows differences by lines", () => {
    const lines = Array.from({ length: 12 }, (_, index) => `l${index}\n`).join("");
    expect(unifiedDiff("a", lines, "b", lines.replace("l6", "new"))).toBe(
      "diff a b\n--- a\n+++ b\n@@ -4,7 +4,7 @@\n l3\n l4\n l5\n-l6\n+new\n l7\n l8\n l9\n",
    );
    expect(unifiedDiff("a", "x", "b", "x\n")).toContain("\\ No newline at end of file\n");
  });
});

describe("errors", () => {
  it("are told with their place, whatever the file is", () => {
    const files = { "a.cue": "#A: {n: <10}\na: #A & {n: 20}\n", "bad.yaml": "a: [1,\nb: }\n" };
    const expression = run(["eval", "-e", "a.n", "a.cue"], files);
    expect([expression.exitCode, expression.stdout]).toEqual([1, ""]);
    expect(expression.stderr).toBe("a.n: invalid value 20 (out of bound <10):\n    ./a.cue:1:9\n    ./a.cue:2:13\n");
    expect(run(["vet", "a.cue", "bad.yaml"], files).stderr).toMatch(/^invalid YAML: .*:\n {4}\.\/bad\.yaml:2:1\n$/);
  });
});

describe("schemas", () => {
  it("are written as JSON Schema and as OpenAPI", () => {
    const files = { "x.cue": "package x\n\n#A: {n?: int}\na?: #A\n" };
    expect(JSON.parse(printed(["def", "--out", "jsonschema"], files))).toMatchObject({ properties: { a: { $ref: "#/$defs/A" } } });
    expect(JSON.parse(printed(["def", "--out", "openapi"], files))).toMatchObject({ components: { schemas: { A: { type: "object" } } } });
    expect(printed(["def", "--out", "cue+compact"], files)).toBe("package x, #A: n?: int, a?: #A\n");
  });
});

describe("the command line", () => {
  it("words mistakes as the reference does", () => {
    expect(printed(["export", "-x"])).toBe("unknown shorthand flag: 'x' in -x\n");
    expect(printed(["export", "--nope"])).toBe("unknown flag: --nope\n");
    expect(printed(["nope"])).toMatch(/^unknown command "nope" for "cue"/);
    expect(printed(["export", "-C", "sub"])).toBe('invalid argument "sub" for "-C, --chdir" flag: must be the first argument\n');
    expect(run(["export", "--nope"]).exitCode).toBe(1);
  });

  it("helps, and works in another directory", () => {
    expect(run(["--help"])).toMatchObject({ exitCode: 0 });
    expect(printed([])).toMatch(/^Usage: cue /);
    expect(printed(["eval", "--help"])).toContain("--show-hidden");
    expect(printed(["-C", "sub", "export", "--out", "yaml"], { "sub/x.cue": "package x\n\na: 1\n" })).toBe("a: 1\n");
  });

  it("knows the experiments", () => {
    expect(run(["export"], {}, "", { CUE_EXPERIMENT: "nope" }).stderr).toBe('error in CUE_EXPERIMENT: unknown experiment "nope"\n');
    expect(run(["export"], {}, "", { CUE_EXPERIMENT: "evalv3=0" }).stderr).toMatch(/cannot disable stable experiment "evalv3"/);
  });

  it("sorts fields when asked to", () => {
    const files = { "x.cue": "b: 1\na: {d: 1, c: 2}\n" };
    expect(run(["export", "--out", "yaml", "x.cue"], files, "", { CUE_DEBUG: "sortfields" }).stdout).toBe("a:\n  c: 2\n  d: 1\nb: 1\n");
  });
});
