import { describe, expect, it } from "vitest";
import { controllerOf, formatApiVersion, formatKey, parseApiVersion, parseKey } from "./object.ts";
import type { KubeStatus } from "./status.ts";
import { apiError, apiStatusOf, isAlreadyExists, isConflict, isGone, isInvalid, isNotFound } from "./status.ts";

describe("API errors", () => {
  const kinds = { isNotFound, isConflict, isAlreadyExists, isGone, isInvalid };
  it.each<[KubeStatus, string | undefined, unknown]>([
    [{ code: 404, reason: "NotFound" }, "isNotFound", "backoff"],
    [{ code: 409, reason: "Conflict" }, "isConflict", "backoff"],
    [{ code: 409, reason: "AlreadyExists" }, "isAlreadyExists", "backoff"],
    [{ code: 410, reason: "Gone" }, "isGone", "backoff"],
    [{ code: 410, reason: "Expired" }, "isGone", "backoff"],
    [{ code: 422, reason: "Invalid" }, "isInvalid", "never"],
    [{ code: 403, reason: "Forbidden" }, undefined, "never"],
    [{ code: 415 }, undefined, "never"],
    [{ code: 500 }, undefined, "backoff"],
    [{ code: 429, details: { retryAfterSeconds: 2 } }, undefined, { afterMs: 2000 }],
  ])("%j", (status, kind, retry) => {
    const error = apiError(status);
    expect(Object.entries(kinds).flatMap(([name, test]) => (test(error) ? [name] : []))).toEqual(kind === undefined ? [] : [kind]);
    expect(error.retry).toEqual(retry);
    expect(apiStatusOf(error)).toBe(status);
  });

  it("are no business of other errors", () => {
    expect(apiStatusOf(new Error("x"))).toBeUndefined();
    expect(isNotFound({ code: 404 })).toBe(false);
  });
});

describe("keys and versions", () => {
  it.each([
    ["apps/v1", { group: "apps", version: "v1" }],
    ["v1", { group: "", version: "v1" }],
  ])("%s", (text, parsed) => {
    expect(parseApiVersion(text)).toEqual(parsed);
    expect(formatApiVersion(parsed)).toBe(text);
  });

  it.each([
    ["default/web", { namespace: "default", name: "web" }],
    ["node-1", { namespace: "", name: "node-1" }],
  ])("%s", (text, key) => {
    expect(parseKey(text)).toEqual(key);
    expect(formatKey(key)).toBe(text);
  });

  it("finds the owner that controls", () => {
    const owner = { apiVersion: "v1", kind: "A", name: "a", uid: "1" };
    const object = { apiVersion: "v1", kind: "B", metadata: { ownerReferences: [owner, { ...owner, uid: "2", controller: true }] } };
    expect(controllerOf(object)?.uid).toBe("2");
    expect(controllerOf({ ...object, metadata: {} })).toBeUndefined();
  });
});
