import { describe, expect, it } from "vitest";
import type { KubeObject } from "@slipway/kube";
import { applyMergePatch } from "@slipway/kube";
import type { RouteTarget } from "../model/plan.ts";
import { annotationPatch, canaryAnnotations, canaryIngress, carriesTarget, ingressClassOf } from "./ingress.ts";
import { candidateService } from "./service.ts";

const nginx = ingressClassOf("nginx");
if (nginx === undefined) throw new Error("nginx is a known class");
const p = "nginx.ingress.kubernetes.io/";
const owner = { apiVersion: "rollouts.kruise.io/v1beta1", kind: "Rollout", name: "web", uid: "u", controller: true };

function header(name: string, value: string, type = "Exact"): RouteTarget {
  return { matches: [{ headers: [{ name, value, type }] }] };
}

describe("the canary annotations of nginx", () => {
  it.each<[string, RouteTarget, Record<string, string>]>([
    ["a weight", { weight: 40 }, { [`${p}canary-weight`]: "40" }],
    ["no weight at all", { weight: 0 }, { [`${p}canary-weight`]: "0" }],
    ["a header", header("user", "a"), { [`${p}canary-by-header`]: "user", [`${p}canary-by-header-value`]: "a" }],
    [
      "a header pattern",
      header("user", "a.*", "RegularExpression"),
      { [`${p}canary-by-header`]: "user", [`${p}canary-by-header-pattern`]: "a.*" },
    ],
    ["a cookie", header("canary-by-cookie", "beta"), { [`${p}canary-by-cookie`]: "beta" }],
    ["a match without headers", { matches: [{ path: { value: "/" } }] }, {}],
    [
      "weight and header",
      { weight: 5, ...header("user", "a") },
      { [`${p}canary-weight`]: "5", [`${p}canary-by-header`]: "user", [`${p}canary-by-header-value`]: "a" },
    ],
  ])("for %s", (_what, target, expected) => {
    const stale = { keep: "me", [`${p}canary-weight`]: "77", [`${p}canary-by-cookie`]: "old", [`${p}canary-by-header-pattern`]: "old" };
    expect(canaryAnnotations(nginx, stale, target)).toEqual({ keep: "me", [`${p}canary`]: "true", ...expected });
  });

  it("are reached by a patch of nothing else", () => {
    const before = {
      metadata: { annotations: { keep: "me", [`${p}canary`]: "true", [`${p}canary-weight`]: "5" } },
    } as unknown as KubeObject;
    const target = header("user", "a");
    expect(carriesTarget(nginx, before, target)).toBe(false);
    const annotations = annotationPatch(nginx, before, target);
    expect(annotations).toEqual({ [`${p}canary-weight`]: null, [`${p}canary-by-header`]: "user", [`${p}canary-by-header-value`]: "a" });
    expect(carriesTarget(nginx, applyMergePatch(before, { metadata: { annotations } }) as KubeObject, target)).toBe(true);
  });
});

describe("the canary Ingress", () => {
  it("keeps what leads to the stable Service, whatever else the Ingress holds", () => {
    const backend = (name: string): object => ({
      backend: { service: { name, port: { number: 80 } } },
      path: `/${name}`,
      pathType: "Prefix",
    });
    const stable: KubeObject = {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: {
        name: "web",
        namespace: "n",
        labels: { a: "b" },
        annotations: { x: "y", "kubectl.kubernetes.io/last-applied-configuration": "{}" },
      },
      spec: {
        ingressClassName: "nginx",
        tls: [{ secretName: "t" }],
        defaultBackend: { service: { name: "other" } },
        rules: [
          { host: "a", http: { paths: [backend("web"), backend("other")] } },
          { host: "b" },
          { host: "c", http: { paths: [{ path: "/r", backend: { resource: { kind: "Bucket", name: "r" } } }] } },
        ],
      },
    };
    const made = canaryIngress(nginx, stable, { stable: "web", candidate: "web-canary" }, { weight: 20 }, owner);
    expect(made.metadata).toEqual({
      name: "web-canary",
      namespace: "n",
      labels: { a: "b" },
      annotations: { x: "y", [`${p}canary`]: "true", [`${p}canary-weight`]: "20" },
      ownerReferences: [owner],
    });
    expect(made["spec"]).toEqual({
      ingressClassName: "nginx",
      tls: [{ secretName: "t" }],
      rules: [
        {
          host: "a",
          http: { paths: [{ path: "/web", pathType: "Prefix", backend: { service: { name: "web-canary", port: { number: 80 } } } }] },
        },
      ],
    });
  });
});

describe("the canary Service", () => {
  it("is the stable one without what may exist only once", () => {
    const stable: KubeObject = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web", namespace: "n" },
      spec: {
        type: "NodePort",
        clusterIP: "10.0.0.1",
        clusterIPs: ["10.0.0.1"],
        ipFamilies: ["IPv4"],
        ipFamilyPolicy: "SingleStack",
        externalIPs: ["1.2.3.4"],
        selector: { app: "web", pod: "stable", "pod-template-hash": "s" },
        ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }],
      },
    };
    const made = candidateService(stable, "c", owner, { pod: "canary", fresh: "label" });
    expect(made["spec"]).toEqual({
      type: "NodePort",
      selector: { app: "web", pod: "canary", "pod-template-hash": "c" },
      ports: [{ port: 80, targetPort: 8080 }],
    });
    expect(made.metadata).toEqual({ name: "web-canary", namespace: "n", ownerReferences: [owner] });
  });
});
