/**
 * A value as the generator takes it apart: by what it is made of in the source, as far as that is told by operators (upstream
 * `cue.Value.Expr`), each part evaluated by itself.
 */
import { fieldSetKnown } from "../engine/conditions.ts";
import type { Declaration, Expr, StructLit } from "../engine/expr.ts";
import { exprOf, isResolver } from "../engine/expr.ts";
import type { Engine } from "../engine/instance.ts";
import { resolve } from "../engine/resolve.ts";
import type { Value as EngineValue } from "../engine/value.ts";
import { isValue } from "../engine/value.ts";
import type { Conjunct, Environment } from "../engine/vertex.ts";
import { rootCloseInfo, spawn, Vertex } from "../engine/vertex.ts";
import type { Subsumption } from "./subsumption.ts";

export interface Node {
  /** Finished. */
  readonly vertex: Vertex;
  readonly conjuncts: readonly Conjunct[];
  /** It is taken by its value rather than by its conjuncts. */
  readonly isEvaluated: boolean;
}

type Operator = "&" | "|";

export class Nodes {
  readonly #engine: Engine;
  readonly #subsumption: Subsumption;

  constructor(engine: Engine, subsumption: Subsumption) {
    this.#engine = engine;
    this.#subsumption = subsumption;
  }

  /** A place of the program. */
  of(vertex: Vertex): Node {
    this.#engine.finalize(vertex);
    const { base } = vertex;
    if (vertex.conjuncts.length === 0 || vertex.isData) return { vertex, conjuncts: [], isEvaluated: true };
    return { vertex, conjuncts: vertex.conjuncts, isEvaluated: base === undefined };
  }

  /** Conjuncts together, at the place that they are of: what they declare has its path below that. */
  join(conjuncts: readonly Conjunct[], place: Vertex): Node {
    const vertex = new Vertex(place.parent, place.label);
    vertex.conjuncts = conjuncts.map((each) => ({ ...each, close: rootCloseInfo }));
    this.#engine.finalize(vertex);
    return { vertex, conjuncts, isEvaluated: false };
  }

  /** Parts of one node together. */
  joined(nodes: readonly Node[], place: Vertex): Node {
    return this.join(
      nodes.flatMap((each): readonly Conjunct[] =>
        each.isEvaluated ? [{ env: undefined, elem: each.vertex.value() ?? each.vertex, close: rootCloseInfo }] : each.conjuncts,
      ),
      place,
    );
  }

  value(value: EngineValue): Node {
    if (value instanceof Vertex) return { ...this.of(value), isEvaluated: true };
    const vertex = new Vertex(undefined, "");
    vertex.base = value;
    vertex.status = "finalized";
    return { vertex, conjuncts: [], isEvaluated: true };
  }

  evaluated(node: Node): Node {
    return { ...node, isEvaluated: true };
  }

  /** What the node refers to, when it is a reference and nothing else. */
  target(node: Node): Vertex | undefined {
    const [only, ...others] = node.conjuncts;
    if (only === undefined || others.length > 0 || node.isEvaluated) return undefined;
    const expr = exprOf(only.elem);
    if (expr instanceof Vertex || expr.type === "comprehension" || !isResolver(expr) || expr.type === "letReference") return undefined;
    const engine = this.#engine;
    return engine.run(
      node.vertex,
      (ctx) => {
        const frame = ctx.push(only.env, expr.position);
        const found = resolve(ctx, expr, { condition: fieldSetKnown, mode: "finalize" });
        ctx.pop(frame);
        return found;
      },
      () => undefined,
    );
  }

  /** Past references, to what has a form of its own. */
  dereferenced(node: Node): Node {
    let at = node;
    for (let i = 0; i < 100; i++) {
      const target = this.target(at);
      if (target === undefined || target.conjuncts.length === 0) return target === undefined ? at : this.of(target);
      at = this.of(target);
    }
    return at;
  }

  /** The parts that `operator` joins; the node itself where there is no such operator. Parts that are equal are told once. */
  split(node: Node, operator: Operator): readonly Node[] {
    const { op, args } = this.#parts(node);
    const [first, ...others] = args;
    if (op === undefined || first === undefined) return [node];
    if (others.length === 0) return this.split(first, operator);
    if (op !== operator) return [node];
    return this.#subsumption.distinct(args).flatMap((each) => this.split(each, operator));
  }

  #parts(node: Node): { readonly op: Operator | undefined; readonly args: readonly Node[] } {
    if (node.isEvaluated) return this.#valueParts(node);
    if (node.conjuncts.length > 1) return { op: "&", args: node.conjuncts.map((each) => this.join([each], node.vertex)) };
    const [conjunct] = node.conjuncts;
    if (conjunct === undefined) return this.#valueParts(node);
    const expr = exprOf(conjunct.elem);
    if (expr instanceof Vertex) return this.#parts(this.of(expr));
    switch (expr.type) {
      case "binary":
        if (expr.op !== "&") break;
        return { op: "&", args: [expr.left, expr.right].map((each) => this.#part(conjunct.env, each, node.vertex)) };
      case "disjunctionExpr": {
        const parts = expr.alternatives.map((each) => ({
          node: this.#part(conjunct.env, each.value, node.vertex),
          isDefault: each.isDefault,
        }));
        return { op: "|", args: this.#withoutCoveredDefaults(parts) };
      }
      case "structLit":
        if (expr.hasEmbedding) return this.#structParts(conjunct, expr, node.vertex);
        break;
      case "conjunction":
      case "disjunction":
        return this.#valueParts(this.value(expr));
      default:
    }
    return { op: undefined, args: [] };
  }

  #part(env: Environment | undefined, elem: Expr, place: Vertex): Node {
    return this.join([{ env, elem, close: rootCloseInfo }], place);
  }

  /** What is embedded first, then the fields. */
  #structParts(
    { env }: Conjunct,
    literal: StructLit,
    place: Vertex,
  ): { readonly op: Operator | undefined; readonly args: readonly Node[] } {
    const isEmbedded = (decl: Declaration): decl is Extract<Declaration, Expr> => isExpression(decl) && !isValue(decl);
    const fields = literal.decls.filter((decl) => !isEmbedded(decl));
    const whole = this.join([{ env, elem: { ...literal, decls: fields, hasEmbedding: false }, close: rootCloseInfo }], place);
    const own = spawn(env, whole.vertex);
    const embedded = literal.decls.filter(isEmbedded).map((decl) => this.#part(own, decl, place));
    if (embedded.length === 0) return { op: undefined, args: [] };
    return { op: "&", args: fields.length === 0 ? embedded : [...embedded, whole] };
  }

  #valueParts(node: Node): { readonly op: Operator | undefined; readonly args: readonly Node[] } {
    const { base } = node.vertex.derefValue();
    if (base?.type === "conjunction") return { op: "&", args: base.values.map((each) => this.value(each)) };
    if (base?.type !== "disjunction") return { op: undefined, args: [] };
    return {
      op: "|",
      args: this.#withoutCoveredDefaults(base.values.map((each, i) => ({ node: this.value(each), isDefault: i < base.defaults }))),
    };
  }

  /** A default that another alternative allows anyway is no alternative of its own. */
  #withoutCoveredDefaults(parts: readonly { readonly node: Node; readonly isDefault: boolean }[]): readonly Node[] {
    return parts
      .filter(
        (part) => !part.isDefault || !parts.some((other) => other !== part && this.#subsumption.covers(other.node, part.node, "none")),
      )
      .map((part) => part.node);
  }
}

function isExpression(decl: Declaration): boolean {
  return !["field", "letField", "dynamicField", "patternField", "ellipsis", "comprehension"].includes(decl.type);
}
