import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CueValue } from "./cue-value.ts";
import { compile } from "../index.ts";

const text = `
parameter: {image: string, replicas: *1 | int}
context: {name: string, namespace: *"default" | string}
let labels = {app: context.name}
output: {
	kind: "Deployment"
	metadata: {name: context.name, "labels": labels}
	spec: {replicas: parameter.replicas, image: parameter.image}
}
fixed: {for i in [1, 2, 3] {"n\\(i)": i * i}}
derived: fixed & {n4: 16}
first: {$returns?: {count: int}}
second: {
	if first.$returns != _|_ {total: first.$returns.count + 1}
}
`;

function vertexOf(value: unknown): unknown {
  return value instanceof CueValue ? value.finished() : undefined;
}

describe("fill", () => {
  const program = compile(text);
  const start = program.instance();
  start.validate();

  it("computes only what depends on what is filled", () => {
    const filled = start.fill("first.$returns", { count: 2 });
    expect(filled.lookup("second").toJson()).toEqual({ ok: true, value: { total: 3 } });
    expect(vertexOf(filled.lookup("fixed"))).toBe(vertexOf(start.lookup("fixed")));
    expect(vertexOf(filled.lookup("output"))).toBe(vertexOf(start.lookup("output")));
    expect(vertexOf(filled.lookup("second"))).not.toBe(vertexOf(start.lookup("second")));
  });

  it("follows what depends through variables", () => {
    const filled = start.fill("context", { name: "web" });
    expect(filled.lookup("output.metadata").toJson()).toEqual({ ok: true, value: { name: "web", labels: { app: "web" } } });
    expect(vertexOf(filled.lookup("derived"))).toBe(vertexOf(start.lookup("derived")));
  });

  it("leaves the instance that is filled as it was", () => {
    start.fill("first.$returns", { count: 2 }).validate();
    expect(start.lookup("second").toJson()).toEqual({ ok: true, value: {} });
  });

  it("keeps the order of fields", () => {
    const filled = start.fill("first.$returns", { count: 2 });
    expect(filled.fields().map((field) => field.label)).toEqual(["parameter", "context", "output", "fixed", "derived", "first", "second"]);
  });

  it("computes everything anew where a field may come from anywhere", () => {
    const open = compile('a: 1, b: {}, [=~"^b"]: {x: a}').instance();
    expect(open.fill("b.y", 2).toJson()).toEqual({ ok: true, value: { a: 1, b: { x: 1, y: 2 } } });
  });

  it("comes to the same whatever was computed in between", () => {
    const fills: readonly (readonly [string, object])[] = [
      ["parameter", { image: "nginx" }],
      ["parameter", { replicas: 3 }],
      ["context", { name: "web" }],
      ["first.$returns", { count: 1 }],
      ["first.$returns", { count: 2 }],
      ["fixed", { n9: 81 }],
      ["extra", { x: 1 }],
    ];
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(fills.length - 1), fc.boolean()), { maxLength: 6 }), (steps) => {
        let looked = program.instance();
        let fresh = program.instance();
        for (const [at, look] of steps) {
          const [path, data] = fills[at] ?? ["", {}];
          looked = looked.fill(path, data as never);
          if (look) looked.validate();
          fresh = fresh.fill(path, data as never);
        }
        expect(looked.toJson()).toEqual(fresh.toJson());
        expect(looked.validate({ concrete: true }).map((each) => [each.path.join("."), each.message])).toEqual(
          fresh.validate({ concrete: true }).map((each) => [each.path.join("."), each.message]),
        );
      }),
    );
  });
});
