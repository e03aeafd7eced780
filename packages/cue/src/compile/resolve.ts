/**
 * Static resolution of identifiers. For every identifier: how many scopes up, and what it names there. Scopes are struct
 * literals (files included), `for` and `let` clauses, and the value aliases of fields; the evaluator's environments have
 * the same shape, one environment a scope.
 */
import type { Diagnostic } from "@slipway/std";
import { identKey } from "../evaluate/label.ts";
import type * as ast from "../syntax/ast.ts";
import { positionAt } from "../syntax/position.ts";

export type Resolution =
  | { readonly type: "field"; readonly up: number; readonly key: string }
  /** `let` of a struct, or an alias: the declaration found by name in the environment's scope. */
  | { readonly type: "let"; readonly up: number; readonly name: string }
  | { readonly type: "alias"; readonly up: number; readonly field: ast.Field }
  /** Key or value of a `for`, or a `let` clause of a comprehension. */
  | { readonly type: "variable"; readonly up: number; readonly name: string }
  | { readonly type: "import"; readonly path: string }
  | { readonly type: "predeclared"; readonly name: string };

export const predeclared: ReadonlySet<string> = new Set([
  "_",
  "string",
  "bytes",
  "bool",
  "int",
  "float",
  "number",
  "null",
  "error",
  "matchN",
  "matchIf",
  "uint",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "uint128",
  "int8",
  "int16",
  "int32",
  "int64",
  "int128",
  "rune",
  "float32",
  "float64",
  "len",
  "close",
  "and",
  "or",
  "div",
  "mod",
  "quo",
  "rem",
  "self",
  "no_sharing",
]);

/** What identifiers of a package's files mean, and what is wrong with them. */
export interface Resolved {
  readonly of: ReadonlyMap<ast.Ident, Resolution>;
  readonly diagnostics: readonly Diagnostic[];
}

interface Scope {
  readonly kind: "struct" | "clause";
  readonly keys: ReadonlySet<string>;
  readonly lets: ReadonlySet<string>;
  readonly aliases: ReadonlyMap<string, ast.Field>;
  readonly variables: ReadonlySet<string>;
}

const noNames: ReadonlySet<string> = new Set();

export function resolveFiles(files: readonly ast.File[], packagePath: string, importName: (path: string) => string): Resolved {
  const resolver = new Resolver(packagePath);
  // Fields of all files of a package are visible in each.
  const shared = new Set<string>();
  for (const file of files) for (const key of fieldKeys(file.decls, packagePath)) shared.add(key);
  for (const file of files) resolver.file(file, shared, importName);
  return { of: resolver.of, diagnostics: resolver.diagnostics };
}

function fieldKeys(decls: readonly ast.Declaration[], packagePath: string): string[] {
  const keys: string[] = [];
  for (const decl of decls) {
    if (decl.type !== "Field") continue;
    const { label } = decl;
    // A quoted label cannot be referred to by an identifier, except where it reads as one.
    if (label.type === "IdentLabel") keys.push(identKey(label.name, packagePath));
  }
  return keys;
}

class Resolver {
  readonly of = new Map<ast.Ident, Resolution>();
  readonly diagnostics: Diagnostic[] = [];
  readonly #packagePath: string;
  readonly #scopes: Scope[] = [];
  #imports = new Map<string, { spec: ast.ImportSpec; used: boolean }>();
  #file: ast.File | undefined;

  constructor(packagePath: string) {
    this.#packagePath = packagePath;
  }

  file(file: ast.File, shared: ReadonlySet<string>, importName: (path: string) => string): void {
    this.#file = file;
    this.#imports = new Map(file.imports.map((spec) => [spec.alias ?? spec.qualifier ?? importName(spec.path), { spec, used: false }]));
    this.#scopes.push(this.#structScope(file.decls, shared));
    for (const decl of file.decls) this.#declaration(decl);
    this.#scopes.pop();
    for (const [name, { spec, used }] of this.#imports) {
      if (used) continue;
      const last = spec.path.split("/").at(-1) ?? spec.path;
      this.#problem(spec, `imported and not used: ${JSON.stringify(spec.path)}${name === last ? "" : ` as ${name}`}`, "CUE_UNUSED_IMPORT");
    }
  }

  #structScope(decls: readonly ast.Declaration[], extra?: ReadonlySet<string>): Scope {
    const keys = new Set(extra ?? []);
    for (const key of fieldKeys(decls, this.#packagePath)) keys.add(key);
    const lets = new Set<string>();
    const aliases = new Map<string, ast.Field>();
    for (const decl of decls) {
      if (decl.type === "Let") lets.add(decl.name);
      if (decl.type === "Field" && decl.alias !== undefined) aliases.set(decl.alias, decl);
    }
    return { kind: "struct", keys, lets, aliases, variables: noNames };
  }

  #problem(node: ast.Node, message: string, code = "CUE_REFERENCE"): void {
    const file = this.#file;
    const at = file === undefined ? [] : [{ file: file.filename, ...positionAt(file.source, node.start) }];
    this.diagnostics.push({ code, severity: "error", path: [], at, message });
  }

  #within(scope: Scope, visit: () => void): void {
    this.#scopes.push(scope);
    visit();
    this.#scopes.pop();
  }

  #clauseScope(variables: readonly string[]): Scope {
    return { kind: "clause", keys: noNames, lets: noNames, aliases: new Map(), variables: new Set(variables) };
  }

  #declaration(decl: ast.Declaration): void {
    switch (decl.type) {
      case "Field":
        this.#field(decl);
        break;
      case "Ellipsis":
        if (decl.value !== undefined) this.expression(decl.value);
        break;
      case "Embedding":
        this.expression(decl.expr);
        break;
      case "Let":
        this.expression(decl.value);
        break;
      case "Comprehension":
        this.#comprehension(decl);
        break;
      case "Attribute":
        break;
    }
  }

  #field(field: ast.Field): void {
    const { label } = field;
    if (label.type === "InterpolationLabel" || label.type === "DynamicLabel") this.expression(label.expr);
    if (label.type === "PatternLabel") {
      this.expression(label.expr);
      const names = label.alias === undefined ? [] : [label.alias];
      this.#within(this.#clauseScope(names), () => this.#fieldValue(field));
      return;
    }
    this.#fieldValue(field);
  }

  #fieldValue(field: ast.Field): void {
    if (field.valueAlias === undefined) this.expression(field.value);
    else this.#within(this.#clauseScope([field.valueAlias]), () => this.expression(field.value));
  }

  #comprehension(comprehension: ast.Comprehension): void {
    let depth = 0;
    for (const clause of comprehension.clauses) {
      if (clause.type === "If") this.expression(clause.condition);
      else {
        this.expression(clause.type === "For" ? clause.source : clause.value);
        const names = clause.type === "LetIn" ? [clause.name] : clause.key === undefined ? [clause.value] : [clause.key, clause.value];
        this.#scopes.push(this.#clauseScope(names));
        depth++;
      }
    }
    this.expression(comprehension.value);
    this.#scopes.length -= depth;
    if (comprehension.fallback !== undefined) this.expression(comprehension.fallback);
  }

  expression(expr: ast.Expression): void {
    switch (expr.type) {
      case "Ident":
        this.#ident(expr);
        break;
      case "StructLit":
        this.#within(this.#structScope(expr.decls), () => expr.decls.forEach((decl) => this.#declaration(decl)));
        break;
      case "ListLit":
        for (const element of expr.elements) {
          if (element.type === "Comprehension") this.#comprehension(element);
          else if (element.type !== "Ellipsis") this.expression(element);
          else if (element.value !== undefined) this.expression(element.value);
        }
        break;
      case "Interpolation":
        expr.exprs.forEach((part) => this.expression(part));
        break;
      case "Selector":
      case "PostfixEllipsis":
      case "Unary":
        this.expression(expr.operand);
        break;
      case "Index":
        this.expression(expr.operand);
        this.expression(expr.index);
        break;
      case "Slice":
        for (const part of [expr.operand, expr.low, expr.high]) if (part !== undefined) this.expression(part);
        break;
      case "Call":
        this.expression(expr.callee);
        expr.args.forEach((arg) => this.expression(arg));
        break;
      case "Binary":
        this.expression(expr.left);
        this.expression(expr.right);
        break;
      case "Paren":
        this.expression(expr.expr);
        break;
      case "BasicLit":
      case "Bottom":
      case "Bad":
        break;
    }
  }

  #ident(ident: ast.Ident): void {
    const found = this.#lookup(ident.name);
    if (found === undefined) this.#problem(ident, `reference ${JSON.stringify(ident.name)} not found`);
    else this.of.set(ident, found);
  }

  #lookup(name: string): Resolution | undefined {
    const key = identKey(name, this.#packagePath);
    for (let up = 0; up < this.#scopes.length; up++) {
      const scope = this.#scopes[this.#scopes.length - 1 - up];
      if (scope === undefined) break;
      if (scope.variables.has(name)) return { type: "variable", up, name };
      if (scope.lets.has(name)) return { type: "let", up, name };
      const alias = scope.aliases.get(name);
      if (alias !== undefined) return { type: "alias", up, field: alias };
      if (name !== "_" && scope.keys.has(key)) return { type: "field", up, key };
    }
    const imported = this.#imports.get(name);
    if (imported !== undefined) {
      imported.used = true;
      return { type: "import", path: imported.spec.path };
    }
    const builtin = name.startsWith("__") ? name.slice(2) : name;
    return predeclared.has(builtin) ? { type: "predeclared", name: builtin } : undefined;
  }
}
