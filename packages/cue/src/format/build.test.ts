import { describe, expect, it } from "vitest";
import {
  attribute,
  binary,
  bottom,
  bytesLit,
  call,
  chain,
  comprehension,
  docComments,
  ellipsis,
  embedding,
  field,
  file,
  forClause,
  ident,
  ifClause,
  importSpec,
  interpolation,
  letClause,
  lineComment,
  listLit,
  nullLit,
  numberLit,
  patternLabel,
  selector,
  stringLit,
  structLit,
  unary,
} from "./build.ts";
import { formatDeclarations, formatExpression, formatFile } from "./format.ts";

const one = numberLit("1");

describe("trees without source", () => {
  it("has fields on lines of their own, and single fields in chains", () => {
    expect(formatExpression(structLit([]))).toBe("{}");
    expect(formatExpression(structLit([field("a", one)]))).toBe("{a: 1}");
    expect(formatExpression(structLit([field("a", one), field("bc", one)]))).toBe("{\n\ta:  1\n\tbc: 1\n}");
    expect(formatDeclarations([field("a", structLit([field("b", structLit([field("c", one)]))]))])).toBe("a: b: c: 1\n");
    expect(formatDeclarations([field("a", structLit([])), field("long", listLit([one, one]))])).toBe("a:    {}\nlong: [1, 1]\n");
  });

  it("quotes labels that would not be plain identifiers", () => {
    const labels = ["a", "$a", "_a", "#a", "a-b", "", "1a", "é", "for"];
    expect(formatDeclarations(labels.map((label) => field(label, one)))).toBe(
      'a:     1\n$a:    1\n"_a":  1\n"#a":  1\n"a-b": 1\n"":    1\n"1a":  1\né:     1\nfor:   1\n',
    );
    expect(formatExpression(selector(selector(ident("a"), "b-c"), "d"))).toBe('a."b-c".d');
  });

  it("puts strings over several lines below the line they start on", () => {
    expect(
      formatDeclarations([field("a", structLit([field("b", stringLit("x\ny")), field("c", bytesLit(new Uint8Array([120, 10])))]))]),
    ).toBe("a: {\n\tb: \"\"\"\n\t\tx\n\t\ty\n\t\t\"\"\"\n\tc: '''\n\t\tx\n\n\t\t'''\n}\n");
  });

  it("breaks lists that are too long, and keeps brackets of structs together", () => {
    const long = listLit(Array.from({ length: 12 }, () => stringLit("abcdefgh")));
    expect(formatDeclarations([field("a", long)]).split("\n")).toHaveLength(15);
    const structs = listLit([structLit([field("a", one), field("b", one)]), structLit([field("a", one)])]);
    expect(formatDeclarations([field("l", structs)])).toBe("l: [{\n\ta: 1\n\tb: 1\n}, {\n\ta: 1\n}]\n");
  });

  it("puts parentheses where the tree needs them", () => {
    const or = chain("|", [ident("a"), ident("b")]);
    expect(formatExpression(binary("&", or, ident("c")))).toBe("(a | b) & c");
    expect(formatExpression(binary("-", one, binary("-", one, one)))).toBe("1 - (1 - 1)");
    expect(formatExpression(selector(or, "c"))).toBe("(a | b).c");
    expect(formatExpression(unary("*", or))).toBe("*(a | b)");
    expect(formatExpression(numberLit("-1.5"))).toBe("-1.5");
  });

  it("puts comments above and beside", () => {
    const decls = [
      field("a", one, { comments: docComments([["// one", "// more"], ["// two"]]) }),
      field("b", bottom(), { comments: [lineComment("// why")] }),
      field("c", nullLit(), { comments: docComments([["// apart"]], "section") }),
    ];
    expect(formatDeclarations(decls)).toBe("// one\n// more\n//\n// two\na: 1\nb: _|_ // why\n\n// apart\nc: null\n");
    expect(formatExpression(structLit([field("a", one, { comments: docComments([["// x"]]) })]))).toBe("{\n\t// x\n\ta: 1\n}");
  });

  it("has comprehensions with their bodies below", () => {
    const body = structLit([field("a", ident("v"))]);
    const each = comprehension([forClause("k", "v", ident("x"), "line"), ifClause(ident("v"), "line")], body);
    expect(formatDeclarations([field("c", structLit([each]))])).toBe("c: {\n\tfor k, v in x\n\tif v {\n\t\ta: v\n\t}\n}\n");
    expect(formatExpression(listLit([comprehension([ifClause(ident("x"))], structLit([embedding(one)]))]))).toBe("[if x {\n\t1\n}]");
  });

  it("prints whole files", () => {
    const made = file(
      [
        letClause("x", call(ident("f"), [one, one])),
        field(patternLabel(ident("string")), ident("int"), { attributes: [attribute("tag", "n")] }),
        field("s", interpolation(['a"', "b"], [ident("x")]), { constraint: "optional" }),
        embedding(structLit([field("e", one)])),
        ellipsis(),
      ],
      { package: "p", imports: [importSpec("list"), importSpec("a/b", { alias: "c", qualifier: "d" })] },
    );
    expect(formatFile(made)).toBe(
      'package p\n\nimport (\n\t"list"\n\tc "a/b:d"\n)\n\nlet x = f(1, 1)\n[string]: int @tag(n)\ns?:       "a\\"\\(x)b"\n{e: 1}\n...\n',
    );
  });
});
