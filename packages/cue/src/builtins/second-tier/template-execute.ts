/** Runs a parsed Go template. Work and output are limited, so that no template runs on for long. */
import { CallFailure } from "../contract.ts";
import { quote } from "../signature.ts";
import { templateFunctions } from "./template-functions.ts";
import type { Command, Node, Operand, Pipeline, Place, Template } from "./template-parse.ts";
import { lineAt } from "./template-scan.ts";
import { isArray, isMap, isTrue, sortedKeys, typeName, type Value, written } from "./template-value.ts";

const maxSteps = 2_000_000;
const maxOutput = 16_000_000;
/** Actions and templates inside one another. */
const maxDepth = 500;

interface Variable {
  readonly name: string;
  value: Value;
}

type Signal = "break" | "continue" | undefined;

class Executor {
  readonly #template: Template;
  readonly #output: string[] = [];
  #length = 0;
  #steps = 0;
  #depth = 0;
  /** Of the template being run, for messages. */
  #name = "";
  #variables: Variable[] = [];

  constructor(template: Template) {
    this.#template = template;
  }

  run(data: Value): string {
    this.#variables = [{ name: "$", value: data }];
    this.#nodes(this.#template.main, data);
    return this.#output.join("");
  }

  #error(place: Place, message: string): CallFailure {
    const { source } = this.#template;
    const lineStart = source.lastIndexOf("\n", place.at - 1) + 1;
    const column = new TextEncoder().encode(source.slice(lineStart, place.at)).length;
    const context = source.slice(place.from ?? place.at, place.end).trim();
    const where = `:${lineAt(source, place.at)}:${column}`;
    return new CallFailure(`template: ${where}: executing ${quote(this.#name)} at <${context}>: ${message}`);
  }

  #write(text: string): void {
    this.#length += text.length;
    if (this.#length > maxOutput) throw new CallFailure(`template: output is longer than ${maxOutput} characters`);
    this.#output.push(text);
  }

  #step(): void {
    if (++this.#steps > maxSteps) throw new CallFailure(`template: execution takes more than ${maxSteps} steps`);
  }

  /** Long text counts as work, so that building it over and over ends too. */
  #charge(value: Value): Value {
    if (typeof value !== "string") return value;
    if (value.length > maxOutput) throw new CallFailure(`text is longer than ${maxOutput} characters`);
    this.#steps += Math.floor(value.length / 100);
    this.#step();
    return value;
  }

  #nodes(nodes: readonly Node[], dot: Value): Signal {
    if (++this.#depth > maxDepth) throw new CallFailure(`template: exceeded maximum template depth (${maxDepth})`);
    const known = this.#variables.length;
    for (const node of nodes) {
      const signal = this.#node(node, dot);
      if (signal !== undefined) {
        this.#variables.length = known;
        this.#depth--;
        return signal;
      }
    }
    this.#variables.length = known;
    this.#depth--;
    return undefined;
  }

  #node(node: Node, dot: Value): Signal {
    this.#step();
    switch (node.type) {
      case "text":
        this.#write(node.text);
        return undefined;
      case "action": {
        const value = this.#pipeline(node.pipeline, dot);
        if (node.pipeline.variables.length === 0) this.#write(written(value));
        return undefined;
      }
      case "break":
      case "continue":
        return node.type;
      case "template":
        this.#call(node, dot);
        return undefined;
      case "range":
        return this.#range(node, dot);
      default: {
        const known = this.#variables.length;
        const value = this.#pipeline(node.pipeline, dot);
        const signal = isTrue(value) ? this.#nodes(node.body, node.type === "with" ? value : dot) : this.#nodes(node.otherwise ?? [], dot);
        this.#variables.length = known;
        return signal;
      }
    }
  }

  #call(node: Extract<Node, { type: "template" }>, dot: Value): void {
    const body = this.#template.defined.get(node.name);
    if (body === undefined) throw this.#error(node, `template ${quote(node.name)} not defined`);
    const value = node.pipeline === undefined ? undefined : this.#pipeline(node.pipeline, dot);
    const outer = { name: this.#name, variables: this.#variables };
    this.#name = node.name;
    this.#variables = [{ name: "$", value }];
    this.#nodes(body, value);
    this.#name = outer.name;
    this.#variables = outer.variables;
  }

  *#entries(value: Value, pipeline: Pipeline): Generator<readonly [Value, Value]> {
    if (isMap(value)) for (const key of sortedKeys(value)) yield [key, value.get(key)];
    else if (isArray(value)) for (const [i, element] of value.entries()) yield [BigInt(i), element];
    else if (value instanceof Uint8Array) for (const [i, byte] of value.entries()) yield [BigInt(i), BigInt(byte)];
    else if (typeof value === "bigint") {
      if (pipeline.variables.length > 1) throw this.#error(pipeline, `can't use ${value} to iterate over more than one variable`);
      for (let i = 0n; i < value; i++) yield [i, i];
    } else if (value !== undefined && value !== null) {
      throw this.#error(pipeline, `range can't iterate over ${written(value)}`);
    }
  }

  #range(node: Extract<Node, { type: "if" | "with" | "range" }>, dot: Value): Signal {
    const { pipeline } = node;
    const known = this.#variables.length;
    const subject = this.#commands(pipeline, dot);
    let any = false;
    for (const [key, element] of this.#entries(subject, pipeline)) {
      any = true;
      this.#step();
      const [first, second] = pipeline.variables;
      if (first !== undefined) this.#set(first, second === undefined ? element : key, pipeline.assigns);
      if (second !== undefined) this.#set(second, element, pipeline.assigns);
      const signal = this.#nodes(node.body, element);
      this.#variables.length = known;
      if (signal === "break") break;
    }
    return any ? undefined : this.#nodes(node.otherwise ?? [], dot);
  }

  #set(name: string, value: Value, assigns: boolean): void {
    const variable = assigns ? this.#variables.findLast((known) => known.name === name) : undefined;
    if (variable === undefined) this.#variables.push({ name, value });
    else variable.value = value;
  }

  #pipeline(pipeline: Pipeline, dot: Value): Value {
    const value = this.#commands(pipeline, dot);
    for (const name of pipeline.variables) this.#set(name, value, pipeline.assigns);
    return value;
  }

  #commands(pipeline: Pipeline, dot: Value): Value {
    let value: Value = undefined;
    pipeline.commands.forEach((command, i) => {
      value = this.#command(command, dot, i > 0, value);
    });
    return value;
  }

  /** `piped`: the value of the command before it is its last argument. */
  #command(command: Command, dot: Value, piped: boolean, last: Value): Value {
    this.#step();
    const [first, ...rest] = command.operands;
    if (first === undefined) return undefined;
    if (first.type === "function") return this.#function(first.name, command, rest, dot, piped, last);
    if (rest.length > 0 || piped) {
      const shown = this.#template.source.slice(first.at, first.end).trim();
      if (first.type === "field" && first.names.length > 0)
        throw this.#error(first, `${first.names.at(-1)} is not a method but has arguments`);
      throw this.#error(first, `can't give argument to non-function ${shown}`);
    }
    if (first.type === "nil") throw this.#error(first, "nil is not a command");
    return this.#operand(first, dot);
  }

  #function(name: string, place: Place, operands: readonly Operand[], dot: Value, piped: boolean, last: Value): Value {
    const args: Value[] = [];
    for (const operand of operands) {
      const value = this.#operand(operand, dot);
      args.push(value);
      // What decides is the result; the rest is not evaluated.
      if ((name === "and" && !isTrue(value)) || (name === "or" && isTrue(value))) return value;
    }
    if (piped) args.push(last);
    try {
      return this.#charge(templateFunctions.get(name)?.(args));
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      const start = place.from ?? place.at;
      if (!error.message.startsWith("wrong number of args")) throw this.#error(place, `error calling ${name}: ${error.message}`);
      throw this.#error({ at: start, end: start + name.length }, error.message);
    }
  }

  #operand(operand: Operand, dot: Value): Value {
    switch (operand.type) {
      case "dot":
        return dot;
      case "nil":
        return undefined;
      case "literal":
        return operand.value;
      case "field":
        return this.#fields(dot, operand.names, operand);
      case "variable":
        return this.#fields(this.#variables.findLast(({ name }) => name === operand.name)?.value, operand.names, operand);
      case "pipeline": {
        if (++this.#depth > maxDepth) throw new CallFailure(`template: exceeded maximum template depth (${maxDepth})`);
        const value = this.#pipeline(operand.pipeline, dot);
        this.#depth--;
        return this.#fields(value, operand.names, operand);
      }
      case "function":
        return this.#function(operand.name, operand, [], dot, false, undefined);
    }
  }

  #fields(subject: Value, names: readonly string[], place: Operand): Value {
    let current = subject;
    for (const name of names) {
      if (current === undefined) return undefined;
      if (current === null) throw this.#error(place, `nil pointer evaluating interface {}.${name}`);
      if (!isMap(current))
        throw this.#error(
          place,
          `can't evaluate field ${name} in type ${current === subject && place.type === "field" ? typeName(current) : "interface {}"}`,
        );
      current = current.get(name);
    }
    return current;
  }
}

/** The output; throws `CallFailure` with Go's words. */
export function executeTemplate(template: Template, data: Value): string {
  return new Executor(template).run(data);
}
