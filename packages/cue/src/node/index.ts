/** The command line of cue, for Node. */
export { runCue } from "./command.ts";
export type { Host, Outcome } from "./host.ts";
export { realHost, writeFiles } from "./real-host.ts";
export { memoryFileSystem } from "../load/file-system.ts";
export type { FileSystem } from "../load/file-system.ts";
export { formatSource } from "./language.ts";
export type { Formatted } from "./language.ts";
