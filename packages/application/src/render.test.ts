import type { Application } from "@slipway/api";
import { describe, expect, it } from "vitest";
import { renderApplication, shippedComponents } from "./render.ts";

type Component = NonNullable<Application["spec"]>["components"][number];

function render(...components: Component[]): ReturnType<typeof renderApplication> {
  const metadata = { name: "shop", namespace: "default", uid: "u1" };
  return renderApplication({ apiVersion: "core.oam.dev/v1beta1", kind: "Application", metadata, spec: { components } }, shippedComponents);
}

function webservice(name: string, properties: Component["properties"] = {}): Component {
  return { name, type: "webservice", properties: { image: "shop:1", ...properties } };
}

describe("objects of one name", () => {
  it("refuses two components that render the same object, naming the second and the first", () => {
    const { diagnostics } = render(webservice("web"), webservice("api"), webservice("web"));
    expect(diagnostics).toMatchObject([{ code: "APPLICATION_CONFLICT", path: ["spec", "components", 2, "name"] }]);
    expect(diagnostics[0]?.message).toContain("Deployment web is rendered by spec.components[0] already");
  });

  it("accepts components of different names", () => {
    expect(render(webservice("web"), webservice("api")).diagnostics).toEqual([]);
  });
});

describe("the single port", () => {
  it("opens and serves it", () => {
    const { objects, diagnostics } = render(webservice("web", { port: 8000 }));
    expect(diagnostics).toEqual([]);
    expect(objects[0]?.["spec"]).toMatchObject({ template: { spec: { containers: [{ ports: [{ containerPort: 8000 }] }] } } });
    expect(objects[1]).toMatchObject({ kind: "Service", spec: { ports: [{ port: 8000, targetPort: 8000, name: "port-8000" }] } });
  });

  it("yields to the list of ports", () => {
    const { objects, diagnostics } = render(webservice("web", { port: 8000, ports: [{ port: 9000, name: "http" }] }));
    expect(diagnostics).toEqual([]);
    expect(objects[1]?.["spec"]).toMatchObject({ ports: [{ port: 9000, name: "http" }] });
  });
});

it("passes probes and the pull policy on", () => {
  const probe = { httpGet: { path: "/healthz", port: 8000 } };
  const { objects } = render(webservice("web", { imagePullPolicy: "Never", livenessProbe: probe, readinessProbe: probe }));
  expect(objects[0]?.["spec"]).toMatchObject({
    template: { spec: { containers: [{ imagePullPolicy: "Never", livenessProbe: probe, readinessProbe: probe }] } },
  });
});
