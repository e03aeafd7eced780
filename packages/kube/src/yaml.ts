/**
 * Manifests. YAML as Kubernetes reads it: 1.1 booleans (`yes`, `on`) and octals, merge keys, but no dates and no
 * base-60 numbers. JSON is YAML.
 */
import type { Diagnostic, SourcePosition } from "@slipway/std";
import type { Document, ScalarTag, CollectionTag } from "yaml";
import { LineCounter, parseAllDocuments, stringify } from "yaml";
import type { KubeObject } from "./object.ts";
import { isRecord } from "./own-property.ts";

export interface ParsedObject {
  readonly object: KubeObject;
  /** Where the object begins, 1-based. */
  readonly line: number;
}

export interface ParsedManifest {
  readonly objects: readonly ParsedObject[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What go-yaml, which Kubernetes uses, does not resolve. */
const unresolvedTags: ReadonlySet<string> = new Set(["timestamp", "binary", "omap", "pairs", "set"]);

/**
 * The objects of a multi-document text, in order; empty documents are skipped, the items of a `v1` List stand for it.
 *
 * Diagnostics, each with file, line and column: `YAML_SYNTAX`, `MANIFEST_NOT_OBJECT`, `MANIFEST_FIELD` (no apiVersion,
 * kind, or metadata.name / generateName). An object with a diagnostic is left out.
 */
export function parseYamlDocuments(text: string, filename: string): ParsedManifest {
  const lines = new LineCounter();
  const objects: ParsedObject[] = [];
  const diagnostics: Diagnostic[] = [];
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    version: "1.1",
    merge: true,
    prettyErrors: false,
    customTags: (tags) => tags.filter(isResolved),
  });
  const positionOf = (offset: number): SourcePosition => {
    const { line, col } = lines.linePos(offset);
    return { file: filename, line, column: col };
  };

  for (const document of documents as Iterable<Document.Parsed>) {
    for (const error of document.errors) {
      diagnostics.push({
        code: "YAML_SYNTAX",
        severity: "error",
        path: [],
        at: [positionOf(error.pos[0])],
        message: lowerFirst(error.message),
      });
    }
    if (document.errors.length > 0) continue;
    const value: unknown = document.toJS({ maxAliasCount: 1000 });
    if (value === null || value === undefined) continue;
    const list = isRecord(value) && value["kind"] === "List" && Array.isArray(value["items"]) ? (value["items"] as unknown[]) : undefined;
    if (list === undefined) take(document, value, []);
    else list.forEach((item, index) => take(document, item, ["items", index]));
  }
  return { objects, diagnostics };

  function take(document: Document.Parsed, value: unknown, path: readonly (string | number)[]): void {
    const at = positionOf(offsetOf(document, path));
    if (!isRecord(value)) {
      diagnostics.push({
        code: "MANIFEST_NOT_OBJECT",
        severity: "error",
        path,
        at: [at],
        message: "a manifest must be an object with apiVersion, kind and metadata",
      });
      return;
    }
    const problem = (field: readonly string[], message: string): void => {
      const position = positionOf(offsetOf(document, [...path, ...field]));
      diagnostics.push({ code: "MANIFEST_FIELD", severity: "error", path: [...path, ...field], at: [position], message });
    };
    const before = diagnostics.length;
    for (const field of ["apiVersion", "kind"]) {
      const found = value[field];
      if (typeof found !== "string" || found === "")
        problem([field], found === undefined ? `${field} is missing` : `${field} must be a string`);
    }
    const metadata = value["metadata"];
    const name = isRecord(metadata) ? (metadata["name"] ?? metadata["generateName"]) : undefined;
    if (typeof name !== "string" || name === "") {
      const kind = typeof value["kind"] === "string" ? ` of this ${value["kind"]}` : "";
      problem(
        ["metadata", "name"],
        name === undefined || name === "" ? `metadata.name${kind} is missing` : `metadata.name${kind} must be a string; quote it`,
      );
    }
    if (diagnostics.length === before) objects.push({ object: value as KubeObject, line: at.line });
  }
}

function isResolved(tag: ScalarTag | CollectionTag | string): boolean {
  if (typeof tag === "string") return !unresolvedTags.has(tag) && tag !== "intTime" && tag !== "floatTime";
  return tag.format !== "TIME" && !unresolvedTags.has(tag.tag.replace("tag:yaml.org,2002:", ""));
}

/** The offset of the node at `path`, or of the closest one above it that exists. */
function offsetOf(document: Document.Parsed, path: readonly (string | number)[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: readonly [number, number, number] | null } | undefined;
    if (node?.range === undefined || node.range === null) continue;
    return node.range[0];
  }
  return document.range[0];
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

/** Block YAML, ending in a newline; strings that a YAML 1.1 reader would take for something else are quoted. */
export function toYaml(value: unknown): string {
  return stringify(value, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
}
