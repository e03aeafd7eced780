/** An Application's components as Kubernetes objects. */
import type { Application, ApplicationComponent } from "@slipway/api";
import { compile, storedDefinitions } from "@slipway/cue";
import type { KubeObject } from "@slipway/kube";
import type { Diagnostic, JsonObject } from "@slipway/std";
import { isJsonObject } from "@slipway/std";
import { cueFiles } from "./generated/cue-files.ts";

/** Templates by component type. */
export type Definitions = Readonly<Record<string, string>>;

/** The component types that come with the product. */
export const shippedComponents: Definitions = Object.fromEntries(
  Object.entries(cueFiles)
    .filter(([path]) => path.startsWith("definitions/"))
    .map(([path, text]) => [path.slice("definitions/".length, -".cue".length), text]),
);

export interface Rendered {
  /** In the order of the components: each one's workload first, then what goes with it. */
  readonly objects: readonly KubeObject[];
  /** What hinders rendering; nothing is to be applied then. */
  readonly diagnostics: readonly Diagnostic[];
}

export function renderApplication(app: Application, definitions: Definitions): Rendered {
  const objects: KubeObject[] = [];
  const diagnostics: Diagnostic[] = [];
  /** Object -> the component that rendered it: two that render the same one would overwrite each other for ever. */
  const renderedBy = new Map<string, number>();
  for (const [index, component] of (app.spec?.components ?? []).entries()) {
    const template = Object.hasOwn(definitions, component.type) ? definitions[component.type] : undefined;
    if (template === undefined) {
      const { namespace = "" } = app.metadata;
      diagnostics.push(
        problem("APPLICATION_COMPONENT_TYPE", index, ["type"], `no ComponentDefinition ${component.type} in ${namespace} or vela-system`),
      );
      continue;
    }
    const rendered: KubeObject[] = [];
    renderComponent(app, component, index, template, rendered, diagnostics);
    for (const object of rendered) {
      const name = object.metadata.name ?? "";
      const identity = `${object.apiVersion}/${object.kind}/${name}`;
      const first = renderedBy.get(identity);
      if (first === undefined) {
        renderedBy.set(identity, index);
        objects.push(object);
        continue;
      }
      const message = `${object.kind} ${name} is rendered by spec.components[${first}] already; rename one of the components`;
      diagnostics.push(problem("APPLICATION_CONFLICT", index, ["name"], message));
      break;
    }
  }
  return { objects, diagnostics };
}

function problem(code: string, index: number, path: readonly (string | number)[], message: string, at: Diagnostic["at"] = []): Diagnostic {
  return { code, severity: "error", path: ["spec", "components", index, ...path], at, message };
}

function renderComponent(
  app: Application,
  component: ApplicationComponent,
  index: number,
  template: string,
  objects: KubeObject[],
  diagnostics: Diagnostic[],
): void {
  const program = compile(
    [
      { filename: `${component.type}.cue`, text: template },
      { filename: "data", text: "context: _\nparameter: _" },
    ],
    storedDefinitions,
  );
  const [broken] = program.diagnostics;
  if (broken !== undefined) {
    diagnostics.push(problem("APPLICATION_TEMPLATE", index, ["type"], `template of ${component.type}: ${broken.message}`, broken.at));
    return;
  }
  const { name = "", namespace = "" } = app.metadata;
  const value = program
    .instance()
    .fill(["context"], { name: component.name, appName: name, namespace })
    .fill(["parameter"], (component.properties ?? {}) as JsonObject);
  const output = value.lookup(["output"]).toJson();
  const outputs = value.lookup(["outputs"]).exists() ? value.lookup(["outputs"]).toJson() : { ok: true as const, value: {} };
  for (const json of [output, outputs]) {
    if (json.ok) continue;
    const [first] = json.errors;
    diagnostics.push(problem("APPLICATION_RENDER", index, ["properties"], first?.message ?? "cannot be rendered", first?.at ?? []));
    return;
  }
  if (!output.ok || !outputs.ok) return;
  const extra = isJsonObject(outputs.value) ? Object.values(outputs.value) : [];
  for (const object of [output.value, ...extra]) {
    if (isJsonObject(object)) objects.push(owned(app, component, object as unknown as KubeObject));
  }
}

function owned(app: Application, component: ApplicationComponent, object: KubeObject): KubeObject {
  const { name = "", namespace = "", uid = "" } = app.metadata;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      namespace,
      labels: {
        ...object.metadata.labels,
        "app.oam.dev/name": name,
        "app.oam.dev/namespace": namespace,
        "app.oam.dev/component": component.name,
      },
      ownerReferences: [{ apiVersion: app.apiVersion, kind: app.kind, name, uid, controller: true, blockOwnerDeletion: true }],
    },
  };
}
