import type { LogFields, Logger, LogLevel } from "@slipway/std";
import type { Logger as PinoLogger } from "pino";
import pino from "pino";

export interface PinoLoggerOptions {
  /** Default `info`. */
  readonly level?: LogLevel;
  /** Where the JSON lines go; default standard output. */
  readonly destination?: { write(line: string): void };
}

/** Structured logs: one JSON line each, with `level`, `time` (RFC 3339) and `msg`. */
export function createPinoLogger(options: PinoLoggerOptions = {}): Logger {
  const settings = {
    level: options.level ?? "info",
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level: string) => ({ level }) },
    // Credentials never get into a line, whoever logs an object by mistake.
    redact: ["token", "password", "authorization", "*.token", "*.password", "*.authorization"],
  };
  return adapt(options.destination === undefined ? pino(settings) : pino(settings, options.destination));
}

function adapt(logger: PinoLogger): Logger {
  return {
    error: (message: string, fields: LogFields = {}) => logger.error(fields, message),
    warn: (message: string, fields: LogFields = {}) => logger.warn(fields, message),
    info: (message: string, fields: LogFields = {}) => logger.info(fields, message),
    debug: (message: string, fields: LogFields = {}) => logger.debug(fields, message),
    child: (fields: LogFields) => adapt(logger.child(fields)),
  };
}
