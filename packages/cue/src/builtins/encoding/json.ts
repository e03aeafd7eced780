/** Package encoding/json. */
import { decodeJson, decodeJsonStream, encodeJson, escapeJsonHtml, jsonProblem, JsonSyntaxError } from "../../encoding/json.ts";
import type { BuiltinPackage, Data, IncompleteWording } from "../contract.ts";
import { CallFailure } from "../contract.ts";
import { define, defineNonConcrete, quote, textOf } from "../signature.ts";
import { validateData } from "./validate.ts";

function decode(text: string): Data {
  if (jsonProblem(text) !== undefined) throw new CallFailure("json: invalid JSON");
  try {
    return decodeJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new CallFailure(error.message);
    throw error;
  }
}

const notJson: IncompleteWording = { message: (text) => `cannot convert incomplete value ${quote(text)} to JSON`, place: "value" };

function requireValid(text: string): void {
  const problem = jsonProblem(text);
  if (problem !== undefined) throw new CallFailure(problem.message);
}

/** Tokens of valid JSON: strings, and runs of what is neither string, white space nor punctuation. */
function tokens(text: string): IterableIterator<RegExpExecArray> {
  return text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/gs) as IterableIterator<RegExpExecArray>;
}

function compact(text: string): string {
  requireValid(text);
  return Array.from(tokens(text), ([token]) => token).join("");
}

function indent(text: string, prefix: string, step: string): string {
  requireValid(text);
  const parts: string[] = [];
  let depth = 0;
  // Whether a bracket was just opened: the line end after it waits, since `{}` stays together.
  let opened = false;
  const line = (): void => {
    parts.push("\n", prefix, step.repeat(depth));
  };
  for (const [token] of tokens(text)) {
    const closes = token === "}" || token === "]";
    if (opened && !closes) {
      depth++;
      line();
    }
    if (closes && !opened) {
      depth--;
      line();
    }
    opened = token === "{" || token === "[";
    parts.push(token === ":" ? ": " : token);
    if (token === ",") line();
  }
  // White space at the end is kept, that at the start is not.
  parts.push(/[ \t\r\n]*$/.exec(text)?.[0] ?? "");
  return parts.join("");
}

export const jsonPackage: BuiltinPackage = {
  path: "encoding/json",
  functions: [
    define("Valid", ["bytes"], "bool", (call) => jsonProblem(textOf(call.bytes(0))) === undefined),
    define("Compact", ["bytes"], "string", (call) => compact(textOf(call.bytes(0)))),
    define("Indent", ["bytes", "string", "string"], "string", (call) => indent(textOf(call.bytes(0)), call.string(1), call.string(2))),
    define("HTMLEscape", ["bytes"], "string", (call) => escapeJsonHtml(textOf(call.bytes(0)))),
    define("Marshal", ["value"], "string", (call) => encodeJson(call.value(0).data(notJson))),
    define("MarshalStream", ["value"], "string", (call) =>
      call
        .value(0)
        .elements()
        .map((element) => `${encodeJson(element.data(notJson))}\n`)
        .join(""),
    ),
    define("Unmarshal", ["bytes"], "value", (call) => decode(textOf(call.bytes(0)))),
    define("UnmarshalStream", ["bytes"], "value", (call) => {
      try {
        return decodeJsonStream(textOf(call.bytes(0)));
      } catch (error) {
        if (!(error instanceof JsonSyntaxError)) throw error;
        // The stream decoder of encoding/json names an early end otherwise than its parser does.
        const message = error.message === "unexpected end of JSON input" ? "unexpected EOF" : error.message;
        throw new CallFailure(`invalid JSON for file "": ${message}`);
      }
    }),
    defineNonConcrete("Validate", ["bytes", "value"], "bool", (call) =>
      validateData([decode(textOf(call.bytes(0)))], call.schema(1), "complete"),
    ),
  ],
};
