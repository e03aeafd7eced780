/** The layouts of Go's package time: a layout is cut into the elements that stand for parts of the reference time. */

export interface LayoutElement {
  /** The element as its reference text, e.g. `2006`, `Jan`, `Z07:00`; fractions are `.0` or `.9`; undefined at the end. */
  readonly element: string | undefined;
  /** Literal text before it. */
  readonly prefix: string;
  /** The element as written in the layout. */
  readonly text: string;
}

/** Longest first among those with a common beginning. */
const elements: readonly string[] = [
  ...["January", "Jan", "Monday", "Mon", "MST"],
  ...["002", "01", "02", "03", "04", "05", "06", "2006", "2", "15", "1", "__2", "_2", "3", "4", "5", "PM", "pm"],
  ...["-070000", "-07:00:00", "-0700", "-07:00", "-07", "Z070000", "Z07:00:00", "Z0700", "Z07:00", "Z07"],
];

const byFirst = new Map<string, string[]>();
for (const element of elements) byFirst.set(element.charAt(0), [...(byFirst.get(element.charAt(0)) ?? []), element]);
for (const candidates of byFirst.values()) candidates.sort((a, b) => b.length - a.length);

function elementAt(layout: string, at: number): string | undefined {
  const c = layout.charAt(at);
  if (c === "_" && layout.startsWith("_2006", at)) return undefined;
  if (c === "." || c === ",") {
    const fraction = /^[.,](0+|9+)(?!\d)/.exec(layout.slice(at, at + 40));
    return fraction === null ? undefined : fraction[0];
  }
  return byFirst.get(c)?.find((element) => {
    if (!layout.startsWith(element, at)) return false;
    // A name goes on with lower-case letters: `Janet` and `Money` are text.
    return !(element === "Jan" || element === "Mon") || !/[a-z]/.test(layout.charAt(at + 3));
  });
}

/** The elements of a layout in order; the last has no element, only the text that remains. */
export function layoutElements(layout: string): LayoutElement[] {
  const found: LayoutElement[] = [];
  let from = 0;
  for (let at = 0; at < layout.length;) {
    const element = elementAt(layout, at);
    if (element === undefined) {
      at++;
      continue;
    }
    const kind = /^[.,]0/.test(element) ? ".0" : /^[.,]9/.test(element) ? ".9" : element;
    found.push({ element: kind, prefix: layout.slice(from, at), text: element });
    at += element.length;
    from = at;
  }
  found.push({ element: undefined, prefix: layout.slice(from), text: "" });
  return found;
}
