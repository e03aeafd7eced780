/**
 * Holds the table of docs/architecture.md: who may import whom, no deep imports, and that each package.json declares
 * exactly what its sources import. Exits 1 with one line per violation.
 */
import { readdirSync, readFileSync } from "node:fs";
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

const problems: string[] = [];

for (const folder of ["packages", "apps"]) {
  for (const name of readdirSync(join(root, folder))) {
    const base = join(root, folder, name);
    const may = allowed[name];
    if (may === undefined) {
      problems.push(`${folder}/${name}: not in the table of scripts/check-boundaries.ts`);
      continue;
    }
    const manifest = JSON.parse(readFileSync(join(base, "package.json"), "utf8")) as { dependencies?: Record<string, string> };
    const declared = new Set(Object.keys(manifest.dependencies ?? {}));
    const used = new Set<string>();
    for (const entry of readdirSync(join(base, "src"), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
      const file = join(entry.parentPath, entry.name);
      checkFile(name, may, base, file, declared, used);
    }
    for (const dependency of declared) {
      if (!used.has(dependency)) problems.push(`${folder}/${name}/package.json: "${dependency}" is declared but not imported`);
    }
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
  const text = readFileSync(file, "utf8");
  for (const match of text.matchAll(/^\s*(?:import|export)\b[^"';]*?from\s+"([^"]+)"|^\s*import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm)) {
    const target = match[1] ?? match[2] ?? match[3] ?? "";
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
      const dependency = target.startsWith("@") ? target.split("/").slice(0, 2).join("/") : (target.split("/")[0] ?? target);
      used.add(dependency);
      if (!test && !declared.has(dependency)) problems.push(`${where}: ${dependency} is not declared in package.json`);
    }
  }
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
