import { describe, expect, it } from "vitest";
import { compile, generateOpenApi, parameterSchema } from "../index.ts";

function schemas(text: string, options = {}): unknown {
  const generated = generateOpenApi(compile(text).instance(), options);
  if (!generated.ok) return generated.errors.map((error) => error.message);
  return (generated.value["components"] as { schemas: unknown }).schemas;
}

function parameter(text: string): unknown {
  const generated = parameterSchema(compile(text).instance().lookup("parameter"));
  return generated.ok ? generated.value : generated.errors.map((error) => error.message);
}

describe("OpenAPI of definitions", () => {
  it("keeps references, and tells constraints beside them", () => {
    expect(schemas("#Port: int & >0 & <65536\n// Where it listens.\n#Server: {port: #Port, host?: string, more: #Port & >1024}")).toEqual({
      Port: { type: "integer", minimum: 0, exclusiveMinimum: true, maximum: 65536, exclusiveMaximum: true },
      Server: {
        description: "Where it listens.",
        type: "object",
        required: ["port", "more"],
        properties: {
          port: { $ref: "#/components/schemas/Port" },
          host: { type: "string" },
          more: { type: "integer", allOf: [{ $ref: "#/components/schemas/Port" }, { minimum: 1024, exclusiveMinimum: true }] },
        },
      },
    });
  });

  it("tells alternatives of structs by what they require", () => {
    expect(schemas("#A: {a: int} | {b: string}")).toEqual({
      A: {
        type: "object",
        oneOf: [
          { required: ["a"], properties: { a: { type: "integer" } } },
          { required: ["b"], properties: { b: { type: "string" } } },
        ],
      },
    });
  });

  it("writes what leads to itself by reference, and refuses to write it out in place", () => {
    expect(schemas("#Tree: {left?: #Tree, value: int}")).toEqual({
      Tree: {
        type: "object",
        required: ["value"],
        properties: { left: { $ref: "#/components/schemas/Tree" }, value: { type: "integer" } },
      },
    });
    expect(schemas("#Tree: {left?: #Tree, value: int}", { expandReferences: true })).toContain(
      "a schema that leads to itself cannot be written out in place",
    );
  });

  it("tells the errors of the program instead", () => {
    expect(schemas("#A: 1 & 2")).toEqual(["conflicting values 2 and 1"]);
  });
});

describe("the schema of a parameter", () => {
  it("has defaults, usages, enumerations, lists and maps in place", () => {
    const text = `
parameter: {
	// +usage=Image of the container
	// +short=i
	image: string
	// +usage=How often it is started
	replicas: *1 | int & >=0
	// +usage=When the image is fetched
	imagePullPolicy?: "Always" | "Never" | "IfNotPresent"
	// +usage=Ports that are opened
	ports?: [...#Port]
	labels?: [string]: string
	debug: *false | bool
}
#Port: {
	// +usage=Number of the port
	port: int
	protocol: *"TCP" | "UDP" | "SCTP"
}`;
    expect(parameter(text)).toEqual({
      type: "object",
      required: ["image", "replicas", "debug"],
      properties: {
        image: { description: "Image of the container", type: "string" },
        replicas: { description: "How often it is started", type: "integer", minimum: 0, default: 1 },
        imagePullPolicy: { description: "When the image is fetched", type: "string", enum: ["Always", "Never", "IfNotPresent"] },
        ports: {
          description: "Ports that are opened",
          type: "array",
          items: {
            type: "object",
            required: ["port", "protocol"],
            properties: {
              port: { description: "Number of the port", type: "integer" },
              protocol: { type: "string", enum: ["TCP", "UDP", "SCTP"], default: "TCP" },
            },
          },
        },
        labels: { type: "object", additionalProperties: { type: "string" } },
        debug: { type: "boolean", default: false },
      },
    });
  });
});
