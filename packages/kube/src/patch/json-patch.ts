/** JSON Patch, RFC 6902, on JSON Pointers, RFC 6901. */
import { AppError, cloneJson, deepEqual } from "@slipway/std";
import { isRecord, setOwn } from "../own-property.ts";

/** One operation of RFC 6902 §4. */
export type JsonPatchOperation =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "move" | "copy"; readonly from: string; readonly path: string };

const operationNames: ReadonlySet<unknown> = new Set(["add", "remove", "replace", "move", "copy", "test"]);

/**
 * The document after all operations; the input stays as it was and shares nothing with the result. All or nothing.
 *
 * Throws `KUBE_PATCH_MALFORMED` (an operation that is not RFC 6902) or `KUBE_PATCH_FAILED` (a path that is not there, a
 * failed `test`); both name the operation by index and path.
 */
export function applyJsonPatch(document: unknown, operations: readonly object[]): unknown {
  let result: unknown = cloneJson(document);
  operations.forEach((raw, index) => {
    const operation = checkOperation(raw, index);
    const where = `json patch operation ${index} (${operation.op} ${JSON.stringify(operation.path)})`;
    switch (operation.op) {
      case "add":
        result = add(result, operation.path, cloneJson(operation.value), where);
        break;
      case "remove":
        result = remove(result, operation.path, where).rest;
        break;
      case "replace": {
        if (operation.path === "") result = cloneJson(operation.value);
        else {
          const place = locate(result, operation.path, where);
          readChild(place.parent, place.token, where);
          writeChild(place.parent, place.token, cloneJson(operation.value), where);
        }
        break;
      }
      case "move": {
        if (operation.path.startsWith(`${operation.from}/`)) throw failed(where, "cannot move a value into itself");
        const taken = remove(result, operation.from, where);
        result = add(taken.rest, operation.path, taken.value, where);
        break;
      }
      case "copy":
        result = add(result, operation.path, cloneJson(read(result, operation.from, where)), where);
        break;
      case "test":
        if (!deepEqual(read(result, operation.path, where), operation.value)) throw failed(where, "the value differs");
        break;
    }
  });
  return result;
}

function checkOperation(raw: object, index: number): JsonPatchOperation {
  const operation = raw as Record<string, unknown>;
  const malformed = (why: string): AppError =>
    new AppError("KUBE_PATCH_MALFORMED", `json patch operation ${index}: ${why}`, { retry: "never", details: { index } });
  if (!isRecord(raw) || !operationNames.has(operation["op"])) {
    throw malformed(`op must be add, remove, replace, move, copy or test, not ${JSON.stringify(operation["op"])}`);
  }
  for (const field of operation["op"] === "move" || operation["op"] === "copy" ? ["path", "from"] : ["path"]) {
    const pointer = operation[field];
    if (typeof pointer !== "string" || (pointer !== "" && !pointer.startsWith("/")))
      throw malformed(`${field} must be a JSON pointer such as "/spec/replicas"`);
    if (/~(?![01])/.test(pointer)) throw malformed(`${field} ${JSON.stringify(pointer)}: "~" must be followed by 0 or 1`);
  }
  if (["add", "replace", "test"].includes(operation["op"] as string) && !Object.hasOwn(operation, "value"))
    throw malformed("value is missing");
  return raw as JsonPatchOperation;
}

function failed(where: string, why: string): AppError {
  return new AppError("KUBE_PATCH_FAILED", `${where}: ${why}`, { retry: "never" });
}

function tokensOf(pointer: string): string[] {
  return pointer === ""
    ? []
    : pointer
        .slice(1)
        .split("/")
        .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function locate(document: unknown, pointer: string, where: string): { parent: unknown; token: string } {
  const tokens = tokensOf(pointer);
  const token = tokens.pop() ?? "";
  let parent = document;
  for (const step of tokens) parent = readChild(parent, step, where);
  return { parent, token };
}

function read(document: unknown, pointer: string, where: string): unknown {
  let value = document;
  for (const token of tokensOf(pointer)) value = readChild(value, token, where);
  return value;
}

function arrayIndex(array: readonly unknown[], token: string, where: string, limit: number): number {
  if (!/^(0|[1-9]\d*)$/.test(token)) throw failed(where, `${JSON.stringify(token)} is not an array index`);
  const index = Number(token);
  if (index > limit) throw failed(where, `index ${token} is out of bounds (length ${array.length})`);
  return index;
}

function readChild(parent: unknown, token: string, where: string): unknown {
  if (Array.isArray(parent)) return parent[arrayIndex(parent, token, where, parent.length - 1)];
  if (isRecord(parent) && Object.hasOwn(parent, token)) return parent[token];
  throw failed(where, `${JSON.stringify(token)} does not exist`);
}

function writeChild(parent: unknown, token: string, value: unknown, where: string): void {
  if (Array.isArray(parent)) parent[arrayIndex(parent, token, where, parent.length - 1)] = value;
  else if (isRecord(parent)) setOwn(parent, token, value);
  else throw failed(where, `the parent of ${JSON.stringify(token)} is not an object or array`);
}

function add(document: unknown, pointer: string, value: unknown, where: string): unknown {
  if (pointer === "") return value;
  const { parent, token } = locate(document, pointer, where);
  if (Array.isArray(parent)) parent.splice(token === "-" ? parent.length : arrayIndex(parent, token, where, parent.length), 0, value);
  else writeChild(parent, token, value, where);
  return document;
}

function remove(document: unknown, pointer: string, where: string): { rest: unknown; value: unknown } {
  if (pointer === "") return { rest: null, value: document };
  const { parent, token } = locate(document, pointer, where);
  const value = readChild(parent, token, where);
  if (Array.isArray(parent)) parent.splice(Number(token), 1);
  else delete (parent as Record<string, unknown>)[token];
  return { rest: document, value };
}
