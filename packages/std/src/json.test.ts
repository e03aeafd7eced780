import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cloneJson, deepEqual, stableStringify } from "./json.ts";

describe("json", () => {
  it("clones to an equal value that shares nothing", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy = cloneJson(value);
        expect(deepEqual(copy, value)).toBe(true);
        if (typeof value === "object" && value !== null) expect(copy).not.toBe(value);
      }),
    );
  });

  it("gives equal values one text whatever the order of keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), (record) => {
        const reversed = Object.fromEntries(Object.entries(record).reverse());
        expect(stableStringify(reversed)).toBe(stableStringify(record));
        expect(deepEqual(reversed, record)).toBe(true);
      }),
    );
  });

  it("counts an undefined key as absent", () => {
    expect(deepEqual({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(stableStringify({ a: 1, b: undefined })).toBe('{"a":1}');
  });

  it("keeps __proto__ as an ordinary key", () => {
    const hostile = JSON.parse('{"__proto__": {"polluted": true}}') as object;
    const copy = cloneJson(hostile);
    expect(Object.keys(copy)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});
