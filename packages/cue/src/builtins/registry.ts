/** The built-in packages as the evaluator meets them: a vertex with their functions, constants and definitions. */
import { compileFile, declaredLabels } from "../engine/compile.ts";
import type { Expr, StructLit } from "../engine/expr.ts";
import { bareValidator } from "../engine/insert-value.ts";
import { identLabel } from "../engine/label.ts";
import type { Label } from "../engine/label.ts";
import { structMarker } from "../engine/value.ts";
import type { Builtin, Disjunction, Scalar } from "../engine/value.ts";
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

/** What the instances of all programs share of a package: vertices that are finished, and what is written in CUE, compiled. */
interface Shared {
  readonly root: Vertex;
  readonly written: { readonly literal: StructLit; readonly labels: readonly Label[] } | undefined;
}

const known = new WeakMap<BuiltinPackage, Shared>();

/** A vertex for the package. */
export function builtinRoot(library: BuiltinPackage): Vertex {
  let shared = known.get(library);
  if (shared === undefined) known.set(library, (shared = sharedOf(library)));
  const { root, written } = shared;
  if (written === undefined) return root;
  // What is written in CUE is a struct of its own, which the fields of the package select from; each instance evaluates it.
  const definitions = new Vertex(undefined, "");
  definitions.conjuncts = [{ env: undefined, elem: written.literal, close: rootCloseInfo }];
  const own = finishedRoot();
  for (const arc of root.arcs) own.addArc(arc);
  for (const label of written.labels) {
    const operand: Expr = { type: "nodeLink", vertex: definitions, position: undefined };
    const elem: Expr = { type: "selector", operand, label, labelPosition: undefined, position: undefined };
    const arc = new Vertex(own, label);
    arc.conjuncts = [{ env: undefined, elem, close: rootCloseInfo }];
    own.addArc(arc);
  }
  return own;
}

function finishedRoot(): Vertex {
  const root = new Vertex(undefined, "");
  root.base = structMarker;
  root.isData = true;
  root.status = "finalized";
  return root;
}

function sharedOf(library: BuiltinPackage): Shared {
  const { path } = library;
  const root = finishedRoot();
  const add = (label: Label, value: Builtin | Scalar): void => {
    const arc = new Vertex(root, label);
    arc.conjuncts = [{ env: undefined, elem: value, close: rootCloseInfo }];
    arc.base = value.type === "builtin" ? (bareValidator(value) ?? value) : value;
    arc.status = "finalized";
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
  if (library.cue === undefined) return { root, written: undefined };
  const { file } = parseFile(library.cue, `--${path}.cue`);
  const labels = new Map<string, Label>();
  declaredLabels(file.decls, path, labels);
  const importName = (imported: string): string => imported.split("/").at(-1) ?? imported;
  const { literal } = compileFile(file, { packagePath: path, shared: labels, importName });
  return { root, written: { literal, labels: [...labels.values()] } };
}
