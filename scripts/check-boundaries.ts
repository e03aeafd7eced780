/**
 * Holds the table of docs/architecture.md: who may import whom, no deep imports, and that each package.json declares
 * exactly what its sources import; that what only tests and tools import is declared too, there or at the root, so that it
 * does not just happen to lie in node_modules. Exits 1 with one line per violation.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "..");

/** package -> workspace packages it may import (tests may also import anything the package may, plus `testing` kits). */
const allowed: Readonly<Record<string, readonly string[]>> = {
  std: [],
  kube: ["std"],
  cue: ["std"],
  api: ["kube", "std"],
  install: ["api", "kube"],
  controller: ["kube", "std"],
  workflow: ["cue", "api", "kube", "std"],
  rollout: ["api", "kube", "std"],
  application: ["cue", "api", "kube", "std"],
  sandbox: ["controller", "kube", "std"],
  operator: ["workflow", "rollout", "application", "controller", "cue", "api", "kube", "std"],
  manager: ["operator", "controller", "api", "kube", "std"],
  cli: ["manager", "sandbox", "install", "workflow", "rollout", "application", "cue", "api", "kube", "std"],
};
/** Public entry points besides the root. */
const subpaths: Readonly<Record<string, readonly string[]>> = {
  std: ["node"],
  kube: ["node"],
  cue: ["node"],
  controller: ["node", "testing"],
  sandbox: ["testing"],
};
/** Packages that must run in a browser: no transport or Node entry points outside their own `node/` folder. */
const pure = new Set(["std", "kube", "cue", "api", "workflow", "rollout", "application", "install"]);

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const problems: string[] = [];
const everywhere: ReadonlySet<string> = new Set(declaredIn(root));

for (const folder of ["packages", "apps"]) {
  for (const name of readdirSync(join(root, folder))) {
    const base = join(root, folder, name);
    const may = allowed[name];
    if (may === undefined) {
      problems.push(`${folder}/${name}: not in the table of scripts/check-boundaries.ts`);
      continue;
    }
    const declared = new Set(Object.keys(manifestOf(base).dependencies ?? {}));
    const used = new Set<string>();
    const own = new Set([...everywhere, ...declaredIn(base)]);
    for (const file of sourcesIn(join(base, "src"))) {
      checkFile(name, may, base, file, declared, used);
      if (file.endsWith(".test.ts")) checkDeclared(file, own);
    }
    for (const tools of ["bench", "fuzz", "scripts"]) for (const file of sourcesIn(join(base, tools))) checkDeclared(file, own);
    for (const dependency of declared) {
      if (!used.has(dependency)) problems.push(`${folder}/${name}/package.json: "${dependency}" is declared but not imported`);
    }
  }
}

const workspace = new Set([...everywhere, ...Object.keys(allowed).flatMap((name) => declaredIn(folderOf(name)))]);
for (const folder of ["bench", "scripts"]) for (const file of sourcesIn(join(root, folder))) checkDeclared(file, everywhere);
// The suites above the packages use what the packages bring.
for (const file of sourcesIn(join(root, "tests"))) checkDeclared(file, workspace);

function folderOf(name: string): string {
  return join(root, existsSync(join(root, "packages", name)) ? "packages" : "apps", name);
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

function declaredIn(folder: string): string[] {
  const { dependencies = {}, devDependencies = {} } = manifestOf(folder);
  return [...Object.keys(dependencies), ...Object.keys(devDependencies)];
}

function sourcesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const imports = /^\s*(?:import|export)\b[^"';]*?from\s+"([^"]+)"|^\s*import\s+"([^"]+)";|\bimport\("([^"]+)"\)/gm;
  return [...text.matchAll(imports)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

function packageOf(target: string): string {
  return target.startsWith("@") ? target.split("/").slice(0, 2).join("/") : (target.split("/")[0] ?? target);
}

/** Third-party imports only: those of the workspace are linked, whoever declares them. */
function checkDeclared(file: string, declared: ReadonlySet<string>): void {
  for (const target of importsOf(file)) {
    if (target.startsWith(".") || target.startsWith("node:") || target.startsWith("@slipway/")) continue;
    if (!declared.has(packageOf(target)))
      problems.push(`${relative(root, file)}: ${packageOf(target)} is not declared in any package.json that counts`);
  }
}

function checkFile(
  name: string,
  may: readonly string[],
  base: string,
  file: string,
  declared: ReadonlySet<string>,
  used: Set<string>,
): void {
  const test = file.endsWith(".test.ts");
  const inNode = pure.has(name) && file.startsWith(join(base, "src", "node") + "/");
  const where = relative(root, file);
  for (const target of importsOf(file)) {
    if (target.startsWith(".")) {
      if (!join(file, "..", target).startsWith(join(base, "src"))) problems.push(`${where}: relative import leaves the package: ${target}`);
    } else if (target.startsWith("@slipway/")) {
      const [other = "", sub] = target.slice("@slipway/".length).split("/", 2) as [string, string?];
      used.add(`@slipway/${other}`);
      if (other !== name && !may.includes(other)) problems.push(`${where}: ${name} may not import ${other}`);
      if (sub !== undefined && !(subpaths[other] ?? []).includes(sub)) problems.push(`${where}: deep import ${target}`);
      if (sub === "node" && pure.has(name) && !inNode && !test)
        problems.push(`${where}: ${name} is isomorphic and may not import ${target}`);
      if (sub === "testing" && !test && !file.includes("/testing/"))
        problems.push(`${where}: a test kit imported outside tests: ${target}`);
      if (other !== name && !declared.has(`@slipway/${other}`))
        problems.push(`${where}: @slipway/${other} is not declared in package.json`);
    } else if (!target.startsWith("node:")) {
      const dependency = packageOf(target);
      used.add(dependency);
      if (!test && !declared.has(dependency)) problems.push(`${where}: ${dependency} is not declared in package.json`);
    }
  }
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
