import { manifests } from "@slipway/install";
import { expect, it } from "vitest";
import type { Choices } from "./choices.ts";
import { optionsFor, parseChoices } from "./choices.ts";

it("keeps every choice for an upgrade, and leaves out what is none", () => {
  const choices: Required<Choices> = {
    image: "registry.example.com/manager:2",
    replicas: 3,
    features: ["workflow"],
    logLevel: "debug",
    tracingEndpoint: "http://collector:4318",
  };
  expect(parseChoices(JSON.stringify({ ...choices, color: "red" }))).toEqual(choices);
  expect(parseChoices("{")).toEqual({});
});

it("sends traces only where its user chose to", () => {
  const argumentsOf = (choices: Choices): string =>
    JSON.stringify(manifests(optionsFor("slipway-system", choices)).find(({ kind }) => kind === "Deployment"));
  expect(argumentsOf({ tracingEndpoint: "http://collector:4318" })).toContain('"--tracing-endpoint=http://collector:4318"');
  expect(argumentsOf({})).not.toContain("tracing");
});
