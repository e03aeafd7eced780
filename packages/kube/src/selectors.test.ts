import { isAppError } from "@slipway/std";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LabelRequirement } from "./selectors.ts";
import {
  formatLabelSelector,
  labelSelectorFromObject,
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
} from "./selectors.ts";

const selects = (text: string, labels: Record<string, string>): boolean => matchesLabels(parseLabelSelector(text), labels);

describe("label selectors", () => {
  it.each([
    ["", {}, true],
    ["app=web", { app: "web" }, true],
    ["app==web", { app: "web" }, true],
    ["app=web", {}, false],
    ["app=", { app: "" }, true],
    ["app=", {}, false],
    ["app!=web", { app: "db" }, true],
    ["app!=web", {}, true],
    ["app!=web", { app: "web" }, false],
    ["tier in (a, b)", { tier: "b" }, true],
    ["tier in (a,b)", { tier: "c" }, false],
    ["tier in (a,b)", {}, false],
    ["tier in (,a)", { tier: "" }, true],
    ["tier notin (a,b)", { tier: "c" }, true],
    ["tier notin (a,b)", {}, true],
    ["tier notin (a,b)", { tier: "a" }, false],
    ["app", { app: "" }, true],
    ["app", {}, false],
    ["!app", {}, true],
    ["! app", { app: "x" }, false],
    ["n>9", { n: "10" }, true],
    ["n<10", { n: "9" }, true],
    ["n>10", { n: "9" }, false],
    ["n>1", { n: "many" }, false],
    ["in=notin", { in: "notin" }, true],
    [" app = web , slipway.dev/x in (1) ", { app: "web", "slipway.dev/x": "1" }, true],
    ["app=web,app!=web", { app: "web" }, false],
    ["constructor", {}, false],
  ])("%j on %j is %s", (text, labels, expected) => {
    expect(selects(text, labels as Record<string, string>)).toBe(expected);
  });

  it.each(["=x", "a=b,", ",a", "a in b", "a in (b", "a b", "!!a", "a=b=c", "a/b/c=d", "a=b c", "-a=b", "a>x", "a in ()x", "a=-b"])(
    "refuses %j with the text in the message",
    (text) => {
      let error: unknown;
      try {
        parseLabelSelector(text);
      } catch (caught) {
        error = caught;
      }
      expect(isAppError(error, "KUBE_SELECTOR") && error.retry === "never" && error.message.includes(JSON.stringify(text))).toBe(true);
    },
  );

  it("reads what it writes", () => {
    const name = fc.stringMatching(/^[a-z]([a-z0-9.-]{0,8}[a-z0-9])?$/);
    const value = fc.stringMatching(/^([A-Za-z0-9]([A-Za-z0-9_.-]{0,8}[A-Za-z0-9])?)?$/);
    const requirement: fc.Arbitrary<LabelRequirement> = fc.oneof(
      fc.record({ key: name, operator: fc.constantFrom("Exists" as const, "DoesNotExist" as const), values: fc.constant([]) }),
      fc.record({
        key: name,
        operator: fc.constantFrom("In" as const, "NotIn" as const),
        values: fc.uniqueArray(value, { minLength: 1, maxLength: 4 }).map((values) => values.sort()),
      }),
      fc.record({ key: name, operator: fc.constantFrom("Gt" as const, "Lt" as const), values: fc.integer().map((n) => [String(n)]) }),
    );
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), (requirements) => {
        expect(parseLabelSelector(formatLabelSelector({ requirements }))).toEqual({ requirements });
      }),
    );
  });

  it("reads a selector object: absent selects nothing, empty everything", () => {
    expect(matchesLabels(labelSelectorFromObject(undefined), { a: "b" })).toBe(false);
    expect(matchesLabels(labelSelectorFromObject({}), {})).toBe(true);
    const selector = labelSelectorFromObject({
      matchLabels: { app: "web" },
      matchExpressions: [
        { key: "tier", operator: "NotIn", values: ["db"] },
        { key: "old", operator: "DoesNotExist" },
      ],
    });
    expect(matchesLabels(selector, { app: "web" })).toBe(true);
    expect(matchesLabels(selector, { app: "web", tier: "db" })).toBe(false);
    expect(matchesLabels(selector, { app: "web", old: "" })).toBe(false);
    expect(formatLabelSelector(selector)).toBe("app=web,tier!=db,!old");
    expect(() => labelSelectorFromObject({ matchExpressions: [{ key: "a", operator: "Like", values: ["b"] }] })).toThrow("Like");
  });
});

describe("field selectors", () => {
  const pod = { metadata: { name: "web", labels: { a: "b" } }, spec: { replicas: 3, paused: false }, status: { phase: "Running" } };
  it.each([
    ["", true],
    ["metadata.name=web", true],
    ["metadata.name==web,status.phase!=Failed", true],
    ["metadata.name!=web", false],
    ["spec.replicas=3", true],
    ["spec.paused=false", true],
    ["spec.nodeName=", true],
    ["spec.nodeName!=x", true],
    ["constructor.name=Object", false],
  ])("%j is %s", (text, expected) => {
    expect(matchesFields(parseFieldSelector(text), pod)).toBe(expected);
  });

  it("reads escapes", () => {
    expect(parseFieldSelector("a=x\\,y\\=z\\\\")).toEqual({ requirements: [{ field: "a", operator: "=", value: "x,y=z\\" }] });
  });

  it.each(["a", "=b", "a=b=c"])("refuses %j", (text) => {
    expect(() => parseFieldSelector(text)).toThrow("unable to parse selector");
  });
});
