/** The commands that evaluate: `export`, `eval`, `def` and `vet`. */
import type { CueError, Value } from "../api.ts";
import type { PrintOptions } from "../print/index.ts";
import type { Flags } from "./arguments.ts";
import { CommandFailure } from "./failure.ts";
import type { Host, Outcome } from "./host.ts";
import { reportErrors } from "../report/index.ts";
import { Output } from "./output.ts";
import type { Item, Plan } from "./plan.ts";
import { expressionItems, makePlan } from "./plan.ts";

/** What a command has printed so far. */
export interface Printed {
  stdout: string;
  stderr: string;
  failed: boolean;
  readonly writes: Outcome["writes"];
}

export function runExport(args: readonly string[], flags: Flags, host: Host, printed: Printed): void {
  const output = new Output(flags, host, "json");
  eachItem(args, flags, host, printed, output, (item) => {
    if (!output.isCue) return output.writeData(item.value);
    const errors = item.value.validate({ concrete: true });
    if (errors.length === 0) output.writeCue(item.value, { style: "export", concrete: true, simplify: true });
    return errors;
  });
}

export function runDef(args: readonly string[], flags: Flags, host: Host, printed: Printed): void {
  const output = new Output(flags, host, "cue");
  const options: PrintOptions = {
    style: "def",
    attributes: true,
    optional: true,
    simplify: true,
    inlineImports: flags.inlineImports === true,
  };
  eachItem(args, flags, host, printed, output, (item, plan) => {
    if (!output.isCue) return output.writeData(item.value);
    const errors = item.value.validate();
    if (errors.length === 0 && plan.written !== undefined && plan.expressions.length === 0) output.writeText(plan.written);
    else if (errors.length === 0) output.writeCue(item.value, options);
    return errors;
  });
}

/** Runs the plan's items through `write` until one has errors; what was written before stays. */
function eachItem(
  args: readonly string[],
  flags: Flags,
  host: Host,
  printed: Printed,
  output: Output,
  write: (item: Item, plan: Plan) => readonly CueError[],
): void {
  const plan = makePlan(args, flags, host, { mergeData: true });
  checkInstances(plan, flags);
  try {
    for (const item of itemsOf(plan)) {
      const errors = write(item, plan);
      if (errors.length > 0) throw new CommandFailure(errors);
    }
  } finally {
    output.finish(printed);
  }
}

function itemsOf(plan: Plan): readonly Item[] {
  return [...plan.items, ...plan.checks].flatMap((item) => expressionItems(item, plan.expressions));
}

/** An instance with an error is not looked into any further, unless only expressions are asked for. */
function checkInstances(plan: Plan, flags: Flags): void {
  if (flags.ignore === true || plan.expressions.length > 0) return;
  for (const { value } of plan.items) {
    const errors = value.validate();
    if (errors.length > 0) throw new CommandFailure(errors);
  }
}

export function runEval(args: readonly string[], flags: Flags, host: Host, printed: Printed): void {
  const output = new Output(flags, host, "cue");
  const plan = makePlan(args, flags, host, { mergeData: true });
  checkInstances(plan, flags);
  const all = flags.all === true;
  const options: PrintOptions = {
    style: "eval",
    indent: "    ",
    concrete: flags.concrete === true,
    hidden: all || flags.showHidden === true,
    optional: all || flags.showOptional === true,
    attributes: flags.showAttributes === true,
    errorsAsValues: flags.ignore === true,
    simplify: flags.simplify === true,
  };
  for (const item of itemsOf(plan)) {
    const errors = evalErrors(item.value, flags, output);
    if (errors.length === 0 && output.isCue)
      output.writeCue(item.value, options, item.id === item.instance?.directory || plan.expressions.length < 2 ? "" : item.id);
    else if (errors.length > 0) {
      const several = plan.items.length > 1 || plan.expressions.length > 1;
      if (several && item.id !== "") printed.stderr += `// ${item.id}\n`;
      printed.stderr += reportErrors(errors, { cwd: host.cwd });
      printed.failed = true;
    }
  }
  output.finish(printed);
}

/** The errors that keep a value from being printed; writes it where it is data. */
function evalErrors(value: Value, flags: Flags, output: Output): readonly CueError[] {
  if (!output.isCue) return output.writeData(value);
  if (flags.ignore === true) return [];
  const final = value.validate();
  return final.length > 0 || flags.concrete !== true ? final : value.validate({ concrete: true });
}

export function runVet(args: readonly string[], flags: Flags, host: Host, printed: Printed): void {
  const plan = makePlan(args, flags, host, { mergeData: false });
  const report = (errors: readonly CueError[]): void => {
    printed.stderr += reportErrors(errors, { cwd: host.cwd });
    printed.failed = true;
  };
  let hinted = false;
  for (const { value } of plan.items) {
    const wanted = flags.concrete ?? true;
    const errors = value.validate({ concrete: wanted });
    if (errors.length === 0) continue;
    const final = flags.concrete === undefined ? value.validate() : errors;
    if (final.length > 0) report(final);
    else if (!hinted) {
      hinted = true;
      printed.stderr += "some instances are incomplete; use the -c flag to show errors or -c=false to allow incomplete instances\n";
      printed.failed = true;
    }
  }
  // Data is always to be concrete in the end.
  for (const { value } of plan.checks) {
    const errors = value.validate({ concrete: flags.concrete ?? true });
    if (errors.length > 0) report(errors);
  }
}
