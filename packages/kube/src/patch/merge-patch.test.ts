import { cloneJson, deepEqual } from "@slipway/std";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyMergePatch, createMergePatch, threeWayMergePatch } from "./merge-patch.ts";

const key = fc.constantFrom("a", "b", "c", "__proto__", "constructor");
/** JSON without nulls in objects: what a merge patch can express. */
const { object } = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ max: 3, min: 0 }),
    fc.constantFrom("x", true),
    fc.array(fc.integer({ max: 2, min: 0 }), { maxLength: 3 }),
    tie("object"),
  ),
  object: fc.dictionary(key, tie("value") as fc.Arbitrary<unknown>, { maxKeys: 4, noNullPrototype: true }),
}));

describe("merge patch", () => {
  // The test cases of RFC 7396, appendix A.
  it.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("%j with %j is %j", (target, patch, expected) => {
    expect(applyMergePatch(target, patch)).toEqual(expected);
  });

  it("makes b of a, is empty for equals, changes no input, shares nothing", () => {
    fc.assert(
      fc.property(object, object, (a, b) => {
        const before = cloneJson([a, b]);
        const patch = createMergePatch(a, b);
        const result = applyMergePatch(a, patch);
        expect(deepEqual(result, b)).toBe(true);
        expect(deepEqual(applyMergePatch(result, patch), b)).toBe(true);
        expect(createMergePatch(result, b)).toEqual({});
        expect(deepEqual([a, b], before)).toBe(true);
        expect(({} as Record<string, unknown>)["a"]).toBeUndefined();
      }),
    );
  });

  it("does not share the patch's values with the result", () => {
    const patch = { spec: { list: [{ a: 1 }] } };
    const result = applyMergePatch({}, patch) as typeof patch;
    result.spec.list[0] = { a: 2 };
    expect(patch.spec.list).toEqual([{ a: 1 }]);
  });
});

describe("three-way merge patch", () => {
  it("sets what the manifest says, removes what it no longer says, keeps what others wrote", () => {
    const original = { spec: { image: "a", dropped: 1, map: { x: 1, y: 2 } } };
    const modified = { spec: { image: "b", map: { x: 1 } } };
    const current = { spec: { image: "a", dropped: 1, map: { x: 1, y: 2, z: 3 }, defaulted: true }, status: {} };
    const patch = threeWayMergePatch(original, modified, current);
    expect(patch).toEqual({ spec: { image: "b", dropped: null, map: { y: null } } });
    expect(applyMergePatch(current, patch)).toEqual({ spec: { image: "b", map: { x: 1, z: 3 }, defaulted: true }, status: {} });
  });

  it("removes by an explicit null, and says nothing about what is gone already", () => {
    expect(threeWayMergePatch(undefined, { a: null, b: null }, { a: 1 })).toEqual({ a: null });
    expect(threeWayMergePatch({ a: 1 }, {}, {})).toEqual({});
  });

  it("is empty the second time", () => {
    fc.assert(
      fc.property(object, object, object, (original, modified, current) => {
        const applied = applyMergePatch(current, threeWayMergePatch(original, modified, current)) as object;
        expect(threeWayMergePatch(modified, modified, applied)).toEqual({});
      }),
    );
  });
});
