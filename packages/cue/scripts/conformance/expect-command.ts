/** The command's output on the vector's sources as files: standard output, standard error, exit status, files written. */
import { memoryFileSystem, runCue } from "@slipway/cue/node";
import type { Files, Vector, Verdict } from "./vectors.ts";
import { failed, passed, short } from "./vectors.ts";

export function judgeCommand(sources: Files, vector: Vector): Verdict {
  const files = new Map(Object.entries(sources).map(([name, text]) => [`/${name}`, text]));
  const cwd = `/${vector.cwd ?? ""}`.replace(/\/\.?$/, "") || "/";
  const { expect } = vector;
  const fs = memoryFileSystem(files);
  const ran = runCue([vector.cmd ?? "", ...(vector.args ?? [])], {
    files: fs,
    cwd,
    stdin: vector.stdin ?? "",
    env: vector.env ?? {},
    // Where the vectors keep the modules that their registry would have.
    moduleDirectory: (path, version) => {
      const directory = `/_registry/${path.replaceAll("/", "_")}_${version}`;
      return fs.list(directory) === undefined ? undefined : directory;
    },
  });
  const problems: string[] = [];
  if ((ran.exitCode !== 0) !== (expect.fail === true))
    problems.push(`want ${expect.fail === true ? "failure" : "success"}; got exit ${ran.exitCode}: ${short(ran.stderr, 200)}`);
  compare("stdout", ran.stdout, expect.stdout?.replaceAll("${/}", "/"), expect.stdoutRe, problems);
  compare("stderr", ran.stderr, expect.stderr?.replaceAll("${/}", "/"), expect.stderrRe, problems);
  for (const [name, text] of Object.entries(expect.files ?? {})) {
    const got = ran.writes.get(`${cwd === "/" ? "" : cwd}/${name}`) ?? ran.writes.get(`/${name}`) ?? files.get(`/${name}`);
    if (got !== text) problems.push(`file ${name}: want ${short(text, 200)}; got ${short(got ?? "no file", 200)}`);
  }
  return problems.length === 0 ? passed : failed(problems.join(" — "));
}

function compare(name: string, got: string, exact: string | undefined, patterns: readonly string[] | undefined, problems: string[]): void {
  if (exact !== undefined && got !== exact) problems.push(`${name}: want ${short(exact, 300)}; got ${short(got, 300)}`);
  for (const pattern of patterns ?? []) {
    if (!new RegExp(pattern.replace(/^\(\?[ms]+\)/, ""), "m").test(got))
      problems.push(`${name}: want /${short(pattern)}/; got ${short(got, 300)}`);
  }
}
