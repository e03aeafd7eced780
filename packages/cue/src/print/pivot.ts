/**
 * Makes what is printed stand on its own where it is a part of an instance: what it refers to outside itself is written
 * in its place, where that is short or used once, else as a `let` clause at the end.
 */
import type { ImportReference, Resolver } from "../engine/expr.ts";
import { isInt, labelName, selectorText } from "../engine/label.ts";
import type { Label } from "../engine/label.ts";
import { isConcrete } from "../engine/value.ts";
import type { Vertex } from "../engine/vertex.ts";
import type * as ast from "../syntax/ast.ts";
import { Dependencies, sharedPlace } from "./dependencies.ts";
import type { Exporter } from "./exporter.ts";
import { mergedExpr } from "./merge.ts";
import * as nodes from "./nodes.ts";

/** A place that is referred to, or one of the printed value. */
interface Dependency {
  readonly vertex: Vertex;
  readonly imported: ImportReference | undefined;
  parent: Dependency | undefined;
  uses: number;
  /** Part of what is printed. */
  isIncluded: boolean;
  /** Its clause: `NAME`, or `NAME.#x` for a definition. */
  path: readonly Label[];
  isNeeded: boolean;
}

export class Pivot {
  readonly #e: Exporter;
  readonly #byVertex = new Map<Vertex, Dependency>();
  readonly #byReference = new Map<Resolver, Dependency>();
  /** Those outside, in the order they are met. */
  readonly #outside: Dependency[] = [];
  /** Values that are written in place at this moment. */
  readonly #writing = new Set<Vertex>();
  /** The one whose clause is written: a definition names itself by its field. */
  #current: Dependency | undefined = undefined;
  /** The roots of packages that are written out. */
  readonly #packages = new Map<Vertex, string>();

  constructor(e: Exporter, root: Vertex) {
    this.#e = e;
    const { found, names } = new Dependencies(e, root);
    e.names.take(names);
    const deps: Dependency[] = [];
    this.#include(root);
    for (const { reference, target: named, imported } of found) {
      // Outside, places that share a value are one.
      const target = this.#byVertex.has(named) ? named : sharedPlace(e, named);
      let dep = this.#byVertex.get(target);
      if (dep === undefined) deps.push((dep = this.#add(target, imported)));
      dep.uses++;
      if (imported !== undefined) this.#packages.set(rootOf(target), imported.path);
      this.#byReference.set(reference, dep);
    }
    this.#findParents();
    for (const dep of deps) if (dep.parent === undefined && !dep.isIncluded) this.#name(dep);
  }

  #add(vertex: Vertex, imported: ImportReference | undefined): Dependency {
    const dep: Dependency = { vertex, imported, parent: undefined, uses: 0, isIncluded: false, path: [], isNeeded: false };
    this.#byVertex.set(vertex, dep);
    return dep;
  }

  #include(root: Vertex): void {
    const pending = [root];
    for (let vertex = pending.pop(); vertex !== undefined; vertex = pending.pop()) {
      const dep = this.#byVertex.get(vertex) ?? this.#add(vertex, undefined);
      if (dep.isIncluded) continue;
      dep.isIncluded = true;
      pending.push(...vertex.arcs);
    }
  }

  #findParents(): void {
    for (const dep of this.#byVertex.values())
      for (let at = dep.vertex.parent; at !== undefined; at = at.parent) {
        const parent = this.#byVertex.get(at);
        if (parent !== undefined) dep.parent = parent;
      }
    for (const dep of this.#byVertex.values()) {
      if (dep.parent === undefined) continue;
      dep.parent = topOf(dep);
      dep.parent.uses++;
    }
  }

  #name(dep: Dependency): void {
    const last = dep.vertex.path().at(-1) ?? dep.imported?.name;
    if (last === undefined) return;
    const base = isInt(last)
      ? `Index${last}`
      : labelName(last)
          .replace(/^[_#]+/, "")
          .replace(/[^\p{L}\p{Nd}_$]/gu, "_")
          .toUpperCase();
    const plain = /^[\p{L}$]/u.test(base) ? base : `X${base}`;
    const name = this.#e.names.free(plain);
    dep.path = dep.vertex.derefValue().closedRecursive ? [name, "\u0001#x"] : [name];
    this.#outside.push(dep);
  }

  /** What to write for a reference; undefined where it stays as it is. */
  reference(reference: Resolver): ast.Expression | undefined {
    const dep = this.#byReference.get(reference);
    if (dep === undefined || (dep.isIncluded && reference.type === "dynamicReference")) return undefined;
    const e = this.#e;
    const vertex = e.finalize(dep.vertex);
    if (!dep.isIncluded && !(e.definitions === 0 && vertex.closedRecursive) && topOf(dep).uses > 0 && !vertex.isError()) {
      const concrete = isConcrete(vertex);
      const isScalar = concrete && vertex.arcs.length === 0;
      const usedOnce = topOf(dep).uses === 1 && e.inExpression === 0;
      if ((concrete || e.inExpression === 0) && (usedOnce || isScalar) && !this.#writing.has(vertex)) {
        this.#writing.add(vertex);
        const expr = mergedExpr(e, undefined, vertex);
        this.#writing.delete(vertex);
        return expr;
      }
    }
    const path = this.#pathTo(dep, reference);
    if (path === undefined) return undefined;
    const top = topOf(dep);
    top.isNeeded = true;
    return expressionOf(top === this.#current && path.length > 1 && top.path.length > 1 ? path.slice(1) : path);
  }

  #pathTo(dep: Dependency, reference: Resolver): readonly Label[] | undefined {
    const { parent } = dep;
    if (parent === undefined) return dep.path.length === 0 ? undefined : dep.path;
    const { length, isImport } = lengthOf(reference);
    const steps = stepsTo(parent.vertex, dep.vertex);
    if (dep.isIncluded ? steps > length : !isImport && steps >= length && parent.path.length === 0) return undefined;
    const path = dep.vertex.path();
    const full = [...parent.path, ...path.slice(path.length - steps)];
    return full.length === 0 || isInt(full[0] ?? 0) ? undefined : full;
  }

  /** The clauses that are needed, with the paths that they had. */
  clauses(): readonly ast.LetClause[] {
    const written = new Map<Dependency, ast.LetClause>();
    // Each clause may need others.
    for (let dep = this.#next(written); dep !== undefined; dep = this.#next(written)) {
      const [name, inner] = dep.path;
      if (name === undefined) break;
      written.set(dep, nodes.letClause(labelName(name), nodes.ident("_")));
      const isDefinition = inner !== undefined;
      if (isDefinition) this.#e.definitions++;
      this.#e.depth++;
      this.#current = dep;
      const value = mergedExpr(this.#e, undefined, dep.vertex);
      this.#current = undefined;
      this.#e.depth--;
      if (isDefinition) this.#e.definitions--;
      const wrapped = inner === undefined ? value : nodes.struct([nodes.field({ label: nodes.labelNode(inner), value })]);
      const comment: ast.Comment = { text: `//cue:path: ${this.#sourcePath(dep)}`, start: -1, placement: "doc", gap: "section" };
      written.set(dep, { ...nodes.letClause(labelName(name), wrapped), comments: [comment] });
    }
    return this.#outside.flatMap((dep) => written.get(dep) ?? []);
  }

  #sourcePath({ vertex }: Dependency): string {
    const imported = this.#packages.get(rootOf(vertex));
    return [...(imported === undefined ? [] : [JSON.stringify(imported)]), ...vertex.path().map(selectorText)].join(".");
  }

  #next(written: ReadonlyMap<Dependency, unknown>): Dependency | undefined {
    return this.#outside.find((dep) => dep.isNeeded && !written.has(dep));
  }
}

function topOf(dep: Dependency): Dependency {
  let at = dep;
  while (at.parent !== undefined) at = at.parent;
  return at;
}

function stepsTo(parent: Vertex, vertex: Vertex): number {
  let steps = 0;
  for (let at: Vertex | undefined = vertex; at !== undefined && at !== parent; at = at.parent) steps++;
  return steps;
}

function lengthOf(reference: Resolver): { readonly length: number; readonly isImport: boolean } {
  let length = 1;
  let at = reference as { readonly type: string; readonly operand?: unknown };
  while ((at.type === "selector" || at.type === "index") && typeof at.operand === "object" && at.operand !== null) {
    at = at.operand as { readonly type: string; readonly operand?: unknown };
    if (at.type !== "importReference") length++;
  }
  return { length, isImport: at.type === "importReference" };
}

function expressionOf([first, ...rest]: readonly Label[]): ast.Expression {
  return rest.reduce<ast.Expression>(
    (expr, label) => (isInt(label) ? nodes.index(expr, nodes.literal("int", String(label))) : nodes.selector(expr, label)),
    nodes.ident(labelName(first ?? "")),
  );
}

function rootOf(vertex: Vertex): Vertex {
  let at = vertex;
  while (at.parent !== undefined) at = at.parent;
  return at;
}
