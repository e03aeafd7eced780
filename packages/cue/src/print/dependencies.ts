/**
 * What the expressions of a place refer to: every reference below it, and below what it refers to, with the place that it
 * leads to. References are resolved by their scopes alone; nothing is evaluated for it.
 */
import type { Clause, Declaration, Elem, Expr, ImportReference, Resolver } from "../engine/expr.ts";
import { exprOf, isResolver } from "../engine/expr.ts";
import { labelName, regularLabel } from "../engine/label.ts";
import type { Label } from "../engine/label.ts";
import type { Environment } from "../engine/vertex.ts";
import { spawn, Vertex } from "../engine/vertex.ts";
import type { Exporter } from "./exporter.ts";

const nowhere = new Vertex(undefined, "");

/** Expressions inside one another beyond this are not looked into. */
const maxDepth = 1000;

export interface Found {
  readonly reference: Resolver;
  readonly target: Vertex;
  readonly imported: ImportReference | undefined;
}

export class Dependencies {
  readonly found: Found[] = [];
  /** Names that are taken. */
  readonly names: Set<string> = new Set();
  readonly #e: Exporter;
  readonly #inlineImports: boolean;
  readonly #references = new Set<Resolver>();
  readonly #visited = new Set<Vertex>();
  readonly #walked = new Set<Elem>();
  readonly #targets: Vertex[] = [];
  #depth = 0;

  constructor(e: Exporter, root: Vertex) {
    this.#e = e;
    this.#inlineImports = e.profile.inlineImports;
    this.#tree(root);
    // What is referred to comes after all of the tree: a reference means the place in the tree first.
    for (let i = 0; i < this.#targets.length; i++) {
      const target = this.#targets[i];
      if (target !== undefined) this.#tree(target);
    }
  }

  #tree(root: Vertex): void {
    const pending = [root];
    for (let i = 0; i < pending.length; i++) {
      const given = pending[i];
      const vertex = given === undefined ? undefined : this.#e.finalize(given);
      if (vertex === undefined || this.#visited.has(vertex)) continue;
      this.#visited.add(vertex);
      for (const { env, elem } of vertex.conjuncts) this.#walk(env, elem, vertex);
      pending.push(...vertex.arcs);
    }
  }

  /** `node`: where a literal is put. */
  #walk(env: Environment | undefined, elem: Elem, node: Vertex | undefined): void {
    if (this.#depth > maxDepth) return;
    this.#depth++;
    if (elem.type === "binary") {
      let at: Expr = elem;
      for (; at.type === "binary"; at = at.left) this.#walk(env, at.right, at.op === "&" ? node : undefined);
      this.#walk(env, at, elem.op === "&" ? node : undefined);
    } else if (elem.type !== "vertex" && isResolver(elem as Expr)) this.#reference(env, elem as Resolver);
    else this.#parts(env, elem, node);
    this.#depth--;
  }

  #parts(env: Environment | undefined, elem: Elem, node: Vertex | undefined): void {
    const walk = (each: Elem | undefined): void => {
      if (each !== undefined) this.#walk(env, each, undefined);
    };
    switch (elem.type) {
      case "structLit": {
        const scope = spawn(env, node ?? nowhere);
        for (const decl of elem.decls) this.#declaration(scope, decl, node);
        break;
      }
      case "listLit": {
        const scope = spawn(env, node ?? nowhere);
        for (const element of elem.elements) this.#declaration(scope, element, undefined);
        break;
      }
      case "comprehension":
      case "ellipsis":
      case "letField":
      case "field":
      case "patternField":
      case "dynamicField":
        this.#declaration(env, elem, node);
        break;
      case "slice":
        [elem.operand, elem.low, elem.high].forEach(walk);
        break;
      case "interpolation":
        elem.parts.forEach(walk);
        break;
      case "boundExpr":
      case "unary":
      case "openExpr":
        walk(elem.operand);
        break;
      case "call":
        [elem.callee, ...elem.args].forEach(walk);
        break;
      case "disjunctionExpr":
        for (const { value } of elem.alternatives) walk(value);
        break;
      case "vertex":
        if (!elem.isData) this.#targets.push(elem);
        break;
      default:
    }
  }

  #declaration(env: Environment | undefined, decl: Declaration, node: Vertex | undefined): void {
    switch (decl.type) {
      case "field":
        this.names.add(labelName(decl.label));
        this.#walk(env, decl.value, node?.lookupRaw(decl.label)?.derefValue());
        break;
      case "letField":
        // Looked into where it is named.
        break;
      case "patternField":
        this.#walk(env, decl.filter, undefined);
        this.#walk(env, decl.value, undefined);
        break;
      case "dynamicField":
        this.#walk(env, decl.key, undefined);
        this.#walk(env, decl.value, undefined);
        break;
      case "ellipsis":
        if (decl.value !== undefined) this.#walk(env, decl.value, undefined);
        break;
      case "comprehension": {
        let scope = env;
        for (const clause of decl.clauses) scope = this.#clause(scope, clause);
        this.#walk(scope, decl.value, node);
        if (decl.fallback !== undefined) this.#walk(env, decl.fallback, node);
        break;
      }
      default:
        this.#walk(env, decl, node);
    }
  }

  #clause(env: Environment | undefined, clause: Clause): Environment | undefined {
    if (clause.type === "if") {
      this.#walk(env, clause.condition, undefined);
      return env;
    }
    this.#walk(env, clause.type === "for" ? clause.source : clause.value, undefined);
    for (const label of clause.type === "for" ? [clause.key, clause.value] : [clause.label])
      if (label !== undefined) this.names.add(labelName(label));
    return spawn(env, nowhere);
  }

  #reference(env: Environment | undefined, reference: Resolver): void {
    if (this.#references.has(reference)) return;
    if (reference.type === "letReference") {
      this.#let(env, reference.label, reference.up);
      return;
    }
    const target = resolveStatically(this.#e, env, reference);
    const imported = importOf(reference);
    if (target === undefined || (imported !== undefined && !this.#isInlined(imported))) {
      if (reference.type !== "selector" && reference.type !== "index") return;
      this.#walk(env, reference.operand, undefined);
      if (reference.type === "index") this.#walk(env, reference.index, undefined);
      return;
    }
    this.#references.add(reference);
    this.found.push({ reference, target, imported });
    if (reference.type === "index") this.#walk(env, reference.index, undefined);
    this.#targets.push(target);
  }

  #isInlined({ path }: ImportReference): boolean {
    return this.#inlineImports && path.includes(".");
  }

  #let(env: Environment | undefined, label: Label, up: number): void {
    const [conjunct] = upward(env, up)?.vertex.lookupRaw(label)?.conjuncts ?? [];
    if (conjunct === undefined || this.#walked.has(conjunct.elem)) return;
    this.#walked.add(conjunct.elem);
    if (conjunct.elem.type === "letField") this.#walk(conjunct.env, conjunct.elem.value, undefined);
  }
}

function upward(env: Environment | undefined, up: number): Environment | undefined {
  let at = env;
  for (let i = 0; i < up && at !== undefined; i++) at = at.up;
  return at;
}

/** The package that a reference is into. */
export function importOf(reference: Resolver): ImportReference | undefined {
  let at: Expr = reference;
  while (at.type === "selector" || at.type === "index") at = at.operand;
  return at.type === "importReference" ? at : undefined;
}

/** The place that a reference leads to, where its scopes tell. */
export function resolveStatically(e: Exporter, env: Environment | undefined, reference: Expr): Vertex | undefined {
  switch (reference.type) {
    case "nodeLink":
      return reference.vertex;
    case "fieldReference":
      return arcOf(e, upward(env, reference.up)?.vertex, reference.label);
    case "dynamicReference": {
      const scope = upward(env, reference.up);
      const label = indexLabel(e, scope, reference.label);
      return label === undefined ? undefined : arcOf(e, scope?.vertex, label);
    }
    case "valueReference":
      return reference.up === 0 ? undefined : upward(env, reference.up - 1)?.vertex;
    case "importReference":
      return e.engine.ctx.host.isBuiltin(reference.path) ? undefined : e.engine.ctx.host.importRoot(reference.path);
    case "selector":
      return arcOf(e, operandPlace(e, env, reference.operand), reference.label);
    case "index": {
      const label = indexLabel(e, env, reference.index);
      return label === undefined ? undefined : arcOf(e, operandPlace(e, env, reference.operand), label);
    }
    default:
      return undefined;
  }
}

/** The place that has the value of this one: shared with it, or named by its only conjunct that says something. */
export function sharedPlace(e: Exporter, given: Vertex): Vertex {
  let vertex = e.finalize(given);
  for (let i = 0; i < maxDepth; i++) {
    const [conjunct, another] = vertex.conjuncts.filter(({ elem }) => exprOf(elem).type !== "top");
    if (conjunct === undefined || another !== undefined) return vertex;
    const expr = exprOf(conjunct.elem);
    const target = isResolver(expr) && expr.type !== "letReference" ? resolveStatically(e, conjunct.env, expr) : undefined;
    if (target === undefined || target === vertex) return vertex;
    const next = e.finalize(target);
    if (next === vertex || next.arcs.length === 0) return vertex;
    vertex = next;
  }
  return vertex;
}

function operandPlace(e: Exporter, env: Environment | undefined, operand: Expr): Vertex | undefined {
  const named = resolveStatically(e, env, operand);
  return named === undefined ? undefined : sharedPlace(e, named);
}

function indexLabel(e: Exporter, env: Environment | undefined, index: Expr): Label | undefined {
  const target = isResolver(index) ? resolveStatically(e, env, index) : undefined;
  const value = target === undefined ? index : e.finalize(target).base;
  if (value?.type === "int") return Number(value.value);
  return value?.type === "string" ? regularLabel(value.value) : undefined;
}

function arcOf(e: Exporter, given: Vertex | undefined, label: Label): Vertex | undefined {
  if (given === undefined || given === nowhere) return undefined;
  return e.finalize(given).lookupRaw(label);
}
