/** One evaluation of one vertex: its conjuncts put in place one after the other, then finished (`finish.ts`). */
import type * as ast from "../syntax/ast.ts";
import { decodeString } from "../syntax/decode-string.ts";
import type { Atom } from "./atom.ts";
import {
  anyKind,
  falseAtom,
  floatAtom,
  formatAtom,
  intAtom,
  isNumber,
  kindText,
  kinds,
  nullAtom,
  numberKind,
  parseNumber,
  sameAtom,
  stringAtom,
  trueAtom,
} from "./atom.ts";
import type { Bottom } from "./bottom.ts";
import { isIncomplete } from "./bottom.ts";
import { callFunction } from "./call.ts";
import { runClauses } from "./clauses.ts";
import type { Evaluator, Outcome } from "./evaluator.ts";
import type { Place } from "./finish.ts";
import { applyPatterns, choose, finish, finishList } from "./finish.ts";
import { identKey, isDefinition, regularKey } from "./label.ts";
import { evaluateOperator } from "./operators.ts";
import type { Alternative, Bound, CloseGroup, Conjunct, Environment, Term } from "./vertex.ts";
import { Vertex, newEnvironment } from "./vertex.ts";

interface Task {
  /** What it waits for; `empty`: it gave nothing as things stand, which later fields may change. */
  readonly run: () => Bottom | "empty" | undefined;
}

/** One evaluation of one vertex. */
export class Expansion {
  readonly #e: Evaluator;
  readonly #v: Vertex;
  readonly #tasks: Task[] = [];

  constructor(evaluator: Evaluator, vertex: Vertex) {
    this.#e = evaluator;
    this.#v = vertex;
  }

  run(): void {
    const v = this.#v;
    const place: Place = {
      e: this.#e,
      v,
      fail: (category, message, node, env) => this.#fail(category, message, node, env),
      failWith: (bottom) => this.#failWith(bottom),
    };
    for (let i = 0; i < v.conjuncts.length; i++) {
      const conjunct = v.conjuncts[i];
      if (conjunct !== undefined) this.#term(conjunct.term, conjunct.groups);
    }
    this.#runTasks();
    if (v.bottom === undefined) finishList(place);
    if (v.disjunctions.length > 0) {
      if (v.bottom === undefined) choose(place);
      return;
    }
    applyPatterns(place);
    finish(place);
  }

  #fail(category: Bottom["category"], message: string, node?: ast.Node, env?: Environment): void {
    const v = this.#v;
    if (v.bottom === undefined || (isIncomplete(v.bottom) && category !== "incomplete" && category !== "cycle"))
      v.bottom = this.#e.bottom(category, v, message, node, env);
  }

  #failWith(bottom: Bottom): void {
    const v = this.#v;
    if (v.bottom === undefined || (isIncomplete(v.bottom) && !isIncomplete(bottom)))
      v.bottom = bottom.path.length > 0 ? bottom : { ...bottom, path: this.#e.bottom("eval", v, "").path };
  }

  #runTasks(): void {
    let blocked: Bottom | undefined;
    for (let moved = true; moved;) {
      moved = false;
      blocked = undefined;
      const tasks = this.#tasks.splice(0);
      for (const task of tasks) {
        const why = task.run();
        if (why === undefined) moved = true;
        else if (why === "empty") this.#tasks.push(task);
        else if (isIncomplete(why)) {
          blocked ??= why;
          this.#tasks.push(task);
        } else this.#failWith(why);
      }
      if (this.#tasks.length === 0) break;
    }
    this.#v.pending = blocked;
  }

  // --- terms

  #term(term: Term, groups: readonly CloseGroup[]): void {
    for (const group of groups) this.#v.groups.add(group);
    switch (term.type) {
      case "expr":
        this.#expr(term.expr, term.env, groups);
        break;
      case "atom":
        this.#atom(term.atom);
        break;
      case "vertex":
        this.#target(term.vertex, groups);
        break;
      case "list":
        this.#narrow(kinds.list, "list");
        this.#v.lists.push({
          items: term.items.map((vertex): Conjunct => ({ term: { type: "vertex", vertex }, groups: [] })),
          rest: "none",
        });
        break;
      case "path": {
        const [key, ...rest] = term.keys;
        if (key === undefined) this.#term(term.term, groups);
        else {
          const inner: Term = rest.length === 0 ? term.term : { type: "path", keys: rest, term: term.term };
          if (typeof key === "number") {
            this.#narrow(kinds.list, "list");
            const items = Array.from({ length: key + 1 }, (_, index): Conjunct => ({
              term: index === key ? inner : { type: "any" },
              groups: [],
            }));
            this.#v.lists.push({ items, rest: "any" });
          } else {
            this.#struct();
            this.#arc(key, "none", { term: inner, groups });
          }
        }
        break;
      }
      case "json":
        this.#json(term.value);
        break;
      case "any":
        break;
      case "file":
        this.declarations(term.literal.decls, newEnvironment(this.#v, term.literal.decls, term.scope), groups);
        break;
    }
  }

  #json(value: unknown): void {
    if (value === null) this.#atom(nullAtom);
    else if (typeof value === "boolean") this.#atom(value ? trueAtom : falseAtom);
    else if (typeof value === "number") this.#atom(Number.isInteger(value) ? intAtom(value) : floatAtom(value));
    else if (typeof value === "string") this.#atom(stringAtom(value));
    else if (Array.isArray(value)) {
      this.#narrow(kinds.list, "list");
      this.#v.lists.push({
        items: value.map((item): Conjunct => ({ term: { type: "json", value: item as never }, groups: [] })),
        rest: "none",
      });
    } else {
      this.#struct();
      for (const [name, item] of Object.entries(value as object))
        this.#arc(regularKey(name), "none", { term: { type: "json", value: item as never }, groups: [] });
    }
  }

  /** The conjuncts of another place, each place once. */
  #target(target: Vertex, groups: readonly CloseGroup[]): void {
    const v = this.#v;
    if (target === v || v.mentioned.has(target)) return;
    v.mentioned.add(target);
    if (target.state === "fresh" && target.conjuncts.length === 0) this.#e.evaluate(target);
    for (const conjunct of [...target.conjuncts])
      this.#term(conjunct.term, conjunct.groups.length === 0 ? groups : [...new Set([...groups, ...conjunct.groups])]);
    // What patterns of its parent and lists of its parent brought is among its conjuncts already.
  }

  #expr(expr: ast.Expression, env: Environment, groups: readonly CloseGroup[]): void {
    const e = this.#e;
    switch (expr.type) {
      case "Paren":
        this.#expr(expr.expr, env, groups);
        return;
      case "PostfixEllipsis":
        this.#expr(expr.operand, env, []);
        return;
      case "BasicLit":
        if (expr.kind === "null") this.#atom(nullAtom, expr, env);
        else if (expr.kind === "bool") this.#atom(expr.raw === "true" ? trueAtom : falseAtom, expr, env);
        else if (expr.kind === "int" || expr.kind === "float") this.#atom(parseNumber(expr.raw, expr.kind), expr, env);
        else this.#atom({ kind: expr.kind, value: decodeString(expr.raw).value }, expr, env);
        return;
      case "StructLit":
        this.#literal(expr.decls, env, groups);
        return;
      case "ListLit":
        this.#list(expr, env);
        return;
      case "Bottom":
        this.#fail("user", "explicit error (_|_ literal) in source", expr, env);
        return;
      case "Bad":
        this.#fail("syntax", "syntax error", expr, env);
        return;
      case "Binary":
        if (expr.op === "&") {
          this.#expr(expr.left, env, groups);
          this.#expr(expr.right, env, groups);
          return;
        }
        if (expr.op === "|") {
          this.#disjunction(alternativesOf(expr, env), groups);
          return;
        }
        break;
      case "Unary":
        if (expr.op === "*") {
          this.#expr(expr.operand, env, groups);
          return;
        }
        if (["<", "<=", ">", ">=", "!=", "=~", "!~"].includes(expr.op)) {
          this.#boundOf(expr, env);
          return;
        }
        break;
      case "Ident": {
        const resolution = env.package.resolution(expr);
        if (resolution?.type === "predeclared") {
          this.#predeclared(resolution.name, expr, env);
          return;
        }
        break;
      }
      default:
        break;
    }
    const reached = e.reach(expr, env);
    if (reached !== undefined) {
      if (!(reached instanceof Vertex)) this.#failWith(reached);
      else this.#target(reached, closes(expr, env) ? [...groups, { recursive: true }] : groups);
      return;
    }
    this.#outcome(expr.type === "Call" ? callFunction(e, expr, env, this.#v) : evaluateOperator(e, expr, env), expr, env, groups);
  }

  #outcome(
    outcome:
      | Outcome
      | { readonly validator: { text: string; check: (vertex: Vertex) => string | undefined } }
      | { readonly terms: readonly Term[]; readonly groups: readonly CloseGroup[] }
      | { readonly alternatives: readonly Alternative[] },
    expr: ast.Expression,
    env: Environment,
    groups: readonly CloseGroup[],
  ): void {
    if ("atom" in outcome) this.#atom(outcome.atom, expr, env);
    else if ("vertex" in outcome) this.#target(outcome.vertex, groups);
    else if ("term" in outcome) this.#term(outcome.term, groups);
    else if ("bottom" in outcome) this.#failWith(outcome.bottom);
    else if ("validator" in outcome) this.#v.validators.push(outcome.validator);
    else if ("alternatives" in outcome) this.#disjunction(outcome.alternatives, groups);
    else for (const term of outcome.terms) this.#term(term, [...groups, ...outcome.groups]);
  }

  #disjunction(alternatives: readonly Alternative[], groups: readonly CloseGroup[]): void {
    const v = this.#v;
    const index = v.choicesUsed++;
    const choice = v.choices[index];
    if (choice === undefined) {
      v.disjunctions.push({ alternatives, groups });
      return;
    }
    const taken = alternatives[choice];
    if (taken !== undefined) this.#term(taken.term, groups);
  }

  #struct(): void {
    this.#narrow(kinds.struct, "struct");
    this.#v.isStruct = true;
  }

  #narrow(mask: number, text: string, node?: ast.Node, env?: Environment): boolean {
    const v = this.#v;
    const before = v.kinds;
    v.kinds &= mask;
    if (v.kinds === 0) {
      const first = v.atom === undefined ? (v.firstText ?? kindText(before)) : formatAtom(v.atom);
      const firstKind = kindText(before);
      this.#fail("eval", `conflicting values ${first} and ${text} (mismatched types ${firstKind} and ${kindText(mask)})`, node, env);
      return false;
    }
    v.firstText ??= text;
    return true;
  }

  #atom(atom: Atom, node?: ast.Node, env?: Environment): void {
    const v = this.#v;
    if (v.atom !== undefined && v.atom.kind === atom.kind) {
      if (!sameAtom(v.atom, atom)) this.#fail("eval", `conflicting values ${formatAtom(v.atom)} and ${formatAtom(atom)}`, node, env);
      return;
    }
    if (this.#narrow(kinds[atom.kind], formatAtom(atom), node, env)) v.atom = atom;
  }

  #predeclared(name: string, expr: ast.Node, env: Environment): void {
    const ranges: Readonly<Record<string, readonly [bigint, bigint]>> = {
      uint8: [0n, 255n],
      uint16: [0n, 65535n],
      uint32: [0n, 4294967295n],
      uint64: [0n, 2n ** 64n - 1n],
      uint128: [0n, 2n ** 128n - 1n],
      int8: [-128n, 127n],
      int16: [-32768n, 32767n],
      int32: [-2147483648n, 2147483647n],
      int64: [-(2n ** 63n), 2n ** 63n - 1n],
      int128: [-(2n ** 127n), 2n ** 127n - 1n],
      rune: [0n, 0x10ffffn],
    };
    const masks: Readonly<Record<string, number>> = {
      string: kinds.string,
      bytes: kinds.bytes,
      bool: kinds.bool,
      int: kinds.int,
      float: kinds.float,
      number: numberKind,
      null: kinds.null,
      float32: numberKind,
      float64: numberKind,
    };
    if (name === "_" || name === "no_sharing") return;
    const range = ranges[name];
    if (name === "uint" || range !== undefined) {
      this.#narrow(kinds.int, name, expr, env);
      const [low, high] = range ?? [0n, undefined];
      this.#v.bounds.push({ op: ">=", limit: intAtom(low), env, node: expr });
      if (high !== undefined) this.#v.bounds.push({ op: "<=", limit: intAtom(high), env, node: expr });
      return;
    }
    const mask = masks[name];
    if (mask === undefined) this.#fail("eval", `cannot use ${name} as a value`, expr, env);
    else this.#narrow(mask, name, expr, env);
  }

  #boundOf(expr: ast.Unary, env: Environment): void {
    const limit = this.#e.atom(expr.operand, env);
    if ("category" in limit) {
      this.#failWith(limit);
      return;
    }
    const op = expr.op as Bound["op"];
    if (op === "=~" || op === "!~") this.#narrow(kinds.string | kinds.bytes, `${op}${formatAtom(limit)}`, expr, env);
    else if (op !== "!=") this.#narrow(isNumber(limit) ? numberKind : kinds[limit.kind], `${op}${formatAtom(limit)}`, expr, env);
    this.#v.bounds.push({ op, limit, env, node: expr });
  }

  // --- structs

  /** The declarations of a literal, in an environment whose struct is this vertex. */
  #literal(decls: readonly ast.Declaration[], outer: Environment, outerGroups: readonly CloseGroup[]): void {
    const v = this.#v;
    const env: Environment = { up: outer, vertex: v, decls, lets: new Map(), variables: new Map(), package: outer.package };
    let groups = outerGroups;
    // A struct that embeds a definition is closed by it, its own fields included.
    if (groups.length === 0 && decls.some((decl) => decl.type === "Embedding" && closes(decl.expr, env))) {
      groups = [{ recursive: true }];
      for (const group of groups) v.groups.add(group);
    }
    this.declarations(decls, env, groups);
  }

  declarations(decls: readonly ast.Declaration[], env: Environment, groups: readonly CloseGroup[]): void {
    const onlyEmbeds =
      decls.length > 0 &&
      decls.every(
        (decl) =>
          decl.type !== "Ellipsis" &&
          (decl.type !== "Field" || (decl.label.type === "IdentLabel" && /^_?#|^_/.test(decl.label.name) && decl.label.name !== "_")),
      );
    if (!onlyEmbeds || !decls.some((decl) => decl.type === "Embedding" || decl.type === "Comprehension")) this.#struct();
    for (const decl of decls) {
      switch (decl.type) {
        case "Field":
          this.#field(decl, env, groups);
          break;
        case "Embedding":
          this.#embedding(decl, env, groups);
          break;
        case "Ellipsis":
          for (const group of groups) this.#v.openGroups.add(group);
          if (decl.value !== undefined) this.#v.patterns.push({ label: undefined, env, alias: undefined, value: decl.value, groups });
          break;
        case "Comprehension":
          this.#tasks.push({ run: () => this.#comprehension(decl, env, groups) });
          break;
        case "Let":
        case "Attribute":
          break;
      }
    }
  }

  #embedding(decl: ast.Embedding, env: Environment, groups: readonly CloseGroup[]): void {
    const reached = closes(decl.expr, env) ? this.#e.reach(decl.expr, env) : undefined;
    // Inside a closed struct the embedding adds to what is allowed; it does not forbid what stands beside it.
    if (reached instanceof Vertex) this.#target(reached, groups);
    else this.#expr(decl.expr, env, groups);
  }

  #field(field: ast.Field, env: Environment, groups: readonly CloseGroup[]): void {
    const { label } = field;
    const inherited = groups.filter((group) => group.recursive);
    const add = (key: string): void => {
      const arc = this.#arc(key, field.constraint, undefined);
      arc.declared.push(field);
      let inner = env;
      if (field.valueAlias !== undefined)
        inner = {
          up: env,
          vertex: undefined,
          decls: [],
          lets: new Map(),
          variables: new Map([[field.valueAlias, arc]]),
          package: env.package,
        };
      const own = groups.filter((group) => !group.recursive);
      arc.conjuncts.push({ term: { type: "expr", expr: field.value, env: inner }, groups: inherited });
      for (const group of own) arc.allowedBy.add(group);
    };
    switch (label.type) {
      case "IdentLabel":
        add(identKey(label.name, env.package.path));
        break;
      case "StringLabel":
        add(regularKey(label.value));
        break;
      case "PatternLabel":
        this.#v.patterns.push({ label: label.expr, env, alias: label.alias, value: field.value, groups });
        break;
      case "InterpolationLabel":
      case "DynamicLabel":
        this.#tasks.push({
          run: () => {
            const name = this.#e.atom(label.expr, env);
            if ("category" in name) return name;
            if (name.kind !== "string") return this.#e.bottom("eval", this.#v, `invalid non-string label ${formatAtom(name)}`, label, env);
            add(regularKey(name.value as string));
            return undefined;
          },
        });
        break;
    }
  }

  #arc(key: string, constraint: ast.Field["constraint"], conjunct: Conjunct | undefined): Vertex {
    const arc = this.#v.arc(key);
    if (arc.state === "done") arc.reset();
    if (constraint === "none") arc.constraint = "none";
    else if (constraint === "required" && arc.constraint === "optional") arc.constraint = "required";
    if (conjunct !== undefined) arc.conjuncts.push(conjunct);
    return arc;
  }

  #comprehension(comprehension: ast.Comprehension, env: Environment, groups: readonly CloseGroup[]): Bottom | "empty" | undefined {
    const yields: Environment[] = [];
    const blocked = runClauses(this.#e, this.#v, comprehension.clauses, 0, env, yields);
    if (blocked !== undefined) return blocked;
    for (const inner of yields) this.#literal(comprehension.value.decls, inner, groups);
    if (yields.length === 0 && comprehension.fallback !== undefined) this.#literal(comprehension.fallback.decls, env, groups);
    if (yields.length > 0 || comprehension.fallback !== undefined) return undefined;
    if (this.#v.kinds === anyKind && this.#v.disjunctions.length === 0) this.#v.isStruct = true;
    return "empty";
  }

  // --- lists

  #list(expr: ast.ListLit, env: Environment): void {
    if (!this.#narrow(kinds.list, "list", expr, env)) return;
    this.#tasks.push({
      run: () => {
        const items: Conjunct[] = [];
        let rest: "none" | "any" | Conjunct = "none";
        for (const element of expr.elements) {
          if (element.type === "Ellipsis")
            rest = element.value === undefined ? "any" : { term: { type: "expr", expr: element.value, env }, groups: [] };
          else if (element.type !== "Comprehension") items.push({ term: { type: "expr", expr: element, env }, groups: [] });
          else {
            const yields: Environment[] = [];
            const blocked = runClauses(this.#e, this.#v, element.clauses, 0, env, yields);
            if (blocked !== undefined) return blocked;
            for (const inner of yields) items.push({ term: { type: "expr", expr: element.value, env: inner }, groups: [] });
          }
        }
        this.#v.lists.push({ items, rest });
        return undefined;
      },
    });
  }
}

/** Whether a reference goes through a definition, and so closes what it brings. */
function closes(expr: ast.Expression, env: Environment): boolean {
  switch (expr.type) {
    case "Paren":
      return closes(expr.expr, env);
    case "Ident": {
      const resolution = env.package.resolution(expr);
      return resolution?.type === "field" && isDefinition(resolution.key);
    }
    case "Selector":
      return (expr.label.type === "IdentLabel" && /^_?#/.test(expr.label.name)) || closes(expr.operand, env);
    case "Index":
      return closes(expr.operand, env);
    default:
      return false;
  }
}

function alternativesOf(expr: ast.Expression, env: Environment): Alternative[] {
  if (expr.type === "Binary" && expr.op === "|") return [...alternativesOf(expr.left, env), ...alternativesOf(expr.right, env)];
  if (expr.type === "Unary" && expr.op === "*")
    return alternativesOf(expr.operand, env).map((alternative) => ({ ...alternative, marked: true }));
  if (expr.type === "Paren" && expr.expr.type === "Binary" && expr.expr.op === "|") return alternativesOf(expr.expr, env);
  return [{ term: { type: "expr", expr, env }, marked: false }];
}
