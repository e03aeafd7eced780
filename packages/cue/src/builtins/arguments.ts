import type { Plain } from "../evaluate/call.ts";

/** Arguments as the types a function wants; what does not fit throws with the reason, which becomes the call's error. */
export function text(value: Plain | undefined): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null && "bytes" in value && typeof value["bytes"] === "string") return value["bytes"];
  throw new Error(`cannot use ${show(value)} as string`);
}

export function integer(value: Plain | undefined): number {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  if (typeof value === "bigint") return Number(value);
  throw new Error(`cannot use ${show(value)} as int`);
}

export function number(value: Plain | undefined): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "object" && value !== null && "float" in value && typeof value["float"] === "number") return value["float"];
  throw new Error(`cannot use ${show(value)} as number`);
}

export function list(value: Plain | undefined): Plain[] {
  if (Array.isArray(value)) return value;
  throw new Error(`cannot use ${show(value)} as list`);
}

function show(value: unknown): string {
  return typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? "_");
}
