/**
 * A graph of field names and its order: topological, by name where there is a choice. Names that must each come before
 * the other are one group, within which names decide (the order that the reference gives fields).
 */
import { isInt, labelName } from "../engine/label.ts";
import type { Label } from "../engine/label.ts";

class LabelNode {
  readonly label: Label;
  readonly name: string;
  readonly outgoing: LabelNode[] = [];
  readonly incoming: LabelNode[] = [];
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

  add(label: Label): void {
    this.#node(label);
  }

  #node(label: Label): LabelNode {
    let node = this.#nodes.get(label);
    if (node === undefined) this.#nodes.set(label, (node = new LabelNode(label)));
    return node;
  }

  addEdge(from: Label, to: Label): void {
    const source = this.#node(from);
    const target = this.#node(to);
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
      sorted.push(...component.nodes);
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
