/** Applications: gather what they own → decide (`@slipway/application`) → apply, then status. */
import type { Application, ComponentDefinition } from "@slipway/api";
import { applicationKind, componentDefinitionKind, resourceOf } from "@slipway/api";
import type { Definitions } from "@slipway/application";
import { decideApplication, shippedComponents } from "@slipway/application";
import type { Feature, Outcome, ReconcileContext, Watch } from "@slipway/controller";
import { done, ownerKeys } from "@slipway/controller";
import type { KubeObject, ObjectKey, Resource } from "@slipway/kube";
import { controllerOf, createMergePatch, isAlreadyExists, isConflict, isNotFound, keyOf, parseApiVersion, resources } from "@slipway/kube";
import { AppError } from "@slipway/std";

const applications: Resource = resourceOf(applicationKind);
const definitions: Resource = resourceOf(componentDefinitionKind);
const systemNamespace = "vela-system";
const fieldManager = "slipway-application";

/** The kinds that components render to; owned objects of these are seen and cleaned up. */
const ownedKinds: readonly Resource[] = [resources.deployments, resources.services];

const byController = {
  controller: (object: KubeObject): readonly string[] => {
    const uid = controllerOf(object)?.uid;
    return uid === undefined ? [] : [uid];
  },
};

const watches: readonly Watch[] = [
  { resource: applications },
  // A definition that came or changed concerns every Application that uses it.
  {
    resource: definitions,
    toKeys: (object, _old, caches) =>
      caches<Application>(applications)
        .list()
        .filter((app) => app.spec?.components.some((component) => component.type === object.metadata.name))
        .map(keyOf),
  },
  ...ownedKinds.map((resource): Watch => ({ resource, toKeys: ownerKeys("Application"), indexes: byController })),
];

export function createApplicationFeature(): Feature {
  return { name: "application", controllers: [{ name: "application", watches, reconcile }], webhooks: [], conversions: {} };
}

async function reconcile(key: ObjectKey, context: ReconcileContext): Promise<Outcome> {
  const { client, signal, cache, clock } = context;
  const app = cache<Application>(applications).get(key);
  // What it owns goes with it by garbage collection.
  if (app === undefined || app.metadata.deletionTimestamp !== undefined) return done;
  const owned = ownedKinds.flatMap((resource) => cache(resource).byIndex("controller", app.metadata.uid ?? ""));
  const decision = decideApplication(app, definitionsFor(app, context), owned, clock.now());
  const options = { fieldManager, signal };
  for (const object of decision.create) await create(object, app, context);
  for (const object of decision.update)
    await client.patch(await resourceFor(object, context), keyOf(object), { type: "merge", body: object }, options);
  for (const object of decision.remove) {
    await client
      .delete(await resourceFor(object, context), keyOf(object), {
        preconditions: { uid: object.metadata.uid ?? "" },
        propagationPolicy: "Background",
        signal,
      })
      .catch((error: unknown) => {
        // Gone, or replaced by another object of that name: not ours to delete.
        if (!isNotFound(error) && !isConflict(error)) throw error;
      });
  }
  if (decision.status !== undefined) {
    const status = createMergePatch(app.status ?? {}, decision.status);
    const body = { metadata: { resourceVersion: app.metadata.resourceVersion }, status };
    await client.patch(applications, key, { type: "merge", body }, { ...options, subresource: "status" });
  }
  if (decision.warning !== undefined) context.events.event(app, "Warning", "FailedRender", decision.warning);
  return done;
}

async function create(object: KubeObject, app: Application, context: ReconcileContext): Promise<void> {
  const resource = await resourceFor(object, context);
  try {
    await context.client.create(resource, object, { fieldManager, signal: context.signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const present = await context.client.get(resource, keyOf(object), { signal: context.signal });
    // Ours from before, of which the cache has not heard yet; anybody else's stays as it is.
    if (controllerOf(present)?.uid === app.metadata.uid) return;
    throw new AppError(
      "APPLICATION_CONFLICT",
      `${object.kind} ${object.metadata.namespace ?? ""}/${object.metadata.name ?? ""} exists and is not of application ${app.metadata.name ?? ""}; rename the component or remove the object`,
      { cause: error },
    );
  }
}

async function resourceFor(object: KubeObject, context: ReconcileContext): Promise<Resource> {
  const gvk = { ...parseApiVersion(object.apiVersion), kind: object.kind };
  const resource = await context.client.resourceFor(gvk, { signal: context.signal });
  if (resource === undefined) throw new AppError("APPLICATION_KIND", `the cluster serves no ${object.kind} of ${object.apiVersion}`);
  return resource;
}

/** Shipped templates first, then those of the cluster: the Application's namespace, then `vela-system`. */
function definitionsFor(app: Application, context: ReconcileContext): Definitions {
  const cached = context.cache<ComponentDefinition>(definitions);
  const found: Record<string, string> = { ...shippedComponents };
  for (const { type } of app.spec?.components ?? []) {
    if (Object.hasOwn(found, type)) continue;
    const definition =
      cached.get({ namespace: app.metadata.namespace ?? "", name: type }) ?? cached.get({ namespace: systemNamespace, name: type });
    const template = definition?.spec?.schematic?.cue?.template;
    if (template !== undefined) found[type] = template;
  }
  return found;
}
