/** One vector, one verdict: dispatches on what is expected. Nothing here throws for a wrong implementation. */
import type { CompileOptions, Program, Value } from "@slipway/cue";
import { builtinPackages, compile } from "@slipway/cue";
import { judgeCommand } from "./expect-command.ts";
import { judgeBadLiteral, judgeError } from "./expect-error.ts";
import { judgeExport } from "./expect-export.ts";
import { flowPackages, judgeFlow } from "./expect-flow.ts";
import { judgeFormat } from "./expect-format.ts";
import { judgeJson } from "./expect-json.ts";
import { judgeReport } from "./expect-report.ts";
import { judgeSchema } from "./expect-schema.ts";
import { judgeSubsumption } from "./expect-subsumption.ts";
import { judgeAllows, judgeClosed, judgeKind, judgeText } from "./expect-value.ts";
import { moduleAt } from "./landing.ts";
import { Programs, budget, rootFiles } from "./programs.ts";
import type { Category, Files, Vector, Verdict } from "./vectors.ts";
import { failed, filesOf, unsupported } from "./vectors.ts";

interface Expected {
  readonly equalsExpected: (value: Value, expected: string) => boolean | "unsupported";
}
interface PackageLoader {
  /** Compiles the package in the root folder of `files`. */
  readonly compileFolder: (files: Files, options: CompileOptions) => Program;
}

const expected = await moduleAt<Expected>("print/expected.ts");
const loader = await moduleAt<PackageLoader>("load/folder.ts");
/** A slice keeps the imports of its source, and may have lost what used them. */
const compileFiles = (files: Files, isSlice: boolean): Program => {
  const options: CompileOptions = { budget, unusedImports: isSlice ? "ignore" : "refuse" };
  return loader?.compileFolder?.(files, options) ?? compile(rootFiles(files), options);
};
/** The specification's tables unify bounds that leave one value to that value, which the evaluator does by a switch. */
const compileTable = (files: Files): Program => compile(rootFiles(files), { budget, compatibility: { collapseBounds: true } });
/** Programs of tasks import packages that no others may. */
const compileFlow = (files: Files): Program => {
  const options: CompileOptions = { budget, builtins: [...builtinPackages, ...flowPackages] };
  return loader?.compileFolder?.(files, options) ?? compile(rootFiles(files), options);
};

export class Judge {
  readonly #programs = new Programs(compileFiles);
  readonly #tables = new Programs(compileTable);

  judge(category: Category, vector: Vector): Verdict {
    try {
      return this.#dispatch(category, vector);
    } catch (error) {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return failed(`threw ${stack.split("\n").slice(0, 4).join(" ")}`);
    }
  }

  #dispatch(category: Category, vector: Vector): Verdict {
    const { expect } = vector;
    if (vector.cmd !== undefined) return judgeCommand(filesOf(category, vector, true).files, vector);
    if (expect.debug !== undefined) return unsupported("no such output");
    if (vector.kind === "fmt") return judgeFormat(filesOf(category, vector).files, vector);
    const { key, files } = filesOf(category, vector);
    const isSlice = key === vector.slice && key !== vector.src;
    if (expect.subsumes !== undefined) return judgeSubsumption(this.#programs.get(key, files, isSlice).value, expect);
    if (expect.steps !== undefined) return judgeFlow(compileFlow(files), expect);
    const programs = category.name === "spec-table" ? this.#tables : this.#programs;
    const { program, value: root } = programs.get(key, files, isSlice);
    if (expect.report !== undefined) return judgeReport(program, root, expect.report);
    if (vector.kind === "export") return judgeExport(root, vector);
    if (vector.kind === "openapi" || vector.kind === "jsonschema") return judgeSchema(root, vector);
    const value = vector.path === undefined || vector.path === "" ? root : root.lookup(vector.path);
    if (expect.error !== undefined) {
      const judge = category.name === "literal" && expect.error.code === "syntax" ? judgeBadLiteral : judgeError;
      return judge(program, value, expect.error);
    }
    if (expect.kind !== undefined) return judgeKind(value, expect.kind);
    if (expect.closed !== undefined) return judgeClosed(value, expect.closed);
    if (expect.allows !== undefined) return judgeAllows(value, expect.allows);
    if (expect.type !== undefined || expect.text !== undefined) {
      const text = judgeText(value, expect);
      if (text.outcome !== "passed" || expect.cue === undefined) return text;
    }
    const json = expect.json === undefined ? undefined : judgeJson(value, expect.json);
    if (json !== undefined && json.outcome !== "passed") return json;
    if (expect.cue === undefined) return json ?? unsupported("expects nothing known");
    // The tables of the specification tell what an expression is worth, with its default taken.
    const subject = category.name === "spec-table" ? value.default() : value;
    const equal = expected?.equalsExpected?.(subject, expect.cue) ?? "unsupported";
    if (equal === "unsupported") return json ?? unsupported("values are not compared with CUE text yet");
    return equal
      ? { outcome: "passed" }
      : failed(`want ${expect.cue.replace(/\s+/g, " ")}; got ${value.describe().replace(/\s+/g, " ").slice(0, 300)}`);
  }
}
