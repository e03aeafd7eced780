/**
 * Finds keys that occur twice in one object of a JSON text, which `JSON.parse` silently merges. The text is known to
 * parse; a single pass keeps a stack of open containers.
 */
export function findDuplicateFields(text: string): string[] {
  const found: string[] = [];
  const stack: { readonly keys: Set<string> | undefined; index: number; key: string }[] = [];
  let at = 0;
  let expectKey = false;
  const path = (): string => {
    let result = "";
    for (const level of stack) result += level.keys === undefined ? `[${level.index}]` : `${result === "" ? "" : "."}${level.key}`;
    return result;
  };
  while (at < text.length) {
    const char = text[at];
    const top = stack[stack.length - 1];
    if (char === '"') {
      const start = at;
      at++;
      while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
      at++;
      if (expectKey && top?.keys !== undefined) {
        const raw = text.slice(start + 1, at - 1);
        top.key = raw.includes("\\") ? (JSON.parse(text.slice(start, at)) as string) : raw;
        if (top.keys.has(top.key)) found.push(path());
        top.keys.add(top.key);
        expectKey = false;
      }
      continue;
    }
    if (char === "{") {
      stack.push({ keys: new Set(), index: 0, key: "" });
      expectKey = true;
    } else if (char === "[") {
      stack.push({ keys: undefined, index: 0, key: "" });
      expectKey = false;
    } else if (char === "}" || char === "]") {
      stack.pop();
      expectKey = false;
    } else if (char === "," && top !== undefined) {
      if (top.keys === undefined) top.index++;
      else expectKey = true;
    }
    at++;
  }
  return [...new Set(found)];
}
