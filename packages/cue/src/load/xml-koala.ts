/**
 * XML as data by the reference's `koala` mapping: an element is a struct of its attributes (`$name`), its text (`$$`) and
 * its child elements; several of one name are a list. Elements, attributes, text, CDATA, comments and the predefined
 * entities are read; a document type is refused.
 */
import type { Data } from "../builtins/contract.ts";

export class XmlError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

interface Element {
  readonly name: string;
  readonly fields: Map<string, Data>;
  text: string;
}

/** Elements inside one another beyond this are refused: what works on data does so by recursion. */
const maxDepth = 500;
const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
const name = "[A-Za-z_:\\u0080-\\uffff][\\w:.\\-\\u0080-\\uffff]*";
const opening = new RegExp(`<(${name})((?:\\s+${name}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*)\\s*(/?)>`, "y");
const closing = new RegExp(`</(${name})\\s*>`, "y");
const attribute = new RegExp(`(${name})\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, "g");

export function decodeKoala(text: string): Data {
  const root: Element = { name: "", fields: new Map(), text: "" };
  const open: Element[] = [root];
  let at = 0;
  while (at < text.length) {
    const current = open.at(-1) ?? root;
    const next = text.indexOf("<", at);
    const end = next < 0 ? text.length : next;
    current.text += decodeEntities(text.slice(at, end), at);
    at = end;
    if (at >= text.length) break;
    const skipped = skip(text, at, current);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    opening.lastIndex = at;
    closing.lastIndex = at;
    const begin = opening.exec(text);
    const finish = begin === null ? closing.exec(text) : null;
    if (begin !== null) {
      const element: Element = { name: begin[1] ?? "", fields: new Map(), text: "" };
      for (const [, key = "", double, single] of (begin[2] ?? "").matchAll(attribute))
        element.fields.set(`$${key}`, decodeEntities(double ?? single ?? "", at));
      if (begin[3] === "/") add(current, element);
      else open.push(element);
      if (open.length > maxDepth) throw new XmlError(`nested more than ${maxDepth} levels deep`, at);
      at = opening.lastIndex;
    } else if (finish !== null) {
      if (open.length < 2 || finish[1] !== current.name)
        throw new XmlError(`element <${current.name}> closed by </${finish[1] ?? ""}>`, at);
      open.pop();
      add(open.at(-1) ?? root, current);
      at = closing.lastIndex;
    } else throw new XmlError("expected an element", at);
  }
  if (open.length > 1) throw new XmlError(`element <${open.at(-1)?.name ?? ""}> is not closed`, text.length);
  return root.fields;
}

/** Past what holds no data: comments and instructions. CDATA is text. */
function skip(text: string, at: number, current: Element): number {
  for (const [start, end] of [
    ["<!--", "-->"],
    ["<![CDATA[", "]]>"],
    ["<?", "?>"],
  ] as const) {
    if (!text.startsWith(start, at)) continue;
    const until = text.indexOf(end, at + start.length);
    if (until < 0) throw new XmlError(`${start} is not closed`, at);
    if (start === "<![CDATA[") current.text += text.slice(at + start.length, until);
    return until + end.length;
  }
  return at;
}

function add(parent: Element, element: Element): void {
  if (element.text.trim() !== "") element.fields.set("$$", element.text.trim());
  const known = parent.fields.get(element.name);
  if (known === undefined) parent.fields.set(element.name, element.fields);
  else if (Array.isArray(known)) (known as Data[]).push(element.fields);
  else parent.fields.set(element.name, [known, element.fields]);
}

function decodeEntities(text: string, at: number): string {
  return text.replace(/&(#x[0-9a-fA-F]+|#\d+|\w+);|&/g, (_whole, entity: string | undefined) => {
    const point = entity?.startsWith("#x") === true ? Number.parseInt(entity.slice(2), 16) : Number(entity?.replace(/^#/, ""));
    if (entity?.startsWith("#") === true && point <= 0x10ffff) return String.fromCodePoint(point);
    const known = entity === undefined || !Object.hasOwn(entities, entity) ? undefined : entities[entity];
    if (known === undefined) throw new XmlError(`invalid character entity &${entity ?? ""}`, at);
    return known;
  });
}
