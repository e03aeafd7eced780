import { describe, expect, it } from "vitest";
import { compile, parameterSchema } from "../index.ts";

const schemaOf = (text: string): ReturnType<typeof parameterSchema> => parameterSchema(compile(text).instance().lookup("parameter"));

describe("parameterSchema", () => {
  it("writes definitions out where they are used", () => {
    const schema = schemaOf(`
#HealthProbe: {
	// +usage=Run a command
	exec?: command: [...string]
	// +usage=Delay in seconds
	initialDelaySeconds: *0 | int
}
parameter: {
	livenessProbe?: #HealthProbe
	weight:         int & >=1 & <=10
}`);
    expect(schema).toEqual({
      ok: true,
      value: {
        type: "object",
        required: ["weight"],
        properties: {
          livenessProbe: {
            type: "object",
            required: ["initialDelaySeconds"],
            properties: {
              exec: {
                description: "Run a command",
                type: "object",
                required: ["command"],
                properties: { command: { type: "array", items: { type: "string" } } },
              },
              initialDelaySeconds: { description: "Delay in seconds", type: "integer", default: 0 },
            },
          },
          weight: { type: "integer", minimum: 1, maximum: 10 },
        },
      },
    });
  });

  it("tells an error where a definition leads to itself, as nothing could be written in place", () => {
    expect(schemaOf("#Tree: children?: [...#Tree]\nparameter: root?: #Tree")).toMatchObject({ ok: false });
  });

  it("tells the errors of the parameter, and that there is none", () => {
    expect(schemaOf("parameter: replicas: 1 & 2")).toMatchObject({ ok: false });
    expect(schemaOf("output: {}")).toMatchObject({ ok: false });
  });
});
