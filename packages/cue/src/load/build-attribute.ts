/** `@if(expr)` before the package clause: whether a file takes part, by the tags that are set. */

/** Undefined where it takes part; else why not, or what is wrong with it. */
export type Exclusion = { readonly reason: string; readonly fatal: boolean } | undefined;

/** `body` is what stands between the parentheses: identifiers, `!`, `&&`, `||` and parentheses. */
export function excludedBy(body: string, tags: ReadonlySet<string>): Exclusion {
  const tokens = body.match(/[\p{L}_$][\p{L}\p{N}_$]*|&&|\|\||[!()]|\S/gu) ?? [];
  let at = 0;
  let wrong = tokens.length === 0;
  const disjunction = (depth: number): boolean => {
    let value = conjunction(depth);
    while (tokens[at] === "||") {
      at++;
      const right = conjunction(depth);
      value = value || right;
    }
    return value;
  };
  const conjunction = (depth: number): boolean => {
    let value = operand(depth);
    while (tokens[at] === "&&") {
      at++;
      const right = operand(depth);
      value = value && right;
    }
    return value;
  };
  const operand = (depth: number): boolean => {
    let negated = false;
    while (tokens[at] === "!") {
      at++;
      negated = !negated;
    }
    const token = tokens[at++];
    let value = false;
    if (token === "(" && depth < 100) {
      value = disjunction(depth + 1);
      if (tokens[at++] !== ")") wrong = true;
    } else if (token !== undefined && /^[\p{L}_$]/u.test(token)) value = tags.has(token);
    else wrong = true;
    return value !== negated;
  };
  const included = disjunction(0);
  if (wrong || at < tokens.length) return { reason: `invalid @if attribute: ${body}`, fatal: true };
  return included ? undefined : { reason: `@if(${body}) did not match`, fatal: false };
}

/** The names a build attribute asks for. */
export function tagsOf(body: string): readonly string[] {
  return body.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? [];
}
