/** The parts of nodes, in the order of their text. */
import type * as tree from "./tree.ts";

export function partsOf(node: tree.Node): readonly tree.Node[] {
  switch (node.type) {
    case "Leaf":
    case "MultilineString":
    case "Attribute":
    case "Package":
    case "ImportSpec":
      return [];
    case "Interpolated":
      return node.exprs;
    case "Struct":
      return node.items;
    case "List":
      return node.elements;
    case "Selection":
    case "Opened":
    case "Prefixed":
      return [node.operand];
    case "Indexing":
      return [node.operand, node.index];
    case "Slicing":
      return [node.operand, node.low, node.high].filter((part) => part !== undefined);
    case "Application":
      return [node.operand, ...node.args];
    case "Infix":
      return [node.left, node.right];
    case "Parenthesised":
      return [node.inner];
    case "Field":
      return node.label.kind === "term" ? [node.label.term, node.value] : [node.value];
    case "Aliased":
    case "Let":
    case "Embedding":
    case "Clause":
      return [node.value];
    case "Ellipsis":
      return node.value === undefined ? [] : [node.value];
    case "Comprehension":
      return [...node.clauses, node.value, ...(node.fallback === undefined ? [] : [node.fallback])];
    case "Import":
      return node.specs;
  }
}

/** Every node below the given ones, parents before their parts. Keeps its own stack, so that depth does not matter. */
export function visit(roots: readonly tree.Node[], each: (node: tree.Node) => void): void {
  const stack = [...roots].reverse();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    each(node);
    const parts = partsOf(node);
    for (let i = parts.length - 1; i >= 0; i--) {
      const part = parts[i];
      if (part !== undefined) stack.push(part);
    }
  }
}
