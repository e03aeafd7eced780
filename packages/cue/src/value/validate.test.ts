import { describe, expect, it } from "vitest";
import { compile } from "../index.ts";

function missing(text: string): unknown {
  const instance = compile(text).instance();
  const told = instance.validate({ concrete: true }).map((error) => `${error.path.join(".")}: ${error.message}`);
  const json = instance.toJson();
  const exported = json.ok ? [] : json.errors.map((error) => `${error.path.join(".")}: ${error.message}`);
  // Of a value that several places share, validation tells once what it lacks.
  expect(exported.slice(0, told.length)).toEqual(told);
  return exported;
}

describe("what data lacks", () => {
  it("is told where it is asked for, though definitions share their values", () => {
    expect(missing("#D: {x!: int, y: string}\nb: #D\nc: [#D]")).toEqual([
      "b.x: field is required but not present",
      "b.y: incomplete value string",
      "c.0.x: field is required but not present",
      "c.0.y: incomplete value string",
    ]);
  });

  it("is told of data only", () => {
    expect(missing("#D: {x!: int}\n_h: int\no?: int\nd: *1 | int")).toEqual([]);
  });

  it("is told with all declarations", () => {
    const [error] = compile('a: string\na: string & =~"x"').instance().validate({ concrete: true });
    expect(error?.at.map((at) => `${at.line}:${at.column}`)).toEqual(["1:4", "2:4", "2:13"]);
  });
});
