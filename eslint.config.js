// Typed lint. Each block is named for what it protects.
import tseslint from "typescript-eslint";

const clockRule = [
  { object: "Date", property: "now", message: "time comes from Clock" },
  { object: "Math", property: "random", message: "randomness comes from RandomSource" },
];
const pureGlobals = [
  "process",
  "Buffer",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "clearTimeout",
  "clearInterval",
  "fetch",
  "performance",
  "require",
].map((name) => ({ name, message: "this package is isomorphic and deterministic (docs/architecture.md)" }));
const noBareDate = { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "time comes from Clock" };
const noStarExport = { selector: "ExportAllDeclaration", message: "named exports only" };
const pure = ["packages/{std,kube,cue,api,workflow,rollout,application,install}/src/**/*.ts"];
const pureExcept = ["packages/{std,kube,cue}/src/node/**", "**/*.test.ts", "**/testing/**"];

export default tseslint.config(
  { ignores: ["**/node_modules/**", "**/dist/**", ".tsbuild/**", ".toolchain/**", ".cache/**", "**/testdata/**", "eslint.config.js"] },
  {
    name: "slipway/typescript",
    files: ["**/*.ts"],
    plugins: { "@typescript-eslint": tseslint.plugin },
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/only-throw-error": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "no-restricted-syntax": ["error", noStarExport],
      "no-console": "error",
      eqeqeq: "error",
    },
  },
  {
    name: "slipway/deterministic",
    files: pure,
    ignores: pureExcept,
    rules: {
      "no-restricted-properties": ["error", ...clockRule],
      "no-restricted-globals": ["error", ...pureGlobals],
      "no-restricted-syntax": ["error", noStarExport, noBareDate],
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["node:*"], message: "this package is isomorphic (docs/architecture.md)" }] },
      ],
    },
  },
  {
    name: "slipway/clocked",
    files: ["packages/{controller,sandbox,operator}/src/**/*.ts", "apps/*/src/**/*.ts"],
    ignores: ["**/*.test.ts", "**/testing/**"],
    rules: { "no-restricted-properties": ["error", ...clockRule], "no-restricted-syntax": ["error", noStarExport, noBareDate] },
  },
  {
    name: "slipway/console",
    files: ["apps/cli/src/printer.ts", "scripts/**/*.ts", "bench/**/*.ts", "tests/**/*.ts"],
    rules: { "no-console": "off" },
  },
);
