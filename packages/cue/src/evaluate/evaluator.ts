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
import type { Atom } from "./atom.ts";
import { formatAtom, kindText } from "./atom.ts";
import type { Bottom } from "./bottom.ts";
import { isIncomplete } from "./bottom.ts";
import { Expansion } from "./expansion.ts";
import { isDefinition, labelText } from "./label.ts";
import type { Reached } from "./reference.ts";
import { follow } from "./reference.ts";
import type { Environment, Term } from "./vertex.ts";
import { Vertex } from "./vertex.ts";

/** The result of an expression that is not a place of its own. */
export type Outcome = { readonly atom: Atom } | { readonly vertex: Vertex } | { readonly term: Term } | { readonly bottom: Bottom };

/** References that may be under evaluation at once; more would end the stack. */
const maxDepth = 120;
/** Structs within structs: nothing real nests so deep, so something repeats itself. */
const maxLevel = 100;

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
    const why = this.#exhausted(vertex);
    if (why !== undefined) {
      vertex.state = "done";
      vertex.bottom = why;
      return true;
    }
    vertex.state = "busy";
    const outermost = this.depth === 0;
    this.depth++;
    try {
      new Expansion(this, vertex).run();
    } catch (error) {
      // The limits are meant to end it before the stack does; where they do not, the stack's end is a limit too.
      if (!outermost || !(error instanceof RangeError)) throw error;
      vertex.bottom = this.bottom("budget", vertex, "evaluation nests too deeply");
    } finally {
      this.depth--;
      vertex.state = "done";
    }
    return true;
  }

  #exhausted(vertex: Vertex): Bottom | undefined {
    if (vertex.level > maxLevel) return this.bottom("structuralCycle", vertex, "structural cycle");
    if (this.depth >= this.#maxDepth) return this.bottom("budget", vertex, `evaluation nests more than ${this.#maxDepth} references deep`);
    if (this.steps > this.#maxSteps) return this.bottom("budget", vertex, `evaluation takes more than ${this.#maxSteps} steps`);
    return undefined;
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
