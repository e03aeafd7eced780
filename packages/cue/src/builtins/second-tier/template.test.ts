import { describe, expect, test } from "vitest";
import { decodeJson } from "../../encoding/json.ts";
import { callText } from "./call-for-tests.ts";
import { formatFloat } from "./go-float.ts";
import { templatePackage } from "./template.ts";

function execute(template: string, json: string): string {
  const result = callText(templatePackage, "Execute", template, decodeJson(json));
  return result.startsWith("error: ") ? result : (JSON.parse(result) as string);
}

describe("text/template", () => {
  test.each([
    ["{{.}}-{{.}}", '"foo"', "foo-foo"],
    ["{{.a.b}} {{$.a.b}} {{(index .l 1).k}}", '{"a":{"b":1.50},"l":[0,{"k":"v"}]}', "1.5 1.5 v"],
    ["{{range $i, $e := .}}{{if $i}}, {{end}}{{$e}}{{else}}none{{end}}", '[1,2,"x"]', "1, 2, x"],
    ["{{range .}}{{.}}{{else}}none{{end}}", "[]", "none"],
    ["{{range $k, $v := .}}{{$k}}={{$v}};{{end}}", '{"b":1,"a":2}', "a=2;b=1;"],
    ["{{range .}}{{if eq . 2}}{{continue}}{{end}}{{if eq . 4}}{{break}}{{end}}{{.}}{{end}}", "[1,2,3,4,5]", "13"],
    ["{{range 3}}{{.}}{{end}}", "0", "012"],
    ["a {{- /* c */ -}} b {{- .x -}}\n c", '{"x":{"a":[1.5,null,true]}}', "abmap[a:[1.5 <nil> true]]c"],
    ["{{with $x := .a}}{{$x}}{{.}}{{else}}no{{end}}{{with .b}}b{{else}}no{{end}}", '{"a":5}', "55no"],
    ["{{if .a}}a{{else if .b}}b{{else}}c{{end}}", '{"b":1}', "b"],
    ['{{define "T"}}<{{.}}>{{end}}{{template "T" .n}}{{block "B" 7}}[{{.}}]{{end}}', '{"n":3}', "<3>[7]"],
    ["{{$x := 1}}{{range .}}{{$x = .}}{{end}}{{$x}}", "[1,2,3]", "3"],
    ['{{"a" | printf "%s-%s" "b"}}', "0", "b-a"],
    ['{{and 1 0 2}} {{or 0 "" 3}} {{not .}}', "0", "0 3 true"],
    ['{{lt 1 2}} {{ge "a" "b"}} {{eq . 1 2 3}} {{ne . 3}}', "3", "true false true false"],
    ["{{len .}} {{slice . 1 3}} {{index . 0}}", '"h\u00e9y"', "4 \u00e9 104"],
    [
      "{{html .}} {{js .}} {{urlquery .}}",
      "\"<a='b'>&\"",
      "&lt;a=&#39;b&#39;&gt;&amp; \\u003Ca\\u003D\\'b\\'\\u003E\\u0026 %3Ca%3D%27b%27%3E%26",
    ],
    ['{{print 1 2 "a" 3}}{{println "x" 1}}', "0", "1 2a3x 1\n"],
    ["{{1e100}} {{0x1F}} {{'a'}} {{`r`}} {{\"\\u00e9\\x41\"}} {{1e20}}", "0", "1e+100 31 97 r \u00e9A 100000000000000000000"],
    ["{{.x}}|{{.x.y}}|{{.n}}", '{"n":null}', "<no value>|<no value>|<no value>"],
    [
      '{{printf "%05d|%-5s|%q|%v|%x|%6.2f|%t|%T|%%|%c|%+d|%e" 42 "ab" "q" . 255 3.14159 true . 65 5 1234.5}}',
      '{"k":[1]}',
      '00042|ab   |"q"|map[k:[1]]|ff|  3.14|true|map[string]interface {}|%|A|+5|1.234500e+03',
    ],
    ['{{printf "%d %s" "x"}} {{printf "a" 1}} {{printf "%!"}}', "0", "%!d(string=x) %!s(MISSING) a%!(EXTRA int=1) %!!(MISSING)"],
  ])("%s", (template, data, result) => {
    expect(execute(template, data)).toBe(result);
  });

  test.each([
    ["{{.x.y}}", '{"x":"s"}', 'template: :1:4: executing "" at <.x.y>: can\'t evaluate field y in type interface {}'],
    ["\n {{.n.y}}", '{"n":null}', 'template: :2:5: executing "" at <.n.y>: nil pointer evaluating interface {}.y'],
    ["{{index . 5}}", "[1]", 'template: :1:2: executing "" at <index . 5>: error calling index: index out of range: 5'],
    ["{{eq 1 1.0}}", "0", 'template: :1:2: executing "" at <eq 1 1.0>: error calling eq: incompatible types for comparison'],
    ["{{len 1 2}}", "0", 'template: :1:2: executing "" at <len>: wrong number of args for len: want 1 got 2'],
    ["{{range .}}{{end}}", "true", 'template: :1:8: executing "" at <.>: range can\'t iterate over true'],
    ['{{template "x"}}', "0", 'template: :1:11: executing "" at <{{template "x"}}>: template "x" not defined'],
    ["{{foo}}", "0", 'template: :1: function "foo" not defined'],
    ["{{$x}}", "0", 'template: :1: undefined variable "$x"'],
    ["\n{{.a", "0", "template: :2: unclosed action"],
    ["{{if .a}}", "0", "template: :1: unexpected EOF"],
    ["{{end}}", "0", "template: :1: unexpected {{end}}"],
    ["{{}}", "0", "template: :1: missing value for command"],
    ["{{1 | 2}}", "0", "template: :1: non executable command in pipeline stage 2"],
    ["{{break}}", "0", "template: :1: {{break}} outside {{range}}"],
    ["{{/* a", "0", "template: :1: unclosed comment"],
  ])("%j fails", (template, data, message) => {
    expect(execute(template, data)).toBe(`error: ${message}`);
  });

  test("hostile templates end", () => {
    expect(execute("{{range 1000000000}}{{end}}", "0")).toContain("execution takes more than");
    expect(execute(`{{range 1000000000}}${"a".repeat(1000)}{{end}}`, "0")).toContain("output is longer than");
    expect(execute('{{$x := "ab"}}{{range 100}}{{$x = print $x $x}}{{end}}', "0")).toContain("longer than");
    expect(execute('{{define "r"}}{{template "r"}}{{end}}{{template "r"}}', "0")).toContain("maximum template depth");
    expect(execute("{{if 1}}".repeat(10_000), "0")).toContain("nested too deep");
    expect(execute(`{{${"(".repeat(10_000)}`, "0")).toContain("unclosed action");
    expect(execute(`{{${"(".repeat(10_000)}}}`, "0")).toContain("nested too deep");
  });

  test("escapes", () => {
    expect(callText(templatePackage, "HTMLEscape", "<\0>")).toBe('"&lt;\ufffd&gt;"');
    expect(callText(templatePackage, "JSEscape", "'\u2028\n")).toBe('"\\\\\'\\\\u2028\\\\n"');
  });
});

test.each([
  [0.1, "g", undefined, "0.1"],
  [1e21, "g", undefined, "1e+21"],
  [123456789, "g", 4, "1.235e+08"],
  [2.5, "f", 0, "2"],
  [3.5, "f", 0, "4"],
  [0.000001234, "g", undefined, "1.234e-06"],
  [9.9999, "e", 2, "1.00e+01"],
  [1e-7, "f", 9, "0.000000100"],
  [-0, "f", 1, "-0.0"],
  [5e-324, "e", undefined, "5e-324"],
  [1.7976931348623157e308, "e", 3, "1.798e+308"],
  [100, "f", undefined, "100"],
  [1234.5678, "G", 3, "1.23E+03"],
  [0, "e", 2, "0.00e+00"],
])("float %d as %s %s", (value, format, precision, text) => {
  expect(formatFloat(value, format, precision)).toBe(text);
});
