/**
 * A graph of field names and its order: topological, by name where there is a choice. Names that must each come before
 * the other form cycles; a cycle is entered where the fewest edges break, then where it was reached first, then by name
 * (the order that the reference gives fields since v0.12).
 */
import { isInt, labelName } from "../engine/label.ts";
import type { Label } from "../engine/label.ts";

const unsorted = -1;
const inComponent = -2;

/** Cycles of one component that are looked at; beyond, the smallest name is next. */
const maxCycles = 500;
const maxCycleSteps = 20_000;

export class LabelNode {
  readonly label: Label;
  readonly name: string;
  readonly outgoing: LabelNode[] = [];
  readonly incoming: LabelNode[] = [];
  position = unsorted;
  component: Component | undefined = undefined;

  constructor(label: Label) {
    this.label = label;
    this.name = labelName(label);
  }
}

interface Component {
  readonly nodes: LabelNode[];
  visited: boolean;
}

export class LabelGraph {
  readonly #nodes = new Map<Label, LabelNode>();
  readonly #edges = new Map<LabelNode, Set<LabelNode>>();

  get(label: Label): LabelNode | undefined {
    return this.#nodes.get(label);
  }

  ensure(label: Label): LabelNode {
    let node = this.#nodes.get(label);
    if (node === undefined) this.#nodes.set(label, (node = new LabelNode(label)));
    return node;
  }

  addEdge(from: Label, to: Label): void {
    const source = this.ensure(from);
    const target = this.ensure(to);
    let targets = this.#edges.get(source);
    if (targets === undefined) this.#edges.set(source, (targets = new Set()));
    if (targets.has(target)) return;
    targets.add(target);
    source.outgoing.push(target);
    target.incoming.push(source);
  }

  sorted(): Label[] {
    const sorted: LabelNode[] = [];
    const components = findComponents([...this.#nodes.values()]);
    const ready = new Ready<Component>((a, b) => compareNodes(a.nodes[0], b.nodes[0]));
    for (const component of components) {
      component.nodes.sort(compareNodes);
      if (isReady(component)) ready.add(component);
    }
    for (let component = ready.take(); component !== undefined; component = ready.take()) {
      if (component.visited) continue;
      component.visited = true;
      sortComponent(component, sorted);
      for (const node of component.nodes)
        for (const { component: next } of node.outgoing) if (next !== undefined && !next.visited && isReady(next)) ready.add(next);
    }
    return sorted.map((node) => node.label);
  }
}

function isReady(component: Component): boolean {
  return component.nodes.every((node) =>
    node.incoming.every((before) => before.component === component || before.component?.visited === true),
  );
}

function compareNodes(a: LabelNode | undefined, b: LabelNode | undefined): number {
  if (a === undefined || b === undefined) return 0;
  if (isInt(a.label) && isInt(b.label)) return a.label - b.label;
  if (isInt(a.label) !== isInt(b.label)) return isInt(a.label) ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** What may come next, smallest first. */
class Ready<T> {
  readonly #items: T[] = [];
  readonly #compare: (a: T, b: T) => number;
  #first = 0;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  add(item: T): void {
    let low = this.#first;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#items[middle];
      if (other !== undefined && this.#compare(other, item) <= 0) low = middle + 1;
      else high = middle;
    }
    this.#items.splice(low, 0, item);
  }

  take(): T | undefined {
    return this.#items[this.#first] === undefined ? undefined : this.#items[this.#first++];
  }
}

/** Strongly connected components, by Tarjan's algorithm without recursion. */
function findComponents(nodes: readonly LabelNode[]): Component[] {
  const components: Component[] = [];
  const index = new Map<LabelNode, number>();
  const low = new Map<LabelNode, number>();
  const path: LabelNode[] = [];
  const onPath = new Set<LabelNode>();
  const lower = (node: LabelNode, value: number): void => {
    low.set(node, Math.min(low.get(node) ?? value, value));
  };
  const enter = (node: LabelNode): { readonly node: LabelNode; next: number } => {
    lower(node, index.size);
    index.set(node, index.size);
    path.push(node);
    onPath.add(node);
    return { node, next: 0 };
  };
  for (const root of nodes) {
    if (index.has(root)) continue;
    const stack = [enter(root)];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const { node } = top;
      const target = node.outgoing[top.next++];
      if (target !== undefined) {
        const seen = index.get(target);
        if (seen === undefined) stack.push(enter(target));
        else if (onPath.has(target)) lower(node, seen);
        continue;
      }
      stack.pop();
      const parent = stack.at(-1);
      if (parent !== undefined) lower(parent.node, low.get(node) ?? 0);
      if (low.get(node) !== index.get(node)) continue;
      const component: Component = { nodes: path.splice(path.lastIndexOf(node)), visited: false };
      for (const each of component.nodes) {
        onPath.delete(each);
        each.component = component;
      }
      components.push(component);
    }
  }
  return components;
}

function sortComponent(component: Component, sorted: LabelNode[]): void {
  const ready = new Ready<LabelNode>(compareNodes);
  for (const node of component.nodes) {
    node.position = inComponent;
    if (node.incoming.every((before) => before.position >= 0)) ready.add(node);
  }
  const place = (node: LabelNode): void => {
    if (node.position >= 0) return;
    node.position = sorted.length;
    sorted.push(node);
    for (const next of node.outgoing)
      if (next.position === inComponent && next.incoming.every((before) => before.position >= 0)) ready.add(next);
  };
  const end = sorted.length + component.nodes.length;
  let cycles: LabelNode[][] | undefined;
  while (sorted.length < end) {
    const node = ready.take();
    if (node !== undefined) {
      place(node);
      continue;
    }
    cycles ??= elementaryCycles(component);
    const cycle = takeCycle(cycles) ?? component.nodes.filter((each) => each.position < 0).slice(0, 1);
    cycle.forEach(place);
  }
}

/** Cycles without a node twice, each from its smallest name. */
function elementaryCycles(component: Component): LabelNode[][] {
  const cycles: LabelNode[][] = [];
  let steps = 0;
  for (const [i, start] of component.nodes.entries()) {
    const allowed = new Set(component.nodes.slice(i));
    const path = [{ node: start, next: 0 }];
    const onPath = new Set([start]);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      if (++steps > maxCycleSteps || cycles.length >= maxCycles) return cycles;
      const target = top.node.outgoing[top.next++];
      if (target === undefined) {
        path.pop();
        onPath.delete(top.node);
      } else if (target === start) cycles.push(path.map((each) => each.node));
      else if (allowed.has(target) && !onPath.has(target)) {
        onPath.add(target);
        path.push({ node: target, next: 0 });
      }
    }
  }
  return cycles;
}

interface Choice {
  readonly index: number;
  readonly broken: number;
  readonly since: number;
  readonly entry: LabelNode;
}

/** Takes the best cycle out of `cycles`: its nodes from the one it is entered at. */
function takeCycle(cycles: LabelNode[][]): LabelNode[] | undefined {
  let best: Choice | undefined;
  for (const [index, cycle] of cycles.entries()) {
    if (!cycle.some((node) => node.position < 0)) continue;
    const choice = rate(cycle, index);
    if (choice !== undefined && (best === undefined || isBetter(choice, best))) best = choice;
  }
  if (best === undefined) return undefined;
  const [cycle = []] = cycles.splice(best.index, 1);
  const at = cycle.indexOf(best.entry);
  return [...cycle.slice(at), ...cycle.slice(0, at)];
}

function isBetter(a: Choice, b: Choice): boolean {
  if (a.broken !== b.broken) return a.broken < b.broken;
  if (a.since !== b.since) return a.since < b.since;
  return compareNodes(a.entry, b.entry) < 0;
}

function rate(cycle: readonly LabelNode[], index: number): Choice | undefined {
  const own = new Set(cycle);
  let broken = 0;
  let since = Infinity;
  let entry: LabelNode | undefined;
  for (const node of cycle) {
    if (node.position >= 0) continue;
    for (const before of node.incoming) {
      if (before.position < 0) {
        if (!own.has(before)) broken++;
      } else if (before.position < since) {
        since = before.position;
        entry = node;
      }
    }
  }
  entry ??= cycle.reduce((least, node) => (compareNodes(node, least) < 0 ? node : least));
  return { index, broken, since, entry };
}
