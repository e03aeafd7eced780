import { describe, expect, it } from "vitest";
import type { Ingress } from "../../controllers/kinds.ts";
import { buildRoutes } from "./routes.ts";

interface Rule {
  readonly host?: string;
  readonly path?: string;
  readonly type?: string;
  readonly to: string;
}

let age = 0;
function ingress(
  rules: readonly Rule[],
  extra: { readonly spec?: object; readonly annotations?: Record<string, string>; readonly at?: number } = {},
): Ingress {
  const minute = extra.at ?? age++;
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: {
      namespace: "default",
      name: `i${minute}`,
      creationTimestamp: `2026-01-01T00:${String(minute % 60).padStart(2, "0")}:00Z`,
      ...(extra.annotations === undefined ? {} : { annotations: extra.annotations }),
    },
    spec: {
      rules: rules.map(({ host, path, type, to }) => ({
        ...(host === undefined ? {} : { host }),
        http: {
          paths: [
            {
              ...(path === undefined ? {} : { path }),
              pathType: type ?? "Prefix",
              backend: { service: { name: to, port: { number: 80 } } },
            },
          ],
        },
      })),
      ...extra.spec,
    },
  };
}

function target(ingresses: readonly Ingress[], host: string, path: string): string | undefined {
  return buildRoutes(ingresses).find(host, path)?.backend.service;
}

describe("hosts", () => {
  const rules = [
    { host: "a.example.com", path: "/", to: "exact" },
    { host: "*.example.com", path: "/", to: "wild" },
    { path: "/", to: "any" },
  ];
  it.each([
    ["a.example.com", "exact"],
    ["A.Example.Com", "exact"],
    ["b.example.com", "wild"],
    ["b.a.example.com", "any"],
    ["example.com", "any"],
    ["localhost", "any"],
    ["", "any"],
  ])("%j → %s", (host, expected) => expect(target([ingress(rules)], host, "/x")).toBe(expected));

  it("do not fall through to rules without a host once one has matched", () => {
    expect(
      target(
        [
          ingress([
            { host: "a", path: "/in", to: "a" },
            { path: "/", to: "any" },
          ]),
        ],
        "a",
        "/out",
      ),
    ).toBeUndefined();
  });
});

describe("paths", () => {
  const rules = [
    { path: "/", to: "root" },
    { path: "/foo", to: "foo" },
    { path: "/foo/bar/", to: "bar" },
    { path: "/foo", type: "Exact", to: "exact" },
    { path: "/im", type: "ImplementationSpecific", to: "specific" },
  ];
  it.each([
    ["/", "root"],
    ["/foo", "exact"],
    ["/foo/", "foo"],
    ["/foobar", "root"],
    ["/foo/bar", "bar"],
    ["/foo/bar/x", "bar"],
    ["/foo/barx", "foo"],
    ["/image", "specific"],
  ])("%s → %s", (path, expected) => expect(target([ingress(rules)], "", path)).toBe(expected));

  it("of two Ingresses belong to the older one", () => {
    const [older, younger] = [ingress([{ path: "/", to: "old" }], { at: 1 }), ingress([{ path: "/", to: "young" }], { at: 2 })];
    expect(target([younger, older], "", "/")).toBe("old");
  });
});

describe("classes and default backends", () => {
  it.each([
    [{ ingressClassName: "nginx" }, "web"],
    [{}, "web"],
    [{ ingressClassName: "traefik" }, undefined],
  ])("%j → %s", (spec, expected) => expect(target([ingress([{ path: "/", to: "web" }], { spec })], "", "/")).toBe(expected));

  it("take what no rule matches", () => {
    const spec = { defaultBackend: { service: { name: "fallback", port: { number: 80 } } } };
    const all = [ingress([{ host: "a", path: "/in", to: "web" }], { spec })];
    expect([target(all, "a", "/in"), target(all, "a", "/out"), target(all, "b", "/")]).toEqual(["web", "fallback", "fallback"]);
  });
});

describe("canary Ingresses", () => {
  const annotations = { "nginx.ingress.kubernetes.io/canary": "true", "nginx.ingress.kubernetes.io/canary-weight": "5" };
  const canaryOf = (main: Rule, canary: Rule): string | undefined =>
    buildRoutes([ingress([canary], { annotations, at: 0 }), ingress([main], { at: 1 })]).find(main.host ?? "", main.path ?? "/")?.canary
      ?.backend.service;

  it.each([
    ["the same host and path", { host: "a", path: "/", to: "web-canary" }, "web-canary"],
    ["another path", { host: "a", path: "/x", to: "web-canary" }, undefined],
    ["another path type", { host: "a", path: "/", type: "Exact", to: "web-canary" }, undefined],
    ["another host", { host: "b", path: "/", to: "web-canary" }, undefined],
    ["the same Service", { host: "a", path: "/", to: "web" }, undefined],
  ])("with %s → %s", (_name, canary, expected) => expect(canaryOf({ host: "a", path: "/", to: "web" }, canary)).toBe(expected));

  it("make no route of their own", () => {
    expect(target([ingress([{ path: "/", to: "web-canary" }], { annotations })], "", "/")).toBeUndefined();
  });
});
