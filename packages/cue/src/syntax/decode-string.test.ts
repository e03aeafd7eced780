import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBytes, decodeString } from "./decode-string.ts";
import {
  quoteBytes,
  quoteBytesAtIndent,
  quoteLabel,
  quoteMultilineBytes,
  quoteMultilineString,
  quoteString,
  quoteStringAtIndent,
} from "./quote.ts";

const problems = (raw: string): string[] => decodeString(raw).problems.map(({ at, message }) => `${at} ${message}`);

describe("decodeString", () => {
  it.each([
    ['"Hello"', "Hello"],
    ['""', ""],
    ['"\\a\\b\\f\\n\\r\\t\\v\\/\\\\\\""', '\u0007\b\f\n\r\t\v/\\"'],
    ['"\\u0061\\U0001F604"', "a😄"],
    ['"\\uD834\\uDD1E"', "𝄞"],
    ['"\r"', "\r"],
    ['#"no \\n, \\#n"#', "no \\n, \n"],
    ['##"a "# b"##', 'a "# b'],
    ['#"a\\"#', "a\\"],
    ['"""\n\tone\n\t\ttwo\n\n\t"""', "one\n\ttwo\n"],
    ['"""\r\n\tone\r\n\r\n\ttwo\r\n\t"""', "one\n\ntwo"],
    ['"""\none \\\ntwo\n"""', "one two"],
    ['"""\n\tone \\\n\n\t"""', "one "],
    ['"""\n"""', ""],
    ['"""\n\t"quoted" """x\n\t"""', '"quoted" """x'],
    ['#"""\n\t\\n\\#n\n\t"""#', "\\n\n"],
  ])("%j", (raw, value) => {
    expect(decodeString(raw)).toEqual({ parts: [value], value, problems: [] });
  });

  it.each([
    ['"\\q"', "2 unknown escape sequence"],
    ['"\\\'"', "2 unknown escape sequence"],
    ['"\\x41"', "2 hexadecimal escape not allowed in string literal"],
    ['"\\101"', "2 octal escape not allowed in string literal"],
    ['"\\u12G4"', "5 illegal character U+0047 'G' in escape sequence"],
    ['"\\u12"', "5 escape sequence not terminated"],
    ['"\\U01230123"', "2 escape sequence is invalid Unicode code point"],
    ['"\\uDD1E\\uD834"', "1 unmatched surrogate pair"],
    ['"\\uD834x"', "1 unmatched surrogate pair"],
    ["'\\06'", "4 escape sequence not terminated"],
    ["'\\400'", "2 escape sequence is invalid Unicode code point"],
    ["'\\\"'", "2 unknown escape sequence"],
    ['"""\n\tone\n two\n\t"""', "9 invalid string: invalid whitespace"],
    ['"""\n\tone\\\n\t"""', "8 last newline of multiline string cannot be escaped"],
  ])("refuses %j", (raw, problem) => {
    expect(problems(raw)).toContain(problem);
  });

  it("never throws", () => {
    const unit = fc.constantFrom("\\", '"', "'", "#", "\n", "\r", "\t", "(", "u", "D", "8", "0", "x", "é", "😀");
    fc.assert(
      fc.property(fc.string({ unit }), (raw) => {
        decodeString(raw);
      }),
    );
  });
});

describe("decodeBytes", () => {
  it.each([
    ["'a\\x00\\377'", [97, 0, 255]],
    ["'é\\u00e9'", [0xc3, 0xa9, 0xc3, 0xa9]],
    ["'''\n\ta\n\t'''", [97]],
  ])("%j", (raw, bytes) => {
    expect([...decodeBytes(raw)]).toEqual(bytes);
  });
});

describe("quoting", () => {
  it.each([
    [quoteString('a"b\\c\n\t\u0007é\u00a0\u{1f600}'), '"a\\"b\\\\c\\n\\t\\aé\\u00a0😀"'],
    [quoteString("it's"), `"it's"`],
    [quoteString("\u0000\u007f"), '"\\u0000\\u007f"'],
    [quoteBytes(Uint8Array.of(0, 255, 0xc3, 0xa9, 39, 34)), `'\\x00\\xffé\\'"'`],
    [quoteMultilineString("one\n\ntwo\n", 1), '"""\n\tone\n\n\ttwo\n\n\t"""'],
    [quoteMultilineString("", 2), '"""\n\t\t"""'],
    [quoteMultilineString('a """ b\\', 0), '#"""\na """ b\\#\\\n"""#'],
    [quoteMultilineString('"""##', 0), '###"""\n"""##\n"""###'],
    [quoteStringAtIndent("one", 3), '"one"'],
    [quoteStringAtIndent("one\ntwo", 1), '"""\n\tone\n\ttwo\n\t"""'],
    [quoteBytesAtIndent(Uint8Array.of(10), 0), "'''\n\n\n'''"],
    [quoteLabel("a1"), "a1"],
    [quoteLabel("$x"), "$x"],
    [quoteLabel("é"), "é"],
    [quoteLabel("_a"), '"_a"'],
    [quoteLabel("#a"), '"#a"'],
    [quoteLabel("1a"), '"1a"'],
    [quoteLabel("a-b"), '"a-b"'],
    [quoteLabel(""), '""'],
  ])("writes %s", (written, expected) => {
    expect(written).toBe(expected);
  });

  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom('"', "'", "#", "\\", "\n", "\r", "\t", " ", "a", "(", "\u2028", "\u00a0") }),
  );
  const tabs = fc.nat(3);

  it("is undone by decoding", () => {
    fc.assert(
      fc.property(text, tabs, (value, indent) => {
        for (const raw of [quoteString(value), quoteMultilineString(value, indent)])
          expect(decodeString(raw)).toEqual({ parts: [value], value, problems: [] });
      }),
    );
  });

  it("is undone by decoding, for bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), tabs, (bytes, indent) => {
        expect([...decodeBytes(quoteBytes(bytes))]).toEqual([...bytes]);
        expect([...decodeBytes(quoteMultilineBytes(bytes, indent))]).toEqual([...bytes]);
      }),
    );
  });
});
