import { apiError } from "@slipway/kube";
import { describe, expect, it } from "vitest";
import { describeFailure } from "./denied.ts";

/** As kube-apiserver 1.36 answers. */
const denied = {
  kind: "Status" as const,
  status: "Failure" as const,
  message:
    'jobs.batch "seed" is forbidden: User "system:serviceaccount:slipway-system:slipway-manager" cannot get resource "jobs" in API group "batch" in the namespace "default"',
  reason: "Forbidden",
  details: { name: "seed", group: "batch", kind: "jobs" },
  code: 403,
};

describe("a failed action", () => {
  it("names the rule that is missing", () => {
    expect(describeFailure(apiError(denied), ["get", "create", "patch"])).toBe(
      `${denied.message}; to allow it, add the rule {"apiGroups":["batch"],"resources":["jobs"],"verbs":["get","create","patch"]} ` +
        'to a ClusterRole with the label slipway.dev/aggregate-to-workflow: "true"',
    );
  });

  it("is told as it is when no right is missing", () => {
    const quota = { ...denied, message: 'pods "a" is forbidden: exceeded quota: small', details: { name: "a", kind: "pods" } };
    expect(describeFailure(apiError(quota), ["get"])).toBe(quota.message);
    expect(describeFailure(apiError({ ...denied, code: 404, reason: "NotFound" }), ["get"])).toBe(denied.message);
    expect(describeFailure(new Error("no answer"), ["get"])).toBe("no answer");
  });
});
