/** The CLI's entry. Commands are loaded when used, so that `--help` stays quick. */
import { Command, InvalidArgumentError, Option } from "commander";
import type { FeatureName } from "@slipway/install";
import { featureNames } from "@slipway/install";
import { parseGoDuration } from "@slipway/std";
import { realClock } from "@slipway/std/node";
import type { InstallFlags } from "./commands/install.ts";
import type { UninstallFlags } from "./commands/uninstall.ts";
import type { UpFlags } from "./commands/up.ts";
import type { GetFlags, StatusFlags } from "./commands/rollout.ts";
import type { ListFlags, StepFlags } from "./commands/workflow.ts";
import type { ClusterFlags, CommandContext } from "./context.ts";
import type { DemoFlags } from "./demo/demo.ts";
import { readEnvironment } from "./env.ts";
import { describeFailure } from "./exit.ts";
import { createPrinter } from "./printer.ts";

const environment = readEnvironment();
const printer = createPrinter({ stdout: process.stdout, stderr: process.stderr, noColor: environment.noColor });
const stopping = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stopping.abort(new Error(`stopped by ${name}`)));
// Whoever reads our output may stop early, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
const context: CommandContext = { printer, environment, clock: realClock, signal: stopping.signal };

const program = new Command("slipway")
  .description("Progressive delivery and workflows for Kubernetes, on a real cluster or on an embedded one.")
  .version("0.1.0")
  .showHelpAfterError("(see --help)")
  .enablePositionalOptions()
  .showSuggestionAfterError();

program
  .command("up")
  .description("start the embedded cluster with the controllers, until interrupted")
  .option("--speed <factor>", "virtual seconds per real second", positive, 1)
  .option("--nodes <count>", "simulated nodes", positive, 3)
  .option("--port <port>", "port of the API server; 0 takes any free one", port, 0)
  .option("--gateway-port <port>", "port of the gateway; 0 takes any free one", port, 0)
  .option("--data <dir>", "keep the cluster's state in this folder (default: in memory)")
  .option("--kubeconfig <file>", "where to write the kubeconfig (default: ~/.slipway/kubeconfig, or inside --data)")
  .action(async (flags: UpFlags) => (await import("./commands/up.ts")).up(context, flags));

program
  .command("demo")
  .description("run a workflow and a rollout end to end on the embedded cluster, checking every claim")
  .option("--speed <factor>", "virtual seconds per real second; pauses are skipped besides", positive, 20)
  .option("--manifests <dir>", "folder with workflowrun.yaml and rollout.yaml of the same shape (default: those that come with it)")
  .action(async (flags: DemoFlags) => process.exit(await (await import("./demo/demo.ts")).demo(context, flags)));

for (const verb of ["install", "upgrade"] as const) {
  const effects = {
    install: "install the controllers and their CRDs in a cluster, and wait until they run",
    upgrade: "bring an installation to this version, keeping the choices that were made for it",
  };
  installFlags(program.command(verb))
    .description(effects[verb])
    .action(async (flags: InstallFlags) => (await import("./commands/install.ts"))[verb](context, flags));
}

program
  .command("uninstall")
  .description("give every workload back, then remove the controllers; CRDs and your objects stay")
  .option("-n, --namespace <name>", "namespace of the controllers (default: slipway-system)")
  .addOption(
    new Option("--dry-run [how]", "change nothing, and list what would be")
      .choices(["none", "server"])
      .preset("server")
      .default("none", "none"),
  )
  .option("--only-restore", "stop when the workloads are given back")
  .option("--no-restore", "do not give workloads back: those in a release stay held")
  .option("--delete-crds", "delete the CRDs too, with every object of theirs and what those own")
  .addOption(new Option("--timeout <duration>", "how long to wait, e.g. 90s").argParser(duration).default(600_000, "10m"))
  .option("--kubeconfig <file>", "kubeconfig (default: $KUBECONFIG, ~/.kube/config, or the pod's service account)")
  .option("--context <name>", "context of the kubeconfig (default: its current one)")
  .action(async (flags: UninstallFlags) => (await import("./commands/uninstall.ts")).uninstall(context, flags));

const rollout = program.command("rollout").description("look at Rollouts and let them go on");
clusterFlags(rollout.command("get [name]"))
  .description("list Rollouts, or show one as a tree")
  .option("-A, --all-namespaces", "of all namespaces")
  .action(async (name: string | undefined, flags: GetFlags) => (await import("./commands/rollout.ts")).rolloutGet(context, name, flags));
clusterFlags(rollout.command("approve <name>"))
  .description("let a Rollout that is paused for approval go on to its next step")
  .action(async (name: string, flags: ClusterFlags) => (await import("./commands/rollout.ts")).rolloutApprove(context, name, flags));
clusterFlags(rollout.command("status <name>"))
  .description("watch a release to its end")
  .option("--timeout <seconds>", "give up after this time", seconds, 3600)
  .action(async (name: string, flags: StatusFlags) => (await import("./commands/rollout.ts")).rolloutStatus(context, name, flags));

const workflow = program.command("workflow").description("look at WorkflowRuns and operate them");
clusterFlags(workflow.command("list"))
  .description("list WorkflowRuns")
  .option("-A, --all-namespaces", "of all namespaces")
  .action(async (flags: ListFlags) => (await import("./commands/workflow.ts")).workflowList(context, flags));
clusterFlags(workflow.command("status <name>"))
  .description("show a WorkflowRun as a tree, and what it waits for")
  .action(async (name: string, flags: ClusterFlags) => (await import("./commands/workflow.ts")).workflowStatus(context, name, flags));
clusterFlags(workflow.command("suspend <name>"))
  .description("suspend a run, or one step of it")
  .option("-s, --step <name>", "the step")
  .action(async (name: string, flags: StepFlags) => (await import("./commands/workflow.ts")).workflowSuspend(context, name, flags));
clusterFlags(workflow.command("resume <name>"))
  .description("resume a suspended run, or one step of it")
  .option("-s, --step <name>", "the step")
  .action(async (name: string, flags: StepFlags) => (await import("./commands/workflow.ts")).workflowResume(context, name, flags));
clusterFlags(workflow.command("terminate <name>"))
  .description("end a run; steps under way fail")
  .action(async (name: string, flags: ClusterFlags) => (await import("./commands/workflow.ts")).workflowTerminate(context, name, flags));
clusterFlags(workflow.command("restart <name>"))
  .description("run anew, or from a failed step")
  .option("-s, --step <name>", "the failed step")
  .action(async (name: string, flags: StepFlags) => (await import("./commands/workflow.ts")).workflowRestart(context, name, flags));

const explain = program.command("explain").description("say what an object waits for and what comes next");
clusterFlags(explain.command("rollout <name>"))
  .description("explain a Rollout")
  .action(async (name: string, flags: ClusterFlags) => (await import("./commands/rollout.ts")).rolloutExplain(context, name, flags));
clusterFlags(explain.command("workflow <name>"))
  .description("explain a WorkflowRun")
  .action(async (name: string, flags: ClusterFlags) => (await import("./commands/workflow.ts")).workflowExplain(context, name, flags));

program
  .command("cue")
  .description("work with CUE files: eval, export, vet, def, fmt (slipway cue --help)")
  .argument("[arguments...]", "the command, its flags and inputs")
  // The arguments are the language's own; this program reads none of them.
  .allowUnknownOption()
  .helpOption(false)
  .passThroughOptions()
  .action(async (args: string[]) => void (process.exitCode = (await import("./cue.ts")).cue(args, process)));

try {
  await program.parseAsync();
} catch (error) {
  printer.error(describeFailure(error));
  process.exitCode = 1;
}

function clusterFlags(command: Command): Command {
  return command
    .option("-n, --namespace <name>", "namespace (default: the context's, else default)")
    .option("--kubeconfig <file>", "kubeconfig (default: $KUBECONFIG, ~/.kube/config, or the pod's service account)")
    .option("--context <name>", "context of the kubeconfig (default: its current one)");
}

function installFlags(command: Command): Command {
  return command
    .option("-n, --namespace <name>", "namespace of the controllers (default: slipway-system)")
    .option("--image <image>", "image of the manager (default: slipway-manager:<version>)")
    .option("--replicas <count>", "replicas of the manager (default: 2)", count)
    .option("--features <names>", "what to run and grant, separated by commas: rollout, workflow, application (default: all)", features)
    .addOption(new Option("--log-level <level>", "of the manager (default: info)").choices(["error", "warn", "info", "debug"]))
    .option("--tracing-endpoint <url>", "OTLP/HTTP receiver that the manager sends traces to (default: none)")
    .addOption(
      new Option("--dry-run [how]", "apply nothing; client: ask no server")
        .choices(["none", "client", "server"])
        .preset("client")
        .default("none", "none"),
    )
    .addOption(new Option("-o, --output <format>", "with --dry-run: show the objects").choices(["yaml", "name"]))
    .option("--wait", "wait until the controllers run", true)
    .option("--no-wait", "only apply")
    .addOption(new Option("--timeout <duration>", "how long to wait, e.g. 90s").argParser(duration).default(300_000, "5m"))
    .option("--force-conflicts", "take over fields that others own")
    .option("--kubeconfig <file>", "kubeconfig (default: $KUBECONFIG, ~/.kube/config, or the pod's service account)")
    .option("--context <name>", "context of the kubeconfig (default: its current one)");
}

function features(text: string): readonly FeatureName[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !featureNames.some((known) => known === name));
  if (unknown.length > 0) throw new InvalidArgumentError(`unknown: ${unknown.join(", ")}; there are ${featureNames.join(", ")}`);
  return featureNames.filter((name) => names.includes(name));
}

function duration(text: string): number {
  const value = parseGoDuration(text);
  if (value === undefined || value < 0) throw new InvalidArgumentError("must be a duration such as 90s or 5m");
  return value;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError("must be a whole number, 0 or above");
  return value;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new InvalidArgumentError("must be a number of seconds");
  return value;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("must be a number above 0");
  return value;
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65535) throw new InvalidArgumentError("must be a port number, 0 to 65535");
  return value;
}
