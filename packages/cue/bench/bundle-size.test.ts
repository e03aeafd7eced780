import { expect, it } from "vitest";
import { bundleSize } from "./bundle-size.ts";

it("a browser that loads the entry without the second tier loads at most 150 KiB", async () => {
  const { core, all } = await bundleSize();
  expect(core.gzipped / 1024, core.parts.join("; ")).toBeLessThanOrEqual(150);
  expect(all.gzipped).toBeGreaterThan(core.gzipped);
});
