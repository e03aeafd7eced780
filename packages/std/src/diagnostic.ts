/**
 * User-data problems are values, collected and shown together, never thrown. Control flow reads `code`; `message` is
 * for people: lower case, names the object, says what to do.
 */
export interface SourcePosition {
  /** File name or object reference (`WorkflowStepDefinition/default/x`). */
  readonly file: string;
  /** 1-based; 0 when unknown. */
  readonly line: number;
  /** 1-based; 0 when unknown. */
  readonly column: number;
}

export interface Diagnostic {
  /** Stable identifier, UPPER_SNAKE, listed in docs/errors.md when it can reach a user. */
  readonly code: string;
  readonly severity: "error" | "warning";
  /** Field path inside the object or CUE value, e.g. `["spec", "steps", 0, "type"]`. */
  readonly path: readonly (string | number)[];
  /** Every position that takes part, the most telling first. */
  readonly at: readonly SourcePosition[];
  readonly message: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

const plainLabel = /^[A-Za-z_$#][A-Za-z0-9_$#-]*$/;

/** `["spec", "steps", 0, "a.b"]` → `spec.steps[0]["a.b"]`. */
export function formatPath(path: readonly (string | number)[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (plainLabel.test(part)) text += text === "" ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}

/** One line: `spec.steps[0].type: message (file:3:7)`. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const path = formatPath(diagnostic.path);
  const position = diagnostic.at[0];
  const where = position === undefined ? "" : ` (${position.file}${position.line > 0 ? `:${position.line}:${position.column}` : ""})`;
  return `${path === "" ? "" : `${path}: `}${diagnostic.message}${where}`;
}
