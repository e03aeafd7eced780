/**
 * cue: an implementation of the CUE language, pure and isomorphic.
 *
 *   text ─► syntax/ (tree) ─► compile/ (names resolved: a Program) ─► engine/ (vertices with conjuncts) ─► value/ (handles)
 *
 * Start reading at `engine/vertex.ts` and `engine/unify.ts`; the vocabulary and the algorithm are in the README. Bad CUE is a
 * value, never an exception.
 */
export type {
  Budget,
  Compatibility,
  CompileOptions,
  CueError,
  CuePath,
  FieldInfo,
  ImportLoader,
  Kind,
  PathElement,
  Program,
  SourceFile,
  SubsumptionMode,
  Value,
} from "./api.ts";
export { storedDefinitions } from "./api.ts";
export type { BuiltinFunction, BuiltinPackage, Call, Handle } from "./builtins/contract.ts";
export { builtinPackages } from "./builtins/all-packages.ts";
export type { FlowOptions, FlowTask, TaskState, TaskTest } from "./flow/index.ts";
export { Flow, flowGraph, toolPackages } from "./flow/index.ts";
export { compile } from "./compile/complete.ts";
export type { FormatOptions } from "./format/format.ts";
export { formatFile } from "./format/format.ts";
export type { JsonSchemaOptions } from "./jsonschema/index.ts";
export { generateJsonSchema } from "./jsonschema/index.ts";
export type { DocumentOptions } from "./openapi/document.ts";
export { generateOpenApiDocument } from "./openapi/document.ts";
export type { Generated, GeneratorOptions } from "./openapi/index.ts";
export { generateOpenApi, parameterSchema } from "./openapi/index.ts";
export type { PrintOptions } from "./print/index.ts";
export { printValue } from "./print/index.ts";
export { formatPath, parsePath } from "./value/path.ts";
export type { Attribute, Comment, File } from "./syntax/ast.ts";
export { parseExpression, parseFile } from "./syntax/parser.ts";
