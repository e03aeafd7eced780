/**
 * The order in which the fields of a struct are shown. Every struct literal that took part orders its labels; literals
 * follow each other by where they are mentioned: the literal itself, or the reference that led to it. Operands of `&` are
 * not ordered against each other (the reference's order of fields since v0.12).
 */
import type { Declaration, Elem, Position, StructLit } from "../engine/expr.ts";
import type { Label } from "../engine/label.ts";
import type { Environment, ReferenceNode, Vertex } from "../engine/vertex.ts";
import { LabelGraph } from "./label-graph.ts";

/** A literal that took part. */
interface Part {
  readonly literal: StructLit;
  /** Where it is mentioned. */
  position: Position | undefined;
  /** An operand of `&`. */
  isOperand: boolean;
  /** The result of a comprehension that it is part of. */
  readonly firing: Environment | undefined;
}

/** The arcs of a vertex in the order they are shown, whatever their kind; with others that its literals declare. */
export function orderedArcs(vertex: Vertex, others: readonly Vertex[] = []): readonly Vertex[] {
  const all = [...vertex.arcs, ...others];
  if (all.length < 2 || vertex.isData || vertex.structs.length === 0 || (others.length === 0 && isInOrder(vertex))) return all;
  const arcs = new Map<Label, Vertex>(all.map((arc) => [arc.label, arc]));
  const ordered: Vertex[] = [];
  for (const label of orderedLabels(vertex)) {
    const arc = arcs.get(label);
    if (arc !== undefined) ordered.push(arc);
  }
  return ordered;
}

/** Whether the only literal that took part declares the arcs one by one as they are. */
function isInOrder(vertex: Vertex): boolean {
  const [only] = vertex.structs;
  if (only?.elem.type !== "structLit" || vertex.structs.length > 1) return false;
  let at = 0;
  for (const decl of only.elem.decls) {
    if (decl.type !== "field" && decl.type !== "letField") return false;
    if (vertex.arcs[at]?.label === decl.label) at++;
    else return false;
  }
  return at === vertex.arcs.length;
}

/** By name only. */
export function sortedArcs(vertex: Vertex, others: readonly Vertex[] = []): readonly Vertex[] {
  const graph = new LabelGraph();
  const arcs = new Map<Label, Vertex>();
  for (const arc of [...vertex.arcs, ...others]) {
    graph.add(arc.label);
    arcs.set(arc.label, arc);
  }
  return graph.sorted().flatMap((label) => arcs.get(label) ?? []);
}

function orderedLabels(vertex: Vertex): readonly Label[] {
  return new FieldOrder(vertex).labels();
}

class FieldOrder {
  readonly #vertex: Vertex;
  readonly #graph = new LabelGraph();
  /** The literal whose chain a label stands in. */
  readonly #placed = new Map<Label, Part>();
  /** Labels that each computed field came to. */
  readonly #dynamic = new Map<Elem, Label[]>();

  constructor(vertex: Vertex) {
    this.#vertex = vertex;
    for (const arc of vertex.arcs)
      for (const { elem } of arc.conjuncts) {
        if (elem.type !== "dynamicField") continue;
        append(this.#dynamic, elem, arc.label);
      }
  }

  labels(): readonly Label[] {
    const parts = this.#parts();
    parts.sort((a, b) => comparePositions(a.position, b.position) || Number(this.#hasDynamic(a)) - Number(this.#hasDynamic(b)));
    const grouped = byFiring(parts);
    let previous: readonly Label[] = [];
    let before: Part | undefined;
    for (const batch of this.#batches(grouped)) {
      const [first] = batch;
      if (before !== undefined && first !== undefined && fileOf(before) !== fileOf(first)) previous = [];
      const isOperand = areOperands(batch);
      const last: Label[] = [];
      for (const part of batch) {
        part.isOperand = isOperand;
        last.push(...this.#chain(part, previous));
      }
      previous = last;
      before = first;
    }
    return this.#graph.sorted();
  }

  #hasDynamic(part: Part): boolean {
    return part.literal.decls.some((decl) => this.#dynamic.has(decl));
  }

  /** The literals, with the places where they are mentioned. */
  #parts(): Part[] {
    const parts: Part[] = [];
    const byNode = new Map<Elem, Set<Part>>();
    const mentioned = new Map<Elem, Elem | undefined>();
    const add = (node: Elem, part: Part): void => {
      const known = byNode.get(node);
      if (known === undefined) byNode.set(node, new Set([part]));
      else known.add(part);
    };
    for (const { elem, env } of this.#vertex.structs) {
      if (elem.type !== "structLit") continue;
      const part: Part = { literal: elem, position: elem.position, isOperand: false, firing: firingOf(env) };
      parts.push(part);
      add(elem, part);
      for (const decl of elem.decls) add(decl, part);
    }
    for (const arc of this.#vertex.arcs) {
      this.#graph.add(arc.label);
      for (const { elem, close } of arc.conjuncts) {
        const own = byNode.get(elem);
        if (own === undefined) continue;
        const mention = firstReference(close.references)?.reference;
        // One declaration may have made many fields.
        if (mentioned.has(elem) && mentioned.get(elem) === mention) continue;
        mentioned.set(elem, mention);
        if (elem.position !== undefined) for (const part of own) part.position = elem.position;
        if (mention === undefined) continue;
        // An embedded reference is a declaration of the literal around it as well.
        for (const part of own) add(mention, part);
        if (mention.position !== undefined) for (const part of byNode.get(mention) ?? []) part.position = mention.position;
      }
    }
    markOperands(this.#vertex, byNode);
    return parts;
  }

  /** Parts at one place are operands of one `&`; operands in a row go together. */
  #batches(parts: readonly Part[]): readonly Part[][] {
    const batches: Part[][] = [];
    let open: Part[] = [];
    const close = (): void => {
      const last = batches.at(-1);
      if (open.length === 0) return;
      if (last !== undefined && areOperands(open) && areOperands(last) && fileOf(open[0]) === fileOf(last[0])) last.push(...open);
      else batches.push(open);
    };
    for (const part of parts) {
      const [first] = open;
      if (first === undefined || (comparePositions(first.position, part.position) === 0 && !this.#hasDynamic(part))) open.push(part);
      else {
        close();
        open = [part];
      }
    }
    close();
    return batches;
  }

  /** Puts the labels of a literal behind `previous`; answers what the next literal comes behind. */
  #chain(part: Part, previous: readonly Label[]): readonly Label[] {
    let before = previous;
    for (const decl of part.literal.decls) {
      const label = this.#labelOf(decl);
      if (label === undefined) continue;
      const known = this.#placed.get(label);
      if (known === part) continue;
      if (known !== undefined && !part.isOperand && part.position !== undefined && fileOf(known) === fileOf(part)) continue;
      this.#graph.add(label);
      this.#placed.set(label, part);
      for (const each of before) this.#graph.addEdge(each, label);
      before = [label];
    }
    return before;
  }

  #labelOf(decl: Declaration): Label | undefined {
    if (decl.type === "field") return decl.label;
    return decl.type === "dynamicField" ? this.#dynamic.get(decl)?.shift() : undefined;
  }
}

/** The scope of the innermost clause around, within the same struct literal or those around. */
function firingOf(env: Environment | undefined): Environment | undefined {
  for (let at = env; at !== undefined; at = at.up) if (at.vertex.isDynamic && at.vertex.anonymous) return at;
  return undefined;
}

/** What one result of a comprehension made stands together, in the order of the results. */
function byFiring(parts: readonly Part[]): readonly Part[] {
  const firings = new Set(parts.flatMap((part) => part.firing ?? []));
  if (firings.size < 2) return parts;
  const results = new Map<Environment, Part[]>();
  const comprehensions = new Map<StructLit, Environment[]>();
  for (const part of parts) {
    if (part.firing === undefined) continue;
    append(results, part.firing, part);
    append(comprehensions, part.literal, part.firing);
  }
  const placed = new Set<Environment>();
  const done = new Set<StructLit>();
  return parts.flatMap((part) => {
    if (part.firing === undefined) return [part];
    // The first literal of a comprehension has all its results.
    if (done.has(part.literal)) return [];
    done.add(part.literal);
    return (comprehensions.get(part.literal) ?? []).flatMap((firing) => {
      if (placed.has(firing)) return [];
      placed.add(firing);
      return results.get(firing) ?? [];
    });
  });
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [value]);
  else known.push(value);
}

function firstReference(references: ReferenceNode | undefined): ReferenceNode | undefined {
  let at = references;
  while (at?.next !== undefined) at = at.next;
  return at;
}

function areOperands(batch: readonly Part[]): boolean {
  return batch.length > 1 || batch[0]?.isOperand === true;
}

function fileOf(part: Part | undefined): string | undefined {
  return part?.position?.file.filename;
}

function markOperands(vertex: Vertex, byNode: ReadonlyMap<Elem, ReadonlySet<Part>>): void {
  const pending: Elem[] = vertex.conjuncts.map(({ elem }) => ("value" in elem && elem.type === "field" ? elem.value : elem));
  for (const { elem } of vertex.structs) if (elem.type === "structLit") pending.push(...elem.decls);
  for (let elem = pending.pop(); elem !== undefined; elem = pending.pop()) {
    if (elem.type !== "binary" || elem.op !== "&") continue;
    for (const operand of [elem.left, elem.right]) for (const part of byNode.get(operand) ?? []) part.isOperand = true;
    pending.push(elem.left, elem.right);
  }
}

function comparePositions(a: Position | undefined, b: Position | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  const x = a.file.filename;
  const y = b.file.filename;
  return x < y ? -1 : x > y ? 1 : a.offset - b.offset;
}
