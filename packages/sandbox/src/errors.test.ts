import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

it("documents exactly the codes that the package throws", () => {
  const thrown = new Set<string>();
  for (const name of readdirSync(import.meta.dirname, { recursive: true }) as string[]) {
    if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
    const text = readFileSync(join(import.meta.dirname, name), "utf8");
    for (const match of text.matchAll(/new AppError\(\s*"([A-Z_]+)"/g)) thrown.add(match[1] ?? "");
  }
  const registry = readFileSync(join(import.meta.dirname, "errors.ts"), "utf8");
  const documented = [...registry.matchAll(/^ \* - `([A-Z_]+)`/gm)].map((match) => match[1]);
  const typed = [...registry.matchAll(/"([A-Z_]+)"/g)].map((match) => match[1]);
  expect(documented.sort()).toEqual([...thrown].sort());
  expect(typed.sort()).toEqual(documented);
});
