/** The command's output on the vector's sources as files: standard output, standard error, exit status, files written. */
import { moduleAt } from "./landing.ts";
import type { Files, Vector, Verdict } from "./vectors.ts";
import { failed, passed, short, unsupported } from "./vectors.ts";

interface CommandModule {
  readonly runCue: (
    args: readonly string[],
    host: {
      readonly files: ReadonlyMap<string, string>;
      readonly cwd: string;
      readonly stdin: string;
      readonly env: Readonly<Record<string, string>>;
    },
  ) => { readonly stdout: string; readonly stderr: string; readonly exitCode: number; readonly writes: ReadonlyMap<string, string> };
}

const command = await moduleAt<CommandModule>("node/command.ts");

export function judgeCommand(sources: Files, vector: Vector): Verdict {
  if (command?.runCue === undefined) return unsupported("no command yet");
  const files = new Map(Object.entries(sources).map(([name, text]) => [`/${name}`, text]));
  const cwd = `/${vector.cwd ?? ""}`.replace(/\/\.?$/, "") || "/";
  const { expect } = vector;
  const ran = command.runCue([vector.cmd ?? "", ...(vector.args ?? [])], { files, cwd, stdin: vector.stdin ?? "", env: vector.env ?? {} });
  const problems: string[] = [];
  if ((ran.exitCode !== 0) !== (expect.fail === true))
    problems.push(`want ${expect.fail === true ? "failure" : "success"}; got exit ${ran.exitCode}: ${short(ran.stderr, 200)}`);
  compare("stdout", ran.stdout, expect.stdout, expect.stdoutRe, problems);
  compare("stderr", ran.stderr, expect.stderr, expect.stderrRe, problems);
  for (const [name, text] of Object.entries(expect.files ?? {})) {
    const got = ran.writes.get(`${cwd === "/" ? "" : cwd}/${name}`) ?? ran.writes.get(`/${name}`) ?? files.get(`/${name}`);
    if (got !== text) problems.push(`file ${name}: want ${short(text, 200)}; got ${short(got ?? "no file", 200)}`);
  }
  return problems.length === 0 ? passed : failed(problems.join(" — "));
}

function compare(name: string, got: string, exact: string | undefined, pattern: string | undefined, problems: string[]): void {
  if (exact !== undefined && got !== exact) problems.push(`${name}: want ${short(exact, 300)}; got ${short(got, 300)}`);
  if (pattern !== undefined && !new RegExp(pattern, "m").test(got))
    problems.push(`${name}: want /${short(pattern)}/; got ${short(got, 300)}`);
}
