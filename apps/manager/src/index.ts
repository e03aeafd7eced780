/**
 * manager: the controllers as one process. `manager.ts` is the library entry (`slipway up` and tests use it), `main.ts`
 * the process, `config.ts` its options.
 */
export { configReference } from "./config-reference.ts";
export type { ManagerExit, ManagerOptions, RunningManager } from "./manager-options.ts";
export { startManager } from "./manager.ts";
export type { TracingOptions } from "./tracing.ts";
export type { PinoLoggerOptions } from "./pino-logger.ts";
export { createPinoLogger } from "./pino-logger.ts";
