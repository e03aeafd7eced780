import { describe, expect, test } from "vitest";
import type { Data } from "../contract.ts";
import { callText } from "./call-for-tests.ts";
import { pathPackage } from "./path.ts";

const call = (name: string, ...args: Data[]): string => callText(pathPackage, name, ...args);

describe("package path", () => {
  test.each<[string, Data[], Data]>([
    ["Join", [["a", "", "../b"]], "b"],
    ["Join", [["", ""]], ""],
    ["Join", [["C:", "a"], "windows"], "C:a"],
    ["Join", [["C:\\", "a"], "windows"], "C:\\a"],
    ["Join", [["//", "a"], "windows"], "\\a"],
    ["Join", [["\\\\host\\share", "foo"], "windows"], "\\\\host\\share\\foo"],
    ["Clean", ["abc//./def/../.."], "."],
    ["Clean", ["/../a"], "/a"],
    ["Clean", ["c:\\abc\\def\\..\\..", "windows"], "c:\\"],
    ["Base", ["/a/b/"], "b"],
    ["Base", ["/"], "/"],
    ["Base", ["c:\\a", "windows"], "a"],
    ["Dir", ["/a/b"], "/a"],
    ["Dir", ["a"], "."],
    ["Ext", ["a.tar.gz"], ".gz"],
    ["Ext", ["a.dir\\b", "windows"], ""],
    ["Split", ["a/b/"], ["a/b/", ""]],
    ["SplitList", ['a;"b;c"', "windows"], ["a", "b;c"]],
    ["SplitList", ["", "unix"], []],
    ["ToSlash", ["a\\b", "windows"], "a/b"],
    ["FromSlash", ["a/b", "plan9"], "a/b"],
    ["IsAbs", ["c:/a", "windows"], true],
    ["IsAbs", ["nul", "windows"], true],
    ["IsAbs", ["#a", "plan9"], true],
    ["VolumeName", ["//host/share/a", "windows"], "//host/share"],
    ["Resolve", ["/a", "/b"], "/b"],
    ["Resolve", ["a", "b"], "a/b"],
    ["Rel", ["/a/b", "/a/c/d"], "../c/d"],
    ["Rel", ["C:\\A", "c:\\a\\b", "windows"], "b"],
    ["Match", ["*.[ch]", "a.c"], true],
    ["Match", ["*", "a/b"], false],
    ["Match", ["a\\*b", "a*b"], true],
    ["Match", ["[^a-c]?", "dx"], true],
  ])("%s case %#", (name, args, result) => {
    expect(JSON.parse(call(name, ...args))).toEqual(result);
  });

  test("what cannot be", () => {
    expect(call("Match", "[", "a")).toBe("error: syntax error in pattern");
    expect(call("Rel", "a", "/b")).toBe("error: Rel: can't make /b relative to a");
    expect(call("Clean", "a//b", "linux")).toBe('"a/b"');
  });

  test("a pattern of many stars ends soon", () => {
    expect(call("Match", `${"*a".repeat(1_000)}b`, "a".repeat(5_000))).toBe("false");
  });
});
