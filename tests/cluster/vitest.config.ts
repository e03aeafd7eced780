import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["**/*.cluster.test.ts"],
    globalSetup: "./setup.ts",
    pool: "forks",
    // The suites share one control plane, its cluster-wide objects and two cores.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
