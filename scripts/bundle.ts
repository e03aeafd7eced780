/**
 * `npm run bundle`: the manager as one file that needs nothing but Node, `dist/slipway-manager.mjs`, and beside it the
 * licences of what is in it. `node scripts/bundle.ts <folder>` writes them elsewhere.
 */
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const folder = process.argv[2] ?? join(root, "dist");

await build({
  absWorkingDir: root,
  entryPoints: ["apps/manager/src/main.ts"],
  outfile: join(folder, "slipway-manager.mjs"),
  bundle: true,
  platform: "node",
  format: "esm",
  // The oldest that package.json allows.
  target: "node22.19",
  legalComments: "linked",
  sourcemap: false,
  // Dependencies in CommonJS ask for `require`, which an ES module has not.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  logLevel: "error",
});
