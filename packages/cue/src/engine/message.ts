/** The text of a message. */
import type { Message } from "./bottom.ts";
import { isNode } from "./context.ts";
import { formatExpr, formatValue } from "./format.ts";
import { isValue } from "./value.ts";
import { Vertex } from "./vertex.ts";

export function argumentText(arg: unknown, depth = 0): string {
  if (!isNode(arg)) return String(arg);
  if (arg instanceof Vertex) return formatValue(arg, depth);
  return isValue(arg) ? formatValue(arg, depth) : formatExpr(arg, depth);
}

/** The message without its path and positions. */
export function messageText(message: Message, depth = 0): string {
  let i = 0;
  const text = message.format.replaceAll("%s", () => argumentText(message.args[i++], depth));
  if (message.cause === undefined) return text;
  return `${text}: ${message.cause.map((cause) => messageText(cause, depth + 1)).join(", ")}`;
}
