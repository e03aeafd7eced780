/** Writes values in the format that `--out` and `--outfile` ask for. */
import { encodeJson } from "../encoding/json.ts";
import { TomlEncodeError, encodeToml } from "../encoding/toml-encode.ts";
import { encodeYaml } from "../encoding/yaml-encode.ts";
import type { CueError, Value } from "../api.ts";
import type { Data } from "../builtins/contract.ts";
import { compile } from "../compile/complete.ts";
import { generateJsonSchema } from "../jsonschema/index.ts";
import { generateOpenApi } from "../openapi/index.ts";
import { joinPath } from "../load/file-system.ts";
import type { FileType } from "../load/file-type.ts";
import { fileType } from "../load/file-type.ts";
import type { Flags } from "./arguments.ts";
import type { PrintOptions } from "../print/index.ts";
import { printValue } from "../print/index.ts";
import { CommandFailure } from "./failure.ts";
import type { Host, Outcome } from "./host.ts";
import { formatSource } from "./language.ts";

export class Output {
  readonly type: FileType;
  readonly #flags: Flags;
  readonly #host: Host;
  readonly #path: string;
  #text = "";
  #count = 0;

  /** `fallback` is the encoding where none is asked for. */
  constructor(flags: Flags, host: Host, fallback: string) {
    this.#flags = flags;
    this.#host = host;
    const colon = flags.outfile?.lastIndexOf(":") ?? -1;
    const qualifier = flags.out ?? flags.outfile?.slice(0, Math.max(colon, 0)) ?? "";
    this.#path = flags.outfile?.slice(colon + 1) ?? "-";
    // The reference writes no variant of it.
    if (/^xml\b/.test(qualifier)) throw new CommandFailure('unsupported encoding "xml"');
    const asked = fileType(this.#path, this.#path === "-" && qualifier === "" ? fallback : qualifier);
    if (!asked.ok) throw new CommandFailure(asked.message);
    this.type = asked.type;
    const { encoding, interpretation } = this.type;
    if (interpretation !== "" && interpretation !== "auto" && interpretation !== "jsonschema" && interpretation !== "openapi")
      throw new CommandFailure(`unsupported interpretation ${JSON.stringify(interpretation)} for output`);
    if (!writable.has(encoding)) throw new CommandFailure(`unsupported encoding ${JSON.stringify(encoding)}`);
  }

  get isCue(): boolean {
    return this.type.encoding === "cue";
  }

  /** The value, or the schema that is asked for instead. */
  #interpreted(value: Value): Value {
    const { interpretation } = this.type;
    if (interpretation !== "jsonschema" && interpretation !== "openapi") return value;
    const generated = interpretation === "jsonschema" ? generateJsonSchema(value) : generateOpenApi(value);
    if (!generated.ok) throw new CommandFailure(generated.errors);
    return compile(JSON.stringify(generated.value)).instance();
  }

  /** `id` names the value where there are several. */
  writeCue(given: Value, options: PrintOptions, id = ""): void {
    const value = this.#interpreted(given);
    if (id !== "") this.#text += `// ${id}\n`;
    else if (this.#count > 0) this.#text += "// ---\n";
    this.#count++;
    const name = this.#flags.package;
    const compact = isOn(this.type, "compact");
    this.#text += printValue(value, {
      ...options,
      ...(sortsFields(this.#host) ? { sortFields: true } : {}),
      ...(name === undefined ? {} : { package: name }),
      ...(compact ? { compact } : {}),
    });
  }

  /** CUE text that has no value of its own. */
  writeText(text: string): void {
    const formatted = formatSource("-", text, { simplify: true });
    this.#text += formatted.ok ? formatted.text : text;
    this.#count++;
  }

  /** Concrete data in the format asked for. Gives the errors of a value that is none. */
  writeData(given: Value): readonly CueError[] {
    const value = this.#interpreted(given);
    const errors = value.validate({ concrete: true });
    if (errors.length > 0) return errors;
    const data = value.toData();
    if (!data.ok) return data.errors;
    this.#text += this.#encode(sortsFields(this.#host) ? sorted(data.value) : data.value, value);
    this.#count++;
    return [];
  }

  #encode(data: Data, value: Value): string {
    const escapeHtml = this.#flags.escape === true;
    switch (this.type.encoding) {
      case "json":
        return `${encodeJson(data, isOn(this.type, "compact") ? { escapeHtml } : { escapeHtml, indent: "    " })}\n`;
      case "jsonl":
        return `${encodeJson(data, { escapeHtml })}\n`;
      case "yaml":
        return `${this.#count > 0 ? "---\n" : ""}${encodeYaml(data)}`;
      case "toml":
        return this.#toml(data);
      case "text":
      case "binary": {
        if (typeof data !== "string" && !(data instanceof Uint8Array))
          throw new CommandFailure(`cannot use value ${value.describe()} (type ${value.kind()}) as string`);
        const text = typeof data === "string" ? data : new TextDecoder().decode(data);
        return this.type.encoding === "text" ? `${text}\n` : text;
      }
      default:
        throw new CommandFailure(`unsupported encoding ${JSON.stringify(this.type.encoding)}`);
    }
  }

  #toml(data: Data): string {
    try {
      return encodeToml(data);
    } catch (error) {
      if (error instanceof TomlEncodeError) throw new CommandFailure(error.message);
      throw error;
    }
  }

  /** What was written so far goes to standard output or to the file. */
  finish(outcome: { stdout: string; readonly writes: Outcome["writes"] }): void {
    if (this.#path === "-") {
      outcome.stdout += this.#text;
      return;
    }
    const path = joinPath(this.#host.cwd, this.#path);
    if (this.#flags.force !== true && this.#host.files.readFile(path) !== undefined)
      throw new CommandFailure(`error writing ${JSON.stringify(this.#path)}: file already exists`);
    outcome.writes.set(path, this.#text);
  }
}

const writable = new Set(["cue", "json", "jsonl", "yaml", "toml", "text", "binary"]);

function isOn(type: FileType, tag: string): boolean {
  const value = type.tags.get(tag);
  return value !== undefined && value !== "false";
}

/** `CUE_DEBUG=sortfields` asks for output that does not depend on the order of fields. */
function sortsFields(host: Host): boolean {
  return (host.env["CUE_DEBUG"] ?? "").split(",").some((each) => each === "sortfields" || each === "sortfields=1");
}

/** Data's depth is bounded by what made it. */
function sorted(data: Data): Data {
  if (Array.isArray(data)) return (data as readonly Data[]).map(sorted);
  if (!(data instanceof Map)) return data;
  const entries = [...(data as ReadonlyMap<string, Data>)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return new Map(entries.map(([key, item]) => [key, sorted(item)]));
}
