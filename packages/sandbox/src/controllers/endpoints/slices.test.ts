import { describe, expect, it } from "vitest";
import type { Pod, Service } from "../kinds.ts";
import { sliceContents } from "./slices.ts";

function pod(name: string, portNumber: number, fields: { phase?: string; ip?: string } = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: "default", name, uid: name },
    spec: { nodeName: "n", containers: [{ name: "c", ports: [{ name: "web", containerPort: portNumber }] }] },
    status: { phase: fields.phase ?? "Running", podIP: fields.ip ?? "127.64.0.1", conditions: [{ type: "Ready", status: "True" }] },
  };
}

function service(ports: NonNullable<Service["spec"]>["ports"]): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace: "default", name: "web" },
    spec: { selector: { app: "web" }, ...(ports ? { ports } : {}) },
  };
}

describe("slices", () => {
  it("split where a named port means different numbers", () => {
    const contents = sliceContents(service([{ name: "http", port: 80, targetPort: "web" }]), [
      pod("a", 8080),
      pod("b", 9090),
      pod("c", 8080),
    ]);
    expect(contents.map(({ ports, endpoints }) => [ports[0]?.port, endpoints.map((endpoint) => endpoint.targetRef?.name)])).toEqual([
      [8080, ["a", "c"]],
      [9090, ["b"]],
    ]);
  });

  it("leave out a port that no container declares, and default the target to the port", () => {
    const ports = [
      { name: "x", port: 80, targetPort: "nope" },
      { name: "y", port: 81 },
    ];
    expect(sliceContents(service(ports), [pod("a", 8080)])[0]?.ports).toEqual([{ name: "y", port: 81, protocol: "TCP" }]);
  });

  it("hold a hundred endpoints each", () => {
    const pods = Array.from({ length: 230 }, (_, index) => pod(`p${index}`, 8080));
    expect(sliceContents(service([{ port: 80 }]), pods).map((content) => content.endpoints.length)).toEqual([100, 100, 30]);
  });

  it("leave out pods without an address and finished ones, and are never none", () => {
    const pods = [pod("a", 8080, { ip: "" }), pod("b", 8080, { phase: "Failed" })];
    expect(sliceContents(service([{ port: 80 }]), pods)).toEqual([{ ports: [], endpoints: [] }]);
  });
});
