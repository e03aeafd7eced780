/**
 * std: what every package stands on. Clock, Logger, Tracer, errors, diagnostics, durations, JSON, random ids.
 *
 * Deterministic and isomorphic: nothing here reads the time, sets a timer or draws a random number by itself. The real
 * clock and the virtual clock, which do, live in `@slipway/std/node`.
 * Start reading at `clock.ts` (why time is a parameter) and `errors.ts` (the three kinds of failure).
 */
export type { Clock, Timer } from "./clock.ts";
export { at, formatTimestamp, parseTimestamp } from "./timestamp.ts";
export type { Diagnostic, SourcePosition } from "./diagnostic.ts";
export { formatDiagnostic, formatPath } from "./diagnostic.ts";
export type { AppErrorOptions, RetryAdvice } from "./errors.ts";
export { AppError, assertNever, errorMessage, errorType, invariant, isAbortError, isAppError } from "./errors.ts";
export { formatAge, formatGoDuration, parseGoDuration } from "./duration.ts";
export type { JsonArray, JsonObject, JsonValue } from "./json.ts";
export { cloneJson, deepEqual, isJsonObject, stableStringify } from "./json.ts";
export type { LogFields, LogLevel, Logger } from "./logger.ts";
export { silentLogger } from "./logger.ts";
export type { RandomSource } from "./random.ts";
export { createSeededRandom, randomString } from "./random.ts";
export type { Span, SpanAttributes, SpanOptions, Tracer } from "./tracer.ts";
export { noTracer } from "./tracer.ts";
