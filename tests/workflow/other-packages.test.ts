import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MailServer } from "./mail.ts";
import { createMailServer } from "./mail.ts";
import type { Web } from "./web.ts";
import { createWeb } from "./web.ts";
import type { World } from "./world.ts";
import { createWorld } from "./world.ts";

let world: World;
let web: Web;
let mail: MailServer;
beforeAll(async () => {
  [world, web, mail] = await Promise.all([createWorld(), createWeb(), createMailServer("me@example.com", "mail-password")]);
});
afterAll(async () => {
  await world.stop();
  await web.stop();
  await mail.stop();
});

describe("vela/email", () => {
  const properties = {
    from: { address: "me@example.com", alias: "Me", password: "mail-password", host: "127.0.0.1", port: 0 },
    to: ["you@example.com", "them@example.com"],
    content: { subject: "Done", body: "<b>all</b>" },
  };
  const from = (): object => ({ from: { ...properties.from, port: mail.port } });

  it("sends one mail, however often the step is looked at", async () => {
    await world.define(
      "mail",
      'import ("vela/email", "vela/builtin")\nsend: email.#SendEmail & {$params: parameter}\nhold: builtin.#Suspend & {$params: duration: "5s"}\n',
    );
    const run = await world.start("mail", [{ name: "m", type: "mail", properties: { ...properties, ...from() } }], {
      ms: 10_000,
      debug: true,
    });
    expect(await run.outcome()).toBe("succeeded");
    expect(mail.mails).toMatchObject([{ user: "me@example.com", from: "me@example.com", to: ["you@example.com", "them@example.com"] }]);
    const [{ text } = { text: "" }] = mail.mails;
    expect(text).toContain("From: Me <me@example.com>");
    expect(text).toContain("Subject: Done");
    expect(text).toContain("Content-Type: text/html");
    expect(text).toContain("<b>all</b>");
    expect(await world.told("mail")).not.toContain("mail-password");
  });

  it("tries again what was refused, with the same Message-ID", async () => {
    mail.refuse = "not now";
    await world.define(
      "old-mail",
      'import "vela/op"\nsend: op.#SendEmail & {from: parameter.from, to: parameter.to, content: parameter.content}\n',
    );
    const run = await world.start("refused", [{ name: "m", type: "old-mail", properties: { ...properties, ...from() } }], { ms: 0 });
    expect((await run.step("m")).message).toMatch(/failed to send email: .*not now/);
    mail.refuse = undefined;
    mail.mails.length = 0;
    await world.sandbox.advance(5000);
    expect(await run.outcome()).toBe("succeeded");
    expect(mail.mails.map(({ text }) => /^Message-ID: <.*\.send@example.com>$/im.test(text))).toEqual([true]);
  });

  it("does not tell the password when it is wrong", async () => {
    const wrong = { ...properties, from: { ...properties.from, port: mail.port, password: "wrong-password" } };
    const run = await world.start("wrong", [{ name: "m", type: "mail", properties: wrong }], { ms: 0, debug: true });
    expect((await run.step("m")).message).toContain("failed to send email");
    expect(await world.told("wrong")).not.toContain("wrong-password");
  });
});

describe("vela/metrics", () => {
  const answer = (...values: (number | string)[]): string =>
    JSON.stringify({
      status: "success",
      data: { resultType: "vector", result: values.map((value) => ({ metric: {}, value: [0, String(value)] })) },
    });
  const check = `import ("vela/metrics", "vela/builtin")
check: metrics.#PromCheck & {$params: {query: "up", condition: ">0.9", duration: "30s", failDuration: "1m", metricEndpoint: parameter.url}}
fail: {
	if check.$returns.failed {
		builtin.#Fail & {$params: message: check.$returns.message}
	}
}
wait: builtin.#ConditionalWait & {$params: {continue: check.$returns.result, message: check.$returns.message}}
`;

  it("passes once the condition held all the time, with its own tick", async () => {
    await world.define("check", check);
    web.answer = () => ({ body: answer(0.95) });
    const run = await world.start("metric", [{ name: "c", type: "check", properties: { url: web.url } }], { ms: 25_000 });
    expect(await run.step("c")).toMatchObject({
      phase: "running",
      message: "The healthy condition should be >0.9, and the query result is 0.95, indicating success.",
    });
    expect(web.received[0]).toMatchObject({ method: "GET", path: "/api/v1/query?query=up" });
    await world.sandbox.advance(10_000);
    expect(await run.outcome()).toBe("succeeded");
  });

  it("fails once the condition did not hold all the time; what proves nothing decides nothing", async () => {
    web.answer = () => ({ status: 503 });
    const run = await world.start("unmetric", [{ name: "c", type: "check", properties: { url: web.url } }], { ms: 200_000 });
    expect(await run.step("c")).toMatchObject({ phase: "running", message: `${web.url} answers the query with status 503` });
    web.answer = () => ({ body: answer() });
    await world.sandbox.advance(60_000);
    expect(await run.step("c")).toMatchObject({
      phase: "running",
      message: "the query is returning 0 results when it should only return one.",
    });
    web.answer = () => ({ body: answer(0.1) });
    await world.sandbox.advance(100_000);
    expect(await run.step("c")).toMatchObject({ phase: "failed", reason: "Action" });
    expect((await run.step("c")).message).toMatch(/^The healthy condition should be >0.9, but the query result is 0.1, indicating failure/);
  });

  it.each([
    ["several results", { body: answer(1, 2) }, "the query is returning 2 results when it should only return one."],
    ["a refused query", { status: 400, body: '{"error": "parse error"}' }, "refuses the query: parse error"],
    ["a matrix", { body: '{"data": {"resultType": "matrix", "result": []}}' }, "cannot handle the not query value"],
  ])("%s is an error", async (what, reply, message) => {
    web.answer = () => reply;
    const run = await world.start(`metric-of-${what.replaceAll(" ", "-")}`, [{ name: "c", type: "check", properties: { url: web.url } }], {
      ms: 0,
    });
    expect((await run.step("c")).message).toContain(message);
  });
});

describe("vela/util, vela/time, base64 and cue", () => {
  it("calculate in the engine", async () => {
    await world.define(
      "calculate",
      `import ("vela/util", "vela/time", "vela/base64", c "vela/cue", "encoding/json")
stamp: time.#DateToTimestamp & {$params: {date: "02 Jan 26 03:04 UTC", layout: "02 Jan 06 15:04 MST"}}
date: time.#TimestampToDate & {$params: timestamp: stamp.$returns.timestamp}
encode: base64.#Encode & {$params: "grüße"}
decode: base64.#Decode & {$params: encode.$returns}
text: util.#ConvertString & {$params: bt: '\\xc3\\xa4'}
patch: util.#PatchK8sObject & {$params: {value: {l: [{name: "a", v: 1}]}, patch: {
	// +patchKey=name
	l: [{name: "b"}]
}}}
wrong: util.#PatchK8sObject & {$params: {value: a: 1, patch: a: 2}}
both: c.#StrategyUnify & {$params: {value: {a: {x: 1}}, patch: {
	// +patchStrategy=retainKeys
	a: y: 2
}}}
all: json.Marshal([stamp.$returns.timestamp, date.$returns.date, encode.$returns, decode.$returns, text.$returns.str, patch.$returns.result, wrong.$returns.err, both.$returns])
`,
    );
    const run = await world.start("calculate", [{ name: "c", type: "calculate", outputs: [{ name: "all", valueFrom: "all" }] }]);
    expect(JSON.parse((await run.variable("all")) as string)).toEqual([
      Date.UTC(2026, 0, 2, 3, 4) / 1000,
      "2026-01-02T03:04:00Z",
      "Z3LDvMOfZQ==",
      "grüße",
      "ä",
      { l: [{ name: "a", v: 1 }, { name: "b" }] },
      "a: conflicting values 2 and 1",
      { a: { y: 2 } },
    ]);
  });

  it("#Log writes to the manager's log without secrets, and says where logs are", async () => {
    await world.apply({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "word", namespace: "default" },
      stringData: { w: "not-for-logs" },
    });
    await world.define(
      "log",
      `import ("vela/util", "vela/kube", "encoding/base64")
read: kube.#Read & {$params: value: {apiVersion: "v1", kind: "Secret", metadata: {name: "word", namespace: "default"}}}
word: util.#ConvertString & {$params: bt: base64.Decode(null, read.$returns.value.data.w)}
say: util.#Log & {$params: data: "the word is \\(word.$returns.str), by \\(context.stepName)"}
where: util.#Log & {$params: source: url: "https://logs.example/1"}
pods: util.#Log & {$params: source: resources: [{name: "p", namespace: "default"}]}
`,
    );
    const run = await world.start("log", [{ name: "teller", type: "log" }], { debug: true });
    expect(await run.outcome()).toBe("succeeded");
    const line = world.logged.find((each) => each.includes("the word is"));
    expect(JSON.parse(line ?? "{}")).toMatchObject({
      name: "log",
      namespace: "default",
      stepName: "teller",
      data: "the word is ******, by teller",
    });
    const { logConfig } = (await world.get("v1", "ConfigMap", "workflow-log-context"))["data"] as Record<string, string>;
    expect(JSON.parse(logConfig ?? "")).toEqual({
      teller: { data: true, source: { url: "https://logs.example/1", resources: [{ name: "p", namespace: "default" }] } },
    });
    expect(await world.told("log")).not.toContain("not-for-logs");
  });
});
