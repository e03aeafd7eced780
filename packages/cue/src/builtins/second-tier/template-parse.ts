/** The syntax tree of a Go template (Go's text/template/parse). */
import type { CallFailure } from "../contract.ts";
import { quote } from "../signature.ts";
import { scanTemplate, type Segment, templateError, type Token } from "./template-scan.ts";

export interface Place {
  /** Where messages say it is: of several fields, the second one. */
  readonly at: number;
  readonly end: number;
  /** Where its text begins, if not at `at`. */
  readonly from?: number;
}

export type Operand = Place &
  (
    | { readonly type: "dot" | "nil" }
    | { readonly type: "field"; readonly names: readonly string[] }
    | { readonly type: "variable"; readonly name: string; readonly names: readonly string[] }
    | { readonly type: "function"; readonly name: string }
    | { readonly type: "literal"; readonly value: string | bigint | number | boolean }
    | { readonly type: "pipeline"; readonly pipeline: Pipeline; readonly names: readonly string[] }
  );

export interface Command extends Place {
  readonly operands: readonly Operand[];
}

export interface Pipeline extends Place {
  readonly variables: readonly string[];
  /** `=` gives a known variable a new value, `:=` makes a new one. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

export type Node =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "action"; readonly pipeline: Pipeline }
  | {
      readonly type: "if" | "with" | "range";
      readonly pipeline: Pipeline;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[] | undefined;
    }
  | (Place & { readonly type: "template"; readonly name: string; readonly pipeline: Pipeline | undefined })
  | { readonly type: "break" | "continue" };

export interface Template {
  readonly source: string;
  readonly main: readonly Node[];
  readonly defined: ReadonlyMap<string, readonly Node[]>;
}

const maxNesting = 150;

const keywords: ReadonlySet<string> = new Set("block break continue define else end if nil range template with".split(" "));

/** How a list of nodes ended: by `end`, by `else` (whose rest is still to be read), or by the end of the text. */
type Ending = "end" | "else" | "text";

class Parser {
  readonly #source: string;
  readonly #functions: ReadonlySet<string>;
  readonly #segments: readonly Segment[];
  #segment = 0;
  #tokens: readonly Token[] = [];
  #token = 0;
  #variables: string[] = ["$"];
  #nesting = 0;
  #ranges = 0;
  readonly defined = new Map<string, readonly Node[]>();

  constructor(source: string, functions: ReadonlySet<string>) {
    this.#source = source;
    this.#functions = functions;
    this.#segments = scanTemplate(source);
  }

  main(): readonly Node[] {
    const { nodes, ending } = this.#list(true);
    if (ending !== "text") throw this.#unexpected(`{{${ending}}}`);
    return nodes;
  }

  // Tokens of the current action.

  #peek(): Token {
    return this.#tokens[this.#token] ?? { type: "end", text: "}}", value: "", at: this.#source.length };
  }

  #next(): Token {
    const token = this.#peek();
    this.#token++;
    return token;
  }

  #skipSpace(): void {
    while (this.#peek().type === "space") this.#token++;
  }

  #fail(message: string): CallFailure {
    return templateError(this.#source, this.#peek().at, message);
  }

  #unexpected(what: string, context?: string): CallFailure {
    return this.#fail(`unexpected ${what}${context === undefined ? "" : ` in ${context}`}`);
  }

  #unexpectedToken(context: string): CallFailure {
    const { type, text } = this.#peek();
    if (type === "ident" && keywords.has(text)) return this.#unexpected(`<${text}>`, context);
    return this.#unexpected(text.length > 10 ? `${quote(text.slice(0, 10))}...` : quote(text), context);
  }

  #expectEnd(context: string): void {
    this.#skipSpace();
    if (this.#peek().type !== "end") throw this.#unexpectedToken(context);
  }

  #list(top: boolean): { nodes: Node[]; ending: Ending } {
    const nodes: Node[] = [];
    if (++this.#nesting > maxNesting) throw this.#fail("actions are nested too deep");
    for (;;) {
      const segment = this.#segments[this.#segment++];
      if (segment === undefined) {
        this.#nesting--;
        if (!top) throw templateError(this.#source, this.#source.length, "unexpected EOF");
        return { nodes, ending: "text" };
      }
      if (segment.tokens === undefined) {
        nodes.push({ type: "text", text: segment.text });
        continue;
      }
      this.#tokens = segment.tokens;
      this.#token = 0;
      this.#skipSpace();
      const keyword = this.#peek().type === "ident" ? this.#peek().text : "";
      if (keyword === "end" || keyword === "else") {
        this.#token++;
        if (keyword === "end") this.#expectEnd("end");
        this.#nesting--;
        return { nodes, ending: keyword };
      }
      const node = this.#action(keyword, top);
      if (node !== undefined) nodes.push(node);
    }
  }

  #action(keyword: string, top: boolean): Node | undefined {
    switch (keyword) {
      case "if":
      case "with":
      case "range":
        this.#token++;
        return this.#control(keyword);
      case "template":
        this.#token++;
        return this.#templateCall();
      case "define":
        if (!top) throw this.#unexpected("{{define}}");
        this.#token++;
        this.#define(this.#templateName("define clause"));
        return undefined;
      case "block":
        this.#token++;
        return this.#block();
      case "break":
      case "continue":
        this.#token++;
        this.#expectEnd(`{{${keyword}}}`);
        if (this.#ranges === 0) throw this.#fail(`{{${keyword}}} outside {{range}}`);
        return { type: keyword };
      default:
        return { type: "action", pipeline: this.#pipeline("command", "end") };
    }
  }

  /** The rest of `if`, `with` and `range`, up to and with their `end`. */
  #control(type: "if" | "with" | "range"): Node {
    const known = this.#variables.length;
    const pipeline = this.#pipeline(type, "end");
    if (type === "range") this.#ranges++;
    const { nodes: body, ending } = this.#list(false);
    if (type === "range") this.#ranges--;
    let otherwise: readonly Node[] | undefined;
    if (ending === "else") {
      this.#skipSpace();
      const chained = this.#peek();
      if (chained.type === "ident" && chained.text === type && type !== "range") {
        // `else if` is an `if` inside `else` that shares its `end`.
        this.#token++;
        if (++this.#nesting > maxNesting) throw this.#fail("actions are nested too deep");
        otherwise = [this.#control(type)];
        this.#nesting--;
      } else {
        this.#expectEnd("else");
        const rest = this.#list(false);
        if (rest.ending === "else") throw this.#fail("expected end; found {{else}}");
        otherwise = rest.nodes;
      }
    }
    this.#variables.length = known;
    return { type, pipeline, body, otherwise };
  }

  #templateName(context: string): string {
    this.#skipSpace();
    if (this.#peek().type !== "string") throw this.#unexpectedToken(context);
    return this.#next().value;
  }

  #templateCall(): Node {
    this.#skipSpace();
    const { at } = this.#peek();
    const name = this.#templateName("template clause");
    this.#skipSpace();
    const pipeline = this.#peek().type === "end" ? undefined : this.#pipeline("template clause", "end");
    return { type: "template", name, pipeline, ...this.#wholeAction(at) };
  }

  /** The whole action that is being read. */
  #wholeAction(at: number): Place {
    const segment = this.#segments[this.#segment - 1];
    return { at, from: segment?.at ?? at, end: (segment?.at ?? at) + (segment?.text.length ?? 0) };
  }

  #define(name: string): void {
    this.#expectEnd("define clause");
    const outer = this.#variables;
    const ranges = this.#ranges;
    this.#variables = ["$"];
    this.#ranges = 0;
    const { nodes, ending } = this.#list(false);
    if (ending !== "end") throw this.#unexpected("{{else}}", "define clause");
    this.#variables = outer;
    this.#ranges = ranges;
    // A definition that is empty but for white space does not replace another one.
    const empty = nodes.every((node) => node.type === "text" && node.text.trim() === "");
    if (!empty || !this.defined.has(name)) this.defined.set(name, nodes);
  }

  #block(): Node {
    this.#skipSpace();
    const { at } = this.#peek();
    const name = this.#templateName("block clause");
    const pipeline = this.#pipeline("block clause", "end");
    const place = this.#wholeAction(at);
    this.#define(name);
    return { type: "template", name, pipeline, ...place };
  }

  /** A pipeline up to `}}` or `)`; the closing token is read only when it is a parenthesis. */
  #pipeline(context: string, until: "end" | ")"): Pipeline {
    this.#skipSpace();
    const { at } = this.#peek();
    const { variables, assigns } = this.#declaration(context);
    const commands: Command[] = [];
    for (;;) {
      this.#skipSpace();
      const token = this.#peek();
      if (token.type === "end" || token.text === ")") {
        if ((token.type === "end") !== (until === "end")) throw this.#unexpectedToken(context);
        if (commands.length === 0) throw this.#fail(`missing value for ${context}`);
        for (const command of commands.slice(1)) {
          const [first] = command.operands;
          if (first?.type === "literal" || first?.type === "dot" || first?.type === "nil") {
            throw this.#fail(`non executable command in pipeline stage ${commands.indexOf(command) + 1}`);
          }
        }
        return { at, end: token.at, variables, assigns, commands };
      }
      commands.push(this.#command(context));
    }
  }

  #declaration(context: string): { variables: string[]; assigns: boolean } {
    const start = this.#token;
    const variables: string[] = [];
    while (this.#peek().type === "variable") {
      variables.push(this.#next().text);
      this.#skipSpace();
      const token = this.#next();
      if (token.text === ":=" || token.text === "=") {
        const assigns = token.text === "=";
        for (const name of variables) {
          if (!assigns) this.#variables.push(name);
          else if (!this.#variables.includes(name)) throw this.#fail(`undefined variable ${quote(name)}`);
        }
        return { variables, assigns };
      }
      if (token.text !== "," || context !== "range" || variables.length > 1) break;
      this.#skipSpace();
    }
    this.#token = start;
    return { variables: [], assigns: false };
  }

  #command(context: string): Command {
    const { at } = this.#peek();
    const operands: Operand[] = [];
    for (;;) {
      this.#skipSpace();
      const operand = this.#operand();
      if (operand === undefined) break;
      operands.push(operand);
      const token = this.#peek();
      if (token.type === "space") continue;
      if (token.type === "end" || token.text === "|" || token.text === ")") break;
      throw this.#unexpectedToken("operand");
    }
    const { at: end } = this.#peek();
    if (this.#peek().text === "|") {
      this.#token++;
      this.#skipSpace();
      if (this.#peek().type === "end" || this.#peek().text === ")") throw this.#fail(`missing value for ${context}`);
    } else if (this.#peek().type !== "end" && this.#peek().text !== ")") {
      throw this.#unexpectedToken(context);
    }
    if (operands.length === 0) throw this.#fail("empty command");
    return { at, end, operands };
  }

  #fields(from: number): Place & { readonly names: readonly string[] } {
    const names: string[] = [];
    const second = this.#tokens[this.#token + (from === this.#peek().at ? 1 : 0)];
    const at = second?.type === "field" ? second.at : from;
    while (this.#peek().type === "field") names.push(this.#next().text.slice(1));
    return { names, at, from, end: this.#peek().at };
  }

  #operand(): Operand | undefined {
    const token = this.#peek();
    const { at } = token;
    switch (token.type) {
      case "field":
        return { type: "field", ...this.#fields(at) };
      case "variable": {
        if (!this.#variables.includes(token.text)) throw this.#fail(`undefined variable ${quote(token.text)}`);
        this.#token++;
        return { type: "variable", name: token.text, ...this.#fields(at) };
      }
      case "string":
        this.#token++;
        return { type: "literal", value: token.value, at, end: this.#peek().at };
      case "char":
        if ([...token.value].length !== 1) throw this.#fail(`malformed character constant: ${token.text}`);
        this.#token++;
        return { type: "literal", value: BigInt(token.value.codePointAt(0) ?? 0), at, end: this.#peek().at };
      case "number":
        this.#token++;
        return { type: "literal", value: numberOf(token.text), at, end: this.#peek().at };
      case "ident":
        return this.#identifier(token);
      case "punctuation":
        if (token.text === ".") {
          this.#token++;
          return { type: "dot", at, end: this.#peek().at };
        }
        if (token.text === "(") return this.#parenthesis(at);
        return undefined;
      default:
        return undefined;
    }
  }

  #identifier(token: Token): Operand {
    const { at, text } = token;
    if (text === "true" || text === "false" || text === "nil") {
      this.#token++;
      const place = { at, end: this.#peek().at };
      return text === "nil" ? { type: "nil", ...place } : { type: "literal", value: text === "true", ...place };
    }
    if (!this.#functions.has(text)) throw this.#fail(`function ${quote(text)} not defined`);
    this.#token++;
    return { type: "function", name: text, at, end: this.#peek().at };
  }

  #parenthesis(at: number): Operand {
    if (++this.#nesting > maxNesting) throw this.#fail("actions are nested too deep");
    this.#token++;
    const pipeline = this.#pipeline("parenthesized pipeline", ")");
    this.#token++;
    this.#nesting--;
    return { type: "pipeline", pipeline, ...this.#fields(at) };
  }
}

function numberOf(text: string): bigint | number {
  const digits = text.replaceAll("_", "");
  const sign = digits.startsWith("-") ? -1 : 1;
  const magnitude = digits.replace(/^[-+]/, "");
  if (/^0\d+$/.test(magnitude) && /^[0-7]+$/.test(magnitude)) return BigInt(sign) * BigInt(`0o${magnitude.slice(1)}`);
  if (/^(?:\d+|0[xXbBoO][0-9a-fA-F]+)$/.test(magnitude)) return BigInt(sign) * BigInt(magnitude);
  return sign * Number(magnitude);
}

/** Throws `CallFailure` with Go's words where the template is malformed. */
export function parseTemplate(source: string, functions: ReadonlySet<string>): Template {
  const parser = new Parser(source, functions);
  const main = parser.main();
  return { source, main, defined: parser.defined };
}
