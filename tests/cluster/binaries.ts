/**
 * The programs of a control plane. Built once from the Go modules in `go/`, whose go.mod and go.sum pin every source, into
 * a cache folder named for their versions; or taken from `KUBEBUILDER_ASSETS`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

interface Program {
  readonly name: string;
  /** Import path of its main package. */
  readonly main: string;
}

interface GoModule {
  /** Folder below `go/`. One module each: a shared one would move the tested dependencies of the others. */
  readonly folder: string;
  /** The module whose version names the build. */
  readonly module: string;
  readonly programs: readonly Program[];
  /** Linker variables that carry the version; unstamped, clients cannot parse it. */
  stamp(version: string): readonly string[];
}

const kubernetes = (name: string): Program => ({ name, main: `k8s.io/kubernetes/cmd/${name}` });

const modules: readonly GoModule[] = [
  {
    folder: "etcd",
    module: "go.etcd.io/etcd/server/v3",
    programs: [{ name: "etcd", main: "go.etcd.io/etcd/server/v3" }],
    stamp: () => [],
  },
  {
    folder: "kubernetes",
    module: "k8s.io/kubernetes",
    programs: ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"].map(kubernetes),
    stamp: (version) => {
      const [major = "", minor = ""] = version.slice(1).split(".");
      const fields = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
      return Object.entries(fields).map(([field, value]) => `k8s.io/component-base/version.${field}=${value}`);
    },
  },
  {
    folder: "kwok",
    module: "sigs.k8s.io/kwok",
    programs: [{ name: "kwok", main: "sigs.k8s.io/kwok/cmd/kwok" }],
    stamp: (version) => [`sigs.k8s.io/kwok/pkg/consts.Version=${version}`],
  },
];

/** Folder with all programs; builds what is missing. Throws one error that says what to do. */
export function ensureBinaries(env: Readonly<Record<string, string | undefined>>): string {
  const given = env["KUBEBUILDER_ASSETS"];
  const names = modules.flatMap(({ programs }) => programs.map(({ name }) => name));
  if (given !== undefined && given !== "") {
    const missing = names.filter((name) => !existsSync(join(given, name)));
    if (missing.length > 0) throw new Error(`KUBEBUILDER_ASSETS=${given} lacks ${missing.join(", ")}; unset it to build them`);
    return given;
  }
  const cache = env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const versions = modules.map((each) => `${each.folder}-${pinned(each)}`).join("_");
  const folder = join(cache, "slipway/cluster", versions);
  mkdirSync(folder, { recursive: true });
  for (const each of modules) {
    if (each.programs.some(({ name }) => !existsSync(join(folder, name)))) build(each, folder, env);
  }
  return folder;
}

/** The version that go.mod requires of the module. */
function pinned({ folder, module }: GoModule): string {
  const path = join(import.meta.dirname, "go", folder, "go.mod");
  const text = readFileSync(path, "utf8");
  const version = text
    .split("\n")
    .map((line) =>
      line
        .replace(/^require/, "")
        .trim()
        .split(/\s+/),
    )
    .find(([name, required]) => name === module && required?.startsWith("v"))?.[1];
  if (version === undefined) throw new Error(`${path} requires no ${module}`);
  return version;
}

function build(each: GoModule, folder: string, env: Readonly<Record<string, string | undefined>>): void {
  const version = pinned(each);
  const stage = mkdtempSync(join(folder, ".stage-"));
  const flags = ["-s", "-w", ...each.stamp(version).map((variable) => `-X ${variable}`)].join(" ");
  console.log(`building ${each.programs.map(({ name }) => name).join(", ")} ${version} (once; minutes)`);
  try {
    const { programs } = each;
    // A single program gets its name from us: go would call etcd `v3`.
    const output = programs.length === 1 ? join(stage, programs[0]?.name ?? "") : `${stage}/`;
    // -pgo=off: a profile that lies beside a main package would switch itself on and slow the build.
    const args = ["build", "-p=2", "-trimpath", "-pgo=off", `-ldflags=${flags}`, "-o", output];
    const result = spawnSync("nice", ["-n", "10", "go", ...args, ...programs.map(({ main }) => main)], {
      cwd: join(import.meta.dirname, "go", each.folder),
      env: { ...env, CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOWORK: "off", GOFLAGS: "-mod=readonly" },
      stdio: "inherit",
    });
    if (result.error !== undefined) throw new Error(`cannot run go (${result.error.message}); install Go 1.26 or set KUBEBUILDER_ASSETS`);
    if (result.status !== 0) throw new Error(`go build of ${each.module} ${version} failed; see above`);
    // Moved when whole, so that an interrupted build leaves nothing that looks finished.
    for (const { name } of each.programs) renameSync(join(stage, name), join(folder, name));
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}
