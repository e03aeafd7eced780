import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KubeObject } from "@slipway/kube";
import type { World } from "./world.ts";
import { createWorld } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "vela-system" } });
  await world.define("make", 'import "vela/config"\nmake: config.#CreateConfig & {$params: parameter}\n');
  await world.define("read", 'import "vela/config"\nread: config.#ReadConfig & {$params: parameter}\n');
  await world.define("list", 'import "vela/config"\nlist: config.#ListConfig & {$params: parameter}\n');
  await world.define("drop", 'import "vela/config"\ndrop: config.#DeleteConfig & {$params: parameter}\n');
});
afterAll(() => world.stop());

const template = (name: string, text: string, namespace = "vela-system", annotations = {}): object => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: `config-template-${name}`, namespace, labels: { "config.oam.dev/scope": "project" }, annotations },
  data: { template: text },
});
const database = `import "strings"
template: {
	parameter: {
		host:     string
		port:     *5432 | int
		password: string
	}
	output: {
		apiVersion: "v1"
		kind:       "Secret"
		metadata: {name: context.name, namespace: context.namespace, labels: made: "by-template"}
		type: "example.com/database"
		stringData: url: "postgres://\\(parameter.host):\\(parameter.port)"
	}
	outputs: hint: {
		apiVersion: "v1"
		kind:       "ConfigMap"
		metadata: {name: "\\(context.name)-hint", namespace: context.namespace}
		data: host: parameter.host
	}
	validation: $returns: {
		result:  !strings.HasPrefix(parameter.host, "bad")
		message: *"" | string
		if strings.HasPrefix(parameter.host, "bad") {
			message: "host must be good"
		}
	}
}
`;
const decoded = (secret: KubeObject): Record<string, string> =>
  Object.fromEntries(
    Object.entries(secret["data"] as Record<string, string>).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
  );
const error = async (type: string, properties: Record<string, unknown>, name: string): Promise<string> => {
  const run = await world.start(name, [{ name: "s", type, properties }], { ms: 0 });
  const { phase, reason, message = "" } = await run.step("s");
  expect([phase, reason]).toEqual(["failed", "Execute"]);
  return message.replace(/^function call error for \w+ of run [^:]*: /, "");
};

describe("vela/config", () => {
  it("makes a Secret and what else the template says, reads, lists and deletes it", async () => {
    await world.apply(template("database", database));
    const config = { host: "db.example", password: "hush-hush" };
    const given = { name: "db", namespace: "default" };
    const made = await world.start("make-db", [{ name: "m", type: "make", properties: { ...given, template: "database", config } }], {
      debug: true,
    });
    expect(await made.outcome()).toBe("succeeded");
    const secret = await world.get("v1", "Secret", "db");
    expect(secret["type"]).toBe("example.com/database");
    expect(secret.metadata.labels).toEqual({
      made: "by-template",
      "config.oam.dev/catalog": "velacore-config",
      "config.oam.dev/type": "database",
      "config.oam.dev/scope": "project",
    });
    expect(secret.metadata.annotations).toMatchObject({
      "config.oam.dev/sensitive": "false",
      "config.oam.dev/template-namespace": "vela-system",
    });
    expect(decoded(secret)).toEqual({
      url: "postgres://db.example:5432",
      "input-properties": JSON.stringify(config),
      "objects-reference": JSON.stringify([{ apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "db-hint" }]),
    });
    expect((await world.get("v1", "ConfigMap", "db-hint"))["data"]).toEqual({ host: "db.example" });
    expect(await world.told("make-db")).not.toContain("hush-hush");

    const looked = await world.start("look-db", [
      { name: "r", type: "read", properties: given, outputs: [{ name: "host", valueFrom: "read.$returns.config.host" }] },
      {
        name: "l",
        type: "list",
        properties: { template: "vela-system/database", namespace: "default" },
        outputs: [{ name: "names", valueFrom: "[for c in list.$returns.configs {c.name}]" }],
      },
    ]);
    expect([await looked.variable("host"), await looked.variable("names")]).toEqual(["db.example", ["db"]]);

    const dropped = await world.start("drop-db", [{ name: "d", type: "drop", properties: given }]);
    expect(await dropped.outcome()).toBe("succeeded");
    expect(await world.find("v1", "Secret", "db")).toBeUndefined();
    expect(await world.find("v1", "ConfigMap", "db-hint")).toBeUndefined();
  });

  it("changes values, never the template or type", async () => {
    await world.apply(
      template("own", "template: parameter: a: string\n", "default"),
      template("other", "template: parameter: a: string\n", "default"),
    );
    const given = { name: "own", namespace: "default", template: "default/own" };
    await world.start("own-1", [{ name: "m", type: "make", properties: { ...given, config: { a: "1" } } }]);
    expect((await world.get("v1", "Secret", "own"))["type"]).toBe("/own");
    await world.start("own-2", [{ name: "m", type: "make", properties: { ...given, config: { a: "2" } } }]);
    expect(decoded(await world.get("v1", "Secret", "own"))["input-properties"]).toBe('{"a":"2"}');
    expect(await error("make", { ...given, template: "default/other", config: { a: "1" } }, "own-3")).toBe(
      "the template of the config can not be changed",
    );
  });

  it("needs no template", async () => {
    const run = await world.start("plain", [
      { name: "m", type: "make", properties: { name: "plain", namespace: "default", config: { a: 1 } } },
    ]);
    expect(await run.outcome()).toBe("succeeded");
    expect(decoded(await world.get("v1", "Secret", "plain"))).toEqual({ "input-properties": '{"a":1}' });
  });

  it("says what is wrong", async () => {
    await world.apply(
      template("strict", database, "default"),
      template("secret", "template: parameter: {...}\n", "default", { "config.oam.dev/sensitive": "true" }),
      { apiVersion: "v1", kind: "Secret", metadata: { name: "foreign", namespace: "default" } },
    );
    const make = { name: "x", namespace: "default", template: "default/strict" };
    expect(await error("make", { ...make, template: "nothing", config: {} }, "e1")).toBe("the template does not exist");
    expect(await error("make", { ...make, config: { host: "bad", password: "p" } }, "e2")).toBe(
      "failed to validate config: host must be good",
    );
    expect(await error("make", { ...make, config: { host: 7, password: "p" } }, "e3")).toMatch(
      /^failed to validate config: template.parameter.host: /,
    );
    expect(await error("make", { ...make, name: "foreign", config: { host: "h", password: "p" } }, "e4")).toBe(
      "secret default/foreign is there and is no config",
    );
    expect(await error("drop", { name: "foreign", namespace: "default" }, "e5")).toBe("secret default/foreign is no config");
    expect(await error("drop", { name: "nobody", namespace: "default" }, "e6")).toBe("the config nobody not found");
    expect(await error("list", { template: "", namespace: "default" }, "e7")).toBe("the request is invalid");
    expect(await error("read", { name: "foreign", namespace: "default" }, "e8")).toBe("config default/foreign has no properties data");
    await world.start("sensitive", [
      { name: "m", type: "make", properties: { ...make, name: "s", template: "default/secret", config: { a: "b" } } },
    ]);
    expect(await error("read", { name: "s", namespace: "default" }, "e9")).toBe("the config is sensitive");
  });

  it("is in the older package too", async () => {
    await world.define(
      "old-config",
      `import "vela/op"
make: op.#CreateConfig & {name: "old", namespace: "default", config: a: "b"}
read: op.#ReadConfig & {name: "old", namespace: "default"}
drop: op.#DeleteConfig & {name: "old", namespace: "default"}
`,
    );
    const outputs = [{ name: "a", valueFrom: "read.config.a" }];
    const run = await world.start("old", [{ name: "o", type: "old-config", outputs }]);
    expect([await run.phase(), await run.variable("a")]).toEqual(["succeeded", "b"]);
    expect(await world.find("v1", "Secret", "old")).toBeUndefined();
  });
});
