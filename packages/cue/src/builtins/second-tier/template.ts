/** Package text/template: Go's template language with its predefined functions. */
import type { BuiltinPackage } from "../contract.ts";
import { define } from "../signature.ts";
import { executeTemplate } from "./template-execute.ts";
import { escapeHtml, escapeScript, templateFunctions } from "./template-functions.ts";
import { parseTemplate } from "./template-parse.ts";
import { valueOf } from "./template-value.ts";

const functionNames: ReadonlySet<string> = new Set(templateFunctions.keys());

export const templatePackage: BuiltinPackage = {
  path: "text/template",
  functions: [
    define("Execute", ["string", "value"], "string", (call) =>
      executeTemplate(
        parseTemplate(call.string(0), functionNames),
        valueOf(call.value(1).data({ message: (text) => `cannot convert non-concrete value ${text}`, place: "field" })),
      ),
    ),
    define("HTMLEscape", ["string"], "string", (call) => escapeHtml(call.string(0))),
    define("JSEscape", ["string"], "string", (call) => escapeScript(call.string(0))),
  ],
};
