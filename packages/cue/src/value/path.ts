import type { PathElement } from "../api.ts";
import { isPlainLabel } from "../engine/label.ts";

/** The text of a path, as `parsePath` reads it. */
export function formatPath(path: readonly PathElement[]): string {
  let text = "";
  for (const element of path) {
    if (typeof element === "number") text += `[${element}]`;
    else {
      const name =
        typeof element === "object"
          ? "hidden" in element
            ? element.hidden
            : element.definition
          : isPlainLabel(element)
            ? element
            : JSON.stringify(element);
      text += text === "" ? name : `.${name}`;
    }
  }
  return text;
}

/** `a.b[0]."c d"`, `#Def.x`, `_h`; `undefined` when the text is no path. */
export function parsePath(text: string): readonly PathElement[] | undefined {
  const elements: PathElement[] = [];
  let rest = text.trim();
  let first = true;
  while (rest !== "") {
    const index = /^\[\s*(\d+)\s*\]/.exec(rest);
    const quotedIndex = /^\[\s*("(?:[^"\\]|\\.)*")\s*\]/.exec(rest);
    if (index !== null) {
      elements.push(Number(index[1]));
      rest = rest.slice(index[0].length);
    } else if (quotedIndex !== null) {
      elements.push(JSON.parse(quotedIndex[1] ?? '""') as string);
      rest = rest.slice(quotedIndex[0].length);
    } else {
      if (!first) {
        if (!rest.startsWith(".")) return undefined;
        rest = rest.slice(1);
      }
      const quoted = /^"(?:[^"\\]|\\.)*"/.exec(rest);
      const plain = /^[#_$\p{L}][#_$\p{L}\p{Nd}]*/u.exec(rest);
      if (quoted !== null) {
        elements.push(JSON.parse(quoted[0]) as string);
        rest = rest.slice(quoted[0].length);
      } else if (plain !== null) {
        const [name] = plain;
        elements.push(name.startsWith("_") ? { hidden: name } : name.startsWith("#") ? { definition: name } : name);
        rest = rest.slice(name.length);
      } else return undefined;
    }
    first = false;
  }
  return elements;
}
