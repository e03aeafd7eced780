/**
 * What a command works on: instances, data files merged with them or checked against them, and expressions in them
 * (`cue help inputs`, `cue help flags`).
 */
import type { CueError, SourceFile, Value } from "../api.ts";
import { compile } from "../compile/complete.ts";
import type { DataSources } from "../load/data-source.ts";
import { dataSources, schemaText } from "../load/data-source.ts";
import { shownPath } from "../load/file-system.ts";
import type { DataFile, Instance, Loaded } from "../load/load.ts";
import { load } from "../load/load.ts";
import { rewriteProtoJson } from "../load/proto-json.ts";
import type { Flags } from "./arguments.ts";
import { CommandFailure } from "./failure.ts";
import type { Host } from "./host.ts";
import { parsePlacement, placeValues, writtenLabels } from "./placement.ts";

/** One value to work on. */
export interface Item {
  readonly value: Value;
  /** Names the value where there are several. */
  readonly id: string;
  readonly instance: Instance | undefined;
  /** Where it is the value of one. */
  readonly expression?: string;
}

export interface Plan {
  readonly items: readonly Item[];
  /** A clause of this package is put before CUE that is written. */
  readonly package: string | undefined;
  /** Data that each is checked on its own. */
  readonly checks: readonly Item[];
  readonly expressions: readonly string[];
  /** Where the only input is one schema: it as CUE text. */
  readonly written: string | undefined;
}

export interface PlanOptions {
  /** Data files become part of the instance; otherwise each of their values is checked against it. */
  readonly mergeData: boolean;
}

/** Loads and compiles. Throws `CommandFailure`. */
export function makePlan(args: readonly string[], flags: Flags, host: Host, options: PlanOptions): Plan {
  const loaded = loadArguments(args, flags, host);
  const placement = parsePlacement(flags);
  if (flags.name !== undefined) throw new CommandFailure("use of -n/--name flag without a directory");
  const instances = loaded.instances.map((instance) => withPackage(instance, flags, loaded.data.length > 0));
  const placed = placement.used || (options.mergeData && flags.schema === undefined);
  if (flags.schema !== undefined && loaded.data.length > 0 && instances.length === 0)
    throw new CommandFailure("-d/--schema flag specified without a schema");
  if (flags.schema !== undefined && loaded.data.length === 0) throw new CommandFailure("-d/--schema flag requires non-CUE input files");
  if (loaded.data.length > 0 && instances.length > 1) throw new CommandFailure("cannot combine data streaming with multiple instances");

  if (placed && (loaded.data.length > 0 || placement.used)) return placedPlan(loaded, instances, flags, placement, host.cwd);
  const items = instances.map((instance) => itemOf(instance, loaded, [], host.cwd));
  if (loaded.data.length === 0)
    return { items, package: flags.package, checks: [], expressions: flags.expression ?? [], written: undefined };
  return {
    items: [],
    package: flags.package,
    checks: checksOf(loaded, instances[0], flags),
    expressions: flags.expression ?? [],
    written: undefined,
  };
}

export function loadArguments(args: readonly string[], flags: Flags, host: Host): Loaded {
  const stdin = args.includes("-") ? (typeof host.stdin === "string" ? host.stdin : host.stdin()) : "";
  const loaded = load(host.files, args, {
    cwd: host.cwd,
    stdin,
    tags: flags.inject ?? [],
    ...(flags.injectVars === true && host.variables !== undefined ? { tagVariables: host.variables() } : {}),
    ...(host.moduleDirectory === undefined ? {} : { moduleDirectory: host.moduleDirectory }),
  });
  if (loaded.errors.length > 0) throw new CommandFailure(loaded.errors);
  for (const { errors } of loaded.instances) if (errors.length > 0) throw new CommandFailure(errors);
  return loaded;
}

/** `--package` names the package of what is written; it may not contradict the files that data is put into. */
function withPackage(instance: Instance, flags: Flags, data: boolean): Instance {
  const wanted = flags.package;
  if (wanted !== undefined && data && instance.package !== "" && instance.package !== wanted && flags.force !== true)
    throw new CommandFailure(`"package" flag clashes with existing package name (${wanted} vs ${instance.package})`);
  return instance;
}

/** Compiles an instance, with further files, and sets its tags. */
function itemOf(instance: Instance, loaded: Loaded, further: readonly SourceFile[], cwd: string): Item {
  const program = compile([...instance.files, ...further], { imports: loaded.imports });
  const problems = program.diagnostics.map(asError);
  if (problems.length > 0) throw new CommandFailure(problems);
  let value = program.instance();
  for (const { path, value: given } of instance.injections) value = value.fill(path, given);
  const shown = shownPath(cwd, instance.directory);
  return { value, id: shown === "." ? instance.directory : shown, instance };
}

function asError(diagnostic: CueError | Omit<CueError, "category">): CueError {
  return "category" in diagnostic ? diagnostic : { ...diagnostic, category: "eval" };
}

function sourcesOf(file: DataFile, files: boolean, schema: () => Value | undefined): Extract<DataSources, { ok: true }> {
  const sources = dataSources(file, { files, schema });
  if (!sources.ok) throw new CommandFailure(sources.errors);
  return sources;
}

/** Data that needs its schema to tell types, as plain data. */
function adapt(file: DataFile, source: SourceFile, schema: Value | undefined): SourceFile {
  if (file.type.interpretation !== "pb" || schema === undefined) return source;
  const rewritten = rewriteProtoJson(source, schema);
  if (!rewritten.ok) throw new CommandFailure(rewritten.errors);
  return rewritten.source;
}

const nowhere: Instance = { directory: "/", importPath: "", package: "", files: [], injections: [], errors: [], named: true };

/** All data becomes part of the one instance. */
function placedPlan(
  loaded: Loaded,
  instances: readonly Instance[],
  flags: Flags,
  placement: ReturnType<typeof parsePlacement>,
  cwd: string,
): Plan {
  const expressions = flags.expression ?? [];
  const [instance = nowhere] = instances;
  const schema = (): Value | undefined => (instance === nowhere ? undefined : itemOf(instance, loaded, [], cwd).value);
  const read = loaded.data.map((file) => ({ file, sources: sourcesOf(file, !placement.used, schema) }));
  const further = read.flatMap(({ file, sources }) => {
    if (!placement.used) return sources.values.map((source) => adapt(file, source, schema()));
    if (sources.schema !== undefined) return [{ filename: file.path, text: schemaText(sources.schema, writtenLabels(placement)) }];
    return placeValues(sources.values, placement, shownPath(cwd, file.path).replace(/^\.\//, ""), (source, labels) =>
      file.type.interpretation === "pb" ? adapt(file, source, schema()?.lookup(labels.join("."))) : source,
    );
  });
  const [only] = read;
  const written =
    instances.length === 0 && read.length === 1 && only?.sources.schema !== undefined
      ? schemaText(only.sources.schema, writtenLabels(placement), { package: flags.package })
      : undefined;
  // Without data, the paths place the instance itself.
  const own = loaded.data.length === 0 && placement.path.length > 0;
  const item = itemOf(own ? { ...nowhere, injections: [] } : instance, loaded, own ? placeInstance(instance, placement) : further, cwd);
  return { items: [{ ...item, instance }], package: flags.package, checks: [], expressions, written };
}

function placeInstance(instance: Instance, placement: ReturnType<typeof parsePlacement>): readonly SourceFile[] {
  return instance.files.flatMap((file) => {
    const body = file.text.replace(/^\s*package\s+\S+/m, (clause) => " ".repeat(clause.length));
    return placeValues([{ filename: file.filename, text: `{${body}\n}` }], placement, file.filename);
  });
}

/** Each value of the data, unified with the instance and the schemas, or with what `--schema` selects of them. */
function checksOf(loaded: Loaded, given: Instance | undefined, flags: Flags): readonly Item[] {
  const textSchema = (): Value | undefined => selected[0] ?? base?.value;
  const read = loaded.data
    .filter((file) => file.type.encoding !== "textproto")
    .map((file) => ({ file, sources: sourcesOf(file, true, () => undefined) }));
  const schemas = read.flatMap(({ sources }) => (sources.schema === undefined ? [] : sources.values));
  const instance = given ?? (schemas.length > 0 ? nowhere : undefined);
  const base = instance === undefined ? undefined : itemOf(instance, loaded, schemas, "/");
  const selected = (flags.schema ?? []).map((schema) => {
    if (base === undefined) throw new CommandFailure("-d/--schema flag specified without a schema");
    const value = base.value.evaluate(schema, "--schema");
    const error = value.error();
    if (error !== undefined && error.category !== "incomplete" && error.category !== "cycle") throw new CommandFailure([error]);
    if (!value.exists()) throw new CommandFailure([error ?? notFound(schema, "--schema")]);
    return value;
  });
  const late = loaded.data
    .filter((file) => file.type.encoding === "textproto")
    .map((file) => ({ file, sources: sourcesOf(file, true, textSchema) }));
  const values = [...read, ...late].flatMap(({ file, sources }) =>
    sources.schema === undefined ? sources.values.map((source) => adapt(file, source, textSchema())) : [],
  );
  return values.map((source): Item => {
    // Unified as values: closed structs of the instance are closed to data, which they are not to further files of it.
    const program = compile([source]);
    const problems = program.diagnostics.map(asError);
    if (problems.length > 0) throw new CommandFailure(problems);
    const checked = selected.length > 0 || base === undefined ? selected : [base.value];
    // The schema's program knows the packages that are imported.
    const [first, ...others] = [...checked, program.instance()];
    const value = others.reduce((unified, other) => unified.unify(other), first ?? program.instance());
    return { value, id: source.filename, instance };
  });
}

function notFound(name: string, filename: string): CueError {
  const at = [{ file: filename, line: 1, column: 1 }];
  return {
    code: "CUE_REFERENCE",
    severity: "error",
    category: "eval",
    path: [],
    at,
    message: `reference ${JSON.stringify(name)} not found`,
  };
}

/** The values of the expressions in an item, or the item itself where there are none. */
export function expressionItems(item: Item, expressions: readonly string[]): readonly Item[] {
  if (expressions.length === 0) return [item];
  return expressions.map((expression) => {
    const value = item.value.evaluate(expression, "--expression");
    return { value, id: expressions.length > 1 ? expression : "", instance: item.instance, expression };
  });
}
