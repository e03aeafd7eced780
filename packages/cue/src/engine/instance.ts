/** An instance of a program: a root vertex with the program's conjuncts and what was filled in, and a context for it. */
import type { Diagnostic } from "@slipway/std";
import type { BuiltinPackage } from "../builtins/contract.ts";
import { builtinRoot } from "../builtins/registry.ts";
import type { Bottom } from "./bottom.ts";
import { allKnown } from "./conditions.ts";
import { Context } from "./context.ts";
import type { Compatibility, Limits } from "./context.ts";
import type { StructLit } from "./expr.ts";
import { unify } from "./unify.ts";
import type { Label } from "./label.ts";
import type { Conjunct } from "./vertex.ts";
import { rootCloseInfo, Vertex } from "./vertex.ts";

export interface CompiledPackage {
  readonly path: string;
  readonly literals: readonly StructLit[];
  /** The fields of the package that each of its fields names. */
  readonly references: ReadonlyMap<Label, ReadonlySet<Label>>;
  readonly diagnostics: readonly Diagnostic[];
}

export interface EngineOptions {
  readonly packages: ReadonlyMap<string, CompiledPackage>;
  readonly builtins: ReadonlyMap<string, BuiltinPackage>;
  readonly limits: Limits;
  readonly compatibility: Compatibility;
}

/** Shared by the instances of a program: imported packages are evaluated once. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #roots = new Map<string, Vertex | undefined>();
  readonly ctx: Context;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.ctx = new Context({
      importRoot: (path) => this.#importRoot(path),
      isBuiltin: (path) => !options.packages.has(path) && options.builtins.has(path),
      limits: options.limits,
      compatibility: options.compatibility,
    });
  }

  #importRoot(path: string): Vertex | undefined {
    if (this.#roots.has(path)) return this.#roots.get(path);
    const compiled = this.#options.packages.get(path);
    const builtin = this.#options.builtins.get(path);
    const root = compiled !== undefined ? newRoot(compiled.literals, []) : builtin === undefined ? undefined : builtinRoot(builtin);
    this.#roots.set(path, root);
    return root;
  }

  /** Runs an operation with budgets of its own. The end of the stack is a limit too. */
  run<T>(vertex: Vertex, operation: (ctx: Context) => T, failed: (bottom: Bottom) => T): T {
    const { ctx } = this;
    if (ctx.stack.length > 0 || ctx.depth > 0) return operation(ctx);
    reset(ctx);
    try {
      return operation(ctx);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      reset(ctx);
      const bottom = ctx.exhaust("evaluation nests too deeply");
      vertex.base = bottom;
      vertex.status = "finalized";
      return failed(bottom);
    } finally {
      reset(ctx);
      releaseStates(ctx);
    }
  }

  finalize(vertex: Vertex): void {
    if (vertex.status === "finalized") return;
    this.run(
      vertex,
      (ctx) => {
        unify(ctx, vertex, { condition: allKnown, mode: "finalize", checkTypos: true });
        if (ctx.exhausted !== undefined && vertex.bottom() === undefined) vertex.base = ctx.exhausted;
      },
      () => undefined,
    );
  }
}

/** A vertex that is finished, in a parent that is, needs no more of what its evaluation knew. */
function releaseStates(ctx: Context): void {
  const { states } = ctx;
  ctx.states = states.filter((state) => {
    const { node } = state;
    if (node.state !== state) return false;
    if (node.status !== "finalized" || (node.parent !== undefined && node.parent.status !== "finalized")) return true;
    node.state = undefined;
    return false;
  });
}

function reset(ctx: Context): void {
  ctx.stack.length = 0;
  ctx.blocking = [];
  ctx.env = undefined;
  ctx.close = rootCloseInfo;
  ctx.source = undefined;
  ctx.errors = undefined;
  ctx.positions = [];
  ctx.vertex = undefined;
  ctx.evalDepth = 0;
  ctx.inDetached = 0;
  ctx.inValidator = 0;
  ctx.overlays.length = 0;
  ctx.startBudgets();
}

/** `known`: fields that are evaluated already; nothing that the root says about them is looked at again. */
export function newRoot(literals: readonly StructLit[], filled: readonly Conjunct[], known: readonly Vertex[] = []): Vertex {
  const root = new Vertex(undefined, "");
  const labels = new Set(known.map((arc) => arc.label));
  for (const literal of literals) {
    const elem = labels.size === 0 ? literal : without(literal, labels);
    root.conjuncts.push({ env: undefined, elem, close: rootCloseInfo });
  }
  root.conjuncts.push(...filled);
  for (const arc of known) {
    arc.parent = root;
    root.addArc(arc);
  }
  return root;
}

function without(literal: StructLit, labels: ReadonlySet<Label>): StructLit {
  const decls = literal.decls.filter((decl) => (decl.type !== "field" && decl.type !== "letField") || !labels.has(decl.label));
  return { ...literal, decls, whole: literal.whole ?? literal };
}

/** Whether every declaration names the field that it is about. */
export function isStatic(literal: StructLit): boolean {
  return literal.decls.every((decl) => decl.type === "field" || decl.type === "letField");
}
