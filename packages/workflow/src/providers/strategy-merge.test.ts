import { compile } from "@slipway/cue";
import type { JsonValue } from "@slipway/std";
import { describe, expect, it } from "vitest";
import { commentMark, mergeByStrategy, patchMarks } from "./strategy-merge.ts";

/** A patch as a template has it, merged into JSON. */
function merge(base: JsonValue, patch: string): JsonValue {
  const value = compile([{ filename: "patch", text: `patch: ${patch}` }])
    .instance()
    .lookup(["patch"]);
  const json = value.toJson();
  if (!json.ok) throw new Error(JSON.stringify(json.errors));
  const merged = mergeByStrategy(base, json.value, patchMarks(value));
  return merged.ok ? merged.value : merged.message;
}

const containers = [{ name: "a", image: "a:1", ports: [{ name: "web", port: 80 }] }, { name: "b" }];

describe("merging by patch comments", () => {
  it.each<[string, JsonValue, string, JsonValue]>([
    ["adds fields", { a: 1 }, "{b: {c: 2}}", { a: 1, b: { c: 2 } }],
    ["keeps what both say", { a: { b: 1 } }, "{a: b: 1}", { a: { b: 1 } }],
    ["refuses what they disagree on", { a: { b: 1 } }, "{a: b: 2}", "a.b: conflicting values 2 and 1"],
    ["refuses another kind", { a: 1 }, "{a: b: 1}", 'a: conflicting values {"b":1} and 1'],
    ["leaves out fields that begin with _", { a: 1 }, '{"_x": 2, b: {"_y": 3}}', { a: 1, b: {} }],
    ["unifies lists by index, and lets them grow", { l: [{ a: 1 }] }, "{l: [{b: 2}, {c: 3}]}", { l: [{ a: 1, b: 2 }, { c: 3 }] }],
    ["a shorter list disagrees", { l: [1, 2] }, "{l: [1]}", "l: incompatible list lengths (1 and 2)"],
    ["unless it is open", { l: [1, 2] }, "{l: [1, ...]}", { l: [1, 2] }],
    ["replaces a list", { l: [1, 2] }, "{\n// +patchStrategy=replace\nl: [3]\n}", { l: [3] }],
    [
      "replaces what retains only its keys",
      { s: { type: "A", a: 1 } },
      '{\n// +patchStrategy=retainKeys\ns: type: "B"\n}',
      { s: { type: "B" } },
    ],
    [
      "finds elements by key, adds the others, and hands the key down",
      { containers },
      '{\n// +patchKey=name\ncontainers: [{name: "b", image: "b:1"}, {name: "a", ports: [{name: "admin", port: 81}]}, {name: "c"}]\n}',
      {
        containers: [
          {
            name: "a",
            image: "a:1",
            ports: [
              { name: "web", port: 80 },
              { name: "admin", port: 81 },
            ],
          },
          { name: "b", image: "b:1" },
          { name: "c" },
        ],
      },
    ],
    [
      "an element takes the place of another when the list retains only keys",
      { containers },
      '{\n// +patchKey=name\n// +patchStrategy=retainKeys\ncontainers: [{name: "a", image: "a:2"}]\n}',
      { containers: [{ name: "a", image: "a:2" }, { name: "b" }] },
    ],
    [
      "a key of an element's field, and alternatives",
      { l: [{ ref: { name: "x" } }, { port: 2 }] },
      '{\n// +patchKey=ref.name,port\nl: [{port: 2, a: 1}, {ref: name: "x", b: 2}]\n}',
      {
        l: [
          { ref: { name: "x" }, b: 2 },
          { port: 2, a: 1 },
        ],
      },
    ],
    ["by index when no element has the key", { l: [{ a: 1 }] }, "{\n// +patchKey=name\nl: [{b: 2}]\n}", { l: [{ a: 1, b: 2 }] }],
    [
      "a key above counts below",
      { t: { l: [{ name: "x" }] } },
      '{\n// +patchKey=name\nt: l: [{name: "y"}]\n}',
      { t: { l: [{ name: "x" }, { name: "y" }] } },
    ],
  ])("%s", (_what, base, patch, expected) => expect(merge(base, patch)).toEqual(expected));

  it.each([
    ["// +patchKey=name", { patchKey: "name" }],
    ["//+patchStrategy = replace ", { patchStrategy: "replace" }],
    ["//   +patchKey= a,b.c", { patchKey: "a,b.c" }],
    ["// +patchKey=two words", {}],
    ["// patchKey=name", {}],
    ["// +other=name", {}],
    ["// +patchKey", {}],
  ])("reads %j", (text, mark) => expect(commentMark(text)).toEqual(mark));
});
