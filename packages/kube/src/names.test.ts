import { describe, expect, it } from "vitest";
import { dns1035LabelProblem, dnsLabelProblem, dnsSubdomainProblem, labelValueProblem, qualifiedNameProblem } from "./names.ts";
import { resourcePath } from "./resource-path.ts";
import { resources } from "./resources.ts";

const long = (length: number): string => "a".repeat(length);

describe("names", () => {
  it.each([
    [dnsLabelProblem, ["a", "a-1", "1a", long(63)], ["", "A", "-a", "a-", "a.b", "a_b", "a\n", long(64)]],
    [dns1035LabelProblem, ["a", "a-1"], ["", "1a", "a.b", "A", long(64)]],
    [dnsSubdomainProblem, ["a", "a.b-c.1", long(253)], ["", "a..b", ".a", "A.b", "a.-b", long(254)]],
    [qualifiedNameProblem, ["a", "A_b.c", "example.com/a"], ["", "/a", "a/", "a/b/c", "A.com/a", "-a", long(64)]],
    [labelValueProblem, ["", "a", "A_b.c-1", long(63)], ["-a", "a b", "a/b", long(64)]],
  ])("%o", (problemOf, good, bad) => {
    expect(good.map(problemOf)).toEqual(good.map(() => undefined));
    expect(bad.filter((text) => problemOf(text) === undefined)).toEqual([]);
  });

  it("says what is wrong in the server's words", () => {
    expect(dnsSubdomainProblem("A")).toContain("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters");
    expect(dnsLabelProblem(long(64))).toBe("must be no more than 63 bytes");
  });
});

describe("resource paths", () => {
  it.each([
    [resources.pods, {}, "/api/v1/pods"],
    [resources.pods, { namespace: "a", name: "b", subresource: "status" }, "/api/v1/namespaces/a/pods/b/status"],
    [resources.deployments, { namespace: "a" }, "/apis/apps/v1/namespaces/a/deployments"],
    [resources.nodes, { namespace: "ignored", name: "n" }, "/api/v1/nodes/n"],
    [resources.pods, { namespace: "a", name: "../b?c" }, "/api/v1/namespaces/a/pods/..%2Fb%3Fc"],
  ])("of %o with %j is %s", (resource, options, path) => {
    expect(resourcePath(resource, options)).toBe(path);
  });
});
