/** A compiled program: parsed and resolved once, instantiated often. Imported packages are compiled with it. */
import type { Diagnostic } from "@slipway/std";
import type { CompileOptions, CueError, ImportLoader, Program, SourceFile } from "../api.ts";
import type { BuiltinPackage } from "../builtins/contract.ts";
import { firstTierPackages } from "../builtins/first-tier/packages.ts";
import { compileExpression, compileFile, declaredLabels } from "../engine/compile.ts";
import type { CompileScope } from "../engine/compile.ts";
import type { CompiledPackage } from "../engine/instance.ts";
import { Engine, newRoot } from "../engine/instance.ts";
import type { Label } from "../engine/label.ts";
import type * as ast from "../syntax/ast.ts";
import { parseExpression, parseFile } from "../syntax/parser.ts";
import { positionAt } from "../syntax/position.ts";
import { CueValue } from "../value/cue-value.ts";
import { dependentsOf } from "./dependents.ts";

const defaultSteps = 2_000_000;
const defaultDepth = 700;
const defaultMemory = 2 ** 30;

interface Compilation {
  readonly packages: Map<string, CompiledPackage>;
  readonly diagnostics: CueError[];
  readonly imports: ImportLoader | undefined;
  readonly builtins: ReadonlyMap<string, BuiltinPackage>;
  /** The name that the clause of an imported package gives. */
  readonly names: Map<string, string>;
}

interface Main {
  readonly files: readonly ast.File[];
  readonly compiled: CompiledPackage;
  readonly scope: CompileScope;
}

/**
 * Compiles the files of one package, or one text. Syntax errors, unresolved references and missing or unused imports are
 * in `diagnostics`; an instance of such a program is bottom.
 */
export function compile(source: string | readonly SourceFile[], options: CompileOptions = {}): Program {
  const files = typeof source === "string" ? [{ filename: "cue", text: source }] : source;
  const builtins = new Map((options.builtins ?? firstTierPackages).map((each) => [each.path, each]));
  const compilation: Compilation = { packages: new Map(), diagnostics: [], imports: options.imports, builtins, names: new Map() };
  const main = compileMain(files, compilation);
  const ignored = options.unusedImports === "ignore" ? new Set(["CUE_UNUSED_IMPORT"]) : new Set<string>();
  const diagnostics = compilation.diagnostics.filter((each) => !ignored.has(each.code));
  const limits = {
    steps: options.budget?.steps ?? defaultSteps,
    depth: Math.min(options.budget?.depth ?? defaultDepth, defaultDepth),
    memory: options.budget?.memory ?? defaultMemory,
    time: options.budget?.time,
  };
  const compatibility = {
    listArithmetic: options.compatibility?.listArithmetic ?? false,
    collapseBounds: options.compatibility?.collapseBounds ?? false,
  };
  const dependents = dependentsOf(main.compiled);
  return {
    diagnostics,
    files: main.files,
    instance: () => {
      const engine = new Engine({ packages: compilation.packages, builtins, limits, compatibility });
      const root = newRoot(main.compiled.literals, []);
      const [problem] = diagnostics;
      if (problem !== undefined) {
        root.base = { ...engine.ctx.newBottom("eval", "%s", [problem.message], undefined), node: root, diagnostics };
        root.status = "finalized";
      }
      const compileText = (text: string, filename: string): ReturnType<CueValue["instance"]["compileExpression"]> => {
        const parsed = parseExpression(text, filename);
        const file = parseFile(text, filename).file;
        const { expr, diagnostics: problems } = compileExpression(file, parsed.expr, main.scope);
        return { expr, errors: [...parsed.diagnostics, ...problems].map(asError) };
      };
      const { literals } = main.compiled;
      return new CueValue({ engine, literals, filled: [], root, dependents, compileExpression: compileText }, root, []);
    },
  };
}

function asError(diagnostic: Diagnostic): CueError {
  const [position] = diagnostic.at;
  const category = diagnostic.code === "CUE_SYNTAX" ? "syntax" : "eval";
  return { ...diagnostic, category, ...(position === undefined ? {} : { position }) };
}

/** A tree may be deeper than the stack where the parser's limit on nesting does not hold it. */
function compileMain(files: readonly SourceFile[], compilation: Compilation): Main {
  try {
    return compilePackage("", files, compilation);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const [file] = files;
    const at = file === undefined ? [] : [{ file: file.filename, line: 0, column: 0 }];
    compilation.diagnostics.push(
      asError({ code: "CUE_SYNTAX", severity: "error", path: [], at, message: "an expression nests too deeply" }),
    );
    return compilePackage("", [], compilation);
  }
}

function compilePackage(path: string, sources: readonly SourceFile[], compilation: Compilation): Main {
  const { diagnostics, packages } = compilation;
  const parsed = sources.map((file) => parseFile(file.text, file.filename));
  for (const file of parsed) diagnostics.push(...file.diagnostics.map(asError));
  const files = parsed.map((each) => each.file);
  for (const file of files) for (const spec of file.imports) compileImport(file, spec, compilation);
  const shared = new Map<string, Label>();
  for (const file of files) declaredLabels(file.decls, path, shared);
  const scope: CompileScope = {
    packagePath: path,
    shared,
    importName: (imported) => compilation.names.get(imported) ?? importedName(imported),
  };
  const compiled = files.map((file) => compileFile(file, scope));
  const own = compiled.flatMap((each) => each.diagnostics.map(asError));
  diagnostics.push(...own);
  const references = new Map<Label, Set<Label>>();
  for (const each of compiled)
    for (const [from, labels] of each.references) references.set(from, new Set([...(references.get(from) ?? []), ...labels]));
  const package_: CompiledPackage = { path, literals: compiled.map((each) => each.literal), references, diagnostics: own };
  if (path !== "") packages.set(path, package_);
  return { files, compiled: package_, scope };
}

function compileImport(file: ast.File, spec: ast.ImportSpec, compilation: Compilation): void {
  const { packages } = compilation;
  if (packages.has(spec.path) || compilation.builtins.has(spec.path)) return;
  const found = compilation.imports?.(spec.path);
  if (found === undefined) {
    const builtin = !(spec.path.split("/")[0] ?? "").includes(".");
    const message = builtin ? `builtin package ${JSON.stringify(spec.path)} undefined` : `cannot find package ${JSON.stringify(spec.path)}`;
    const at = [{ file: file.filename, ...positionAt(file.source, spec.start) }];
    compilation.diagnostics.push(asError({ code: "CUE_IMPORT", severity: "error", path: [], at, message }));
    return;
  }
  // Reserves the place, so that packages that import each other end.
  packages.set(spec.path, { path: spec.path, literals: [], references: new Map(), diagnostics: [] });
  const { files } = compilePackage(spec.path, found, compilation);
  const name = files.find((each) => each.package !== undefined)?.package?.name;
  if (name !== undefined) compilation.names.set(spec.path, name);
}

/** The name an import goes by without an alias: its last element, without a version. */
function importedName(path: string): string {
  return (path.split("/").at(-1) ?? path).replace(/@.*$/, "").replace(/^go-|\.v\d+$/g, "");
}
