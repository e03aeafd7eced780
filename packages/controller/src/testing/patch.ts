/** JSON patch (RFC 6902) and merge patch (RFC 7386) for the fake client: enough for reconcilers' own patches. */
import { apiError } from "@slipway/kube";
import { cloneJson, deepEqual, isJsonObject } from "@slipway/std";

interface JsonPatchOperation {
  readonly op: "add" | "remove" | "replace" | "move" | "copy" | "test";
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return cloneJson(patch);
  const result: Record<string, unknown> = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (value !== undefined) result[key] = mergePatch(result[key], value);
  }
  return result;
}

export function jsonPatch(document: unknown, operations: readonly object[]): unknown {
  let root: unknown = cloneJson(document);
  for (const operation of operations as readonly JsonPatchOperation[]) {
    const value = operation.op === "move" || operation.op === "copy" ? read(root, operation.from ?? "") : operation.value;
    switch (operation.op) {
      case "test":
        if (!deepEqual(read(root, operation.path), value)) throw rejected(`testing value ${operation.path} failed`);
        break;
      case "remove":
        root = write(root, operation.path, "remove", undefined);
        break;
      case "move":
        root = write(write(root, operation.from ?? "", "remove", undefined), operation.path, "add", value);
        break;
      case "replace":
        root = write(root, operation.path, "replace", cloneJson(value));
        break;
      case "add":
      case "copy":
        root = write(root, operation.path, "add", cloneJson(value));
        break;
    }
  }
  return root;
}

function rejected(reason: string): Error {
  return apiError({ status: "Failure", reason: "Invalid", code: 422, message: `the server rejected our request: ${reason}` });
}

function tokens(path: string): string[] {
  return path === ""
    ? []
    : path
        .slice(1)
        .split("/")
        .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function child(parent: unknown, token: string): unknown {
  if (Array.isArray(parent)) return parent[Number(token)];
  return isJsonObject(parent) && Object.hasOwn(parent, token) ? parent[token] : undefined;
}

function read(root: unknown, path: string): unknown {
  const value = tokens(path).reduce(child, root);
  if (value === undefined) throw rejected(`path ${path} is missing`);
  return value;
}

function write(root: unknown, path: string, op: "add" | "replace" | "remove", value: unknown): unknown {
  const parts = tokens(path);
  const last = parts.pop();
  if (last === undefined) return value;
  const parent = parts.reduce(child, root);
  if (Array.isArray(parent)) {
    const index = last === "-" ? parent.length : Number(last);
    if (!Number.isInteger(index) || index < 0 || index > parent.length - (op === "add" ? 0 : 1))
      throw rejected(`index ${path} is out of bounds`);
    if (op === "add") parent.splice(index, 0, value);
    else if (op === "remove") parent.splice(index, 1);
    else parent[index] = value;
    return root;
  }
  if (!isJsonObject(parent)) throw rejected(`path ${path} has no parent`);
  if (op !== "add" && !Object.hasOwn(parent, last)) throw rejected(`path ${path} is missing`);
  if (op === "remove") delete parent[last];
  else (parent as Record<string, unknown>)[last] = value;
  return root;
}
