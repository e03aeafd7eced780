/** Names for what is named by the printer: `let` clauses, aliases and what is written out of its place. */
import { Pcg } from "./pcg.ts";

/** No more random digits than an integer of 56 bits has. */
const largest = 0xff_ffff_ffff_ffffn;
const isIdentifierBase = /^[_#]+/;

export class UniqueNames {
  readonly #collect: () => Iterable<string>;
  #taken: Set<string> | undefined = undefined;
  readonly #names = new Pcg(123n, 456n);
  readonly #aliases = new Pcg(123n, 456n);

  /** `collect`: the names of the program, asked for once a name is needed. */
  constructor(collect: () => Iterable<string>) {
    this.#collect = collect;
  }

  take(names: Iterable<string>): void {
    const taken = this.#known();
    for (const name of names) taken.add(name);
  }

  /** The name itself where it is free, else with a number behind it: 1 to 4, then one drawn of ever more digits. */
  free(name: string): string {
    if (this.#takes(name)) return name;
    for (let i = 1; i < 5; i++) {
      const numbered = `${name}_${i}`;
      if (this.#takes(numbered)) return numbered;
    }
    for (let [limit, digits] = [0x10n, 1]; ; [limit, digits] = [(((limit << 4n) - 1n) & largest) + 1n, digits + 1]) {
      const drawn = this.#names.below(limit - 1n) + 1n;
      const numbered = `${name}_${hexadecimal(drawn).padStart(digits, "0")}`;
      if (this.#takes(numbered)) return numbered;
    }
  }

  /** An alias for a field whose name means another one where it is needed. */
  alias(field: string): string {
    const base = field.replace(isIdentifierBase, "") || "X";
    for (let limit = 0x10n; ; limit = (((limit << 4n) - 1n) & largest) + 1n) {
      const numbered = `${base}_${hexadecimal(this.#aliases.below(limit))}`;
      if (this.#takes(numbered)) return numbered;
    }
  }

  /** Takes the name if it is free. */
  #takes(name: string): boolean {
    const taken = this.#known();
    if (taken.has(name)) return false;
    taken.add(name);
    return true;
  }

  #known(): Set<string> {
    this.#taken ??= new Set(this.#collect());
    return this.#taken;
  }
}

function hexadecimal(number: bigint): string {
  return number.toString(16).toUpperCase();
}
