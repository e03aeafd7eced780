/**
 * A place in an instance: the conjuncts that stand there, and what they come to.
 *
 * A reference adds the target's *conjuncts* to the place that refers, each with the environment in which its names mean
 * something, so that overriding a sibling there is seen here. A struct literal gets a new environment for each place it
 * is put in. Vertices are evaluated on demand and only once.
 */
import type { JsonValue, SourcePosition } from "@slipway/std";
import type { Resolution } from "../compile/resolve.ts";
import type * as ast from "../syntax/ast.ts";
import type { Atom } from "./atom.ts";
import { anyKind } from "./atom.ts";
import type { Bottom } from "./bottom.ts";
import type { LabelKey } from "./label.ts";

/** What an expression is evaluated in: a chain with the shape of the scopes that names were resolved in. */
export interface Environment {
  readonly up: Environment | undefined;
  /** The struct that the scope's literal became here; absent for clause scopes. */
  readonly vertex: Vertex | undefined;
  /** Declarations of the literal, for its `let`s. */
  readonly decls: readonly ast.Declaration[];
  readonly lets: Map<string, Vertex>;
  /** Variables of a clause scope. */
  readonly variables: ReadonlyMap<string, Vertex>;
  readonly package: PackageScope;
}

/** The package whose text an expression stands in. */
export interface PackageScope {
  readonly path: string;
  readonly resolution: (ident: ast.Ident) => Resolution | undefined;
  readonly position: (node: ast.Node) => SourcePosition;
}

/** Conjuncts that close a struct: fields are allowed only where one of their own stands. */
export interface CloseGroup {
  /** Definitions close what is nested too; `close()` does not. */
  readonly recursive: boolean;
}

export type Term =
  | { readonly type: "expr"; readonly expr: ast.Expression; readonly env: Environment }
  /** The declarations of a file: the literal that a package's root is made of. */
  | { readonly type: "file"; readonly literal: ast.StructLit; readonly scope: PackageScope }
  /** Data from outside, and what was computed. */
  | { readonly type: "json"; readonly value: JsonValue }
  | { readonly type: "atom"; readonly atom: Atom }
  | { readonly type: "vertex"; readonly vertex: Vertex }
  | { readonly type: "list"; readonly items: readonly Vertex[] }
  /** Nothing: top. */
  | { readonly type: "any" }
  /** A struct of these labels around the term. */
  | { readonly type: "path"; readonly keys: readonly (LabelKey | number)[]; readonly term: Term };

export interface Conjunct {
  readonly term: Term;
  readonly groups: readonly CloseGroup[];
}

export interface Bound {
  readonly op: "<" | "<=" | ">" | ">=" | "!=" | "=~" | "!~";
  readonly limit: Atom;
  readonly env: Environment | undefined;
  readonly node: ast.Node | undefined;
}

export interface Validator {
  readonly text: string;
  /** `undefined` when the value passes, else why not. */
  readonly check: (vertex: Vertex) => string | undefined;
}

export interface Pattern {
  readonly label: ast.Expression | undefined;
  readonly env: Environment;
  readonly alias: string | undefined;
  readonly value: ast.Expression;
  readonly groups: readonly CloseGroup[];
}

export interface ListShape {
  readonly items: readonly Conjunct[];
  /** Elements beyond the items may follow; with a conjunct, each must satisfy it. */
  readonly rest: "none" | "any" | Conjunct;
}

export interface Alternative {
  readonly term: Term;
  readonly marked: boolean;
}

export interface Disjunction {
  readonly alternatives: readonly Alternative[];
  readonly groups: readonly CloseGroup[];
}

export type ArcConstraint = "none" | "required" | "optional";

export class Vertex {
  readonly parent: Vertex | undefined;
  readonly key: LabelKey | number;
  readonly conjuncts: Conjunct[] = [];
  /** Which alternative each disjunction takes, in the order in which they are met; for candidates of a disjunction. */
  readonly choices: readonly number[];
  /** Places above it. */
  readonly level: number;
  constraint: ArcConstraint = "optional";
  state: "fresh" | "busy" | "done" = "fresh";

  // What the conjuncts come to.
  readonly arcs: Map<LabelKey, Vertex> = new Map();
  readonly patterns: Pattern[] = [];
  readonly groups: Set<CloseGroup> = new Set();
  readonly openGroups: Set<CloseGroup> = new Set();
  kinds: number = anyKind;
  atom: Atom | undefined;
  readonly bounds: Bound[] = [];
  readonly validators: Validator[] = [];
  readonly lists: ListShape[] = [];
  items: Vertex[] | undefined;
  listOpen = false;
  /** A struct literal, or data that is one, stands here. */
  isStruct = false;
  bottom: Bottom | undefined;
  /** Something that may still come: a comprehension whose condition is not known yet. */
  pending: Bottom | undefined;
  readonly disjunctions: Disjunction[] = [];
  /** What is left of the alternatives; one is taken for the vertex itself when it is the only one or the default. */
  candidates: { readonly vertex: Vertex; readonly isDefault: boolean }[] | undefined;
  /** First thing that said what this is, for the text of a conflict. */
  firstText: string | undefined;
  readonly mentioned: Set<Vertex> = new Set();
  readonly declared: ast.Field[] = [];
  /** Groups of `close()` that allow this field without closing what is below it. */
  readonly allowedBy: Set<CloseGroup> = new Set();
  choicesUsed = 0;

  constructor(parent: Vertex | undefined, key: LabelKey | number, choices: readonly number[] = []) {
    this.parent = parent;
    this.level = parent === undefined ? 0 : parent.level + 1;
    this.key = key;
    this.choices = choices;
  }

  /** The arc, made when it is not there. */
  arc(key: LabelKey): Vertex {
    let arc = this.arcs.get(key);
    if (arc === undefined) {
      arc = new Vertex(this, key);
      this.arcs.set(key, arc);
    }
    return arc;
  }

  /** Adds a conjunct; what was evaluated before it came is evaluated anew. */
  add(conjunct: Conjunct): void {
    this.conjuncts.push(conjunct);
    if (this.state === "done") this.reset();
  }

  reset(): void {
    this.state = "fresh";
    this.arcs.clear();
    this.patterns.length = 0;
    this.groups.clear();
    this.openGroups.clear();
    this.kinds = anyKind;
    this.atom = undefined;
    this.bounds.length = 0;
    this.validators.length = 0;
    this.lists.length = 0;
    this.items = undefined;
    this.listOpen = false;
    this.isStruct = false;
    this.bottom = undefined;
    this.pending = undefined;
    this.disjunctions.length = 0;
    this.candidates = undefined;
    this.firstText = undefined;
    this.mentioned.clear();
    this.choicesUsed = 0;
  }

  path(): string[] {
    const labels: string[] = [];
    for (let at: Vertex | undefined = this; at?.parent !== undefined; at = at.parent) labels.unshift(String(at.key));
    return labels;
  }
}

/** The outermost environment of a file. */
export function newEnvironment(vertex: Vertex, decls: readonly ast.Declaration[], scope: PackageScope): Environment {
  return { up: undefined, vertex, decls, lets: new Map(), variables: new Map(), package: scope };
}
