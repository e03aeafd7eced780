/**
 * Keys in an order that is fair between namespaces: one key of each namespace in turn, first come first served within
 * one. A namespace with ten thousand keys delays another's single key by one key. Every step takes constant time.
 */
export class FairList {
  /** In the order of the turns; a namespace without keys is not in it. `head` is the next key of `keys`. */
  readonly #turns = new Map<string, { readonly keys: string[]; head: number }>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** `key` is `<namespace>/<name>`, or `<name>` (namespace `""`). */
  push(key: string): void {
    const namespace = key.slice(0, Math.max(0, key.indexOf("/")));
    const waiting = this.#turns.get(namespace);
    if (waiting === undefined) this.#turns.set(namespace, { keys: [key], head: 0 });
    else waiting.keys.push(key);
    this.#length++;
  }

  shift(): string | undefined {
    for (const [namespace, waiting] of this.#turns) {
      const key = waiting.keys[waiting.head++];
      this.#turns.delete(namespace);
      if (waiting.head < waiting.keys.length) this.#turns.set(namespace, waiting);
      this.#length--;
      return key;
    }
    return undefined;
  }

  /** Empties the list; what was in it. */
  clear(): string[] {
    const keys = [...this.#turns.values()].flatMap((waiting) => waiting.keys.slice(waiting.head));
    this.#turns.clear();
    this.#length = 0;
    return keys;
  }
}
