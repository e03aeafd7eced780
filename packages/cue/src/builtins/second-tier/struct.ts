/** Package struct. Only regular fields count: no hidden or optional ones, no definitions. */
import type { BuiltinPackage, Call } from "../contract.ts";
import { ValidationFailure } from "../contract.ts";
import { define } from "../signature.ts";

function minFields(call: Call): true {
  const struct = call.struct(0);
  const least = call.int(1);
  const count = BigInt(struct.fieldCount);
  if (count >= least) return true;
  const mayGrow = struct.isOpen || count + BigInt(struct.constraintCount) >= least;
  throw new ValidationFailure(`len(fields) < MinFields(${least}) (${count} < ${least})`, { incomplete: mayGrow });
}

function maxFields(call: Call): true {
  const count = BigInt(call.struct(0).fieldCount);
  const most = call.int(1);
  if (count <= most) return true;
  throw new ValidationFailure(`len(fields) > MaxFields(${most}) (${count} > ${most})`);
}

export const structPackage: BuiltinPackage = {
  path: "struct",
  functions: [define("MinFields", ["struct", "int"], "bool", minFields), define("MaxFields", ["struct", "int"], "bool", maxFields)],
};
