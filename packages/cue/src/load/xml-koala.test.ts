import { describe, expect, it } from "vitest";
import { XmlError, decodeKoala } from "./xml-koala.ts";

describe("koala", () => {
  it("maps attributes, text and repeated elements", () => {
    const data = decodeKoala(`<?xml version="1.0"?>\n<r a="1 &lt; 2"><!-- no --><x>one</x><x b='2'/><t><![CDATA[<raw>]]></t></r>`);
    expect(data).toEqual(
      new Map([
        [
          "r",
          new Map<string, unknown>([
            ["$a", "1 < 2"],
            ["x", [new Map([["$$", "one"]]), new Map([["$b", "2"]])]],
            ["t", new Map([["$$", "<raw>"]])],
          ]),
        ],
      ]),
    );
  });

  it("refuses what is not well formed, and comes to an end", () => {
    for (const bad of [
      "<a>",
      "<a></b>",
      "</a>",
      "<a b></a>",
      "<a>&nope;</a>",
      "<!DOCTYPE a>",
      "<!-- x",
      "<".repeat(1000),
      "<a>".repeat(1000),
    ])
      expect(() => decodeKoala(bad), bad).toThrow(XmlError);
  });
});
