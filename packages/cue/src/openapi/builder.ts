/**
 * One schema. What alternatives have in common is told by the *core*: a schema of all fields there may be, of which the
 * alternatives then say only what is required. With references kept, there is a core for alternatives only.
 */
import type { JsonValue } from "@slipway/std";
import type { Generator } from "./generator.ts";

export type Schema = Record<string, JsonValue>;

export class Builder {
  readonly generator: Generator;
  /** What has told the type, format and fields already. */
  core: Builder | undefined;
  type = "";
  format = "";
  isNullable = false;
  /** Of a core: the schemas of its fields and of its elements or further fields, and what it was made of. */
  readonly properties: Map<string, Builder> = new Map<string, Builder>();
  items: Builder | undefined;
  finished: Schema | undefined;
  #single: Schema | undefined;
  #all: Schema[] = [];
  #current: Schema | undefined;

  constructor(generator: Generator, core: Builder | undefined) {
    this.generator = generator;
    this.core = core;
  }

  /** A schema beside this one, as one of several. */
  beside(): Builder {
    const next = new Builder(this.generator, this.core ?? this);
    next.type = this.type;
    next.format = this.format;
    return next;
  }

  setType(type: string): void {
    if (this.type === "") this.type = type;
  }

  /** Another constraint of the same kind becomes one of several schemas that all hold. */
  set(key: string, value: JsonValue): void {
    if (this.#current === undefined || Object.hasOwn(this.#current, key)) {
      this.#current = {};
      this.#all.push(this.#current);
    }
    this.#current[key] = value;
  }

  /** As `set`, unless the caller does not want to know. */
  setConstraint(key: string, value: JsonValue): void {
    if (this.generator.options.omits?.(`Schema/${key}`) !== true) this.set(key, value);
  }

  setSingle(key: string, value: JsonValue): void {
    this.#single ??= {};
    this.#single[key] = value;
  }

  /** The fields that were told so far. */
  fields(): Schema | undefined {
    return this.#single?.["properties"] as Schema | undefined;
  }

  not(schema: Schema): void {
    this.#all.push({ not: schema });
  }

  add(schema: Schema): void {
    this.#all.push(schema);
  }

  finish(): Schema {
    const [first, ...others] = this.#all;
    const isReference = first !== undefined && Object.hasOwn(first, "$ref");
    let rest: Schema = {};
    if (first !== undefined && others.length === 0 && !(isReference && this.#single !== undefined)) rest = first;
    else if (first !== undefined) rest = { allOf: [...this.#all] };
    const schema: Schema = { ...this.#single, ...rest };
    const { core } = this;
    if (this.type !== "" && !Object.hasOwn(schema, "type")) {
      if (core === undefined || (core.type !== this.type && !this.generator.isExpanding)) schema["type"] = this.type;
    }
    if (this.format !== "" && (core === undefined || core.format !== this.format)) schema["format"] = this.format;
    return ordered(schema);
  }
}

/** As the reference orders them: what says the most first. */
const order = [
  "description",
  "type",
  "format",
  "required",
  "properties",
  "minProperties",
  "maxProperties",
  "minimum",
  "exclusiveMinimum",
  "maximum",
  "exclusiveMaximum",
  "minItems",
  "maxItems",
  "minLength",
  "maxLength",
  "items",
  "enum",
  "default",
];

function ordered(schema: Schema): Schema {
  const place = (key: string): number => {
    const at = order.indexOf(key);
    return at < 0 ? order.length : at;
  };
  return Object.fromEntries(Object.entries(schema).sort(([a], [b]) => place(a) - place(b)));
}
