/** The `cue` command: `eval`, `export`, `vet`, `def` and `fmt`, under the reference's names and with its texts. */
import { joinPath } from "../load/file-system.ts";
import type { Parsed } from "./arguments.ts";
import { parseArguments } from "./arguments.ts";
import { experimentProblem } from "./environment.ts";
import { CommandFailure } from "./failure.ts";
import { runFmt } from "./format-files.ts";
import type { Host, Outcome } from "./host.ts";
import { reportErrors } from "../report/index.ts";
import type { Printed } from "./values.ts";
import { runDef, runEval, runExport, runVet } from "./values.ts";

/**
 * Runs one command. Reads by `host` only, and writes nothing: what goes to standard output, standard error and files is
 * in the outcome. Bad input is told on standard error with exit code 1.
 */
export function runCue(args: readonly string[], host: Host): Outcome {
  const printed: Printed = { stdout: "", stderr: "", failed: false, writes: new Map() };
  const parsed = parseArguments(args);
  if (parsed.kind === "text") {
    if (parsed.exitCode === 0) printed.stdout += parsed.text;
    else printed.stderr += parsed.text;
    return { ...outcome(printed), exitCode: parsed.exitCode };
  }
  const cwd = parsed.chdir === undefined ? host.cwd : joinPath(host.cwd, parsed.chdir);
  const problem = experimentProblem(host.env["CUE_EXPERIMENT"] ?? "");
  if (problem !== undefined) {
    printed.stderr += `${problem}\n`;
    return { ...outcome(printed), exitCode: 1 };
  }
  try {
    dispatch(parsed, { ...host, cwd }, printed);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    printed.stderr += reportErrors(error.errors, { cwd });
    printed.failed = true;
  }
  return outcome(printed);
}

function outcome(printed: Printed): Outcome {
  return { stdout: printed.stdout, stderr: printed.stderr, exitCode: printed.failed ? 1 : 0, writes: printed.writes };
}

function dispatch({ command, args, flags }: Extract<Parsed, { kind: "run" }>, host: Host, printed: Printed): void {
  switch (command) {
    case "eval":
      return runEval(args, flags, host, printed);
    case "export":
      return runExport(args, flags, host, printed);
    case "def":
      return runDef(args, flags, host, printed);
    case "vet":
      return runVet(args, flags, host, printed);
    case "fmt":
      return runFmt(args, flags, host, printed);
    case "version":
      printed.stdout += `cue version v${languageVersion} (slipway)\n\ncue.lang.version v${languageVersion}\n`;
  }
}

/** Of the language that is implemented. */
const languageVersion = "0.15.0";
