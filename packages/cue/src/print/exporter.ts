/** What one printing keeps: what to show, the packages that are named, and the `let` clauses that expressions need. */
import type { Engine } from "../engine/instance.ts";
import type { Environment, Vertex } from "../engine/vertex.ts";
import type { LetField, Resolver } from "../engine/expr.ts";
import { hiddenPackage, isHidden, labelName } from "../engine/label.ts";
import type { Label } from "../engine/label.ts";
import type * as ast from "../syntax/ast.ts";
import { importSpec } from "./nodes.ts";
import type { Profile } from "./profile.ts";
import type { Scope } from "./scopes.ts";
import { packageSuffix } from "./package-suffix.ts";
import { UniqueNames } from "./unique-names.ts";
import { usedNames } from "./used-names.ts";

/** Values inside one another beyond this are written as `_`. */
const maxNesting = 240;
/** So are repeated values beyond this many: shared ones are written wherever they are, which may be without end. */
const maxValues = 100_000;

/** A `let` clause of the source; written where its struct is once an expression names it. */
export interface KnownLet {
  readonly field: LetField;
  readonly env: Environment | undefined;
  /** How many of the structs around it sees. */
  readonly scopes: number;
  name: string;
  value: ast.Expression | undefined;
}

export class Exporter {
  readonly profile: Profile;
  readonly engine: Engine;
  /** Structs and values around, for the indentation of text. */
  depth = 0;
  /** Inside an operand, where structs are not written out. */
  inExpression = 0;
  /** What stands for references that lead outside of what is printed. */
  pivot: { readonly reference: (reference: Resolver) => ast.Expression | undefined } | undefined = undefined;
  /** Inside a definition, which closes what it holds. */
  definitions = 0;
  /** The structs around, outermost first. */
  readonly scopes: Scope[] = [];
  /** Names of matched labels that patterns around declare. */
  readonly patternNames: string[] = [];
  readonly lets: Map<Label, KnownLet> = new Map();
  /** Names that the printer gives, each once. */
  readonly names: UniqueNames;
  /** Clauses that are written out at this moment. */
  readonly expanding: Set<Label> = new Set();
  readonly #imports = new Map<string, { readonly path: string; readonly alias: string | undefined }>();

  readonly #limit: number;
  /** How many checks are being written, one within the other. */
  checks = 0;
  readonly #written = new Set<Vertex>();
  #values = 0;

  /** `root`: what is printed. */
  constructor(profile: Profile, engine: Engine, root: Vertex | undefined, limit: number = maxValues) {
    this.profile = profile;
    this.engine = engine;
    this.#limit = limit;
    this.names = new UniqueNames(() => (root === undefined ? [] : usedNames(root)));
  }

  isDeep(): boolean {
    return this.depth > maxNesting;
  }

  /** True where no more is to be written. Counts what may be without end: places met again, or made by being looked at. */
  isFull(place: Vertex | undefined): boolean {
    if (this.isDeep()) return true;
    if (place?.status === "finalized" && !this.#written.has(place)) {
      this.#written.add(place);
      return false;
    }
    return ++this.#values > this.#limit;
  }

  finalize(given: Vertex): Vertex {
    let vertex = given;
    // A variable of a comprehension is but another name of a place.
    while (vertex.conjuncts.length === 0 && vertex.base?.type === "vertex") vertex = vertex.base;
    this.engine.finalize(vertex);
    return vertex.derefValue();
  }

  /** The name of a label. A hidden field of a package that is written out tells the package, so that it stays apart from others. */
  readonly nameOf = (label: Label): string => {
    const name = labelName(label);
    if (!this.profile.inlineImports || !isHidden(label)) return name;
    const path = hiddenPackage(label);
    return path === "" ? name : `${name}_${packageSuffix(path)}`;
  };

  /** The name that a package goes by. */
  importName(path: string, name: string): string {
    const own = nameOf(path);
    this.#imports.set(name, { path, alias: name === own ? undefined : name });
    return name;
  }

  imports(): readonly ast.ImportSpec[] {
    return [...this.#imports.values()].map(({ path, alias }) => importSpec(path, alias));
  }
}

/** The name of a package without an alias. */
export function nameOf(path: string): string {
  const [bare = path, qualifier] = path.split(":");
  return qualifier ?? (bare.split("/").at(-1) ?? bare).replace(/@.*$/, "").replace(/^go-|\.v\d+$/g, "");
}
