/** A compiled program: parsed and resolved once, instantiated often. Imported packages are compiled with it. */
import type { Diagnostic } from "@slipway/std";
import type { CompileOptions, ImportLoader, Program, SourceFile, Value } from "../api.ts";
import { builtinPackage } from "../builtins/packages.ts";
import { Evaluator } from "../evaluate/evaluator.ts";
import type { Bottom } from "../evaluate/bottom.ts";
import type { PackageScope, Term } from "../evaluate/vertex.ts";
import { Vertex } from "../evaluate/vertex.ts";
import { identKey } from "../evaluate/label.ts";
import type * as ast from "../syntax/ast.ts";
import { parseFile } from "../syntax/parser.ts";
import { positionAt } from "../syntax/position.ts";
import { CueValue } from "../value/cue-value.ts";
import { resolveFiles } from "./resolve.ts";

interface Package {
  readonly path: string;
  readonly files: readonly ast.File[];
  readonly scope: PackageScope;
  readonly diagnostics: readonly Diagnostic[];
}

const defaultSteps = 2_000_000;
const defaultDepth = 200;

/**
 * Compiles the files of one package, or one text. Syntax errors, unresolved references and missing or unused imports are
 * in `diagnostics`; an instance of such a program is bottom.
 */
export function compile(source: string | readonly SourceFile[], options: CompileOptions = {}): Program {
  const files = typeof source === "string" ? [{ filename: "cue", text: source }] : source;
  const packages = new Map<string, Package>();
  const found: Diagnostic[] = [];
  const main = compileMain(files, options.imports, packages, found);
  const diagnostics = options.unusedImports === "ignore" ? found.filter((each) => each.code !== "CUE_UNUSED_IMPORT") : found;
  const budget = { steps: options.budget?.steps ?? defaultSteps, depth: options.budget?.depth ?? defaultDepth };
  return {
    diagnostics,
    files: main.files,
    instance: () => instantiate(main, packages, diagnostics, budget, []),
  };
}

/** A tree may be deeper than the stack where the parser's limit on nesting does not hold it: chains of operators. */
function compileMain(
  files: readonly SourceFile[],
  imports: ImportLoader | undefined,
  packages: Map<string, Package>,
  diagnostics: Diagnostic[],
): Package {
  try {
    return compilePackage("", files, imports, packages, diagnostics);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const [file] = files;
    const at = file === undefined ? [] : [{ file: file.filename, line: 0, column: 0 }];
    diagnostics.push({ code: "CUE_SYNTAX", severity: "error", path: [], at, message: "an expression nests too deeply" });
    return compilePackage("", [], undefined, packages, diagnostics);
  }
}

export interface Budgets {
  readonly steps: number;
  readonly depth: number;
}

/** A root of its own: the program's files, and what was filled in since. */
export function instantiate(
  main: Package,
  packages: ReadonlyMap<string, Package>,
  diagnostics: readonly Diagnostic[],
  budget: Budgets,
  filled: readonly Term[],
): Value {
  const roots = new Map<string, Vertex | Bottom>();
  const evaluator: Evaluator = new Evaluator({ ...budget, importRoot: (path) => importRoot(path) });
  const importRoot = (path: string): Vertex | Bottom => {
    let root = roots.get(path);
    if (root === undefined) {
      const package_ = packages.get(path);
      root = package_ === undefined ? builtinRoot(path) : rootOf(package_, []);
      roots.set(path, root);
    }
    return root;
  };
  const root = rootOf(main, filled);
  const [problem] = diagnostics;
  if (problem !== undefined) {
    root.state = "done";
    root.bottom = { category: problem.code === "CUE_SYNTAX" ? "syntax" : "eval", message: problem.message, at: problem.at, path: [] };
  }
  const refill = (terms: readonly Term[]): Value => instantiate(main, packages, diagnostics, budget, [...filled, ...terms]);
  return new CueValue(evaluator, root, [], refill);
}

function rootOf(package_: Package, filled: readonly Term[]): Vertex {
  const root = new Vertex(undefined, "");
  root.constraint = "none";
  for (const file of package_.files) {
    const literal: ast.StructLit = { type: "StructLit", decls: file.decls, comments: [], start: 0, end: file.end };
    root.conjuncts.push({ term: { type: "file", literal, scope: scopeOfFile(package_.scope, file) }, groups: [] });
  }
  for (const term of filled) root.conjuncts.push({ term, groups: [] });
  return root;
}

function scopeOfFile(scope: PackageScope, file: ast.File): PackageScope {
  return { ...scope, position: (node) => ({ file: file.filename, ...positionAt(file.source, node.start) }) };
}

function builtinRoot(path: string): Vertex | Bottom {
  const library = builtinPackage(path);
  if (library === undefined) return { category: "eval", message: `package ${JSON.stringify(path)} not found`, at: [], path: [] };
  const root = new Vertex(undefined, "");
  root.constraint = "none";
  for (const [name, value] of Object.entries(library.constants)) {
    const atom =
      typeof value === "object" && value !== null && "float" in value
        ? { kind: "float" as const, value: Number(value["float"]) }
        : { kind: "string" as const, value: String(value) };
    root.conjuncts.push({ term: { type: "path", keys: [identKey(name, "")], term: { type: "atom", atom } }, groups: [] });
  }
  return root;
}

function compilePackage(
  path: string,
  sources: readonly SourceFile[],
  imports: ImportLoader | undefined,
  packages: Map<string, Package>,
  diagnostics: Diagnostic[],
): Package {
  const parsed = sources.map((file) => parseFile(file.text, file.filename));
  for (const file of parsed) diagnostics.push(...file.diagnostics);
  const files = parsed.map((each) => each.file);
  const resolved = resolveFiles(files, path, importedName);
  diagnostics.push(...resolved.diagnostics);
  const package_: Package = {
    path,
    files,
    diagnostics: resolved.diagnostics,
    scope: { path, resolution: (ident) => resolved.of.get(ident), position: () => ({ file: "", line: 0, column: 0 }) },
  };
  for (const file of files) {
    for (const spec of file.imports) {
      if (packages.has(spec.path) || builtinPackage(spec.path) !== undefined) continue;
      const found = imports?.(spec.path);
      if (found === undefined) {
        const builtin = !(spec.path.split("/")[0] ?? "").includes(".");
        const message = builtin
          ? `builtin package ${JSON.stringify(spec.path)} undefined`
          : `cannot find package ${JSON.stringify(spec.path)}`;
        diagnostics.push({
          code: "CUE_IMPORT",
          severity: "error",
          path: [],
          at: [{ file: file.filename, ...positionAt(file.source, spec.start) }],
          message,
        });
        continue;
      }
      // Reserves the place, so that packages that import each other end.
      packages.set(spec.path, package_);
      packages.set(spec.path, compilePackage(spec.path, found, imports, packages, diagnostics));
    }
  }
  return package_;
}

/** The name an import goes by without an alias: its last element, without a version. */
function importedName(path: string): string {
  return (path.split("/").at(-1) ?? path).replace(/@.*$/, "").replace(/^go-|\.v\d+$/g, "");
}
