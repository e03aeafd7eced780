/**
 * Evaluation: what the conjuncts of a vertex come to.
 *
 *   1. expand every conjunct: literals make arcs, references bring the target's conjuncts, the rest becomes values
 *   2. run comprehensions and dynamic fields until nothing moves; what is blocked then makes the struct incomplete
 *   3. lists: lengths and elements
 *   4. disjunctions: a candidate an alternative, evaluated with the rest; those with a fatal error fall away
 *   5. closedness, bounds, validators
 *
 * Arcs are not evaluated before they are asked for. Nothing throws for bad CUE: errors are `Bottom` values.
 * Not here: the topological field order of the reference implementation (fields come in order of first mention), and
 * re-checking of `_|_` comparisons after a field appeared late.
 */
import { invariant } from "@slipway/std";
import type * as ast from "../syntax/ast.ts";
import { decodeString } from "../syntax/decode-string.ts";
import type { Atom } from "./atom.ts";
import {
  compareAtoms,
  falseAtom,
  floatAtom,
  formatAtom,
  intAtom,
  isNumber,
  kinds,
  nullAtom,
  numberKind,
  parseNumber,
  sameAtom,
  stringAtom,
  trueAtom,
} from "./atom.ts";
import type { Bottom } from "./bottom.ts";
import { isIncomplete } from "./bottom.ts";
import { callFunction } from "./call.ts";
import { evaluateOperator } from "./operators.ts";
import type { Reached } from "./reference.ts";
import { follow } from "./reference.ts";
import { matchesPattern } from "./regexp.ts";
import { identKey, isDefinition, isRegular, labelText, regularKey } from "./label.ts";
import type { Alternative, Bound, CloseGroup, Conjunct, Environment, PackageScope, Term } from "./vertex.ts";
import { Vertex } from "./vertex.ts";

/** The result of an expression that is not a place of its own. */
export type Outcome = { readonly atom: Atom } | { readonly vertex: Vertex } | { readonly term: Term } | { readonly bottom: Bottom };

interface Task {
  readonly run: () => Bottom | undefined;
}

const maxDepth = 220;

export class Evaluator {
  steps = 0;
  depth = 0;
  readonly #maxSteps: number;
  readonly #maxDepth: number;
  /** The root of an imported package, or the bottom that says why there is none. */
  readonly importRoot: (path: string) => Vertex | Bottom;

  constructor(options: { readonly steps: number; readonly depth: number; readonly importRoot: (path: string) => Vertex | Bottom }) {
    this.#maxSteps = options.steps;
    this.#maxDepth = Math.min(options.depth, maxDepth);
    this.importRoot = options.importRoot;
  }

  /** Evaluates `vertex` unless that is done. `false`: it is being evaluated further up. */
  evaluate(vertex: Vertex): boolean {
    if (vertex.state === "done") return true;
    if (vertex.state === "busy") return false;
    this.steps++;
    if (this.depth >= this.#maxDepth || this.steps > this.#maxSteps) {
      vertex.state = "done";
      vertex.bottom = {
        category: this.depth >= this.#maxDepth ? "structuralCycle" : "budget",
        message: this.depth >= this.#maxDepth ? "structural cycle" : `evaluation takes more than ${this.#maxSteps} steps`,
        at: [],
        path: vertex.path(),
      };
      return true;
    }
    vertex.state = "busy";
    this.depth++;
    try {
      new Expansion(this, vertex).run();
    } finally {
      this.depth--;
      vertex.state = "done";
    }
    return true;
  }

  /** The vertex, or the alternative that it came down to. */
  settle(vertex: Vertex): Vertex {
    let at = vertex;
    for (;;) {
      if (!this.evaluate(at) || at.candidates === undefined) return at;
      const defaults = at.candidates.filter((candidate) => candidate.isDefault);
      const only = at.candidates.length === 1 ? at.candidates[0] : defaults.length === 1 ? defaults[0] : undefined;
      if (only === undefined) return at;
      at = only.vertex;
    }
  }

  /** The error of a settled vertex itself; for a scalar that is not concrete yet, an incomplete one. */
  errorOf(settled: Vertex): Bottom | undefined {
    if (settled.state === "busy") return this.bottom("cycle", settled, "cycle error");
    if (settled.bottom !== undefined) return settled.bottom;
    if (settled.candidates !== undefined) return this.bottom("incomplete", settled, `unresolved disjunction ${this.describe(settled)}`);
    if (settled.atom !== undefined || settled.isStruct || settled.items !== undefined) return undefined;
    return this.bottom("incomplete", settled, `incomplete value ${this.describe(settled)}`);
  }

  bottom(category: Bottom["category"], vertex: Vertex | undefined, message: string, node?: ast.Node, env?: Environment): Bottom {
    const at = node === undefined || env === undefined ? [] : [env.package.position(node)];
    return {
      category,
      message,
      at,
      path: vertex === undefined ? [] : vertex.path().map((key) => (/^\d+$/.test(key) ? key : labelText(key))),
    };
  }

  /** How messages name a value. */
  describe(vertex: Vertex): string {
    if (vertex.atom !== undefined) return formatAtom(vertex.atom);
    if (vertex.candidates !== undefined) return vertex.candidates.map((candidate) => this.describe(candidate.vertex)).join(" | ");
    if (vertex.items !== undefined) return `[${vertex.items.map((item) => (this.evaluate(item), this.describe(item))).join(",")}]`;
    if (vertex.isStruct) return "{...}";
    if (vertex.bounds.length > 0) return vertex.bounds.map((bound) => `${bound.op}${formatAtom(bound.limit)}`).join(" & ");
    return kindText(vertex.kinds);
  }

  /** Fatal errors anywhere below, which make an alternative fall away. */
  fatalBelow(vertex: Vertex): Bottom | undefined {
    const settled = this.settle(vertex);
    if (settled.state === "busy") return undefined;
    if (settled.bottom !== undefined && !isIncomplete(settled.bottom)) return settled.bottom;
    for (const arc of settled.arcs.values()) {
      if (arc.constraint === "optional" || isDefinition(String(arc.key))) continue;
      const found = this.fatalBelow(arc);
      if (found !== undefined) return found;
    }
    for (const item of settled.items ?? []) {
      const found = this.fatalBelow(item);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** A place of its own for an expression, in the scope of `env`. */
  scratch(expr: ast.Expression, env: Environment): Vertex {
    const vertex = new Vertex(undefined, "");
    vertex.constraint = "none";
    vertex.conjuncts.push({ term: { type: "expr", expr, env }, groups: [] });
    return vertex;
  }

  /** The value of an expression, settled: its vertex where it is a place, else a scratch one. */
  value(expr: ast.Expression, env: Environment): Vertex | Bottom {
    const reached = this.reach(expr, env);
    if (reached !== undefined) {
      if (!(reached instanceof Vertex)) return reached;
      const settled = this.settle(reached);
      return settled.state === "busy" ? this.bottom("cycle", settled, "cycle error", expr, env) : settled;
    }
    return this.settle(this.scratch(expr, env));
  }

  /** A concrete atom, or why there is none. */
  atom(expr: ast.Expression, env: Environment): Atom | Bottom {
    const value = this.value(expr, env);
    if (!(value instanceof Vertex)) return value;
    return this.atomOf(value, expr, env);
  }

  atomOf(settled: Vertex, expr: ast.Expression, env: Environment): Atom | Bottom {
    if (settled.atom !== undefined && settled.bottom === undefined) return settled.atom;
    const error = this.errorOf(settled);
    if (error !== undefined) {
      if (error.category === "incomplete" && error.at.length === 0) return { ...error, at: [env.package.position(expr)] };
      return error;
    }
    return this.bottom(
      "eval",
      settled,
      `invalid operand: found ${settled.items === undefined ? "struct" : "list"}, want a scalar`,
      expr,
      env,
    );
  }

  /** Where a reference leads; `undefined` when the expression is no reference. */
  reach(expr: ast.Expression, env: Environment): Reached {
    return follow(this, expr, env);
  }

  scopeAt(env: Environment, up: number): Environment {
    let at: Environment | undefined = env;
    for (let i = 0; i < up && at !== undefined; i++) at = at.up;
    invariant(at !== undefined, "an identifier resolved to a scope that is not there");
    return at;
  }
}

export function kindText(mask: number): string {
  if (mask === 255) return "_";
  const names: string[] = [];
  if ((mask & numberKind) === numberKind) names.push("number");
  else for (const name of ["int", "float"] as const) if ((mask & kinds[name]) !== 0) names.push(name);
  for (const name of ["null", "bool", "string", "bytes", "list", "struct"] as const) if ((mask & kinds[name]) !== 0) names.push(name);
  return names.length === 0 ? "_|_" : names.join(" | ");
}

/** One evaluation of one vertex. */
class Expansion {
  readonly #e: Evaluator;
  readonly #v: Vertex;
  readonly #tasks: Task[] = [];

  constructor(evaluator: Evaluator, vertex: Vertex) {
    this.#e = evaluator;
    this.#v = vertex;
  }

  run(): void {
    const v = this.#v;
    for (let i = 0; i < v.conjuncts.length; i++) {
      const conjunct = v.conjuncts[i];
      if (conjunct !== undefined) this.#term(conjunct.term, conjunct.groups);
    }
    this.#runTasks();
    if (v.bottom === undefined) this.#finishList();
    if (v.disjunctions.length > 0) {
      if (v.bottom === undefined) this.#choose();
      return;
    }
    this.#applyPatterns();
    this.#finish();
  }

  #fail(category: Bottom["category"], message: string, node?: ast.Node, env?: Environment): void {
    const v = this.#v;
    if (v.bottom === undefined || (isIncomplete(v.bottom) && category !== "incomplete" && category !== "cycle"))
      v.bottom = this.#e.bottom(category, v, message, node, env);
  }

  #failWith(bottom: Bottom): void {
    const v = this.#v;
    if (v.bottom === undefined || (isIncomplete(v.bottom) && !isIncomplete(bottom)))
      v.bottom = bottom.path.length > 0 ? bottom : { ...bottom, path: this.#e.bottom("eval", v, "").path };
  }

  #runTasks(): void {
    let blocked: Bottom | undefined;
    for (let moved = true; moved;) {
      moved = false;
      blocked = undefined;
      const tasks = this.#tasks.splice(0);
      for (const task of tasks) {
        const why = task.run();
        if (why === undefined) moved = true;
        else if (isIncomplete(why)) {
          blocked ??= why;
          this.#tasks.push(task);
        } else this.#failWith(why);
      }
      if (this.#tasks.length === 0) break;
    }
    this.#v.pending = blocked;
  }

  // --- terms

  #term(term: Term, groups: readonly CloseGroup[]): void {
    for (const group of groups) this.#v.groups.add(group);
    switch (term.type) {
      case "expr":
        this.#expr(term.expr, term.env, groups);
        break;
      case "atom":
        this.#atom(term.atom);
        break;
      case "vertex":
        this.#target(term.vertex, groups);
        break;
      case "list":
        this.#narrow(kinds.list, "list");
        this.#v.lists.push({
          items: term.items.map((vertex): Conjunct => ({ term: { type: "vertex", vertex }, groups: [] })),
          rest: "none",
        });
        break;
      case "path": {
        const [key, ...rest] = term.keys;
        if (key === undefined) this.#term(term.term, groups);
        else {
          const inner: Term = rest.length === 0 ? term.term : { type: "path", keys: rest, term: term.term };
          if (typeof key === "number") {
            this.#narrow(kinds.list, "list");
            const items = Array.from({ length: key + 1 }, (_, index): Conjunct => ({
              term: index === key ? inner : { type: "any" },
              groups: [],
            }));
            this.#v.lists.push({ items, rest: "any" });
          } else {
            this.#struct();
            this.#arc(key, "none", { term: inner, groups });
          }
        }
        break;
      }
      case "json":
        this.#json(term.value, groups);
        break;
      case "any":
        break;
      case "file":
        this.declarations(term.literal.decls, newEnvironment(this.#v, term.literal.decls, term.scope), groups);
        break;
    }
  }

  #json(value: unknown, groups: readonly CloseGroup[]): void {
    if (value === null) this.#atom(nullAtom);
    else if (typeof value === "boolean") this.#atom(value ? trueAtom : falseAtom);
    else if (typeof value === "number") this.#atom(Number.isInteger(value) ? intAtom(value) : floatAtom(value));
    else if (typeof value === "string") this.#atom(stringAtom(value));
    else if (Array.isArray(value)) {
      this.#narrow(kinds.list, "list");
      this.#v.lists.push({
        items: value.map((item): Conjunct => ({ term: { type: "json", value: item as never }, groups: [] })),
        rest: "none",
      });
    } else {
      this.#struct();
      for (const [name, item] of Object.entries(value as object))
        this.#arc(regularKey(name), "none", { term: { type: "json", value: item as never }, groups: [] });
    }
  }

  /** The conjuncts of another place, each place once. */
  #target(target: Vertex, groups: readonly CloseGroup[]): void {
    const v = this.#v;
    if (target === v || v.mentioned.has(target)) return;
    v.mentioned.add(target);
    if (target.state === "fresh" && target.conjuncts.length === 0) this.#e.evaluate(target);
    for (const conjunct of [...target.conjuncts])
      this.#term(conjunct.term, conjunct.groups.length === 0 ? groups : [...new Set([...groups, ...conjunct.groups])]);
    // What patterns of its parent and lists of its parent brought is among its conjuncts already.
  }

  #expr(expr: ast.Expression, env: Environment, groups: readonly CloseGroup[]): void {
    const e = this.#e;
    switch (expr.type) {
      case "Paren":
        this.#expr(expr.expr, env, groups);
        return;
      case "PostfixEllipsis":
        this.#expr(expr.operand, env, []);
        return;
      case "BasicLit":
        if (expr.kind === "null") this.#atom(nullAtom, expr, env);
        else if (expr.kind === "bool") this.#atom(expr.raw === "true" ? trueAtom : falseAtom, expr, env);
        else if (expr.kind === "int" || expr.kind === "float") this.#atom(parseNumber(expr.raw, expr.kind), expr, env);
        else this.#atom({ kind: expr.kind, value: decodeString(expr.raw).value }, expr, env);
        return;
      case "StructLit":
        this.#literal(expr.decls, env, groups);
        return;
      case "ListLit":
        this.#list(expr, env);
        return;
      case "Bottom":
        this.#fail("user", "explicit error (_|_ literal) in source", expr, env);
        return;
      case "Bad":
        this.#fail("syntax", "syntax error", expr, env);
        return;
      case "Binary":
        if (expr.op === "&") {
          this.#expr(expr.left, env, groups);
          this.#expr(expr.right, env, groups);
          return;
        }
        if (expr.op === "|") {
          this.#disjunction(alternativesOf(expr, env), groups);
          return;
        }
        break;
      case "Unary":
        if (expr.op === "*") {
          this.#expr(expr.operand, env, groups);
          return;
        }
        if (["<", "<=", ">", ">=", "!=", "=~", "!~"].includes(expr.op)) {
          this.#boundOf(expr, env);
          return;
        }
        break;
      case "Ident": {
        const resolution = env.package.resolution(expr);
        if (resolution?.type === "predeclared") {
          this.#predeclared(resolution.name, expr, env);
          return;
        }
        break;
      }
      default:
        break;
    }
    const reached = e.reach(expr, env);
    if (reached !== undefined) {
      if (!(reached instanceof Vertex)) this.#failWith(reached);
      else this.#target(reached, closes(expr, env) ? [...groups, { recursive: true }] : groups);
      return;
    }
    this.#outcome(expr.type === "Call" ? callFunction(e, expr, env, this.#v) : evaluateOperator(e, expr, env), expr, env, groups);
  }

  #outcome(
    outcome:
      | Outcome
      | { readonly validator: { text: string; check: (vertex: Vertex) => string | undefined } }
      | { readonly terms: readonly Term[]; readonly groups: readonly CloseGroup[] }
      | { readonly alternatives: readonly Alternative[] },
    expr: ast.Expression,
    env: Environment,
    groups: readonly CloseGroup[],
  ): void {
    if ("atom" in outcome) this.#atom(outcome.atom, expr, env);
    else if ("vertex" in outcome) this.#target(outcome.vertex, groups);
    else if ("term" in outcome) this.#term(outcome.term, groups);
    else if ("bottom" in outcome) this.#failWith(outcome.bottom);
    else if ("validator" in outcome) this.#v.validators.push(outcome.validator);
    else if ("alternatives" in outcome) this.#disjunction(outcome.alternatives, groups);
    else for (const term of outcome.terms) this.#term(term, [...groups, ...outcome.groups]);
  }

  #disjunction(alternatives: readonly Alternative[], groups: readonly CloseGroup[]): void {
    const v = this.#v;
    const index = v.choicesUsed++;
    const choice = v.choices[index];
    if (choice === undefined) {
      v.disjunctions.push({ alternatives, groups });
      return;
    }
    const taken = alternatives[choice];
    if (taken !== undefined) this.#term(taken.term, groups);
  }

  #struct(): void {
    this.#narrow(kinds.struct, "struct");
    this.#v.isStruct = true;
  }

  #narrow(mask: number, text: string, node?: ast.Node, env?: Environment): boolean {
    const v = this.#v;
    const before = v.kinds;
    v.kinds &= mask;
    if (v.kinds === 0) {
      const first = v.atom === undefined ? (v.firstText ?? kindText(before)) : formatAtom(v.atom);
      const firstKind = kindText(before);
      this.#fail("eval", `conflicting values ${first} and ${text} (mismatched types ${firstKind} and ${kindText(mask)})`, node, env);
      return false;
    }
    v.firstText ??= text;
    return true;
  }

  #atom(atom: Atom, node?: ast.Node, env?: Environment): void {
    const v = this.#v;
    if (v.atom !== undefined && v.atom.kind === atom.kind) {
      if (!sameAtom(v.atom, atom)) this.#fail("eval", `conflicting values ${formatAtom(v.atom)} and ${formatAtom(atom)}`, node, env);
      return;
    }
    if (this.#narrow(kinds[atom.kind], formatAtom(atom), node, env)) v.atom = atom;
  }

  #predeclared(name: string, expr: ast.Node, env: Environment): void {
    const ranges: Readonly<Record<string, readonly [bigint, bigint]>> = {
      uint8: [0n, 255n],
      uint16: [0n, 65535n],
      uint32: [0n, 4294967295n],
      uint64: [0n, 2n ** 64n - 1n],
      uint128: [0n, 2n ** 128n - 1n],
      int8: [-128n, 127n],
      int16: [-32768n, 32767n],
      int32: [-2147483648n, 2147483647n],
      int64: [-(2n ** 63n), 2n ** 63n - 1n],
      int128: [-(2n ** 127n), 2n ** 127n - 1n],
      rune: [0n, 0x10ffffn],
    };
    const masks: Readonly<Record<string, number>> = {
      string: kinds.string,
      bytes: kinds.bytes,
      bool: kinds.bool,
      int: kinds.int,
      float: kinds.float,
      number: numberKind,
      null: kinds.null,
      float32: numberKind,
      float64: numberKind,
    };
    if (name === "_") return;
    const range = ranges[name];
    if (name === "uint" || range !== undefined) {
      this.#narrow(kinds.int, name, expr, env);
      const [low, high] = range ?? [0n, undefined];
      this.#v.bounds.push({ op: ">=", limit: intAtom(low), env, node: expr });
      if (high !== undefined) this.#v.bounds.push({ op: "<=", limit: intAtom(high), env, node: expr });
      return;
    }
    const mask = masks[name];
    if (mask === undefined) this.#fail("eval", `cannot use ${name} as a value`, expr, env);
    else this.#narrow(mask, name, expr, env);
  }

  #boundOf(expr: ast.Unary, env: Environment): void {
    const limit = this.#e.atom(expr.operand, env);
    if ("category" in limit) {
      this.#failWith(limit);
      return;
    }
    const op = expr.op as Bound["op"];
    if (op === "=~" || op === "!~") this.#narrow(kinds.string | kinds.bytes, `${op}${formatAtom(limit)}`, expr, env);
    else if (op !== "!=") this.#narrow(isNumber(limit) ? numberKind : kinds[limit.kind], `${op}${formatAtom(limit)}`, expr, env);
    this.#v.bounds.push({ op, limit, env, node: expr });
  }

  // --- structs

  /** The declarations of a literal, in an environment whose struct is this vertex. */
  #literal(decls: readonly ast.Declaration[], outer: Environment, outerGroups: readonly CloseGroup[]): void {
    const v = this.#v;
    const env: Environment = { up: outer, vertex: v, decls, lets: new Map(), variables: new Map(), package: outer.package };
    let groups = outerGroups;
    // A struct that embeds a definition is closed by it, its own fields included.
    if (groups.length === 0 && decls.some((decl) => decl.type === "Embedding" && closes(decl.expr, env))) {
      groups = [{ recursive: true }];
      for (const group of groups) v.groups.add(group);
    }
    this.declarations(decls, env, groups);
  }

  declarations(decls: readonly ast.Declaration[], env: Environment, groups: readonly CloseGroup[]): void {
    const onlyEmbeds =
      decls.length > 0 &&
      decls.every(
        (decl) =>
          decl.type !== "Ellipsis" &&
          (decl.type !== "Field" || (decl.label.type === "IdentLabel" && /^_?#|^_/.test(decl.label.name) && decl.label.name !== "_")),
      );
    if (!onlyEmbeds || !decls.some((decl) => decl.type === "Embedding" || decl.type === "Comprehension")) this.#struct();
    for (const decl of decls) {
      switch (decl.type) {
        case "Field":
          this.#field(decl, env, groups);
          break;
        case "Embedding":
          this.#embedding(decl, env, groups);
          break;
        case "Ellipsis":
          for (const group of groups) this.#v.openGroups.add(group);
          if (decl.value !== undefined) this.#v.patterns.push({ label: undefined, env, alias: undefined, value: decl.value, groups });
          break;
        case "Comprehension":
          this.#tasks.push({ run: () => this.#comprehension(decl, env, groups) });
          break;
        case "Let":
        case "Attribute":
          break;
      }
    }
  }

  #embedding(decl: ast.Embedding, env: Environment, groups: readonly CloseGroup[]): void {
    const reached = closes(decl.expr, env) ? this.#e.reach(decl.expr, env) : undefined;
    // Inside a closed struct the embedding adds to what is allowed; it does not forbid what stands beside it.
    if (reached instanceof Vertex) this.#target(reached, groups);
    else this.#expr(decl.expr, env, groups);
  }

  #field(field: ast.Field, env: Environment, groups: readonly CloseGroup[]): void {
    const { label } = field;
    const inherited = groups.filter((group) => group.recursive);
    const add = (key: string): void => {
      const arc = this.#arc(key, field.constraint, undefined);
      arc.declared.push(field);
      let inner = env;
      if (field.valueAlias !== undefined)
        inner = {
          up: env,
          vertex: undefined,
          decls: [],
          lets: new Map(),
          variables: new Map([[field.valueAlias, arc]]),
          package: env.package,
        };
      const own = groups.filter((group) => !group.recursive);
      arc.conjuncts.push({ term: { type: "expr", expr: field.value, env: inner }, groups: inherited });
      for (const group of own) arc.allowedBy.add(group);
    };
    switch (label.type) {
      case "IdentLabel":
        add(identKey(label.name, env.package.path));
        break;
      case "StringLabel":
        add(regularKey(label.value));
        break;
      case "PatternLabel":
        this.#v.patterns.push({ label: label.expr, env, alias: label.alias, value: field.value, groups });
        break;
      case "InterpolationLabel":
      case "DynamicLabel":
        this.#tasks.push({
          run: () => {
            const name = this.#e.atom(label.expr, env);
            if ("category" in name) return name;
            if (name.kind !== "string") return this.#e.bottom("eval", this.#v, `invalid non-string label ${formatAtom(name)}`, label, env);
            add(regularKey(name.value as string));
            return undefined;
          },
        });
        break;
    }
  }

  #arc(key: string, constraint: ast.Field["constraint"], conjunct: Conjunct | undefined): Vertex {
    const arc = this.#v.arc(key);
    if (arc.state === "done") arc.reset();
    if (constraint === "none") arc.constraint = "none";
    else if (constraint === "required" && arc.constraint === "optional") arc.constraint = "required";
    if (conjunct !== undefined) arc.conjuncts.push(conjunct);
    return arc;
  }

  #comprehension(comprehension: ast.Comprehension, env: Environment, groups: readonly CloseGroup[]): Bottom | undefined {
    const yields: Environment[] = [];
    const blocked = this.#clauses(comprehension.clauses, 0, env, yields);
    if (blocked !== undefined) return blocked;
    for (const inner of yields) this.#literal(comprehension.value.decls, inner, groups);
    if (yields.length === 0 && comprehension.fallback !== undefined) this.#literal(comprehension.fallback.decls, env, groups);
    if (yields.length === 0 && comprehension.fallback === undefined && this.#v.kinds === 255 && this.#v.disjunctions.length === 0)
      this.#v.isStruct = true;
    return undefined;
  }

  #clauses(clauses: readonly ast.Clause[], index: number, env: Environment, into: Environment[]): Bottom | undefined {
    const clause = clauses[index];
    if (clause === undefined) {
      into.push(env);
      return undefined;
    }
    const clauseEnv = (variables: ReadonlyMap<string, Vertex>): Environment => ({
      up: env,
      vertex: undefined,
      decls: [],
      lets: new Map(),
      variables,
      package: env.package,
    });
    if (clause.type === "If") {
      const condition = this.#e.atom(clause.condition, env);
      if ("category" in condition) return condition;
      if (condition.kind !== "bool")
        return this.#e.bottom(
          "eval",
          this.#v,
          `cannot use ${formatAtom(condition)} (type ${condition.kind}) as type bool`,
          clause.condition,
          env,
        );
      return condition.value === true ? this.#clauses(clauses, index + 1, env, into) : undefined;
    }
    if (clause.type === "LetIn")
      return this.#clauses(clauses, index + 1, clauseEnv(new Map([[clause.name, this.#e.scratch(clause.value, env)]])), into);
    const source = this.#e.value(clause.source, env);
    if (!(source instanceof Vertex)) return source;
    const error = this.#e.errorOf(source);
    if (error !== undefined) return error;
    if (source.pending !== undefined) return source.pending;
    const each = (key: Atom, value: Vertex): Bottom | undefined => {
      const variables = new Map([[clause.value, value]]);
      if (clause.key !== undefined) {
        const label = new Vertex(undefined, "");
        label.conjuncts.push({ term: { type: "atom", atom: key }, groups: [] });
        variables.set(clause.key, label);
      }
      return this.#clauses(clauses, index + 1, clauseEnv(variables), into);
    };
    if (source.items !== undefined) {
      for (const [position, item] of source.items.entries()) {
        const blocked = each(intAtom(position), item);
        if (blocked !== undefined) return blocked;
      }
      return undefined;
    }
    if (!source.isStruct)
      return this.#e.bottom("eval", this.#v, `cannot range over ${this.#e.describe(source)}, want list or struct`, clause.source, env);
    for (const [key, arc] of source.arcs) {
      if (!isRegular(key) || arc.constraint === "optional") continue;
      const blocked = each(stringAtom(labelText(key)), arc);
      if (blocked !== undefined) return blocked;
    }
    return undefined;
  }

  #applyPatterns(): void {
    const v = this.#v;
    if (v.patterns.length === 0) return;
    for (const [key, arc] of v.arcs) {
      if (!isRegular(key)) continue;
      for (const pattern of v.patterns) {
        const label = stringAtom(labelText(key));
        if (pattern.label !== undefined && matchLabel(this.#e, pattern.label, pattern.env, label) !== true) continue;
        if (
          pattern.label === undefined &&
          arc.conjuncts.some((conjunct) => conjunct.groups.some((group) => pattern.groups.includes(group)))
        )
          continue;
        const name = new Vertex(undefined, "");
        name.conjuncts.push({ term: { type: "atom", atom: label }, groups: [] });
        const variables = pattern.alias === undefined ? new Map<string, Vertex>() : new Map([[pattern.alias, name]]);
        const env: Environment =
          pattern.label === undefined
            ? pattern.env
            : { up: pattern.env, vertex: undefined, decls: [], lets: new Map(), variables, package: pattern.env.package };
        if (arc.state === "done") arc.reset();
        arc.conjuncts.push({ term: { type: "expr", expr: pattern.value, env }, groups: pattern.groups.filter((group) => group.recursive) });
      }
    }
  }

  // --- lists

  #list(expr: ast.ListLit, env: Environment): void {
    if (!this.#narrow(kinds.list, "list", expr, env)) return;
    this.#tasks.push({
      run: () => {
        const items: Conjunct[] = [];
        let rest: "none" | "any" | Conjunct = "none";
        for (const element of expr.elements) {
          if (element.type === "Ellipsis")
            rest = element.value === undefined ? "any" : { term: { type: "expr", expr: element.value, env }, groups: [] };
          else if (element.type !== "Comprehension") items.push({ term: { type: "expr", expr: element, env }, groups: [] });
          else {
            const yields: Environment[] = [];
            const blocked = this.#clauses(element.clauses, 0, env, yields);
            if (blocked !== undefined) return blocked;
            for (const inner of yields) items.push({ term: { type: "expr", expr: element.value, env: inner }, groups: [] });
          }
        }
        this.#v.lists.push({ items, rest });
        return undefined;
      },
    });
  }

  #finishList(): void {
    const v = this.#v;
    if (v.lists.length === 0) {
      if (v.pending !== undefined && v.kinds === kinds.list) this.#failWith(v.pending);
      return;
    }
    if (v.pending !== undefined) {
      this.#failWith(v.pending);
      return;
    }
    const length = Math.max(...v.lists.map((list) => list.items.length));
    const closed = v.lists.filter((list) => list.rest === "none");
    for (const list of closed) {
      if (list.items.length < length) {
        this.#fail("eval", `incompatible list lengths (${list.items.length} and ${length})`);
        return;
      }
    }
    v.listOpen = closed.length === 0;
    v.items = Array.from({ length }, (_, index) => {
      const item = new Vertex(v, index);
      item.constraint = "none";
      for (const list of v.lists) {
        const conjunct = list.items[index] ?? (typeof list.rest === "object" ? list.rest : undefined);
        if (conjunct !== undefined) item.conjuncts.push(conjunct);
      }
      return item;
    });
  }

  // --- disjunctions

  #choose(): void {
    const v = this.#v;
    const disjunction = v.disjunctions[0];
    if (disjunction === undefined) return;
    const position = v.choices.length;
    const hasMarks = disjunction.alternatives.some((alternative) => alternative.marked);
    const kept: { vertex: Vertex; isDefault: boolean; key: string }[] = [];
    let firstError: Bottom | undefined;
    let errors = 0;
    for (const [index, alternative] of disjunction.alternatives.entries()) {
      const candidate = new Vertex(v.parent, v.key, [...v.choices.slice(0, position), index]);
      candidate.constraint = v.constraint;
      candidate.declared.push(...v.declared);
      candidate.conjuncts.push(...v.conjuncts);
      this.#e.evaluate(candidate);
      const fatal = candidate.candidates === undefined ? this.#e.fatalBelow(candidate) : candidate.bottom;
      if (fatal !== undefined && !isIncomplete(fatal)) {
        firstError ??= fatal;
        errors++;
        continue;
      }
      const results = candidate.candidates ?? [{ vertex: candidate, isDefault: true }];
      for (const result of results) {
        const key = this.#e.describe(result.vertex);
        const isDefault = (!hasMarks || alternative.marked) && result.isDefault;
        const same =
          result.vertex.isStruct || result.vertex.bottom !== undefined
            ? undefined
            : kept.find((other) => other.key === key && !other.vertex.isStruct);
        if (same === undefined) kept.push({ vertex: result.vertex, isDefault, key });
        else same.isDefault ||= isDefault;
      }
    }
    if (kept.length === 0) {
      this.#fail("eval", `${errors} errors in empty disjunction: ${firstError?.message ?? ""}`);
      return;
    }
    // Where no marked alternative is left, none of the rest is a default.
    if (!kept.some((candidate) => candidate.isDefault)) for (const candidate of kept) candidate.isDefault = true;
    v.candidates = kept;
    if (kept.length === 1 && kept[0] !== undefined) v.candidates = [{ vertex: kept[0].vertex, isDefault: true }];
  }

  // --- finish

  #finish(): void {
    const v = this.#v;
    if (v.atom !== undefined && v.isStruct)
      this.#fail("eval", `conflicting values ${formatAtom(v.atom)} and {...} (mismatched types ${v.atom.kind} and struct)`);
    if (v.kinds === 255 && v.arcs.size > 0 && v.atom === undefined && v.items === undefined) v.isStruct = true;
    if (v.bottom === undefined && v.atom !== undefined) this.#checkBounds(v.atom);
    if (v.bottom === undefined && v.atom === undefined && v.bounds.length > 0 && v.items === undefined && !v.isStruct) this.#singleValue();
    if (v.bottom === undefined && (v.atom !== undefined || v.items !== undefined || v.isStruct)) {
      for (const validator of v.validators) {
        const why = validator.check(v);
        if (why !== undefined) this.#fail("eval", why);
      }
    }
    if (v.bottom === undefined && v.isStruct) this.#checkClosed();
  }

  #checkBounds(atom: Atom): void {
    for (const bound of this.#v.bounds) {
      const text = `${bound.op}${formatAtom(bound.limit)}`;
      if (bound.op === "=~" || bound.op === "!~") {
        const matched = matchesPattern(String(bound.limit.value), String(atom.value));
        if (typeof matched !== "boolean") this.#fail("eval", matched.message, bound.node, bound.env);
        else if (matched !== (bound.op === "=~"))
          this.#fail("eval", `invalid value ${formatAtom(atom)} (out of bound ${text})`, bound.node, bound.env);
        continue;
      }
      const order = compareAtoms(atom, bound.limit);
      const equal = order === undefined ? atom.kind === bound.limit.kind && atom.value === bound.limit.value : order === 0;
      const holds =
        bound.op === "!="
          ? !equal
          : order !== undefined && { "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0 }[bound.op];
      if (!holds) this.#fail("eval", `invalid value ${formatAtom(atom)} (out of bound ${text})`, bound.node, bound.env);
    }
  }

  /** `>=5 & <=5` is 5 for integers; bounds that exclude each other are a conflict. */
  #singleValue(): void {
    const v = this.#v;
    const low = v.bounds.find((bound) => bound.op === ">" || bound.op === ">=");
    const high = v.bounds.find((bound) => bound.op === "<" || bound.op === "<=");
    if (low === undefined || high === undefined) return;
    const order = compareAtoms(low.limit, high.limit);
    if (order !== undefined && (order > 0 || (order === 0 && (low.op === ">" || high.op === "<")))) {
      this.#fail(
        "eval",
        `incompatible number bounds ${low.op}${formatAtom(low.limit)} and ${high.op}${formatAtom(high.limit)}`,
        high.node,
        high.env,
      );
    }
  }

  #checkClosed(): void {
    const v = this.#v;
    for (const group of v.groups) {
      if (v.openGroups.has(group)) continue;
      for (const [key, arc] of v.arcs) {
        if (!isRegular(key) || arc.constraint === "optional") continue;
        const allowed =
          arc.conjuncts.some((conjunct) => conjunct.groups.includes(group)) ||
          arc.allowedBy.has(group) ||
          v.patterns.some(
            (pattern) =>
              pattern.groups.includes(group) &&
              (pattern.label === undefined || matchLabel(this.#e, pattern.label, pattern.env, stringAtom(labelText(key))) === true),
          );
        if (!allowed) {
          arc.state = "done";
          arc.bottom = this.#e.bottom("closed", arc, "field not allowed");
          this.#failWith(arc.bottom);
        }
      }
    }
  }
}

/** Whether a label satisfies the constraint of a pattern. */
function matchLabel(e: Evaluator, label: ast.Expression, env: Environment, name: Atom): boolean {
  const probe = new Vertex(undefined, "");
  probe.conjuncts.push({ term: { type: "expr", expr: label, env }, groups: [] }, { term: { type: "atom", atom: name }, groups: [] });
  const settled = e.settle(probe);
  return settled.bottom === undefined;
}

/** Whether a reference goes through a definition, and so closes what it brings. */
function closes(expr: ast.Expression, env: Environment): boolean {
  switch (expr.type) {
    case "Paren":
      return closes(expr.expr, env);
    case "Ident": {
      const resolution = env.package.resolution(expr);
      return resolution?.type === "field" && isDefinition(resolution.key);
    }
    case "Selector":
      return (expr.label.type === "IdentLabel" && /^_?#/.test(expr.label.name)) || closes(expr.operand, env);
    case "Index":
      return closes(expr.operand, env);
    default:
      return false;
  }
}

function alternativesOf(expr: ast.Expression, env: Environment): Alternative[] {
  if (expr.type === "Binary" && expr.op === "|") return [...alternativesOf(expr.left, env), ...alternativesOf(expr.right, env)];
  if (expr.type === "Unary" && expr.op === "*")
    return alternativesOf(expr.operand, env).map((alternative) => ({ ...alternative, marked: true }));
  if (expr.type === "Paren" && expr.expr.type === "Binary" && expr.expr.op === "|") return alternativesOf(expr.expr, env);
  return [{ term: { type: "expr", expr, env }, marked: false }];
}

export function newEnvironment(vertex: Vertex, decls: readonly ast.Declaration[], scope: PackageScope): Environment {
  return { up: undefined, vertex, decls, lets: new Map(), variables: new Map(), package: scope };
}
