import { createSeededRandom } from "@slipway/std";
import { describe, expect, it } from "vitest";
import type { Ingress } from "../../controllers/kinds.ts";
import { canaryPolicyOf, takesCanary } from "./canary.ts";

const random = createSeededRandom(1);

function ingress(annotations: Record<string, string>): Ingress {
  const prefixed = Object.entries(annotations).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value]);
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { annotations: Object.fromEntries(prefixed) as Record<string, string> },
  };
}

function goes(annotations: Record<string, string>, headers: Record<string, string>): boolean {
  const policy = canaryPolicyOf(ingress({ canary: "true", ...annotations }));
  return policy !== undefined && takesCanary(policy, { headers }, random);
}

describe("nginx canary annotations", () => {
  it("are none without canary: true", () => {
    expect(canaryPolicyOf(ingress({ "canary-weight": "50" }))).toBeUndefined();
    expect(canaryPolicyOf(ingress({ canary: "false", "canary-weight": "50" }))).toBeUndefined();
  });

  it.each([
    ["a header that says always", { "canary-by-header": "X-C" }, { "x-c": "always" }, true],
    ["a header that says never, over weight", { "canary-by-header": "X-C", "canary-weight": "100" }, { "x-c": "never" }, false],
    ["a header that says something else, on to weight", { "canary-by-header": "X-C", "canary-weight": "100" }, { "x-c": "maybe" }, true],
    ["the wanted header value", { "canary-by-header": "X-C", "canary-by-header-value": "de" }, { "x-c": "de" }, true],
    ["another header value", { "canary-by-header": "X-C", "canary-by-header-value": "de" }, { "x-c": "always" }, false],
    ["a matching pattern", { "canary-by-header": "X-C", "canary-by-header-pattern": "^v[0-9]+$" }, { "x-c": "v12" }, true],
    ["a pattern that does not match", { "canary-by-header": "X-C", "canary-by-header-pattern": "^v[0-9]+$" }, { "x-c": "w" }, false],
    ["a broken pattern", { "canary-by-header": "X-C", "canary-by-header-pattern": "(" }, { "x-c": "(" }, false],
    [
      "a value, which rules out the pattern",
      { "canary-by-header": "X-C", "canary-by-header-value": "a", "canary-by-header-pattern": "b" },
      { "x-c": "b" },
      false,
    ],
    ["a cookie that says always", { "canary-by-cookie": "beta" }, { cookie: "a=b; beta=always" }, true],
    ["a cookie that says never, over weight", { "canary-by-cookie": "beta", "canary-weight": "100" }, { cookie: "beta=never" }, false],
    [
      "the header before the cookie",
      { "canary-by-header": "X-C", "canary-by-cookie": "beta" },
      { "x-c": "never", cookie: "beta=always" },
      false,
    ],
    [
      "a header value that does not match, on to the cookie",
      { "canary-by-header": "X-C", "canary-by-header-value": "a", "canary-by-cookie": "beta" },
      { "x-c": "b", cookie: "beta=always" },
      true,
    ],
    ["no weight", {}, {}, false],
    ["weight 0", { "canary-weight": "0" }, {}, false],
    ["weight 100", { "canary-weight": "100" }, {}, true],
    ["weight 1000 of 1000", { "canary-weight": "1000", "canary-weight-total": "1000" }, {}, true],
  ] as const)("%s → %#", (_name, annotations, headers, expected) => {
    expect(goes(annotations, headers)).toBe(expected);
  });

  it.each([
    [{ "canary-weight": "20" }, 0.2],
    [{ "canary-weight": "20", "canary-weight-total": "200" }, 0.1],
    // A total below 100 counts as 100.
    [{ "canary-weight": "20", "canary-weight-total": "40" }, 0.2],
  ] as const)("%j takes its share", (annotations, share) => {
    const taken = Array.from({ length: 5000 }, () => goes(annotations, {})).filter(Boolean).length;
    expect(taken / 5000).toBeCloseTo(share, 1);
  });
});
