export type LogLevel = "error" | "warn" | "info" | "debug";
/** Structured facts of a line. Objects are logged as `{ kind, namespace, name }`. Never secrets. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Constant message plus fields; nothing variable inside the message. */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every line. */
  child(fields: LogFields): Logger;
}

/** Drops every line; for tests and for libraries used without a logger. */
export const silentLogger: Logger = {
  error: () => {},
  warn: () => {},
  info: () => {},
  debug: () => {},
  child: () => silentLogger,
};
