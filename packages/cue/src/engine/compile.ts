/**
 * Turns the syntax tree of a package into expressions: every name becomes a number of scopes up and a label. Scopes are
 * the struct and list literals and the clauses around a name; the environments of the evaluator have the same shape.
 */
import type { Diagnostic } from "@slipway/std";
import { numberLiteral, negate } from "../number/decimal.ts";
import type * as ast from "../syntax/ast.ts";
import { decodeString } from "../syntax/decode-string.ts";
import { positionAt } from "../syntax/position.ts";
import type { Bottom } from "./bottom.ts";
import { predeclaredBuiltins } from "./builtin-functions.ts";
import type { ArcType, BoundOp, Clause, Comprehension, Declaration, Ellipsis, Expr, Field, Position, StructLit } from "./expr.ts";
import { arcMember, arcOptional, arcRequired } from "./expr.ts";
import { identLabel, letLabel, regularLabel } from "./label.ts";
import type { Label } from "./label.ts";
import { predeclaredTypes } from "./predeclared.ts";
import { isScalar, isValue, noSharing } from "./value.ts";

interface Alias {
  readonly kind: "field" | "dynamic" | "value" | "label" | "let";
  readonly label?: Label;
  /** The computed label of a dynamic field. */
  readonly key?: ast.Expression;
  readonly node: ast.Node;
  used: boolean;
}

interface Scope {
  readonly labels: ReadonlyMap<string, Label>;
  readonly aliases: Map<string, Alias>;
  /** Aliases of the field whose value is compiled. */
  readonly active: Map<string, Alias>;
}

interface Import {
  readonly spec: ast.ImportSpec;
  used: boolean;
}

let lastLet = 0;

export interface CompiledFile {
  readonly literal: StructLit;
  /** The fields of the package that the declarations of each field, and everything below them, name. */
  readonly references: ReadonlyMap<Label, ReadonlySet<Label>>;
  readonly diagnostics: readonly Diagnostic[];
}

export interface CompileScope {
  readonly packagePath: string;
  /** Identifiers that any file of the package declares. */
  readonly shared: ReadonlyMap<string, Label>;
  /** The name an import goes by where the file gives none. */
  readonly importName: (path: string) => string;
}

/** The identifiers that the declarations make visible. */
export function declaredLabels(decls: readonly ast.Declaration[], packagePath: string, into: Map<string, Label>): void {
  for (const decl of decls)
    if (decl.type === "Field" && decl.label.type === "IdentLabel") into.set(decl.label.name, identLabel(decl.label.name, packagePath));
}

export function compileFile(file: ast.File, scope: CompileScope): CompiledFile {
  const compiler = new Compiler(file, scope);
  return { literal: compiler.file(), references: compiler.references, diagnostics: compiler.diagnostics };
}

/** An expression in the scope of a package, e.g. for `-e`. */
export function compileExpression(
  file: ast.File,
  expr: ast.Expression,
  scope: CompileScope,
): { readonly expr: Expr; readonly diagnostics: readonly Diagnostic[] } {
  const compiler = new Compiler(file, scope);
  return { expr: compiler.inFile(() => compiler.expression(expr)), diagnostics: compiler.diagnostics };
}

class Compiler {
  readonly diagnostics: Diagnostic[] = [];
  readonly references = new Map<Label, Set<Label>>();
  /** What the field of the package names whose declaration is being compiled. */
  #named: Set<Label> | undefined;
  readonly #file: ast.File;
  readonly #scope: CompileScope;
  readonly #imports: Map<string, Import>;
  #scopes: Scope[] = [];
  /** Comprehensions around. */
  #clauses = 0;

  constructor(file: ast.File, scope: CompileScope) {
    this.#file = file;
    this.#scope = scope;
    this.#imports = new Map(
      file.imports.map((spec) => [spec.alias ?? spec.qualifier ?? scope.importName(spec.path), { spec, used: false }]),
    );
  }

  #at(node: ast.Node): Position {
    return { file: this.#file, offset: node.start };
  }

  #problem(node: ast.Node, message: string, code = "CUE_REFERENCE"): Bottom {
    const at = [{ file: this.#file.filename, ...positionAt(this.#file.source, node.start) }];
    this.diagnostics.push({ code, severity: "error", path: [], at, message });
    const position = this.#at(node);
    return {
      type: "bottom",
      position,
      code: "eval",
      messages: [{ format: "%s", args: [message], position, positions: [], vertex: undefined, cause: undefined }],
      node: undefined,
      literal: false,
    };
  }

  file(): StructLit {
    const literal = this.inFile(() => this.#struct(this.#file.decls, this.#file, true));
    for (const [name, { spec, used }] of this.#imports) {
      if (used) continue;
      const own = this.#scope.importName(spec.path);
      this.#problem(spec, `imported and not used: ${JSON.stringify(spec.path)}${name === own ? "" : ` as ${name}`}`, "CUE_UNUSED_IMPORT");
    }
    return literal;
  }

  inFile<T>(body: () => T): T {
    return this.#within(this.#structScope(this.#file.decls, this.#scope.shared), body);
  }

  #within<T>(scope: Scope, body: () => T): T {
    this.#scopes.push(scope);
    try {
      return body();
    } finally {
      this.#scopes.pop();
      for (const [name, alias] of scope.aliases)
        if (!alias.used) this.#problem(alias.node, `unreferenced alias or let clause ${name}`, "CUE_UNUSED_ALIAS");
    }
  }

  #structScope(decls: readonly ast.Declaration[], shared?: ReadonlyMap<string, Label>): Scope {
    const labels = new Map(shared);
    declaredLabels(decls, this.#scope.packagePath, labels);
    const aliases = new Map<string, Alias>();
    for (const decl of decls) {
      if (decl.type === "Let") {
        lastLet++;
        aliases.set(decl.name, { kind: "let", label: letLabel(decl.name, lastLet), node: decl, used: false });
      }
      if (decl.type !== "Field" || decl.alias === undefined) continue;
      const { label } = decl;
      switch (label.type) {
        case "IdentLabel":
          aliases.set(decl.alias, { kind: "field", label: identLabel(label.name, this.#scope.packagePath), node: decl, used: false });
          break;
        case "StringLabel":
          aliases.set(decl.alias, { kind: "field", label: regularLabel(label.value), node: decl, used: false });
          break;
        case "InterpolationLabel":
        case "DynamicLabel":
          aliases.set(decl.alias, { kind: "dynamic", key: label.expr, node: decl, used: false });
          break;
        case "PatternLabel":
          break;
      }
    }
    return { labels, aliases, active: new Map() };
  }

  #struct(decls: readonly ast.Declaration[], source: ast.StructLit | ast.File, isFile: boolean): StructLit {
    const compiled: Declaration[] = [];
    for (const decl of decls) {
      if (isFile) this.#named = new Set();
      const each = this.#declaration(decl);
      if (each === undefined) continue;
      compiled.push(each);
      if (isFile && (each.type === "field" || each.type === "letField"))
        for (const label of this.#named ?? []) this.#refer(each.label, label);
    }
    return {
      type: "structLit",
      decls: compiled,
      isFile,
      hasEmbedding: compiled.some((decl) => !plainDeclarations.has(decl.type)),
      source,
      position: this.#at(source),
    };
  }

  #refer(from: Label, to: Label): void {
    let labels = this.references.get(from);
    if (labels === undefined) this.references.set(from, (labels = new Set()));
    labels.add(to);
  }

  #declaration(decl: ast.Declaration): Declaration | undefined {
    switch (decl.type) {
      case "Field":
        return this.#field(decl);
      case "Let": {
        const alias = this.#scopes[this.#scopes.length - 1]?.aliases.get(decl.name);
        if (alias?.label === undefined) return undefined;
        return {
          type: "letField",
          label: alias.label,
          multiple: this.#clauses > 0,
          value: this.expression(decl.value),
          name: decl.name,
          position: this.#at(decl),
        };
      }
      case "Ellipsis":
        return this.#ellipsis(decl);
      case "Embedding":
        return this.expression(decl.expr);
      case "Comprehension":
        return this.#comprehension(decl);
      case "Attribute":
        return undefined;
    }
  }

  #ellipsis(decl: ast.Ellipsis): Ellipsis {
    return { type: "ellipsis", value: decl.value === undefined ? undefined : this.expression(decl.value), position: this.#at(decl) };
  }

  #field(field: ast.Field): Declaration {
    const position = this.#at(field.label);
    const arc: ArcType = field.constraint === "none" ? arcMember : field.constraint === "optional" ? arcOptional : arcRequired;
    const { label } = field;
    const active: [string, Alias][] = [];
    if (field.valueAlias !== undefined) active.push([field.valueAlias, { kind: "value", node: field, used: false }]);
    switch (label.type) {
      case "IdentLabel":
      case "StringLabel": {
        const name = label.type === "IdentLabel" ? identLabel(label.name, this.#scope.packagePath) : regularLabel(label.value);
        const compiled: Field = { type: "field", label: name, arc, value: this.#value(field, active), source: field, position };
        return compiled;
      }
      case "InterpolationLabel":
      case "DynamicLabel": {
        const key = this.expression(label.expr);
        return { type: "dynamicField", key, arc, value: this.#value(field, active), source: field, position };
      }
      case "PatternLabel": {
        const filter = this.expression(label.expr);
        if (label.alias !== undefined) active.push([label.alias, { kind: "label", node: label, used: false }]);
        if (field.alias !== undefined) active.push([field.alias, { kind: "value", node: field, used: false }]);
        return { type: "patternField", filter, value: this.#value(field, active), source: field, position };
      }
    }
  }

  #value(field: ast.Field, active: readonly (readonly [string, Alias])[]): Expr {
    const scope = this.#scopes[this.#scopes.length - 1];
    const hidden = active.map(([name]) => [name, scope?.active.get(name)] as const);
    for (const [name, alias] of active) scope?.active.set(name, alias);
    const value = this.expression(field.value);
    for (const [name, before] of hidden) {
      if (before === undefined) scope?.active.delete(name);
      else scope?.active.set(name, before);
    }
    for (const [name, alias] of active)
      if (!alias.used && alias.kind === "value") this.#problem(alias.node, `unreferenced alias or let clause ${name}`, "CUE_UNUSED_ALIAS");
    return value;
  }

  #comprehension(comprehension: ast.Comprehension): Comprehension {
    const clauses: Clause[] = [];
    let depth = 0;
    const enter = (names: readonly string[]): void => {
      const labels = new Map(names.map((name) => [name, identLabel(name, this.#scope.packagePath)]));
      this.#scopes.push({ labels, aliases: new Map(), active: new Map() });
      depth++;
    };
    for (const clause of comprehension.clauses) {
      const position = this.#at(clause);
      switch (clause.type) {
        case "If":
          clauses.push({ type: "if", condition: this.expression(clause.condition), position });
          break;
        case "For": {
          const source = this.expression(clause.source);
          const label = (name: string | undefined): Label | undefined =>
            name === undefined || name === "_" ? undefined : identLabel(name, this.#scope.packagePath);
          clauses.push({ type: "for", key: label(clause.key), value: label(clause.value), source, position });
          enter([clause.key, clause.value].flatMap((name) => (name === undefined || name === "_" ? [] : [name])));
          break;
        }
        case "LetIn": {
          const value = this.expression(clause.value);
          clauses.push({ type: "let", label: identLabel(clause.name, this.#scope.packagePath), value, position });
          enter([clause.name]);
          break;
        }
      }
    }
    this.#clauses++;
    const value = this.#literal(comprehension.value);
    this.#clauses--;
    this.#scopes.length -= depth;
    const fallback = comprehension.fallback === undefined ? undefined : this.#literal(comprehension.fallback);
    const [first] = comprehension.clauses;
    return { type: "comprehension", clauses, value, fallback, position: first === undefined ? undefined : this.#at(first) };
  }

  #literal(literal: ast.StructLit): StructLit {
    return this.#within(this.#structScope(literal.decls), () => this.#struct(literal.decls, literal, false));
  }

  expression(expr: ast.Expression): Expr {
    const position = this.#at(expr);
    switch (expr.type) {
      case "Ident":
        return this.#ident(expr);
      case "BasicLit":
        return this.#basic(expr);
      case "Bottom":
        return {
          type: "bottom",
          position,
          code: "legacyUser",
          messages: [
            { format: "explicit error (_|_ literal) in source", args: [], position, positions: [], vertex: undefined, cause: undefined },
          ],
          node: undefined,
          literal: true,
        };
      case "Bad":
        return this.#problem(expr, "invalid expression", "CUE_SYNTAX");
      case "StructLit":
        return this.#literal(expr);
      case "ListLit":
        return this.#within({ labels: new Map(), aliases: new Map(), active: new Map() }, () => ({
          type: "listLit",
          elements: expr.elements.map((element) => {
            if (element.type === "Comprehension") return this.#comprehension(element);
            return element.type === "Ellipsis" ? this.#ellipsis(element) : this.expression(element);
          }),
          position,
        }));
      case "Interpolation":
        return this.#interpolation(expr);
      case "Selector": {
        const { label } = expr;
        const name = label.type === "IdentLabel" ? identLabel(label.name, this.#selectedPackage(expr.operand)) : regularLabel(label.value);
        return { type: "selector", operand: this.expression(expr.operand), label: name, labelPosition: this.#at(label), position };
      }
      case "Index":
        return { type: "index", operand: this.expression(expr.operand), index: this.expression(expr.index), position };
      case "Slice":
        return {
          type: "slice",
          operand: this.expression(expr.operand),
          low: expr.low === undefined ? undefined : this.expression(expr.low),
          high: expr.high === undefined ? undefined : this.expression(expr.high),
          position,
        };
      case "Call":
        return { type: "call", callee: this.expression(expr.callee), args: expr.args.map((arg) => this.expression(arg)), position };
      case "Unary":
        return this.#unary(expr);
      case "Binary":
        return this.#binary(expr);
      case "Paren":
        return this.expression(expr.expr);
      case "PostfixEllipsis":
        return { type: "openExpr", operand: this.expression(expr.operand), position };
    }
  }

  #selectedPackage(operand: ast.Expression): string {
    if (operand.type !== "Ident" || this.#find(operand.name) !== undefined) return this.#scope.packagePath;
    return this.#imports.get(operand.name)?.spec.path ?? this.#scope.packagePath;
  }

  #basic(literal: ast.BasicLit): Expr {
    const position = this.#at(literal);
    switch (literal.kind) {
      case "null":
        return { type: "null", position };
      case "bool":
        return { type: "bool", value: literal.raw === "true", position };
      case "int":
      case "float": {
        const number = numberLiteral(literal.raw);
        if (number === undefined) return this.#problem(literal, `illegal number ${JSON.stringify(literal.raw)}`, "CUE_SYNTAX");
        return number.kind === "int" ? { type: "int", value: number.value, position } : { type: "float", value: number.value, position };
      }
      case "string":
        return { type: "string", value: decodeString(literal.raw).value, position };
      case "bytes":
        return { type: "bytes", value: bytesOf(decodeString(literal.raw).value), position };
    }
  }

  #interpolation(expr: ast.Interpolation): Expr {
    const position = this.#at(expr);
    const isBytes = expr.kind === "bytes";
    const parts: Expr[] = [];
    expr.parts.forEach((text, i) => {
      parts.push(isBytes ? { type: "bytes", value: bytesOf(text), position } : { type: "string", value: text, position });
      const inner = expr.exprs[i];
      if (inner !== undefined) parts.push(this.expression(inner));
    });
    return { type: "interpolation", isBytes, parts, position };
  }

  #unary(expr: ast.Unary): Expr {
    const position = this.#at(expr);
    const operand = this.expression(expr.operand);
    switch (expr.op) {
      case "-":
        if (operand.type === "int") return { type: "int", value: -operand.value, position };
        if (operand.type === "float") return { type: "float", value: negate(operand.value), position };
        return { type: "unary", op: "-", operand, position };
      case "+":
        if (operand.type === "int" || operand.type === "float") return { ...operand, position };
        return { type: "unary", op: "+", operand, position };
      case "!":
        return { type: "unary", op: "!", operand, position };
      case "*":
        return this.#problem(expr, "preference mark not allowed at this position", "CUE_SYNTAX");
      default:
        return this.#bound(expr.op, operand, position);
    }
  }

  #bound(op: BoundOp, operand: Expr, position: Position): Expr {
    const constant =
      isValue(operand) &&
      isScalar(operand) &&
      (operand.type === "int" || operand.type === "float" || (operand.type === "string" && op !== "=~" && op !== "!~"));
    return constant ? { type: "bound", op, value: operand, position } : { type: "boundExpr", op, operand, position };
  }

  #binary(expr: ast.Binary): Expr {
    // Long chains lean to the left: walked without recursion.
    if (expr.op === "|") return this.#disjunction(expr);
    const chain: ast.Binary[] = [];
    let at: ast.Expression = expr;
    while (at.type === "Binary" && at.op !== "|") {
      chain.push(at);
      at = at.left;
    }
    let result = this.expression(at);
    for (let i = chain.length - 1; i >= 0; i--) {
      const link = chain[i];
      if (link === undefined || link.op === "|") continue;
      result = { type: "binary", op: link.op, left: result, right: this.expression(link.right), position: this.#at(link) };
    }
    return result;
  }

  #disjunction(expr: ast.Binary): Expr {
    const terms: ast.Expression[] = [];
    let at: ast.Expression = expr;
    while (at.type === "Binary" && at.op === "|") {
      terms.push(at.right);
      at = at.left;
    }
    terms.push(at);
    terms.reverse();
    const alternatives = terms.flatMap((term): { value: Expr; isDefault: boolean }[] => {
      if (term.type === "Unary" && term.op === "*") return [{ value: this.expression(term.operand), isDefault: true }];
      return [{ value: this.expression(term), isDefault: false }];
    });
    return { type: "disjunctionExpr", alternatives, hasDefaults: alternatives.some((each) => each.isDefault), position: this.#at(expr) };
  }

  #find(name: string): { readonly up: number; readonly alias: Alias | undefined; readonly label: Label | undefined } | undefined {
    for (let up = 0; up < this.#scopes.length; up++) {
      const scope = this.#scopes[this.#scopes.length - 1 - up];
      if (scope === undefined) break;
      const alias = scope.active.get(name) ?? scope.aliases.get(name);
      if (alias !== undefined) return { up, alias, label: undefined };
      const label = name === "_" ? undefined : scope.labels.get(name);
      if (label !== undefined) return { up, alias: undefined, label };
    }
    return undefined;
  }

  #ident(ident: ast.Ident): Expr {
    const position = this.#at(ident);
    const { name } = ident;
    const found = this.#find(name);
    if (found !== undefined) {
      const { up, alias, label } = found;
      const named = label ?? alias?.label;
      if (named !== undefined && up === this.#scopes.length - 1) this.#named?.add(named);
      if (alias === undefined) return { type: "fieldReference", up, label: label ?? name, position };
      alias.used = true;
      switch (alias.kind) {
        case "let":
          return { type: "letReference", up, label: alias.label ?? name, position };
        case "field":
          return { type: "fieldReference", up, label: alias.label ?? name, position };
        case "value":
          return { type: "valueReference", up, name, position };
        case "label":
          return { type: "labelReference", up, name, position };
        case "dynamic": {
          const saved = this.#scopes;
          this.#scopes = saved.slice(0, saved.length - up);
          const key =
            alias.key === undefined ? this.#problem(ident, `reference ${JSON.stringify(name)} not found`) : this.expression(alias.key);
          this.#scopes = saved;
          return { type: "dynamicReference", up, label: key, name, position };
        }
      }
    }
    const imported = this.#imports.get(name);
    if (imported !== undefined) {
      imported.used = true;
      return { type: "importReference", path: imported.spec.path, name, position };
    }
    const plain = name.startsWith("__") ? name.slice(2) : name;
    const type = predeclaredTypes.get(plain);
    // Of bounds that have a name, only their own places count.
    if (type !== undefined) return type.type === "conjunction" ? type : { ...type, position };
    if (name === "__no_sharing") return noSharing;
    for (const key of [name, plain]) {
      const builtin = predeclaredBuiltins[key];
      if (builtin !== undefined && Object.hasOwn(predeclaredBuiltins, key)) return builtin;
    }
    return this.#problem(ident, `reference ${JSON.stringify(name)} not found`);
  }
}

/** Declarations that add nothing but fields. */
const plainDeclarations: ReadonlySet<string> = new Set(["field", "letField", "patternField", "dynamicField", "ellipsis"]);

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
