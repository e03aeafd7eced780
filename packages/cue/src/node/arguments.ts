/** The command line: commands and flags under the reference's names, read with commander. */
import { Command, CommanderError, Option } from "commander";

export type CommandName = "eval" | "export" | "def" | "vet" | "fmt" | "version";

export interface Flags {
  readonly all?: boolean;
  readonly allErrors?: boolean;
  readonly check?: boolean;
  /** Undefined where the flag is not given: `vet` then only hints. */
  readonly concrete?: boolean;
  readonly diff?: boolean;
  readonly escape?: boolean;
  readonly expression?: readonly string[];
  readonly files?: boolean;
  readonly force?: boolean;
  readonly ignore?: boolean;
  readonly inject?: readonly string[];
  readonly injectVars?: boolean;
  readonly inlineImports?: boolean;
  readonly list?: boolean;
  readonly merge?: boolean;
  readonly name?: string;
  readonly out?: string;
  readonly outfile?: string;
  readonly package?: string;
  readonly path?: readonly string[];
  readonly schema?: readonly string[];
  readonly showAttributes?: boolean;
  readonly showHidden?: boolean;
  readonly showOptional?: boolean;
  readonly simplify?: boolean;
  readonly strict?: boolean;
  readonly withContext?: boolean;
}

export type Parsed =
  | {
      readonly kind: "run";
      readonly command: CommandName;
      readonly args: readonly string[];
      readonly flags: Flags;
      readonly chdir: string | undefined;
    }
  /** Help, or a mistake. */
  | { readonly kind: "text"; readonly text: string; readonly exitCode: number };

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

/** Reads the arguments after the program's name. */
export function parseArguments(args: readonly string[]): Parsed {
  let chdir: string | undefined;
  let rest = args;
  if ((rest[0] === "-C" || rest[0] === "--chdir") && rest[1] !== undefined) {
    chdir = rest[1];
    rest = rest.slice(2);
  }
  const late = rest.findIndex((arg) => arg === "-C" || arg === "--chdir");
  if (late >= 0)
    return mistake(`invalid argument ${JSON.stringify(rest[late + 1] ?? "")} for "-C, --chdir" flag: must be the first argument`);
  let run: Parsed | undefined;
  let text = "";
  const program = build((command, operands, flags) => (run = { kind: "run", command, args: operands, flags, chdir }));
  configure(program, (chunk) => (text += chunk));
  try {
    program.parse(plainBooleans(rest), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.help") return { kind: "text", text: program.helpInformation(), exitCode: 0 };
    if (error.exitCode === 0) return { kind: "text", text, exitCode: 0 };
    return mistake(described(error, rest));
  }
  return run ?? { kind: "text", text: program.helpInformation(), exitCode: 0 };
}

function mistake(message: string): Parsed {
  return { kind: "text", text: `${message}\n`, exitCode: 1 };
}

function configure(command: Command, write: (chunk: string) => void): void {
  command.exitOverride().configureOutput({ writeOut: write, writeErr: () => undefined });
  for (const each of command.commands) configure(each, write);
}

/** As the reference's flag library words it. */
function described(error: CommanderError, args: readonly string[]): string {
  const option = /'([^']*)'/.exec(error.message)?.[1] ?? "";
  if (error.code === "commander.unknownOption") {
    if (option.startsWith("--")) return `unknown flag: ${option}`;
    const given = args.find((arg) => arg.startsWith(option)) ?? option;
    return `unknown shorthand flag: '${option.charAt(1)}' in ${given}`;
  }
  if (error.code === "commander.unknownCommand") return `unknown command ${JSON.stringify(option)} for "cue"\nRun 'cue --help' for usage.`;
  if (error.code === "commander.optionMissingArgument") return `flag needs an argument: ${option.replace(/^.*(--[a-z-]+).*$/, "$1")}`;
  return error.message.replace(/^error: /, "");
}

const booleans = new Map<string, string>([
  ["-c", "concrete"],
  ["-a", "all"],
  ["-A", "show-attributes"],
  ["-H", "show-hidden"],
  ["-O", "show-optional"],
  ["-E", "all-errors"],
  ["-i", "ignore"],
  ["-s", "simplify"],
  ["-f", "force"],
  ["-T", "inject-vars"],
]);

/** `-c=false` and `--concrete=false`: commander knows `--no-concrete`. */
function plainBooleans(args: readonly string[]): string[] {
  return args.map((arg) => {
    const match = /^(-[A-Za-z]|--[a-z-]+)=(true|false|1|0|t|f|T|F|TRUE|FALSE|True|False)$/.exec(arg);
    if (match === null) return arg;
    const [, flag = "", value = ""] = match;
    const name = booleans.get(flag) ?? flag.replace(/^--/, "");
    if (name.startsWith("-") || ![...booleans.values(), ...longBooleans].includes(name)) return arg;
    return /^[1tT]/.test(value) ? `--${name}` : `--no-${name}`;
  });
}

const longBooleans = ["check", "diff", "escape", "files", "inline-imports", "list", "merge", "strict", "with-context", "trace", "verbose"];

type Run = (command: CommandName, operands: readonly string[], flags: Flags) => void;

function build(run: Run): Command {
  const program = new Command("cue")
    .description("cue evaluates CUE files, an extension of JSON, and sends them to user-defined\ncommands for processing.")
    .helpCommand(true);
  const add = (name: CommandName, usage: string, description: string): Command => {
    const command = program.command(name).usage(usage).description(description).argument("[inputs...]");
    command
      .option("-E, --all-errors", "print all available errors")
      .option("-i, --ignore", "proceed in the presence of errors")
      .option("-s, --simplify", "simplify output")
      .option("--strict", "report errors for lossy mappings")
      .option("--trace", "trace computation")
      .option("-v, --verbose", "print information about progress");
    for (const flag of [...booleans.values(), ...longBooleans]) command.addOption(new Option(`--no-${flag}`).hideHelp());
    command.action((operands: string[]) => run(name, operands, given(command)));
    return command;
  };

  const exporting = add("export", "[flags] [inputs]", "output data in a standard format");
  outFlags(exporting);
  orphanFlags(exporting);
  injectionFlags(exporting);
  exporting.option("--escape", "use HTML escaping").option("-e, --expression <expression>", "export this expression only", collect);

  const evaluating = add("eval", "[flags] [inputs]", "evaluate and print a configuration");
  outFlags(evaluating);
  orphanFlags(evaluating);
  injectionFlags(evaluating);
  evaluating
    .option("-e, --expression <expression>", "evaluate this expression only", collect)
    .option("-c, --concrete", "require the evaluation to be concrete")
    .option("-H, --show-hidden", "display hidden fields")
    .option("-O, --show-optional", "display optional fields")
    .option("-A, --show-attributes", "display field attributes")
    .option("-a, --all", "show optional and hidden fields");

  const defining = add("def", "[flags] [inputs]", "print consolidated definitions");
  outFlags(defining);
  orphanFlags(defining);
  injectionFlags(defining);
  defining
    .option("-e, --expression <expression>", "evaluate this expression only", collect)
    .option("-A, --show-attributes", "display field attributes")
    .option("--inline-imports", "expand references to non-core imports");

  const vetting = add("vet", "[flags] [inputs]", "validate data");
  orphanFlags(vetting);
  injectionFlags(vetting);
  vetting.option("-c, --concrete", "require the evaluation to be concrete");

  add("fmt", "[flags] [inputs]", "formats CUE configuration files")
    .option("--check", "exits with non-zero status if any files are not formatted")
    .option("-d, --diff", "display diffs instead of rewriting files")
    .option("--files", "treat arguments as files and directories rather than packages");

  add("version", "", "print CUE version");
  return program;
}

/** What was given; a flag negated by `=false` is false, one not given absent. */
function given(command: Command): Flags {
  const flags: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(command.opts())) if (command.getOptionValueSource(name) === "cli") flags[name] = value;
  return flags;
}

function outFlags(command: Command): void {
  command
    .option("--out <type>", "output format (run 'cue help filetypes' for more info)")
    .option("-o, --outfile <file>", "filename or - for stdout with optional file prefix (run 'cue help filetypes' for more info)")
    .option("-f, --force", "force overwriting existing files");
}

function orphanFlags(command: Command): void {
  command
    .option("-p, --package <name>", "package name for non-CUE files")
    .option("-l, --path <expression>", "CUE expression for single path component (see 'cue help flags' for details)", collect)
    .option("--list", "concatenate multiple objects into a list")
    .option("--with-context", "import as object with contextual data")
    .option("--merge", "merge non-CUE files")
    .option("-n, --name <glob>", "glob filter for non-CUE file names in directories")
    .option("-d, --schema <expression>", "expression to select schema for evaluating values in non-CUE files", collect);
}

function injectionFlags(command: Command): void {
  command
    .option("-t, --inject <key=value>", "set the value of a tagged field", collect)
    .option("-T, --inject-vars", "inject system variables in tags");
}
