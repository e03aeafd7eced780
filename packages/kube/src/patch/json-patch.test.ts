import { cloneJson, deepEqual, isAppError } from "@slipway/std";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyJsonPatch } from "./json-patch.ts";

/** The error's code and message for a patch that must fail. */
function failure(document: unknown, ...operations: object[]): [string, string] {
  try {
    applyJsonPatch(document, operations);
  } catch (error) {
    if (isAppError(error)) return [error.code, error.message];
    throw error;
  }
  throw new Error("the patch applied");
}

describe("json patch", () => {
  it.each([
    ["adds a field", { a: 1 }, [{ op: "add", path: "/b", value: 2 }], { a: 1, b: 2 }],
    ["replaces an existing field by add", { a: 1 }, [{ op: "add", path: "/a", value: 2 }], { a: 2 }],
    ["inserts into an array", [1, 3], [{ op: "add", path: "/1", value: 2 }], [1, 2, 3]],
    ["appends with -", [1], [{ op: "add", path: "/-", value: 2 }], [1, 2]],
    ["appends with the length as index", [1], [{ op: "add", path: "/1", value: 2 }], [1, 2]],
    ["replaces the root", { a: 1 }, [{ op: "replace", path: "", value: [] }], []],
    ["removes from an array", [1, 2, 3], [{ op: "remove", path: "/1" }], [1, 3]],
    ["replaces", { a: { b: 1 } }, [{ op: "replace", path: "/a/b", value: null }], { a: { b: null } }],
    ["moves", { a: { b: 1 }, c: {} }, [{ op: "move", from: "/a/b", path: "/c/d" }], { a: {}, c: { d: 1 } }],
    ["moves inside an array", [1, 2, 3], [{ op: "move", from: "/0", path: "/2" }], [2, 3, 1]],
    [
      "copies without sharing",
      { a: { x: 1 } },
      [
        { op: "copy", from: "/a", path: "/b" },
        { op: "add", path: "/b/x", value: 2 },
      ],
      { a: { x: 1 }, b: { x: 2 } },
    ],
    [
      "reads escapes",
      { "a/b": 1, "m~n": 2 },
      [
        { op: "remove", path: "/a~1b" },
        { op: "replace", path: "/m~0n", value: 3 },
      ],
      { "m~n": 3 },
    ],
    ["reads ~01 as ~1", { "~1": 1 }, [{ op: "replace", path: "/~01", value: 2 }], { "~1": 2 }],
    ["takes the empty key", { "": 1 }, [{ op: "test", path: "/", value: 1 }], { "": 1 }],
    [
      "tests without regard to key order",
      { a: { x: 1, y: [2] } },
      [{ op: "test", path: "/a", value: { y: [2], x: 1 } }],
      { a: { x: 1, y: [2] } },
    ],
  ])("%s", (_title, document, operations, expected) => {
    expect(applyJsonPatch(document, operations)).toEqual(expected);
  });

  it.each([
    [{ a: 1 }, { op: "replace", path: "/b", value: 1 }, 'json patch operation 0 (replace "/b"): "b" does not exist'],
    [{ a: 1 }, { op: "remove", path: "/b/c" }, 'json patch operation 0 (remove "/b/c"): "b" does not exist'],
    [[1], { op: "add", path: "/3", value: 1 }, 'json patch operation 0 (add "/3"): index 3 is out of bounds (length 1)'],
    [[1], { op: "replace", path: "/-", value: 1 }, "is not an array index"],
    [[1], { op: "add", path: "/01", value: 1 }, "is not an array index"],
    [{ a: 1 }, { op: "test", path: "/a", value: 2 }, 'json patch operation 0 (test "/a"): the value differs'],
    [{ a: "x" }, { op: "add", path: "/a/b", value: 2 }, "not an object or array"],
    [{ a: {} }, { op: "move", from: "/a", path: "/a/b" }, "into itself"],
    [{}, { op: "replace", path: "/constructor", value: 1 }, '"constructor" does not exist'],
  ])("%j: %j fails and says where", (document, operation, message) => {
    const [code, text] = failure(document, operation);
    expect(code).toBe("KUBE_PATCH_FAILED");
    expect(text).toContain(message);
  });

  it.each([
    [{ op: "merge", path: "/a" }, "op must be"],
    [{ op: "add", path: "a", value: 1 }, "path must be"],
    [{ op: "add", value: 1 }, "path must be"],
    [{ op: "add", path: "/a" }, "value is missing"],
    [{ op: "move", path: "/a" }, "from must be"],
    [{ op: "remove", path: "/a~2" }, "must be followed by 0 or 1"],
  ])("%j is malformed", (operation, message) => {
    const [code, text] = failure({ a: 1 }, { op: "test", path: "/a", value: 1 }, operation);
    expect(code).toBe("KUBE_PATCH_MALFORMED");
    expect(text).toContain("operation 1");
    expect(text).toContain(message);
  });

  it("leaves the document alone, also when a later operation fails", () => {
    const document = { list: [1, 2], map: { a: 1 } };
    const before = cloneJson(document);
    failure(document, { op: "add", path: "/list/0", value: 0 }, { op: "remove", path: "/map/a" }, { op: "remove", path: "/nope" });
    expect(document).toEqual(before);
  });

  it("add then remove is the identity for any key, __proto__ too", () => {
    const key = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "a/b", "~"));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), key, fc.jsonValue(), (document, name, value) => {
        fc.pre(!Object.hasOwn(document, name));
        const path = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
        const added = applyJsonPatch(document, [{ op: "add", path, value }]) as Record<string, unknown>;
        expect(Object.hasOwn(added, name)).toBe(true);
        expect(Object.getPrototypeOf(added)).toBe(Object.prototype);
        expect(deepEqual(applyJsonPatch(added, [{ op: "remove", path }]), document)).toBe(true);
      }),
    );
  });
});
