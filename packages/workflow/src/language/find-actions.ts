/** The walk for actions (contract §3.3): children before parents, in field order, `@step(n)` first, definitions left out. */
import type { PathElement, Value } from "@slipway/cue";
import { functionName } from "../providers/legacy.ts";

export interface Found {
  /** The place as text, under which it counts as executed. */
  readonly key: string;
  /** Label of the field. */
  readonly label: string;
  readonly path: readonly PathElement[];
  /** Of the newer packages, also where the template uses the older one. */
  readonly provider: string;
  readonly fn: string;
  readonly params: Value;
  /** Where the result goes: `$returns`, or the action itself in the older style. */
  readonly returns: readonly PathElement[];
  readonly legacy: boolean;
}

const maxDepth = 40;
/** Data from outside; no template keeps actions there. */
const skipped: ReadonlySet<string> = new Set(["context", "parameter"]);

export function findAction(root: Value, executed: ReadonlySet<string>): Found | undefined {
  return walk(root, [], executed, 0);
}

interface Child {
  readonly element: PathElement;
  readonly value: Value;
  readonly order: number;
}

function walk(value: Value, path: readonly PathElement[], executed: ReadonlySet<string>, depth: number): Found | undefined {
  if (depth > maxDepth) return undefined;
  for (const child of childrenOf(value, depth)) {
    const found = walk(child.value, [...path, child.element], executed, depth + 1);
    if (found !== undefined) return found;
  }
  return path.length === 0 ? undefined : actionAt(value, path, executed);
}

function childrenOf(value: Value, depth: number): Child[] {
  const kind = value.incompleteKind();
  if (kind === "list") return value.elements().map((element, index) => ({ element: index, value: element, order: Infinity }));
  if (kind !== "struct") return [];
  const children: Child[] = [];
  for (const field of value.fields({ hidden: true, optional: true })) {
    if (field.label.includes("#") || (depth === 0 && skipped.has(field.label))) continue;
    const step = field.value.attributes().find((attribute) => attribute.name === "step");
    const order = step === undefined ? Number.NaN : Number(step.body);
    children.push({ element: field.element, value: field.value, order: Number.isFinite(order) ? order : Infinity });
  }
  return children.sort((a, b) => (a.order === b.order ? 0 : a.order - b.order));
}

function actionAt(value: Value, path: readonly PathElement[], executed: ReadonlySet<string>): Found | undefined {
  if (value.incompleteKind() !== "struct") return undefined;
  const fn = textAt(value, "#do");
  if (fn === undefined || fn === "" || fn === "steps") return undefined;
  const key = path.map(elementText).join(".");
  if (executed.has(key)) return undefined;
  const params = value.lookup(["$params"]);
  const legacy = !params.exists();
  return {
    key,
    label: elementText(path.at(-1) ?? ""),
    path,
    ...functionName(textAt(value, "#provider") ?? "op", fn),
    params: legacy ? value : params,
    returns: legacy ? path : [...path, "$returns"],
    legacy,
  };
}

function textAt(value: Value, definition: string): string | undefined {
  const json = value.lookup([{ definition }]).toJson();
  return json.ok && typeof json.value === "string" ? json.value : undefined;
}

function elementText(element: PathElement): string {
  if (typeof element === "string") return element;
  if (typeof element === "number") return String(element);
  return "definition" in element ? element.definition : element.hidden;
}
