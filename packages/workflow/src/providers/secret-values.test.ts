import type { JsonObject } from "@slipway/std";
import { describe, expect, it } from "vitest";
import { SecretValues } from "./secret-values.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("secrets in what a step tells", () => {
  const secret = { kind: "Secret", data: { pin: base64("4711"), word: base64("open sesame\n"), port: base64("80") } };
  const registry = { auths: { "reg.example": { auth: base64("me:hunter2") } } };

  it.each<[string, JsonObject, string, string]>([
    ["decoded and encoded", secret, `4711 ${base64("4711")} open sesame`, "****** ****** ******"],
    ["within other text", { value: secret }, "https://x/?pin=4711&a", "https://x/?pin=******&a"],
    ["in lists, whose items do not say what they are", { kind: "SecretList", items: [{ data: secret.data }] }, "4711", "******"],
    ["written as plain text", { kind: "Secret", stringData: { a: "plain-text" } }, `plain-text ${base64("plain-text")}`, "****** ******"],
    [
      "documents of registries",
      { kind: "Secret", stringData: { ".dockerconfigjson": JSON.stringify(registry) } },
      base64("me:hunter2"),
      "******",
    ],
    ["as quoted by JSON or CUE", { kind: "Secret", stringData: { a: 'two\n"lines"' } }, String.raw`a: "two\n\"lines\""`, 'a: "******"'],
    [
      "parameters by their name",
      { from: { password: "hunter2" }, token: { value: "t0ken" }, secretName: "fine" },
      "hunter2 t0ken fine",
      "****** ****** fine",
    ],
    ["other objects are not", { kind: "ConfigMap", data: { a: "public" } }, "public", "public"],
    ["nor is what is too short to tell anything", secret, "port 80", "port 80"],
  ])("%s", (_what, learnt, text, expected) => {
    const secrets = new SecretValues();
    secrets.learn(learnt);
    expect(secrets.hide(text)).toBe(expected);
    expect(secrets.hideIn({ a: [text] })).toEqual({ a: [expected] });
  });
});
