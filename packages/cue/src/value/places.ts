/**
 * Where references lead, by their scopes: to a place of the program, which may not be there yet, or to the value of a let
 * or of a variable.
 */
import type { Elem, Expr, Resolver, StructLit } from "../engine/expr.ts";
import { arcOptional, exprOf, isResolver } from "../engine/expr.ts";
import type { Engine } from "../engine/instance.ts";
import type { Label } from "../engine/label.ts";
import { isLet, regularLabel } from "../engine/label.ts";
import type { Environment } from "../engine/vertex.ts";
import { spawn, Vertex } from "../engine/vertex.ts";
import { settle } from "./cue-value.ts";

/** Scope of a literal that stands nowhere: an argument, an operand. */
export const nowhere: Vertex = new Vertex(undefined, "");
/** References that lead on to references beyond this are not followed. */
const maxDepth = 100;

export interface ReferenceScope {
  readonly engine: Engine;
  /** The files of the program: their fields are those that paths begin with. */
  readonly literals: readonly StructLit[];
}

/** With no path: a value of a let or a variable. */
export interface Place {
  readonly vertex: Vertex | undefined;
  readonly path: readonly Label[] | undefined;
}

export class Places {
  readonly #engine: Engine;
  readonly #literals: ReadonlySet<Elem>;
  /** What was selected from lets and variables. */
  readonly #selected = new Map<Vertex, Map<Label, readonly Place[]>>();
  #depth = 0;

  constructor({ engine, literals }: ReferenceScope) {
    this.#engine = engine;
    this.#literals = new Set(literals);
  }

  /** The places that a reference leads to; none where that cannot be told. */
  of(env: Environment | undefined, reference: Expr, node?: Vertex): readonly Place[] {
    if (this.#depth > maxDepth) return [];
    this.#depth++;
    const places = this.#resolve(env, reference, node);
    this.#depth--;
    return places;
  }

  #resolve(env: Environment | undefined, reference: Expr, node: Vertex | undefined): readonly Place[] {
    switch (reference.type) {
      case "nodeLink":
        return this.#place(reference.vertex);
      case "fieldReference":
      case "letReference":
        return this.#inScope(upward(env, reference.up)?.vertex, reference.label);
      case "dynamicReference": {
        const scope = upward(env, reference.up);
        const label = this.#label(scope, reference.label);
        return label === undefined ? [] : this.#inScope(scope?.vertex, label);
      }
      case "valueReference":
        return this.#place(reference.up === 0 ? node : upward(env, reference.up - 1)?.vertex);
      case "selector":
        return this.of(env, reference.operand, node).flatMap((place) => this.select(place, reference.label));
      case "index": {
        const label = this.#label(env, reference.index);
        return label === undefined ? [] : this.of(env, reference.operand, node).flatMap((place) => this.select(place, label));
      }
      default:
        return [];
    }
  }

  #inScope(scope: Vertex | undefined, label: Label): readonly Place[] {
    const [place] = this.#place(scope);
    if (place?.path !== undefined && !isLet(label)) return this.select(place, label);
    const arc = scope?.derefValue().lookupRaw(label);
    return this.#place(arc);
  }

  /** None for what is no part of the program: a place of another package. */
  #place(given: Vertex | undefined): readonly Place[] {
    let vertex = given;
    // A variable of a comprehension is but another name of a place.
    while (vertex?.conjuncts.length === 0 && vertex.base?.type === "vertex") vertex = vertex.base;
    if (vertex === undefined || vertex === nowhere) return [];
    const path: Label[] = [];
    let top = vertex;
    for (; top.parent !== undefined && !isLocal(top); top = top.parent) path.unshift(top.label);
    if (isLocal(top)) return [{ vertex, path: undefined }];
    return this.#isProgram(top) ? [{ vertex, path }] : [];
  }

  #isProgram(root: Vertex): boolean {
    return root.conjuncts.some(
      ({ elem }) => elem.type === "structLit" && (this.#literals.has(elem) || (elem.whole !== undefined && this.#literals.has(elem.whole))),
    );
  }

  select(place: Place, label: Label): readonly Place[] {
    if (place.path !== undefined) {
      const arc = place.vertex === undefined ? undefined : this.#arc(place.vertex, label);
      return [{ vertex: arc, path: [...place.path, label] }];
    }
    return place.vertex === undefined ? [] : this.#selectLocal(place.vertex, label);
  }

  #selectLocal(vertex: Vertex, label: Label): readonly Place[] {
    const selected = this.#selected.get(vertex) ?? new Map<Label, readonly Place[]>();
    const known = selected.get(label);
    if (known !== undefined) return known;
    // A let that leads to itself leads nowhere.
    this.#selected.set(vertex, selected.set(label, []));
    // A let that names a place leads on from there.
    const named = wholeReferences(vertex).flatMap(({ env, expr }) => this.of(env, expr).flatMap((each) => this.select(each, label)));
    const arc = this.#arc(vertex, label);
    const own = arc === undefined ? [] : this.#place(arc).filter((each) => named.length === 0 || each.path === undefined);
    const places = unique([...named, ...own]);
    selected.set(label, places);
    return places;
  }

  #arc(vertex: Vertex, label: Label): Vertex | undefined {
    const settled = this.#settled(vertex);
    const arc = settled.lookupRaw(label);
    return arc !== undefined && arc.arc <= arcOptional ? arc : undefined;
  }

  #settled(vertex: Vertex): Vertex {
    this.#engine.finalize(vertex);
    return settle(this.#engine, vertex);
  }

  #label(env: Environment | undefined, index: Expr): Label | undefined {
    let value: Vertex["base"];
    if (isReference(index)) {
      const [place, another] = this.of(env, index);
      if (place?.vertex === undefined || another !== undefined) return undefined;
      value = this.#settled(place.vertex).base;
      if (value?.type === "disjunction" && value.defaults === 1) value = value.values[0];
    } else if (index.type === "int" || index.type === "string") value = index;
    if (value?.type === "int") return value.value >= 0n && value.value < 0x7fffffffn ? Number(value.value) : undefined;
    return value?.type === "string" ? regularLabel(value.value) : undefined;
  }
}

/** Of a let, of a variable, or made for an expression. */
export function isLocal(vertex: Vertex): boolean {
  return vertex.isDynamic || isLet(vertex.label);
}

export function isReference(expr: Expr | Elem): expr is Resolver {
  return isResolver(expr as Expr);
}

function upward(env: Environment | undefined, up: number): Environment | undefined {
  let at = env;
  for (let i = 0; i < up && at !== undefined; i++) at = at.up;
  return at;
}

/** The references whose fields the conjuncts of a place take over: as a whole, or embedded. */
export function wholeReferences(vertex: Vertex): readonly { readonly expr: Resolver; readonly env: Environment | undefined }[] {
  const found: { readonly expr: Resolver; readonly env: Environment | undefined }[] = [];
  const open: { readonly expr: Expr | Elem; readonly env: Environment | undefined; readonly isEmbedded: boolean }[] = vertex.conjuncts
    .map(({ env, elem }) => ({ expr: exprOf(elem), env, isEmbedded: false }))
    .reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { expr: at, env, isEmbedded } = next;
    if (isReference(at)) found.push({ expr: at, env });
    else if (at.type === "binary" && at.op === "&") open.push({ ...next, expr: at.right }, { ...next, expr: at.left });
    else if (at.type === "structLit" && !isEmbedded)
      for (const decl of at.decls.toReversed()) if (isReference(decl)) open.push({ expr: decl, env: spawn(env, vertex), isEmbedded: true });
  }
  return found;
}

function unique(places: readonly Place[]): readonly Place[] {
  const seen = new Set<unknown>();
  return places.filter(({ vertex, path }) => {
    const key = path === undefined ? vertex : JSON.stringify(path);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
