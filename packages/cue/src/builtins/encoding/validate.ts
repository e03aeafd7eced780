/** Validation of decoded data by a value of the program. */
import type { Data, Handle } from "../contract.ts";

/** True, or throws what is wrong with the first document that is wrong. */
export function validateData(documents: readonly Data[], schema: Handle, final: boolean): true {
  for (const document of documents) schema.check(document, final);
  return true;
}
