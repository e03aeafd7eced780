/** Finds tasks that wait for each other. */

interface Node<Self> {
  readonly index: number;
  readonly dependencies: readonly Self[];
}

/** The nodes of the first cycle, each of which depends on the next and the last on the first; nodes are told by index. */
export function findCycle<T extends Node<T>>(nodes: readonly T[]): readonly T[] | undefined {
  const finished = new Set<number>();
  for (const start of nodes) {
    const path = [{ node: start, next: 0 }];
    const onPath = new Set([start.index]);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const dependency = top.node.dependencies[top.next++];
      if (dependency === undefined) {
        path.pop();
        onPath.delete(top.node.index);
        finished.add(top.node.index);
      } else if (onPath.has(dependency.index)) {
        const nodesOnPath = path.map((each) => each.node);
        return nodesOnPath.slice(nodesOnPath.findIndex((node) => node.index === dependency.index));
      } else if (!finished.has(dependency.index)) {
        path.push({ node: dependency, next: 0 });
        onPath.add(dependency.index);
      }
    }
  }
  return undefined;
}
