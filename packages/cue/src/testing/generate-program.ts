/**
 * Draws programs of the stable core of CUE, such as every implementation since v0.4 evaluates alike: values, references,
 * unification, defaults, bounds, closedness, comprehensions, interpolation and calls.
 *
 * Left out, since versions differ: division (float now), `==` of different types and of structs, arithmetic on lists,
 * required fields, cycles, bounds that leave one value (they stay bounds now), numbers beyond 24 digits, closedness of
 * disjunctions of definitions, a pattern or ellipsis next to an embedded definition, comparison of incomplete values with
 * bottom, references to optional fields, defaults that exclude one another (the order of conjuncts decides there),
 * anything that shows the order of fields, keywords as selectors, labels made of defaults, and `and` of a conflict (which
 * v0.4 does not see).
 */

/** Decisions from a list of numbers; zeros, the simplest ones, after its end. Shrinking the list shrinks the program. */
export class Choices {
  readonly #numbers: readonly number[];
  #at = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  below(limit: number): number {
    return (this.#numbers[this.#at++] ?? 0) % limit;
  }

  pick<T>(from: readonly T[]): T {
    const chosen = from[this.below(from.length)];
    if (chosen === undefined) throw new Error("nothing to choose from");
    return chosen;
  }
}

export interface GeneratedProgram {
  readonly imports: readonly string[];
  readonly declarations: readonly string[];
}

export function programText(program: GeneratedProgram): string {
  return [...program.imports.map((path) => `import "${path}"`), ...program.declarations].join("\n");
}

type Kind = "int" | "string" | "bool" | "ints" | "strings" | "struct" | "closed";

interface Known {
  readonly path: string;
  readonly kind: Kind;
}

const words = ["a", "b", "ab", "x y", "", "Zz", "é", "a,b", "10"];
const ints = [0, 1, 2, 3, 7, 10, -1, 42, 100];

export function generateProgram(choices: Choices): GeneratedProgram {
  return new Generator(choices).program();
}

class Generator {
  readonly #choices: Choices;
  readonly #known: Known[] = [];
  readonly #definitions: { readonly name: string; readonly members: readonly Known[] }[] = [];
  readonly #imports = new Set<string>();
  readonly #declarations: string[] = [];

  constructor(choices: Choices) {
    this.#choices = choices;
  }

  program(): GeneratedProgram {
    const count = 1 + this.#choices.below(7);
    for (let i = 0; i < count; i++) this.#field(`f${i}`);
    return { imports: [...this.#imports], declarations: this.#declarations };
  }

  #declare(name: string, kind: Kind, ...values: string[]): void {
    for (const value of values) this.#declarations.push(`${name}: ${value}`);
    this.#known.push({ path: name, kind });
  }

  #field(name: string): void {
    switch (this.#choices.below(26)) {
      case 0:
        return this.#declare(name, "int", this.#int(2));
      case 1:
        return this.#declare(name, "string", this.#string(2));
      case 2:
        return this.#declare(name, "bool", this.#bool(2));
      case 3:
        return this.#declare(name, "int", this.#int(1), this.#intConstraint());
      case 4:
        return this.#declare(name, "string", this.#string(1), this.#stringConstraint());
      case 5:
        return this.#declare(name, "int", this.#intChoice());
      case 6:
        return this.#declare(name, "string", this.#stringChoice());
      case 7:
        return this.#struct(name);
      case 8:
        return this.#declare(name, "ints", this.#ints(2));
      case 9:
        return this.#declare(name, "strings", this.#strings(2));
      case 10:
        return this.#definition(`#D${name}`);
      case 11:
        return this.#instance(name);
      case 12:
        return this.#comprehension(name);
      case 13:
        return this.#guarded(name);
      case 14:
        return this.#patterned(name);
      case 15:
        return this.#optional(name);
      case 16:
        return this.#alternatives(name);
      case 17:
        return this.#embedding(name);
      case 18:
        return this.#dynamic(name);
      case 19:
        return this.#declare(name, "int", `${this.#reference("ints", () => "[1, 2]")}[${this.#choices.below(2)}]`);
      case 20:
        return this.#declare(name, "struct", this.#listUnification());
      case 21:
        return this.#declare(name, "int", `or([${this.#intConstraint()}, ${this.#int(0)}]) & ${this.#int(0)}`);
      case 22:
        return this.#nested(name);
      case 23:
        return this.#closed(name);
      case 24:
        return this.#late(name);
      default:
        return this.#declare(name, "struct", `{${this.#member("m", 1)}} & {${this.#member("n", 1)}}`, `{${this.#member("m", 1)}}`);
    }
  }

  #reference(kind: Kind, otherwise: () => string): string {
    const fitting = this.#known.filter((each) => each.kind === kind);
    return fitting.length === 0 ? otherwise() : this.#choices.pick(fitting).path;
  }

  #int(depth: number): string {
    const literal = (): string => String(this.#choices.pick(ints));
    if (depth === 0) return this.#choices.below(2) === 0 ? literal() : this.#reference("int", literal);
    switch (this.#choices.below(8)) {
      case 1:
        return this.#reference("int", literal);
      case 2:
        // Nothing times a negative number: v0.4 has a negative zero.
        return `(${this.#int(depth - 1)} ${this.#choices.pick(["+", "-", "* 3 +"])} ${this.#int(depth - 1)})`;
      case 3:
        return `len(${this.#string(depth - 1)})`;
      case 4:
        return `len(${this.#ints(depth - 1)})`;
      case 5:
        return `mod(${this.#int(depth - 1)}, ${this.#choices.pick([2, 3, 10])})`;
      case 6:
        return this.#call("list", `${this.#choices.pick(["Sum", "Max", "Min"])}(${this.#ints(depth - 1)})`);
      default:
        return literal();
    }
  }

  #string(depth: number): string {
    const literal = (): string => JSON.stringify(this.#choices.pick(words));
    if (depth === 0) return this.#choices.below(2) === 0 ? literal() : this.#reference("string", literal);
    switch (this.#choices.below(8)) {
      case 1:
        return this.#reference("string", literal);
      case 2:
        return `(${this.#string(depth - 1)} + ${this.#string(depth - 1)})`;
      case 3:
        return `"<\\(${this.#int(depth - 1)}):\\(${this.#string(depth - 1)})>"`;
      case 4:
        return this.#call("strings", `${this.#choices.pick(["ToUpper", "ToLower", "TrimSpace"])}(${this.#string(depth - 1)})`);
      case 5:
        return this.#call("strings", `Join(${this.#strings(depth - 1)}, ${literal()})`);
      case 6:
        return this.#call("strings", `Replace(${this.#string(depth - 1)}, "a", ${literal()}, -1)`);
      default:
        return literal();
    }
  }

  #bool(depth: number): string {
    if (depth === 0) return this.#choices.pick(["true", "false"]);
    switch (this.#choices.below(7)) {
      case 1:
        return `(${this.#int(depth - 1)} ${this.#choices.pick(["==", "!=", "<", "<=", ">", ">="])} ${this.#int(depth - 1)})`;
      case 2:
        return `(${this.#string(depth - 1)} ${this.#choices.pick(["==", "!=", "<", ">="])} ${this.#string(depth - 1)})`;
      case 3:
        return `(${this.#bool(depth - 1)} ${this.#choices.pick(["&&", "||"])} ${this.#bool(depth - 1)})`;
      case 4:
        return `!${this.#bool(depth - 1)}`;
      case 5:
        return this.#call("strings", `${this.#choices.pick(["HasPrefix", "Contains"])}(${this.#string(depth - 1)}, "a")`);
      default:
        return this.#reference("bool", () => this.#choices.pick(["true", "false"]));
    }
  }

  #ints(depth: number): string {
    const literal = (): string => `[${Array.from({ length: this.#choices.below(4) }, () => this.#int(0)).join(", ")}]`;
    if (depth === 0) return this.#reference("ints", literal);
    switch (this.#choices.below(6)) {
      case 1:
        return this.#reference("ints", literal);
      case 2:
        return `[for x in ${this.#ints(depth - 1)} if x ${this.#choices.pick([">", "<", "!="])} ${this.#int(0)} {x + ${this.#int(0)}}]`;
      case 3:
        return this.#call("list", `Concat([${this.#ints(depth - 1)}, ${literal()}])`);
      case 4:
        return this.#call("list", `Range(0, ${this.#choices.below(5)}, 1)`);
      case 5:
        return `[...int] & ${literal()}`;
      default:
        return literal();
    }
  }

  #strings(depth: number): string {
    const literal = (): string => `[${Array.from({ length: this.#choices.below(4) }, () => this.#string(0)).join(", ")}]`;
    if (depth === 0) return this.#reference("strings", literal);
    switch (this.#choices.below(6)) {
      case 1:
        return this.#reference("strings", literal);
      case 2:
        return `[for i, s in ${this.#strings(depth - 1)} {"\\(i)-\\(s)"}]`;
      case 3:
        return this.#call("strings", `Split(${this.#string(depth - 1)}, ",")`);
      case 4:
        // Of one field only: the order of fields changed between versions.
        return `[for k, v in {p: ${this.#int(0)}} {"\\(k)\\(v)"}]`;
      case 5:
        return `[...string] & ${literal()}`;
      default:
        return literal();
    }
  }

  #call(path: string, rest: string): string {
    this.#imports.add(path);
    return `${path}.${rest}`;
  }

  #intConstraint(): string {
    return this.#choices.pick([
      "int",
      "number",
      ">=0",
      "<50",
      ">=0 & <50",
      "!=7",
      "int & >1",
      ">0 | string",
      "uint8",
      "string",
      "2",
      ">=-10",
    ]);
  }

  #stringConstraint(): string {
    return this.#choices.pick(["string", '=~"^a"', '!~"b$"', '!="a"', '>="a"', "string | int", '"a"', '"b"', "int"]);
  }

  #intChoice(): string {
    const other = this.#choices.pick(["*2 | 1 | 3", "*2 | int", "1 | *2", "*2 | 7 | string", "int | *2", "1 | 2", "1 | 2 | 3"]);
    const narrowing = ["", " & int", " & 2", " & (1 | 2)", " & (*2 | 3)", " & >1", " & (3 | *2 | 1)", " & 1"];
    return `(${other})${this.#choices.pick(narrowing)}`;
  }

  #stringChoice(): string {
    const other = this.#choices.pick([
      '*"a" | "b"',
      '*"a" | string',
      '"a" | "b" | "ab"',
      '*"" | string',
      'string | *"Zz"',
      '*"a" | int | null',
    ]);
    const narrowing = ["", " & string", ' & "b"', ' & ("a" | "b")', ' & =~"b"', ' & !="a"'];
    return `(${other})${this.#choices.pick(narrowing)}`;
  }

  #member(label: string, depth: number): string {
    switch (this.#choices.below(6)) {
      case 1:
        return `${label}: ${this.#string(depth)}`;
      case 2:
        return `${label}: ${this.#bool(depth)}`;
      case 3:
        return `${label}: ${this.#ints(depth)}`;
      case 4:
        return `${label}: ${this.#intChoice()}`;
      case 5:
        return `${label}: {${this.#member("n", 0)}}`;
      default:
        return `${label}: ${this.#int(depth)}`;
    }
  }

  #struct(name: string): void {
    const inner = [
      `v: ${this.#int(1)}`,
      `w: v + 1`,
      this.#member("m", 1),
      `_h: ${this.#int(0)}`,
      `s: "n\\(v)"`,
      `let L = v\n\tu: L`,
      `"q r": v`,
    ];
    const kept = inner.filter((_, i) => i === 0 || this.#choices.below(2) === 1);
    this.#declare(name, "struct", `{\n\t${kept.join("\n\t")}\n}`);
    this.#known.push({ path: `${name}.v`, kind: "int" });
    if (kept.includes("w: v + 1")) this.#known.push({ path: `${name}.w`, kind: "int" });
    if (this.#choices.below(3) === 1) this.#declarations.push(`${name}: {v: ${this.#intConstraint()}}`);
  }

  #definition(name: string): void {
    const members: string[] = ["v: int"];
    if (this.#choices.below(2) === 1) members.push(`s: ${this.#choices.pick(['string | *"a"', "string", '"a" | *"b"'])}`);
    if (this.#choices.below(2) === 1) members.push("o?: int");
    if (this.#choices.below(2) === 1) members.push(`in: {p: int${this.#choices.pick(["", ", q?: string", ", ..."])}}`);
    if (this.#choices.below(2) === 1) members.push("twice: v * 2");
    if (this.#choices.below(5) === 1) members.push("...");
    this.#declarations.push(`${name}: {\n\t${members.join("\n\t")}\n}`);
    this.#definitions.push({ name, members: [{ path: "v", kind: "int" }] });
  }

  #instance(name: string): void {
    if (this.#definitions.length === 0) this.#definition(`#E${name}`);
    const definition = this.#choices.pick(this.#definitions);
    const given = [`v: ${this.#int(1)}`];
    if (this.#choices.below(3) === 1) given.push(`s: ${this.#string(0)}`);
    if (this.#choices.below(3) === 1) given.push(`o: ${this.#int(0)}`);
    if (this.#choices.below(2) === 1) given.push(`in: p: ${this.#int(0)}`);
    if (this.#choices.below(4) === 1) given.push(`in: q: ${this.#string(0)}`);
    if (this.#choices.below(8) === 1) given.push(`extra: 1`);
    this.#declare(name, "closed", `${definition.name} & {${given.join(", ")}}`);
    this.#known.push({ path: `${name}.v`, kind: "int" });
  }

  #comprehension(name: string): void {
    const struct = this.#reference("struct", () => "{p: 1, q: 2}");
    const body = this.#choices.pick([
      `{for k, v in ${struct} {"x-\\(k)": v}}`,
      `{for x in ${this.#ints(1)} {"k\\(x)": x * 2}}`,
      `{for x in ${this.#ints(1)} if x > ${this.#int(0)} let y = x + 1 {"k\\(x)": {v: y}}}`,
      `{for s in ${this.#strings(1)} {(s): len(s)}}`,
      `{for i, x in ${this.#ints(0)} for j, s in ${this.#strings(0)} {"\\(i)_\\(j)": "\\(x)\\(s)"}}`,
    ]);
    this.#declare(name, "struct", body);
  }

  #guarded(name: string): void {
    const condition = this.#bool(1);
    this.#declare(
      name,
      "struct",
      `{\n\tif ${condition} {yes: ${this.#int(1)}}\n\tif !${condition} {no: ${this.#string(1)}}\n\t${this.#member("m", 1)}\n}`,
    );
  }

  #patterned(name: string): void {
    const pattern = this.#choices.pick(["[string]: int", '[=~"^p"]: int', '[=~"^p"]: >0', "[string]: {n: int | *1}", '["q"]: string']);
    const value = pattern.includes("{") ? "{}" : this.#int(0);
    this.#declare(
      name,
      "struct",
      `{${pattern}, ${this.#choices.pick([`p1: ${value}`, `q: ${value}`, `p1: ${value}, q: ${this.#string(0)}`])}}`,
    );
  }

  /** As definitions ask for parameters that may be missing. */
  #optional(name: string): void {
    const present = this.#choices.below(2) === 1;
    this.#declarations.push(`p${name}: {req: ${this.#int(0)}, opt?: int, sub?: {n: int}}`);
    if (present) this.#declarations.push(`p${name}: opt: ${this.#int(0)}`);
    if (this.#choices.below(2) === 1) this.#declarations.push(`p${name}: sub: n: ${this.#int(0)}`);
    const body = [
      `if p${name}.opt != _|_ {opt: p${name}.opt}`,
      `if p${name}.opt == _|_ {none: p${name}.req}`,
      `if p${name}.sub.n != _|_ {n: p${name}.sub.n}`,
      `if p${name}["sub"] == _|_ {nosub: true}`,
      `if p${name}.opt != _|_ if p${name}.sub != _|_ {both: p${name}.opt + p${name}.sub.n}`,
    ].filter((_, i) => i === 0 || this.#choices.below(2) === 1);
    this.#declare(name, "struct", `{\n\t${body.join("\n\t")}\n}`);
  }

  #alternatives(name: string): void {
    const alternatives = [
      `{kind: "a", x: ${this.#int(0)}}`,
      `{kind: "b", y: ${this.#choices.pick(["string", '*"d" | string', "int"])}}`,
      `{kind: "c"}`,
    ];
    if (this.#choices.below(3) === 1) alternatives[2] = `*${alternatives[2] ?? ""}`;
    const given = this.#choices.pick(['{kind: "b"}', '{kind: "a"}', '{kind: "b", y: "s"}', "{x: int}", '{kind: "z"}', "{}"]);
    this.#declare(name, "struct", `(${alternatives.join(" | ")}) & ${given}`);
  }

  #embedding(name: string): void {
    const parts = [this.#member("m", 0), this.#member("n", 0)];
    const struct = this.#known.find((each) => each.kind === "struct");
    if (struct !== undefined && this.#choices.below(2) === 1) parts.push(struct.path);
    if (this.#choices.below(2) === 1) parts.push(`{${this.#member("e", 0)}}`);
    const definition = this.#definitions[0];
    if (definition !== undefined && this.#choices.below(3) === 1) parts.push(definition.name, `v: ${this.#int(0)}`);
    this.#declare(name, "struct", `{\n\t${parts.join("\n\t")}\n}`);
  }

  #dynamic(name: string): void {
    const label = this.#choices.pick([
      `("x" + ${JSON.stringify(this.#choices.pick(words))})`,
      `"\\(${this.#int(0)})"`,
      `"k-\\(${this.#string(0)})"`,
    ]);
    this.#declare(name, "struct", `{\n\t${label}: ${this.#int(1)}\n\t${this.#member("m", 0)}\n}`);
  }

  #listUnification(): string {
    const left = this.#choices.pick([
      "[int, string]",
      "[...int]",
      "[int, ...]",
      "[1, _]",
      "[_, ...string]",
      "[{n: int}, ...]",
      '[*1 | int, *"a" | string]',
    ]);
    const right = this.#choices.pick([
      `[${this.#int(0)}, ${this.#string(0)}]`,
      `[${this.#int(0)}]`,
      `[${this.#int(0)}, ${this.#int(0)}]`,
      "[{n: 1}, 2]",
      "[]",
    ]);
    return `{l: ${left} & ${right}}`;
  }

  #nested(name: string): void {
    const inner = [`v: ${this.#int(1)}`, "up: out.v", "deep: {w: v, x: up}", "let K = v", "k: K + 1", "A=al: v", "via: A"];
    this.#declare(name, "struct", `{\n\tout: {v: ${this.#int(0)}}\n\tinner: {\n\t\t${inner.join("\n\t\t")}\n\t}\n}`);
    this.#known.push({ path: `${name}.inner.deep.w`, kind: "int" });
  }

  #closed(name: string): void {
    const fields = [`a: ${this.#int(0)}`, "b?: int", `c: ${this.#intChoice()}`].filter(() => this.#choices.below(2) === 0);
    const given = this.#choices.pick(["{}", "{a: int}", "{b: 1}", "{z: 1}", "{c: 2}"]);
    this.#declare(name, "closed", `close({${fields.join(", ")}}) & ${given}`);
  }

  /** A hidden struct that takes its value in a condition, and a map of what is there. */
  #late(name: string): void {
    const list = `[for x in ${this.#ints(0)} if x > ${this.#int(0)} {{id: x}}]`;
    const lines = [
      `_m: ${list}`,
      "_base: *_|_ | {...}",
      "if len(_m) > 0 {_base: _m[0], first: _base.id}",
      `if len(_m) == 0 {none: ${this.#string(0)}}`,
      '_keys: {for e in _m {"\\(e.id)": e}}',
      `has: _keys["${this.#choices.pick(ints)}"] != _|_`,
    ];
    this.#declare(name, "struct", `{\n\t${lines.join("\n\t")}\n}`);
  }
}
