/** Test kit of the runtime: an in-memory cluster and a way to wait. Not for production code. */
export type { EventuallyOptions } from "./eventually.ts";
export { eventually } from "./eventually.ts";
export type { FakeClient, FakeClientOptions, FakeRequest } from "./fake-client.ts";
export { createFakeClient } from "./fake-client.ts";
