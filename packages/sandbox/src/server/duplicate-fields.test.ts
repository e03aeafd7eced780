import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findDuplicateFields } from "./duplicate-fields.ts";

describe("duplicate fields", () => {
  it.each([
    ['{"a":1,"a":2}', ["a"]],
    ['{"spec":{"x":[{"y":1,"y":2}]}}', ["spec.x[0].y"]],
    ['{"a":{"b":1},"c":{"b":1}}', []],
    ['{"a":"{\\"a\\":1,\\"a\\":2}"}', []],
    ['{"a":[{"b":1},{"b":2}]}', []],
    ['{"\\u0061":1,"a":2}', ["a"]],
    ['{"a":"\\\\","b":1,"b":2}', ["b"]],
  ])("%s", (text, expected) => {
    expect(findDuplicateFields(text)).toEqual(expected);
  });

  it("finds none in any text that JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(findDuplicateFields(JSON.stringify(value))).toEqual([]);
      }),
    );
  });
});
