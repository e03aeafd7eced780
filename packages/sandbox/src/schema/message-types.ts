/**
 * The shapes of the built-in kinds, in one compact table that serves three readers: the protobuf request decoder, the
 * detection of unknown fields, and the OpenAPI documents.
 *
 * One message a line: `Name: number field type, number field type, ...`. Numbers are the published protobuf field
 * numbers of the Kubernetes API. Types: `s` string, `i` integer, `b` boolean, `y` bytes, `d` double, `quantity`,
 * `intorstring`, `time`, `microtime`, `duration`, `raw` (any JSON), `fields` (managed fields), a message name (with a
 * group prefix when it is of another group). `[]T` is a list, `{T}` a map by string, `>T` a message whose fields appear
 * inline in its parent's JSON.
 */
import { coreMessages } from "./wire/core.ts";
import { groupMessages } from "./wire/groups.ts";

export type ScalarType = "s" | "i" | "b" | "y" | "d" | "quantity" | "intorstring" | "time" | "microtime" | "duration" | "raw" | "fields";

export interface MessageField {
  readonly number: number;
  readonly name: string;
  readonly container: "single" | "list" | "map" | "inline";
  /** A scalar, or the full name of a message (`core.PodSpec`). */
  readonly type: string;
  readonly scalar: boolean;
}

export interface MessageType {
  readonly name: string;
  readonly fields: readonly MessageField[];
  readonly byNumber: ReadonlyMap<number, MessageField>;
  /** By JSON name, inline fields resolved. */
  readonly byName: ReadonlyMap<string, MessageField>;
}

const scalars = new Set(["s", "i", "b", "y", "d", "quantity", "intorstring", "time", "microtime", "duration", "raw", "fields"]);
const lines = new Map<string, string>();
const parsed = new Map<string, MessageType>();

/** The message called `name` (`apps.Deployment`); `undefined` when the table does not know it. */
export function messageType(name: string): MessageType | undefined {
  const known = parsed.get(name);
  if (known !== undefined) return known;
  if (lines.size === 0) index();
  const line = lines.get(name);
  if (line === undefined) return undefined;
  const prefix = name.slice(0, name.indexOf("."));
  const fields = line === "" ? [] : line.split(", ").map((text) => parseField(text, prefix));
  const byName = new Map<string, MessageField>();
  for (const field of fields) {
    if (field.container !== "inline") byName.set(field.name, field);
    else for (const [inner, type] of messageType(field.type)?.byName ?? []) byName.set(inner, type);
  }
  const type: MessageType = { name, fields, byNumber: new Map(fields.map((field) => [field.number, field])), byName };
  parsed.set(name, type);
  return type;
}

/** The names of all messages. */
export function messageNames(): readonly string[] {
  if (lines.size === 0) index();
  return [...lines.keys()];
}

function index(): void {
  for (const [group, text] of [["core", coreMessages], ...Object.entries(groupMessages)] as const) {
    for (const line of text.trim().split("\n")) {
      const colon = line.indexOf(":");
      lines.set(`${group}.${line.slice(0, colon)}`, line.slice(colon + 1).trim());
    }
  }
}

function parseField(text: string, prefix: string): MessageField {
  const [number = "", name = "", notation = ""] = text.split(" ");
  let container: MessageField["container"] = "single";
  let type = notation;
  if (type.startsWith("[]")) {
    container = "list";
    type = type.slice(2);
  } else if (type.startsWith("{")) {
    container = "map";
    type = type.slice(1, -1);
  } else if (type.startsWith(">")) {
    container = "inline";
    type = type.slice(1);
  }
  const scalar = scalars.has(type);
  return { number: Number(number), name, container, type: scalar || type.includes(".") ? type : `${prefix}.${type}`, scalar };
}
