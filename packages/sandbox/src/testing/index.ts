/** The test kit of the sandbox: a cluster on a stepped clock. */
export type { TestSandbox, TestSandboxOptions } from "./test-sandbox.ts";
export { createTestSandbox } from "./test-sandbox.ts";
export type { HttpAnswer, HttpOptions } from "./http.ts";
export { sendHttp } from "./http.ts";
export type { EventuallyOptions } from "@slipway/controller/testing";
export { eventually } from "@slipway/controller/testing";
