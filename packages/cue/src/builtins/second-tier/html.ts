/** Package html. */
import type { BuiltinPackage } from "../contract.ts";
import { unescapeHtml } from "./html-entities.ts";
import { define } from "../signature.ts";

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "'": "&#39;", "<": "&lt;", ">": "&gt;", '"': "&#34;" };

export const htmlPackage: BuiltinPackage = {
  path: "html",
  functions: [
    define("Escape", ["string"], "string", (call) => call.string(0).replaceAll(/[&'<>"]/g, (char) => escapes[char] ?? char)),
    define("Unescape", ["string"], "string", (call) => unescapeHtml(call.string(0))),
  ],
};
