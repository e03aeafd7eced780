/** What a file holds, by its extension or by a qualifier before it: `json: x`, `yaml+strict: y` (`cue help filetypes`). */
import { baseName, extensionOf } from "./file-system.ts";

export interface FileType {
  readonly encoding: Encoding;
  /** How data is to be read: as itself, or as a schema. */
  readonly interpretation: "" | "jsonschema" | "openapi" | "pb" | "auto";
  /** Restricts CUE that is written: `schema`, `data`, `final`, `struct`. */
  readonly form: string;
  /** Boolean and text tags such as `strict` or `compact=false`. */
  readonly tags: ReadonlyMap<string, string>;
}
export type Encoding = "cue" | "json" | "jsonl" | "yaml" | "toml" | "text" | "binary" | "proto" | "textproto" | "xml" | "go";

const extensions: Readonly<Record<string, Encoding>> = {
  ".cue": "cue",
  ".json": "json",
  ".jsonl": "jsonl",
  ".ldjson": "jsonl",
  ".ndjson": "jsonl",
  ".yaml": "yaml",
  ".yml": "yaml",
  ".toml": "toml",
  ".txt": "text",
  ".proto": "proto",
  ".textproto": "textproto",
  ".textpb": "textproto",
  ".go": "go",
  ".xml": "xml",
};
const encodings = new Set<string>([...Object.values(extensions), "binary"]);
const interpretations = new Set(["jsonschema", "openapi", "pb", "auto"]);
const forms = new Set(["schema", "struct", "final", "graph", "dag", "data"]);
/** Tags each with the encodings or interpretations they belong to; empty: any. */
const tagOwners: Readonly<Record<string, readonly string[]>> = {
  strict: ["jsonschema", "openapi"],
  strictKeywords: ["jsonschema", "openapi"],
  strictFeatures: ["jsonschema", "openapi"],
  openOnlyWhenExplicit: ["jsonschema", "openapi"],
  lang: [],
  compact: ["json", "cue"],
  koala: ["xml"],
};

export type FileTypeResult = { readonly ok: true; readonly type: FileType } | { readonly ok: false; readonly message: string };

/** The type that `qualifier` (without its colon) and the file's name give together. */
export function fileType(path: string, qualifier = ""): FileTypeResult {
  let encoding: string | undefined;
  let interpretation = "";
  let form = "";
  const tags = new Map<string, string>();
  for (const word of qualifier.split("+").filter((each) => each !== "")) {
    const [name = "", value] = word.split("=", 2) as [string, string?];
    if (encodings.has(name)) encoding = name;
    else if (interpretations.has(name)) interpretation = name;
    else if (forms.has(name)) form = name;
    else if (Object.hasOwn(tagOwners, name)) tags.set(name, value ?? "true");
    else return refuse(`unknown filetype ${name}`);
  }
  if (encoding === undefined && tags.has("koala")) encoding = "xml";
  if (encoding === undefined) {
    const extension = extensionOf(path);
    if (path === "-") encoding = interpretation === "" ? "cue" : "json";
    else if (extension === "" && interpretation !== "") encoding = "json";
    else if (extension === "" || baseName(path) === "") return refuse(`no encoding specified for file ${JSON.stringify(path)}`);
    else if (!Object.hasOwn(extensions, extension)) return refuse(`unknown file extension ${extension}`);
    else encoding = extensions[extension];
  }
  if (encoding === "xml" && !tags.has("koala")) return refuse("xml requires a variant, such as: xml+koala");
  // A file that is known by its name alone may turn out to be a schema.
  if (qualifier === "" && path !== "-" && (encoding === "json" || encoding === "yaml")) interpretation = "auto";
  for (const tag of tags.keys()) {
    const owners = tagOwners[tag] ?? [];
    if (
      owners.length > 0 &&
      !owners.includes(encoding ?? "") &&
      !owners.includes(interpretation) &&
      interpretation !== "auto" &&
      tag === "compact"
    )
      return refuse(`field "${tag}" not allowed`);
  }
  return { ok: true, type: { encoding: encoding as Encoding, interpretation: interpretation as FileType["interpretation"], form, tags } };
}

function refuse(message: string): FileTypeResult {
  return { ok: false, message };
}
