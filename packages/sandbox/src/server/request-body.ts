import { errorMessage, isJsonObject } from "@slipway/std";
import { parse as parseYaml } from "yaml";
import { ProtobufError, decodeProtobufBody } from "../schema/protobuf.ts";
import { badRequest, unsupportedMediaType } from "./api-errors.ts";
import { findDuplicateFields } from "./duplicate-fields.ts";
import type { ApiRequest } from "./http-message.ts";
import { contentType } from "./media-types.ts";

export interface ParsedBody {
  readonly value: unknown;
  readonly duplicates: readonly string[];
}

const decoder = new TextDecoder("utf-8", { fatal: true });
const accepted = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

/** The object in a request's body: JSON, YAML or protobuf. Duplicate keys are looked for when somebody wants to know. */
export function parseBody(request: ApiRequest, wantDuplicates: boolean): ParsedBody {
  const type = contentType(request.headers["content-type"]);
  if (type === "application/vnd.kubernetes.protobuf") {
    try {
      return { value: decodeProtobufBody(request.body).object, duplicates: [] };
    } catch (error) {
      if (error instanceof ProtobufError) throw badRequest(error.message);
      throw error;
    }
  }
  // A body without a type is JSON, as the real server takes it.
  if (type === "application/json" || type === "") return parseJson(request.body, wantDuplicates);
  if (type === "application/yaml") {
    try {
      return { value: parseYaml(bodyText(request.body), { version: "1.1", merge: true }) as unknown, duplicates: [] };
    } catch (error) {
      throw badRequest(`the object provided is unrecognized: ${errorMessage(error)}`);
    }
  }
  throw unsupportedMediaType(type, accepted);
}

export function parseJson(body: Uint8Array, wantDuplicates: boolean): ParsedBody {
  const text = bodyText(body);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badRequest(`the object provided is unrecognized: ${errorMessage(error)}`);
  }
  return { value, duplicates: wantDuplicates && isJsonObject(value) ? findDuplicateFields(text) : [] };
}

function bodyText(body: Uint8Array): string {
  try {
    return decoder.decode(body);
  } catch {
    throw badRequest("the object provided is unrecognized: the body is not valid UTF-8");
  }
}
