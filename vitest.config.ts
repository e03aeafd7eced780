import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/**/*.test.ts", "apps/**/*.test.ts", "tests/**/*.test.ts", "scripts/**/*.test.ts"],
    // These need a real control plane: `make test-cluster`.
    exclude: [...configDefaults.exclude, "**/*.cluster.test.ts"],
    setupFiles: ["scripts/property-seed.ts"],
    pool: "forks",
    // Files share a process: tests leave nothing global behind, and starting one a file costs a fifth of the whole run.
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
