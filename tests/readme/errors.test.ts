import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../demo/slipway-process.ts";

/** Codes as the sources spell them: given to an AppError, or the `code` of a finding. Schema findings are the API server's. */
function codesOfSources(): string[] {
  const codes = new Set<string>();
  for (const folder of ["packages", "apps"]) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile() || !/\.ts$/.test(entry.name) || /\.test\.ts$|\/testing\/|node_modules/.test(path)) continue;
      const text = readFileSync(path, "utf8");
      for (const [, code = ""] of text.matchAll(/(?:AppError\(\s*|code: |code = |problem\(\s*|apiErrorCode = )"([A-Z][A-Z_0-9]+)"/g))
        codes.add(code);
      for (const [, code = ""] of text.matchAll(/, "(CUE_[A-Z_]+)"\)/g)) codes.add(code);
    }
  }
  return [...codes].filter((code) => !code.startsWith("SCHEMA_")).sort();
}

describe("docs/errors.md", () => {
  it("lists the codes of the sources, all and only these", () => {
    const documented = [...readFileSync(join(root, "docs/errors.md"), "utf8").matchAll(/^### `([A-Z_0-9]+)`/gm)].map((match) => match[1]);
    expect(documented.sort()).toEqual(codesOfSources());
  });
});
