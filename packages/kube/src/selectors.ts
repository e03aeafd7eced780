/**
 * Label and field selectors. Label semantics as in `apimachinery/pkg/labels`: a missing label satisfies `!=`, `notin`
 * and `!key`, and never `=`, `in`, `>` or `<`.
 */
import { AppError } from "@slipway/std";
import { labelValueProblem, qualifiedNameProblem } from "./names.ts";
import { getOwn, isRecord } from "./own-property.ts";

export type LabelOperator = "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** Exactly one for `Gt` and `Lt` (an integer), none for `Exists` and `DoesNotExist`. */
  readonly values: readonly string[];
}

/** All requirements must hold; none at all selects everything, unless `matchesNothing`. */
export interface LabelSelector {
  readonly requirements: readonly LabelRequirement[];
  /** The selector of an absent `metav1.LabelSelector`. */
  readonly matchesNothing?: true;
}

/** `metav1.LabelSelector`, as it stands in specs. */
export interface LabelSelectorObject {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}

export interface FieldRequirement {
  /** Dotted path: `metadata.name`. */
  readonly field: string;
  readonly operator: "=" | "!=";
  readonly value: string;
}

export interface FieldSelector {
  readonly requirements: readonly FieldRequirement[];
}

function selectorError(text: string, why: string): AppError {
  return new AppError("KUBE_SELECTOR", `unable to parse selector ${JSON.stringify(text)}: ${why}`, { retry: "never" });
}

/**
 * kubectl's `-l`: `a=b`, `a==b`, `a!=b`, `a in (x,y)`, `a notin (x)`, `a`, `!a`, `a>1`, `a<1`, joined by commas.
 * Empty text selects everything. Throws `KUBE_SELECTOR`.
 */
export function parseLabelSelector(text: string): LabelSelector {
  const tokens = text.match(/==|!=|[=!<>(),]|[^\s=!<>(),]+/g) ?? [];
  let at = 0;
  const requirements: LabelRequirement[] = [];
  const isWord = (token: string | undefined): token is string => token !== undefined && !/^(==|!=|[=!<>(),])$/.test(token);
  const add = (key: string, operator: LabelOperator, values: readonly string[]): void => {
    const problem = requirementProblem(key, operator, values);
    if (problem !== undefined) throw selectorError(text, problem);
    requirements.push({ key, operator, values });
  };
  const word = (what: string): string => {
    const token = tokens[at];
    if (!isWord(token)) throw selectorError(text, `found '${token ?? ""}', expected: ${what}`);
    at++;
    return token;
  };
  // A value may be empty: `a=` and `a in (,x)`.
  const value = (): string => (isWord(tokens[at]) ? (tokens[at++] ?? "") : "");

  if (tokens.length === 0) return { requirements };
  for (;;) {
    if (tokens[at] === "!") {
      at++;
      add(word("identifier after '!'"), "DoesNotExist", []);
    } else {
      const key = word("identifier");
      const operator = tokens[at];
      if (operator === undefined || operator === ",") add(key, "Exists", []);
      else {
        at++;
        if (operator === "=" || operator === "==") add(key, "In", [value()]);
        else if (operator === "!=") add(key, "NotIn", [value()]);
        else if (operator === ">") add(key, "Gt", [value()]);
        else if (operator === "<") add(key, "Lt", [value()]);
        else if (operator === "in" || operator === "notin") {
          if (tokens[at] !== "(") throw selectorError(text, `found '${tokens[at] ?? ""}', expected: '('`);
          const values: string[] = [];
          do {
            at++;
            values.push(value());
          } while (tokens[at] === ",");
          if (tokens[at] !== ")") throw selectorError(text, `found '${tokens[at] ?? ""}', expected: ',' or ')'`);
          at++;
          add(key, operator === "in" ? "In" : "NotIn", [...new Set(values)].sort());
        } else throw selectorError(text, `found '${operator}', expected: in, notin, =, ==, !=, >, <`);
      }
    }
    if (at === tokens.length) return { requirements };
    if (tokens[at] !== ",") throw selectorError(text, `found '${tokens[at] ?? ""}', expected: ',' or end of selector`);
    at++;
  }
}

function requirementProblem(key: string, operator: string, values: readonly string[]): string | undefined {
  const problem = qualifiedNameProblem(key);
  if (problem !== undefined) return `key ${JSON.stringify(key)}: ${problem}`;
  switch (operator) {
    case "In":
    case "NotIn": {
      if (values.length === 0) return `values of ${key}: for 'in', 'notin' operators, values set can't be empty`;
      break;
    }
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0) return `values of ${key}: values set must be empty for exists and does not exist`;
      break;
    case "Gt":
    case "Lt":
      if (values.length !== 1 || !/^[+-]?\d+$/.test(values[0] ?? ""))
        return `value of ${key}: for 'Gt', 'Lt' operators, the value must be an integer`;
      return undefined;
    default:
      return `${JSON.stringify(operator)} is not a valid label selector operator`;
  }
  for (const value of values) {
    const wrong = labelValueProblem(value);
    if (wrong !== undefined) return `value ${JSON.stringify(value)} of ${key}: ${wrong}`;
  }
  return undefined;
}

/**
 * As `metav1.LabelSelectorAsSelector`: absent selects nothing, `{}` selects everything. Throws `KUBE_SELECTOR` for an
 * unknown operator or malformed key or value.
 */
export function labelSelectorFromObject(selector: LabelSelectorObject | null | undefined): LabelSelector {
  if (selector === null || selector === undefined) return { requirements: [], matchesNothing: true };
  const requirements: LabelRequirement[] = [];
  const add = (key: string, operator: string, values: readonly string[]): void => {
    const problem = requirementProblem(key, operator, values);
    if (problem !== undefined) throw selectorError(JSON.stringify(selector), problem);
    requirements.push({ key, operator: operator as LabelOperator, values });
  };
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) add(key, "In", [value]);
  for (const { key, operator, values } of selector.matchExpressions ?? []) add(key, operator, values ?? []);
  return { requirements };
}

export function matchesLabels(selector: LabelSelector, labels: Readonly<Record<string, string>> | null | undefined): boolean {
  if (selector.matchesNothing === true) return false;
  return selector.requirements.every((requirement) => meets(requirement, getOwn(labels ?? {}, requirement.key)));
}

function meets(requirement: LabelRequirement, label: unknown): boolean {
  const present = typeof label === "string";
  switch (requirement.operator) {
    case "Exists":
      return present;
    case "DoesNotExist":
      return !present;
    case "In":
      return present && requirement.values.includes(label);
    case "NotIn":
      return !present || !requirement.values.includes(label);
    case "Gt":
    case "Lt": {
      if (!present || !/^[+-]?\d+$/.test(label)) return false;
      const [left, right] = [BigInt(label.replace(/^\+/, "")), BigInt((requirement.values[0] ?? "0").replace(/^\+/, ""))];
      return requirement.operator === "Gt" ? left > right : left < right;
    }
  }
}

/** Text that `parseLabelSelector` and the API server read back. A selector that matches nothing has no text: throws. */
export function formatLabelSelector(selector: LabelSelector): string {
  if (selector.matchesNothing === true) throw selectorError("<none>", "a selector that matches nothing cannot be written as text");
  return selector.requirements
    .map(({ key, operator, values }) => {
      switch (operator) {
        case "Exists":
          return key;
        case "DoesNotExist":
          return `!${key}`;
        case "Gt":
          return `${key}>${values[0] ?? ""}`;
        case "Lt":
          return `${key}<${values[0] ?? ""}`;
        case "In":
          return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(",")})`;
        case "NotIn":
          return values.length === 1 ? `${key}!=${values[0]}` : `${key} notin (${values.join(",")})`;
      }
    })
    .join(",");
}

/** `metadata.name=x,status.phase!=Failed`; `\,` `\=` and `\\` are literal in values. Throws `KUBE_SELECTOR`. */
export function parseFieldSelector(text: string): FieldSelector {
  const requirements: FieldRequirement[] = [];
  for (const term of text.match(/(?:\\.|[^,\\])+/gs) ?? []) {
    const match = /^\s*([^=!\\]+?)\s*(==|!=|=)(.*)$/s.exec(term);
    if (match === null) throw selectorError(text, `invalid selector: '${term}'; can't understand '${term}'`);
    const [, field = "", operator = "=", raw = ""] = match;
    if (/\\[^,=\\]|(?:^|[^\\])(?:\\\\)*=/.test(raw))
      throw selectorError(text, `the value of ${field} must escape '=' , ',' and '\\' with a backslash`);
    requirements.push({ field, operator: operator === "!=" ? "!=" : "=", value: raw.replace(/\\(.)/gs, "$1") });
  }
  return { requirements };
}

/** Compares the fields as text; an absent field is `""`. Which fields may be used is the server's business. */
export function matchesFields(selector: FieldSelector, object: object): boolean {
  return selector.requirements.every(({ field, operator, value }) => {
    let found: unknown = object;
    for (const part of field.split(".")) found = isRecord(found) ? getOwn(found, part) : undefined;
    const text = typeof found === "string" ? found : typeof found === "number" || typeof found === "boolean" ? String(found) : "";
    return (text === value) === (operator === "=");
  });
}
