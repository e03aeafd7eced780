/** The workflow half of the demo: look, apply, hold for a person, apply from a ConfigMap. */
import { applicationKind, resourceOf } from "@slipway/api";
import type { KubeObject, Resource } from "@slipway/kube";
import { resources } from "@slipway/kube";
import { applyObject } from "../commands/apply.ts";
import { resumeWorkflow, workflowRuns } from "../commands/workflow.ts";
import { workflowLine, workflowTree } from "../trees/workflow-tree.ts";
import type { Manifest } from "./manifests.ts";
import type { Scene } from "./scene.ts";
import { watchUntil } from "./scene.ts";
import { get } from "./traffic.ts";
import { field, find, list, ofKind, text } from "../world.ts";

const applications: Resource = resourceOf(applicationKind);

export async function workflowScenario(scene: Scene, manifest: Manifest): Promise<void> {
  const { printer, claims, client } = scene;
  const run = ofKind(manifest.objects, "WorkflowRun");
  const namespace = run.metadata.namespace ?? "default";
  const name = run.metadata.name ?? "";
  const steps = list(run, "spec", "workflowSpec", "steps").map((step) => text(step, "name"));
  const [look = "", first = "", hold = "", second = ""] = steps;

  printer.line(printer.style("bold", `Workflow ${namespace}/${name} (${manifest.name})`));
  for (const object of manifest.objects) {
    const { outcome } = await applyObject(client, object, namespace);
    printer.line(`  applied ${object.kind}/${object.metadata.name ?? ""} (${outcome})`);
  }

  const read = async (): Promise<KubeObject> => client.get(workflowRuns, { namespace, name });
  const tree = async (): Promise<readonly string[]> => {
    const seen = await read();
    return printer.tty ? workflowTree(seen) : [workflowLine(seen)];
  };
  const reached = (phase: string) => async (): Promise<KubeObject | undefined> => {
    const object = await read();
    return text(object, "status", "status") === phase ? object : undefined;
  };

  const suspended = await watchUntil(scene, `WorkflowRun ${name} to suspend`, tree, reached("suspending"));
  printer.endLive();
  claims.equal(`${look} reports that the Application is missing`, stepField(suspended, look, "message"), "Application not found");
  claims.equal(`${first} ran because of it`, stepField(suspended, first, "phase"), "succeeded");
  claims.equal(`${hold} holds the run`, stepField(suspended, hold, "phase"), "suspending");
  claims.holds(
    "every step id has ten characters of the documented alphabet",
    list(suspended, "status", "steps").every((step) => /^[a-z1-9]{10}$/.test(text(step, "id"))),
    list(suspended, "status", "steps")
      .map((step) => text(step, "id"))
      .join(", "),
  );
  const contextName = text(suspended, "status", "contextBackend", "name");
  claims.equal("the context ConfigMap has the documented name", contextName, `workflow-${name}-context`);
  claims.holds(
    "the context ConfigMap exists",
    (await find(client, resources.configMaps, namespace, contextName)) !== undefined,
    contextName,
  );
  const debugName = `${name}-${stepField(suspended, first, "id")}-debug-${(suspended.metadata.uid ?? "").slice(-5)}`;
  claims.holds(
    "the debug ConfigMap of a step exists",
    text(await find(client, resources.configMaps, namespace, debugName), "data", "debug") !== "",
    debugName,
  );
  await claimServes(scene, namespace, applied(run, 1));

  printer.line(`  ${printer.style("cyan", "$")} slipway workflow resume ${name}`);
  printer.line(`  ${await resumeWorkflow(client, { namespace, name })}`);
  const succeeded = await watchUntil(scene, `WorkflowRun ${name} to succeed`, tree, reached("succeeded"));
  printer.endLive();
  claims.equal(`${second} read its Application from the ConfigMap`, stepField(succeeded, second, "phase"), "succeeded");
  claims.equal("the run is finished", field(succeeded, "status", "finished"), true);
  claims.equal(
    "its condition says so",
    list(succeeded, "status", "conditions").map((condition) => [
      text(condition, "type"),
      text(condition, "status"),
      text(condition, "reason"),
    ]),
    [["WorkflowRun", "True", "Available"]],
  );
  const configMap = ofKind(manifest.objects, "ConfigMap");
  const [, secondName = ""] = /metadata:\s*\n\s*name: (\S+)/.exec(text(configMap, "data", "application")) ?? [];
  await claimServes(scene, namespace, secondName);
  printer.line();
}

function stepField(run: KubeObject, step: string, key: string): string {
  return text(
    list(run, "status", "steps").find((status) => text(status, "name") === step),
    key,
  );
}

/** Name of the Application that a step of the run applies inline. */
function applied(run: KubeObject, index: number): string {
  return text(list(run, "spec", "workflowSpec", "steps")[index], "properties", "data", "metadata", "name");
}

/** The Application runs, its Deployment is ready, and its Service answers HTTP. */
async function claimServes(scene: Scene, namespace: string, application: string): Promise<void> {
  const { claims, client } = scene;
  const object = await find(client, applications, namespace, application);
  claims.equal(`Application ${application} is running`, text(object, "status", "status"), "running");
  for (const component of list(object, "spec", "components")) {
    const name = text(component, "name");
    const deployment = await find(client, resources.deployments, namespace, name);
    claims.holds(
      `Deployment ${name} is ready`,
      field(deployment, "status", "readyReplicas") === field(deployment, "spec", "replicas"),
      readyText(deployment),
    );
    const url = await serviceUrl(scene, namespace, name, resources.services);
    const answer = url === undefined ? { status: 0, body: "no Service" } : await get(url, name);
    claims.holds(`Service ${name} answers HTTP`, answer.status === 200, `${url ?? ""} answered ${answer.status}`);
  }
}

function readyText(deployment: KubeObject | undefined): string {
  return `${String(field(deployment, "status", "readyReplicas") ?? 0)}/${String(field(deployment, "spec", "replicas") ?? 0)} pods`;
}

async function serviceUrl(scene: Scene, namespace: string, name: string, resource: Resource): Promise<string | undefined> {
  const service = await find(scene.client, resource, namespace, name);
  const port = field(service, "spec", "ports", 0, "port");
  return service === undefined ? undefined : `http://${text(service, "spec", "clusterIP")}:${String(port)}/`;
}
