/** cue: an implementation of the CUE language. Text -> tree -> program -> instance -> values. */
export type {
  Budget,
  CompileOptions,
  CueError,
  CuePath,
  FieldInfo,
  ImportLoader,
  Kind,
  PathElement,
  Program,
  SourceFile,
  Value,
} from "./api.ts";
