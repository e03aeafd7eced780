/** A flow as a picture. */
import { formatPath } from "../value/path.ts";
import type { Flow } from "./flow.ts";

/** The tasks with their states, and what each waits for, as a Mermaid flowchart. */
export function flowGraph(flow: Flow): string {
  const lines = ["graph TD"];
  for (const { index, path, state, dependencies } of flow.tasks) {
    const shown = `${state.charAt(0).toUpperCase()}${state.slice(1)}`;
    lines.push(`  t${index}("${formatPath(path).replaceAll('"', "#quot;")} [${shown}]")`);
    for (const dependency of dependencies) lines.push(`  t${index}-->t${dependency.index}`);
  }
  return `${lines.join("\n")}\n`;
}
