/** Validation of decoded data by a value of the program. */
import type { Data, Handle } from "../contract.ts";
import { CallFailure } from "../contract.ts";

/**
 * What `Validate` and `ValidatePartial` need beyond `Handle`: only the evaluator can unify data with a value of the
 * program and say what is wrong.
 */
export interface Schema extends Handle {
  /**
   * The message of the first error of `this & data`, or undefined when there is none. `final`: all of it must be
   * concrete and required fields present, as in an export. `incomplete` when the schema itself is not ready.
   */
  check(data: Data, final: boolean): { readonly message: string; readonly incomplete?: boolean } | undefined;
}

function isSchema(value: Handle): value is Schema {
  return "check" in value && typeof value.check === "function";
}

/** True, or throws what is wrong with the data. */
export function validateData(documents: readonly Data[], schema: Handle, final: boolean): true {
  if (!isSchema(schema)) throw new CallFailure("this evaluator cannot validate data by a value");
  for (const document of documents) {
    const problem = schema.check(document, final);
    if (problem !== undefined) throw new CallFailure(problem.message, { incomplete: problem.incomplete === true });
  }
  return true;
}
