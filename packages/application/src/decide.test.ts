import type { Application } from "@slipway/api";
import type { KubeObject } from "@slipway/kube";
import { cloneJson } from "@slipway/std";
import { describe, expect, it } from "vitest";
import { covers, decideApplication } from "./decide.ts";
import { renderApplication, shippedComponents } from "./render.ts";

type Component = NonNullable<Application["spec"]>["components"][number];

function app(...components: Component[]): Application {
  return {
    apiVersion: "core.oam.dev/v1beta1",
    kind: "Application",
    metadata: { name: "shop", namespace: "default", uid: "u1", generation: 3 },
    spec: { components },
  };
}

const web: Component = { name: "web", type: "webservice", properties: { image: "shop:1", ports: [{ port: 8000 }] } };

/** Rendered objects as a server would have them: with more than was asked for. */
function live(application: Application, ready: boolean): KubeObject[] {
  return renderApplication(application, shippedComponents).objects.map((object) => {
    const copy = cloneJson(object);
    copy.metadata = { ...copy.metadata, uid: `uid-${object.kind}`, generation: 1, creationTimestamp: "2026-01-01T00:00:00Z" };
    if (copy.kind === "Deployment") {
      copy["spec"] = { ...(copy["spec"] as object), replicas: 1, strategy: { type: "RollingUpdate" } };
      copy["status"] = ready ? { observedGeneration: 1, updatedReplicas: 1, availableReplicas: 1, readyReplicas: 1 } : {};
    }
    return copy;
  });
}

describe("rendering a webservice", () => {
  const { objects, diagnostics } = renderApplication(app(web), shippedComponents);

  it("gives a Deployment and a Service of the component's name, owned by the Application", () => {
    expect(diagnostics).toEqual([]);
    expect(objects.map((object) => [object.kind, object.metadata.name])).toEqual([
      ["Deployment", "web"],
      ["Service", "web"],
    ]);
    for (const { metadata } of objects) {
      expect(metadata.ownerReferences).toMatchObject([{ kind: "Application", name: "shop", uid: "u1", controller: true }]);
      expect(metadata.labels).toMatchObject({ "app.oam.dev/name": "shop", "app.oam.dev/component": "web" });
    }
  });

  it("puts ports into the container and the Service", () => {
    expect(objects[0]?.["spec"]).toMatchObject({
      selector: { matchLabels: { "app.oam.dev/component": "web" } },
      template: { spec: { containers: [{ name: "web", image: "shop:1", ports: [{ containerPort: 8000, protocol: "TCP" }] }] } },
    });
    expect(objects[1]?.["spec"]).toEqual({
      selector: { "app.oam.dev/component": "web" },
      ports: [{ port: 8000, targetPort: 8000, protocol: "TCP", name: "port-8000" }],
    });
  });

  it("passes on command, environment, resources and labels, and makes no Service without ports", () => {
    const properties = {
      image: "i",
      cmd: ["run"],
      env: [{ name: "A", value: "b" }],
      cpu: "100m",
      memory: "1Gi",
      labels: { tier: "front" },
    };
    const rendered = renderApplication(app({ name: "job", type: "webservice", properties }), shippedComponents).objects;
    expect(rendered).toHaveLength(1);
    expect(rendered[0]?.["spec"]).toMatchObject({
      template: {
        metadata: { labels: { tier: "front", "app.oam.dev/component": "job" } },
        spec: {
          containers: [
            {
              command: ["run"],
              env: [{ name: "A", value: "b" }],
              resources: { limits: { cpu: "100m", memory: "1Gi" }, requests: { cpu: "100m", memory: "1Gi" } },
            },
          ],
        },
      },
    });
  });

  it.each([
    [{ name: "x", type: "nothing" }, "spec.components[0].type: no ComponentDefinition nothing in default or vela-system"],
    [{ name: "x", type: "webservice", properties: {} }, /^spec\.components\[0\]\.properties: /],
    [{ name: "x", type: "webservice", properties: { image: 3 } }, /conflicting values/],
  ] as const)("refuses %j", (component, message) => {
    const decision = decideApplication(app(component), shippedComponents, [], 0);
    expect(decision.warning).toMatch(message);
    expect([...decision.create, ...decision.update, ...decision.remove]).toEqual([]);
    expect(decision.status?.conditions?.[0]).toMatchObject({ type: "Render", status: "False", reason: "ReconcileError" });
  });

  it("uses a definition of the cluster for a type that is not shipped, and names it when it is broken", () => {
    const template = 'output: {apiVersion: "v1", kind: "ConfigMap", metadata: name: context.name, data: parameter}\nparameter: {...}';
    const component: Component = { name: "x", type: "config", properties: { a: "b" } };
    expect(renderApplication(app(component), { config: template }).objects[0]).toMatchObject({ kind: "ConfigMap", data: { a: "b" } });
    const broken = renderApplication(app(component), { config: "output: [" });
    expect(broken.diagnostics[0]).toMatchObject({ code: "APPLICATION_TEMPLATE", at: [{ file: "config.cue", line: 1 }] });
  });
});

describe("deciding", () => {
  it("creates what is missing and reports rendering at its generation", () => {
    const decision = decideApplication(app(web), shippedComponents, [], 0);
    expect(decision.create.map((object) => object.kind)).toEqual(["Deployment", "Service"]);
    expect(decision.status).toMatchObject({ status: "rendering", observedGeneration: 3 });
  });

  it("is running once its Deployment is available, and then does nothing", () => {
    const application = app(web);
    expect(decideApplication(application, shippedComponents, live(application, false), 0).status).toMatchObject({
      status: "unhealthy",
      services: [{ healthy: false, message: "Ready:0/1" }],
    });
    const first = decideApplication(application, shippedComponents, live(application, true), 0);
    expect(first.status).toMatchObject({ status: "running", services: [{ name: "web", healthy: true }] });
    const settled = { ...application, ...(first.status === undefined ? {} : { status: first.status }) };
    expect(decideApplication(settled, shippedComponents, live(application, true), 60_000)).toEqual({ create: [], update: [], remove: [] });
  });

  it("updates only what it renders differently, and removes what left the spec", () => {
    const application = app(web);
    const changed = app({ ...web, properties: { image: "shop:2" } });
    const decision = decideApplication(changed, shippedComponents, live(application, true), 0);
    expect(decision.update.map((object) => object.kind)).toEqual(["Deployment"]);
    expect(decision.remove.map((object) => object.kind)).toEqual(["Service"]);
    expect(decision.status?.status).toBe("rendering");
  });
});

describe("covers", () => {
  it.each([
    [{ a: 1, b: 2 }, { a: 1 }, true],
    [{ a: [{ x: 1, y: 2 }] }, { a: [{ x: 1 }] }, true],
    [{ a: [1, 2] }, { a: [1] }, false],
    [{ a: 1 }, { a: 2 }, false],
    [{}, { a: undefined }, true],
  ])("%j covers %j: %s", (present, wanted, expected) => expect(covers(present, wanted)).toBe(expected));
});
