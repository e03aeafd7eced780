/**
 * What the expressions of a finished place refer to. References are resolved by their scopes, through lets and variables,
 * to paths of the program; what is not there yet has a path all the same.
 */
import type { Clause, Declaration, Elem, Expr, Resolver } from "../engine/expr.ts";
import { arcMember, exprOf } from "../engine/expr.ts";
import type { Engine } from "../engine/instance.ts";
import type { Label } from "../engine/label.ts";
import { isLet } from "../engine/label.ts";
import type { Environment } from "../engine/vertex.ts";
import { spawn, Vertex } from "../engine/vertex.ts";
import type { Place, ReferenceScope } from "./places.ts";
import { isReference, nowhere, Places, wholeReferences } from "./places.ts";

/** Expressions and values inside one another beyond this are not looked into. */
const maxDepth = 500;

export interface FoundReference {
  /** From the root of the program. */
  readonly path: readonly Label[];
  /** Absent where nothing is at the path. */
  readonly vertex: Vertex | undefined;
  /** The place itself says it, rather than a field of it. */
  readonly isTop: boolean;
}

/** What the place and its fields refer to, in order. Fields that come from what it refers to are not the place's own. */
export function referencesOf(scope: ReferenceScope, vertex: Vertex): readonly FoundReference[] {
  const finder = new ReferenceFinder(scope);
  finder.start(vertex);
  return finder.found;
}

/** Where the place comes from when a place around it refers to another as a whole: `b.x` for `a.x` of `a: b`. */
export function inheritedReferencesOf(scope: ReferenceScope, root: Vertex, path: readonly Label[]): readonly FoundReference[] {
  const finder = new ReferenceFinder(scope);
  finder.inherited(root, path);
  return finder.found;
}

class ReferenceFinder {
  readonly found: FoundReference[] = [];
  readonly #engine: Engine;
  readonly #places: Places;
  /** The expressions that stand in the place itself. */
  readonly #own = new Set<Elem>();
  readonly #walked = new Map<Elem, Set<Vertex | undefined>>();
  #isTop = true;
  #depth = 0;

  constructor(scope: ReferenceScope) {
    this.#engine = scope.engine;
    this.#places = new Places(scope);
  }

  start(vertex: Vertex): void {
    for (const { elem } of vertex.conjuncts) this.#claim(exprOf(elem));
    this.#visit(vertex, true);
  }

  inherited(root: Vertex, path: readonly Label[]): void {
    let at: Vertex | undefined = root;
    for (let i = 0; i < path.length && at !== undefined; i++) {
      const below = path.slice(i);
      for (const { env, expr } of wholeReferences(at)) {
        let places = this.#places.of(env, expr);
        for (const label of below) places = places.flatMap((place) => this.#places.select(place, label));
        for (const place of places) if (place.vertex !== undefined) this.#report(place);
      }
      at = this.#places.select({ vertex: at, path: [] }, path[i] ?? "")[0]?.vertex;
    }
  }

  /** What becomes part of the place: its fields are then visited as fields of the value. */
  #claim(expr: Expr | Elem): void {
    const open: Elem[] = [expr];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (this.#own.has(next)) continue;
      this.#own.add(next);
      switch (next.type) {
        case "binary":
          if (next.op === "&") open.push(next.left, next.right);
          break;
        case "structLit":
          for (const decl of next.decls) open.push(exprOf(decl));
          break;
        case "listLit":
          for (const element of next.elements) open.push(exprOf(element));
          break;
        case "comprehension":
          open.push(next.value);
          if (next.fallback !== undefined) open.push(next.fallback);
          break;
        case "disjunctionExpr":
          for (const { value } of next.alternatives) open.push(value);
          break;
        case "openExpr":
          open.push(next.operand);
          break;
        default:
      }
    }
  }

  #visit(vertex: Vertex, isTop: boolean): void {
    if (this.#depth > maxDepth) return;
    this.#depth++;
    this.#engine.finalize(vertex);
    const saved = this.#isTop;
    this.#isTop = isTop;
    for (const { env, elem } of vertex.conjuncts) this.#walk(env, elem, vertex, false);
    this.#isTop = saved;
    for (const arc of fieldsOf(vertex))
      if (arc.conjuncts.some(({ elem }) => this.#own.has(exprOf(elem)) || this.#own.has(elem))) this.#visit(arc, false);
    this.#depth--;
  }

  /** `node`: where a literal is put. `isDeep`: no field of a value shows what the fields of a literal say. */
  #walk(env: Environment | undefined, elem: Elem, node: Vertex | undefined, isDeep: boolean): void {
    if (this.#depth > maxDepth) return;
    this.#depth++;
    if (elem.type === "binary") {
      // A long sum nests to the left.
      const operands: { readonly expr: Expr; readonly isPart: boolean }[] = [];
      let at: Expr = elem;
      let isPart = true;
      for (; at.type === "binary"; at = at.left) {
        isPart = isPart && at.op === "&";
        operands.push({ expr: at.right, isPart });
      }
      operands.push({ expr: at, isPart });
      for (const each of operands.reverse()) this.#walk(env, each.expr, each.isPart ? node : undefined, isDeep || !each.isPart);
    } else {
      const expr = exprOf(elem);
      if (isReference(expr)) this.#reference(env, expr, node);
      else this.#parts(env, elem, node, isDeep);
    }
    this.#depth--;
  }

  #parts(env: Environment | undefined, elem: Elem, node: Vertex | undefined, isDeep: boolean): void {
    const walk = (each: Elem | undefined): void => {
      if (each !== undefined) this.#walk(env, each, undefined, true);
    };
    switch (elem.type) {
      case "structLit":
      case "listLit": {
        const scope = spawn(env, node ?? nowhere);
        for (const decl of elem.type === "structLit" ? elem.decls : elem.elements) this.#declaration(scope, decl, node, isDeep, elem.type);
        break;
      }
      case "field":
      case "letField":
      case "patternField":
      case "dynamicField":
        this.#walk(env, elem.value, node, isDeep);
        break;
      case "ellipsis":
        if (elem.value !== undefined) this.#walk(env, elem.value, node, isDeep);
        break;
      case "comprehension":
        this.#comprehension(env, elem, node, isDeep);
        break;
      case "slice":
        [elem.operand, elem.low, elem.high].forEach(walk);
        break;
      case "interpolation":
        elem.parts.forEach(walk);
        break;
      case "boundExpr":
      case "unary":
        walk(elem.operand);
        break;
      case "openExpr":
        this.#walk(env, elem.operand, node, isDeep);
        break;
      case "call":
        [elem.callee, ...elem.args].forEach(walk);
        break;
      case "disjunctionExpr":
        for (const { value } of elem.alternatives) this.#walk(env, value, node, isDeep);
        break;
      default:
    }
  }

  #declaration(env: Environment, decl: Declaration, node: Vertex | undefined, isDeep: boolean, within: "structLit" | "listLit"): void {
    const below = (value: Elem, at: Vertex | undefined): void => {
      if (!isDeep) return;
      const saved = this.#isTop;
      this.#isTop = false;
      this.#walk(env, value, at, true);
      this.#isTop = saved;
    };
    switch (decl.type) {
      case "field":
        if (decl.arc === arcMember) below(decl.value, node?.derefValue().lookupRaw(decl.label));
        break;
      case "letField":
        // Looked into where it is named.
        break;
      case "patternField":
        this.#walk(env, decl.filter, undefined, true);
        below(decl.value, undefined);
        break;
      case "dynamicField":
        this.#walk(env, decl.key, undefined, true);
        below(decl.value, undefined);
        break;
      case "ellipsis":
        if (decl.value !== undefined) below(decl.value, undefined);
        break;
      case "comprehension":
        this.#comprehension(env, decl, within === "structLit" ? node : undefined, isDeep);
        break;
      default:
        if (within === "structLit") this.#walk(env, decl, node, isDeep);
        else below(decl, undefined);
    }
  }

  #comprehension(
    env: Environment | undefined,
    elem: Extract<Elem, { type: "comprehension" }>,
    node: Vertex | undefined,
    isDeep: boolean,
  ): void {
    let scope = env;
    for (const clause of elem.clauses) scope = this.#clause(scope, clause);
    this.#walk(scope, elem.value, node, isDeep);
    if (elem.fallback !== undefined) this.#walk(env, elem.fallback, node, isDeep);
  }

  #clause(env: Environment | undefined, clause: Clause): Environment | undefined {
    if (clause.type === "if") {
      this.#walk(env, clause.condition, undefined, true);
      return env;
    }
    this.#walk(env, clause.type === "for" ? clause.source : clause.value, undefined, true);
    return spawn(env, nowhere);
  }

  #reference(env: Environment | undefined, reference: Resolver, node: Vertex | undefined): void {
    const places = this.#places.of(env, reference, node);
    for (const place of places) {
      if (place.path !== undefined) this.#report(place);
      else if (place.vertex !== undefined) this.#local(place.vertex);
    }
    // What cannot be told waits for its parts.
    if (places.length === 0 && (reference.type === "selector" || reference.type === "index"))
      this.#walk(env, reference.operand, undefined, true);
    // Which place an index leads to is up to the index.
    for (let at: Expr = reference; at.type === "selector" || at.type === "index"; at = at.operand)
      if (at.type === "index" && (places.length > 0 || at === reference)) this.#walk(env, at.index, undefined, true);
  }

  #report({ path, vertex }: Place): void {
    if (path !== undefined) this.found.push({ path, vertex, isTop: this.#isTop });
  }

  /** What a let or a variable stands for is said by its own expressions. */
  #local(vertex: Vertex): void {
    for (const { env, elem } of vertex.conjuncts) {
      const known = this.#walked.get(elem) ?? new Set();
      if (known.has(env?.vertex)) continue;
      this.#walked.set(elem, known.add(env?.vertex));
      this.#walk(env, elem, vertex, true);
    }
  }
}

/** The fields that are there, of each alternative where there are several. */
function fieldsOf(vertex: Vertex): readonly Vertex[] {
  const at = vertex.derefValue();
  const { base } = at;
  const alternatives = base?.type === "disjunction" ? base.values : [];
  const arcs = [...at.arcs, ...alternatives.flatMap((each) => (each instanceof Vertex ? each.derefValue().arcs : []))];
  return arcs.filter((arc) => arc.arc === arcMember && !isLet(arc.label));
}
