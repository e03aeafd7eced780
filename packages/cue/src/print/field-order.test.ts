import { describe, expect, it } from "vitest";
import { labelName } from "../engine/label.ts";
import { compile } from "../compile/program.ts";
import { CueValue } from "../value/cue-value.ts";
import { orderedArcs, sortedArcs } from "./field-order.ts";
import { mergedOrder } from "./merged-order.ts";

function order(text: string, path = "x", sort = orderedArcs): string {
  const value = compile(text).instance().lookup(path);
  const vertex = value instanceof CueValue ? value.finished() : undefined;
  return vertex === undefined
    ? ""
    : sort(vertex)
        .map((arc) => labelName(arc.label))
        .join(" ");
}

describe("the order of fields", () => {
  it("is that of a literal, and of declarations after each other", () => {
    expect(order("x: {d: 1, b: 2, c: 3}")).toBe("d b c");
    expect(order("x: {d: 1}\nx: {b: 2}\nx: d: int")).toBe("d b");
  });

  it("takes references where they stand", () => {
    expect(order("x: {b: 1, e}\ne: {q: 2, p: 3}")).toBe("b q p");
    expect(order("x: {e, f}\ne: {z: 2}\nf: {a: 3}")).toBe("z a");
    expect(order("x: f\nx: e\ne: {z: 2}\nf: {b: 3, a: 1}")).toBe("b a z");
  });

  it("does not order operands of & against each other", () => {
    const text = "e: {q: 1, p: 2}\nf: {d: 1, c: 2}\n";
    expect(order(`${text}x: e & f`)).toBe("d c q p");
    expect(order(`${text}x: f & e`)).toBe("d c q p");
  });

  it("goes by name where operands contradict each other", () => {
    expect(order("x: {c: int, b: 1} & {b: int, c: 2}")).toBe("b c");
  });

  it("keeps what one result of a comprehension makes together", () => {
    expect(order('x: {\n\tfor k in ["b", "a"] {\n\t\t"\\(k)2": 1\n\t\t"\\(k)1": 1\n\t}\n}')).toBe("b2 b1 a2 a1");
  });

  it("may be by name alone", () => {
    expect(order("x: {d: 1, b: 2, c: 3}", "x", sortedArcs)).toBe("b c d");
  });

  it("takes time in proportion to the fields", () => {
    const labels = Array.from({ length: 5000 }, (_, i) => `f${(i * 7919) % 5000}`);
    expect(order(`x: {${labels.map((label) => `${label}: 1`).join("\n")}}`)).toBe(labels.join(" "));
  });
});

describe("the order of merged literals", () => {
  it("keeps each chain, and has all labels once", () => {
    expect(
      mergedOrder(
        [
          ["a", "b"],
          ["c", "a"],
        ],
        ["a", "b", "c", "d"],
      ),
    ).toEqual(["c", "a", "b", "d"]);
    expect(
      mergedOrder(
        [
          ["a", "b"],
          ["b", "a"],
        ],
        [],
      ),
    ).toEqual(["a", "b"]);
  });
});
