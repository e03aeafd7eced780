/** Error reports: each message with every place that it comes from (upstream's tests of its builtin packages and `for` clauses). */
import { describe, expect, it } from "vitest";
import { compile } from "../index.ts";
import { collectErrors } from "./collect.ts";
import { reportErrors } from "./index.ts";

function report(text: string): string {
  const program = compile([{ filename: "in.cue", text }]);
  return reportErrors(collectErrors(program.instance()), { cwd: "", codes: true });
}

const cases: readonly { readonly name: string; readonly text: string; readonly expected: readonly string[] }[] = [
  {
    name: "JSON of what is not concrete: the call and the type",
    text: 'import "encoding/json"\n#A: {\n\ts: string\n\tout: json.Marshal({"s": s})\n}\n',
    expected: [
      '[incomplete] #A.out: error in call to encoding/json.Marshal: cannot convert incomplete value "string" to JSON:',
      "    ./in.cue:4:7",
      "    ./in.cue:3:5",
    ],
  },
  {
    name: "YAML of what is not concrete: the call, the type and the reference to it",
    text: 'import "encoding/yaml"\n#A: {\n\ts: string\n\tout: yaml.Marshal({"s": s})\n}\n',
    expected: [
      "[incomplete] #A.out: error in call to encoding/yaml.Marshal: incomplete value string:",
      "    ./in.cue:4:7",
      "    ./in.cue:3:5",
      "    ./in.cue:4:26",
    ],
  },
  {
    name: "a template of what is not concrete: the call and the field",
    text: 'import "text/template"\n#A: {\n\ts: string\n\tout: template.Execute("{{.s}}", {"s": s})\n}\n',
    expected: [
      "[incomplete] #A.out: error in call to text/template.Execute: cannot convert non-concrete value string:",
      "    ./in.cue:4:7",
      "    ./in.cue:3:2",
    ],
  },
  {
    name: "a required field that a loop needs: the clause, the field and the source",
    text: "#x: {\n\ta!: string\n}\ny: {\n\tfor k, v in #x {(k): 1}\n}\n",
    expected: [
      "[incomplete] y: missing required field in for comprehension: a:",
      "    ./in.cue:5:2",
      "    ./in.cue:2:2",
      "    ./in.cue:5:14",
    ],
  },
  {
    name: "a number that no double holds: the call and the argument",
    text: 'import "math"\nx: math.Asin(2.0e400)\n',
    expected: [
      "[eval] x: error in call to math.Asin: cannot use 2.0E+400 (type float) as float64 in argument 0: value was rounded up:",
      "    ./in.cue:2:4",
      "    ./in.cue:2:14",
    ],
  },
];

describe("error reports", () => {
  it.each(cases)("$name", ({ text, expected }) => {
    expect(report(text).trim().split("\n")).toEqual(expected);
  });
});
