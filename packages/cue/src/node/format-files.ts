/** The command `fmt`: files in place, standard input to standard output. */
import { reportErrors } from "../report/index.ts";
import { formatSource } from "./language.ts";
import { fileType } from "../load/file-type.ts";
import { joinPath, relativePath } from "../load/file-system.ts";
import { isPackageArgument } from "../load/load.ts";
import { matchDirectories } from "../load/patterns.ts";
import type { Flags } from "./arguments.ts";
import { unifiedDiff } from "./diff.ts";
import { CommandFailure } from "./failure.ts";
import type { Host } from "./host.ts";
import type { Printed } from "./values.ts";

export function runFmt(args: readonly string[], flags: Flags, host: Host, printed: Printed): void {
  let different = false;
  for (const path of filesOf(args, flags, host)) {
    const stdin = path === "-";
    const text = stdin ? (typeof host.stdin === "string" ? host.stdin : host.stdin()) : host.files.readFile(path);
    const name = stdin ? "-" : relativePath(host.cwd, path);
    if (text === undefined) throw new CommandFailure(`open ${name}: no such file or directory`);
    const formatted = formatSource(path, text, { simplify: flags.simplify === true });
    if (!formatted.ok) {
      printed.stderr += reportErrors(formatted.errors, { cwd: host.cwd });
      printed.failed = true;
      continue;
    }
    if (stdin && flags.diff !== true && flags.check !== true) printed.stdout += formatted.text;
    if (formatted.text === text) continue;
    different = true;
    if (flags.diff === true) printed.stdout += `${unifiedDiff(`${name}.orig`, text, name, formatted.text)}\n`;
    else if (flags.check === true) printed.stdout += `${name}\n`;
    else if (!stdin) printed.writes.set(path, formatted.text);
  }
  if (flags.check === true && different) printed.failed = true;
}

/** Every CUE file the arguments name, whatever package it is of. */
function filesOf(args: readonly string[], flags: Flags, host: Host): readonly string[] {
  const { cwd, files } = host;
  const found: string[] = [];
  const named: string[] = [];
  const addDirectory = (directory: string): void => {
    const names = (files.list(directory) ?? []).filter((entry) => !entry.directory && entry.name.endsWith(".cue"));
    for (const { name } of names.sort((a, b) => (a.name < b.name ? -1 : 1))) if (!/^[._]/.test(name)) found.push(joinPath(directory, name));
  };
  const addTree = (directory: string): void => {
    const pending = [directory];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const current = at;
      addDirectory(current);
      const inner = (files.list(current) ?? [])
        .filter((entry) => entry.directory && !/^[._]|^cue\.mod$/.test(entry.name))
        .map((entry) => entry.name);
      pending.push(
        ...inner
          .sort()
          .reverse()
          .map((name) => joinPath(current, name)),
      );
    }
  };
  for (const arg of args.length === 0 ? ["."] : args) {
    const path = joinPath(cwd, arg);
    if (arg === "-") named.push("-");
    else if (flags.files === true) {
      if (files.list(path) === undefined) named.push(path);
      else addTree(path);
    } else if (arg.includes("...")) for (const directory of matchDirectories(files, cwd, arg)) addDirectory(directory);
    else if (isPackageArgument(arg)) {
      const directory = joinPath(cwd, arg.replace(/:[^:/]*$/, ""));
      if (files.list(directory) === undefined) throw new CommandFailure(`cannot find package ${JSON.stringify(arg)}`);
      addDirectory(directory);
    } else {
      const type = fileType(arg);
      if (!type.ok) throw new CommandFailure(type.message);
      if (type.type.encoding === "cue") named.push(path);
    }
  }
  // Files by name make one package, whose files are sorted by their depth first.
  const depth = (path: string): number => path.split("/").length;
  named.sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : a > b ? 1 : 0));
  return [...new Set([...found, ...named])];
}
