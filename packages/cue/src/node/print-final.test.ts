import { describe, expect, it } from "vitest";
import { compile } from "../compile/program.ts";
import type { PrintOptions } from "./language.ts";
import { printFinal } from "./print-final.ts";

function printed(text: string, options: Partial<PrintOptions> = {}): string {
  return printFinal(compile(text).instance(), { style: "eval", ...options });
}

describe("evaluated values as CUE", () => {
  const text = '// A doc.\na: 1 @x(y)\n#D: {b?: int, c: string | *"x"}\n_h: 2\nl: [1, a + 1]\n';

  it("shows what is asked for", () => {
    expect(printed(text)).toBe('a: 1\n#D: c: "x"\nl: [1, 2]\n');
    expect(printed(text, { optional: true, hidden: true, attributes: true })).toBe(
      'a: 1 @x(y)\n#D: {\n\tb?: int\n\tc:  "x"\n}\n_h: 2\nl:  [1, 2]\n',
    );
    expect(printed(text, { style: "export", package: "p" })).toBe("package p\n\n// A doc.\na: 1\nl: [1, 2]\n");
    expect(printed(text, { concrete: true })).toBe("a: 1\nl: [1, 2]\n");
  });

  it("indents as asked, and writes strings over several lines", () => {
    expect(printed('a: {b: 1, c: "x\\ny"}', { indent: "  " })).toBe('a: {\n  b: 1\n  c: """\n    x\n    y\n    """\n}\n');
  });

  it("keeps what is not decided, and quotes labels", () => {
    expect(printed('"a-b": int\nc: >1 & <5\nd: 1 | 2\n')).toBe('"a-b": int\nc:     >1 & <5\nd:     1 | 2\n');
    expect(printed("3")).toBe("3\n");
  });

  it("writes a definition as one", () => {
    const value = compile("#D: {a: int}").instance().lookup("#D");
    expect(printFinal(value, { style: "def", definition: true })).toBe("_#def\n_#def: a: int\n");
  });
});
