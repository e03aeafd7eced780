/** The built-in packages as the evaluator meets them: a vertex with their functions, constants and definitions. */
import { compileFile, declaredLabels } from "../engine/compile.ts";
import type { Expr } from "../engine/expr.ts";
import { identLabel } from "../engine/label.ts";
import type { Label } from "../engine/label.ts";
import { structMarker } from "../engine/value.ts";
import type { Builtin, Disjunction } from "../engine/value.ts";
import { fromScalar } from "../engine/data.ts";
import { rootCloseInfo, Vertex } from "../engine/vertex.ts";
import { parseFile } from "../syntax/parser.ts";
import type { BuiltinFunction, BuiltinPackage } from "./contract.ts";
import { kind } from "./contract.ts";
import { topKind } from "../engine/kind.ts";

/** The values that parameters are restricted to; a default comes first. */
function choicesOf(builtin: BuiltinFunction): ReadonlyMap<number, Disjunction> {
  const choices = new Map<number, Disjunction>();
  for (const [i, parameter] of builtin.parameters.entries()) {
    if (parameter.values === undefined) continue;
    const hasDefaults = parameter.default !== undefined;
    const others = parameter.values.filter((value) => value !== parameter.default);
    const values = (parameter.default === undefined ? others : [parameter.default, ...others]).map(fromScalar);
    choices.set(i, { type: "disjunction", values, defaults: hasDefaults ? 1 : 0, hasDefaults, position: undefined });
  }
  return choices;
}

/** A vertex for the package. */
export function builtinRoot(library: BuiltinPackage): Vertex {
  const { path } = library;
  const root = new Vertex(undefined, "");
  const add = (label: Label, value: Expr): void => {
    const arc = new Vertex(root, label);
    arc.conjuncts = [{ env: undefined, elem: value, close: rootCloseInfo }];
    root.addArc(arc);
  };
  for (const each of library.functions) {
    const builtin: Builtin = {
      type: "builtin",
      packageName: path,
      name: each.name,
      parameters: each.parameters.map((parameter) => (parameter.kinds === kind.top ? topKind : parameter.kinds)),
      choices: choicesOf(each),
      result: each.result,
      nonConcrete: each.nonConcrete === true,
      run: each.call,
      position: undefined,
    };
    add(identLabel(each.name, path), builtin);
  }
  for (const [constant, value] of Object.entries(library.constants ?? {})) add(identLabel(constant, path), fromScalar(value));
  // What is written in CUE is a struct of its own, which the fields of the package select from.
  if (library.cue !== undefined) {
    const definitions = new Vertex(undefined, "");
    const { file } = parseFile(library.cue, `--${path}.cue`);
    const shared = new Map<string, Label>();
    declaredLabels(file.decls, path, shared);
    const compiled = compileFile(file, { packagePath: path, shared, importName: (imported) => imported.split("/").at(-1) ?? imported });
    definitions.conjuncts = [{ env: undefined, elem: compiled.literal, close: rootCloseInfo }];
    for (const label of shared.values()) {
      const operand: Expr = { type: "nodeLink", vertex: definitions, position: undefined };
      add(label, { type: "selector", operand, label, labelPosition: undefined, position: undefined });
    }
  }
  root.base = structMarker;
  root.isData = true;
  root.status = "finalized";
  return root;
}
