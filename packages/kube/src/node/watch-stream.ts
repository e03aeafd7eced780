/** Newline-delimited JSON of a watch, in whatever pieces it arrives. */
import { AppError } from "@slipway/std";
import type { WatchEvent } from "../client.ts";

/**
 * Complete lines of a byte stream, without empty ones. What stands after the last newline when the stream ends is a
 * last line. A line longer than `maxBytes` throws: the limit keeps a broken server from filling the memory.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let parts: Uint8Array[] = [];
  let held = 0;
  const take = (last: Uint8Array): string => {
    if (parts.length === 0) return decoder.decode(last);
    const line = decoder.decode(Buffer.concat([...parts, last]));
    parts = [];
    held = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      limit(held + end - start, maxBytes);
      const line = take(chunk.subarray(start, end)).trim();
      start = end + 1;
      if (line !== "") yield line;
    }
    if (start < chunk.length) {
      parts.push(chunk.subarray(start));
      held += chunk.length - start;
      limit(held, maxBytes);
    }
  }
  const rest = take(new Uint8Array()).trim();
  if (rest !== "") yield rest;
}

function limit(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) throw new AppError("KUBE_TRANSPORT", `a watch event is longer than ${maxBytes} bytes`, { retry: "backoff" });
}

const eventTypes: ReadonlySet<unknown> = new Set(["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]);

/** Throws `KUBE_TRANSPORT` for a line that is not an event: the stream cannot be trusted any further. */
export function parseWatchEvent(line: string): WatchEvent {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (cause) {
    throw new AppError("KUBE_TRANSPORT", `a watch event is not JSON: ${excerpt(line)}`, { retry: "backoff", cause });
  }
  const { type, object } = (event ?? {}) as { type?: unknown; object?: unknown };
  if (!eventTypes.has(type) || typeof object !== "object" || object === null) {
    throw new AppError("KUBE_TRANSPORT", `not a watch event: ${excerpt(line)}`, { retry: "backoff" });
  }
  return event as WatchEvent;
}

function excerpt(line: string): string {
  return JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line);
}
