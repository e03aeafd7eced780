import fc from "fast-check";
import { expect, it } from "vitest";
import { positionAt, utf8Length } from "./position.ts";

const text = fc.string({ unit: fc.constantFrom("a", "é", "€", "😀", "\n", "\r", "\t") });

it("counts bytes as an encoder does", () => {
  fc.assert(
    fc.property(text, (value) => {
      expect(utf8Length(value)).toBe(new TextEncoder().encode(value).length);
    }),
  );
});

it("tells line and byte column", () => {
  fc.assert(
    fc.property(text, fc.nat(), (value, number) => {
      const offset = number % (value.length + 1);
      // The end of the text belongs to its last line, even after a line break.
      const before = value.slice(0, offset);
      const lines = (offset === value.length ? before.replace(/\n$/, "\u0001") : before).split("\n");
      expect(positionAt(value, offset)).toEqual({ line: lines.length, column: utf8Length(lines.at(-1) ?? "") + 1 });
    }),
  );
});
