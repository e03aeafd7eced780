/** The test kit of the sandbox: a cluster on a stepped clock. */
export type { TestSandbox, TestSandboxOptions } from "./test-sandbox.ts";
export { createTestSandbox } from "./test-sandbox.ts";
export type { HttpAnswer, HttpOptions } from "./http.ts";
export { httpGet } from "./http.ts";
