import { formatDiagnostic } from "@slipway/std";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseYamlDocuments, toYaml } from "./yaml.ts";

function problems(text: string): string[] {
  return parseYamlDocuments(text, "f.yaml").diagnostics.map(formatDiagnostic);
}

describe("manifests", () => {
  it("gives every object with its line, and skips empty documents", () => {
    const text =
      "# first\napiVersion: v1\nkind: A\nmetadata:\n  name: a\n---\n---\n# nothing\n---\napiVersion: v1\nkind: B\nmetadata: {generateName: b-}\n";
    const { objects, diagnostics } = parseYamlDocuments(text, "f.yaml");
    expect(diagnostics).toEqual([]);
    expect(objects.map(({ object, line }) => [object.kind, line])).toEqual([
      ["A", 2],
      ["B", 10],
    ]);
  });

  it("takes JSON, and the items of a List", () => {
    const text = JSON.stringify({ apiVersion: "v1", kind: "List", items: [{ apiVersion: "v1", kind: "A", metadata: { name: "a" } }] });
    expect(parseYamlDocuments(text, "f.json").objects.map(({ object }) => object.metadata.name)).toEqual(["a"]);
  });

  it("reads scalars as Kubernetes does: 1.1 booleans and octals, no dates, no base 60", () => {
    const data = "{a: yes, b: off, c: 0777, d: 2001-01-01, e: 12:30, f: 1e3, g: ~, h: 'yes', <<: {i: 1}, __proto__: x}";
    const { objects } = parseYamlDocuments(`{apiVersion: v1, kind: A, metadata: {name: a}, data: ${data}}`, "f");
    expect(Object.entries(objects[0]?.object["data"] as object)).toEqual([
      ["a", true],
      ["b", false],
      ["c", 511],
      ["d", "2001-01-01"],
      ["e", "12:30"],
      ["f", 1000],
      ["g", null],
      ["h", "yes"],
      ["i", 1],
      ["__proto__", "x"],
    ]);
  });

  it("names file, line and column of what is missing", () => {
    expect(problems("kind: A\nmetadata:\n  labels: {}\n")).toEqual([
      "apiVersion: apiVersion is missing (f.yaml:1:1)",
      "metadata.name: metadata.name of this A is missing (f.yaml:3:3)",
    ]);
    expect(problems("apiVersion: v1\nkind: 5\nmetadata:\n  name: 7\n")).toEqual([
      "kind: kind must be a string (f.yaml:2:7)",
      "metadata.name: metadata.name must be a string; quote it (f.yaml:4:9)",
    ]);
    expect(problems("just text")).toEqual(["a manifest must be an object with apiVersion, kind and metadata (f.yaml:1:1)"]);
    expect(
      problems(
        "apiVersion: v1\nkind: List\nitems:\n  - kind: A\n    metadata: {name: x}\n    apiVersion: v1\n  - kind: B\n    metadata: {name: z}\n",
      ),
    ).toEqual(["items[1].apiVersion: apiVersion is missing (f.yaml:7:5)"]);
  });

  it("keeps the good documents beside a broken one", () => {
    const { objects, diagnostics } = parseYamlDocuments(
      "a: [1\n---\napiVersion: v1\nkind: A\nmetadata: {name: a}\n---\na: 1\na: 2\n",
      "f.yaml",
    );
    expect(objects).toHaveLength(1);
    expect(diagnostics.map((d) => [d.code, d.at[0]?.line])).toEqual([
      ["YAML_SYNTAX", 2],
      ["YAML_SYNTAX", 8],
    ]);
  });

  it("reads back what it writes", () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "yes",
        "NO",
        "0777",
        "1e3",
        "12:30:45",
        "2001-01-01",
        "null",
        "~",
        "",
        " x",
        "a: b",
        "a\nb\n",
        "- x",
        "#",
        "0x1f",
        "1_000",
        ".inf",
        "<<",
        "=",
      ),
    );
    const value = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(
          text.filter((key) => key !== "<<"),
          tie("any"),
          { maxKeys: 3, noNullPrototype: true },
        ),
      ),
    })).any;
    fc.assert(
      fc.property(value, (data) => {
        const written = toYaml({ apiVersion: "v1", kind: "A", metadata: { name: "a" }, data });
        const { objects, diagnostics } = parseYamlDocuments(written, "f");
        expect(diagnostics).toEqual([]);
        expect(objects[0]?.object["data"]).toEqual(data);
      }),
    );
  });
});
