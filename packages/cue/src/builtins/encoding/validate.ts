/** Validation of decoded data by a value of the program. */
import type { Data, Demand, Handle } from "../contract.ts";

/** True, or throws what is wrong with the first document that is wrong. */
export function validateData(documents: readonly Data[], schema: Handle, demand: Demand): true {
  for (const document of documents) schema.check(document, demand);
  return true;
}
