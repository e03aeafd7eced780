import type { Plain } from "../evaluate/call.ts";
import { number } from "./arguments.ts";
import type { BuiltinPackage } from "./packages.ts";

const whole = (value: number): Plain => value;

export const mathPackage: BuiltinPackage = {
  functions: {
    Abs: { arity: 1, call: ([a]) => (typeof a === "number" ? Math.abs(a) : { float: Math.abs(number(a)) }) },
    Ceil: { arity: 1, call: ([a]) => whole(Math.ceil(number(a))) },
    Floor: { arity: 1, call: ([a]) => whole(Math.floor(number(a))) },
    MultipleOf: { arity: 2, validator: true, call: ([a, b]) => number(a) % number(b) === 0 },
    Pow: {
      arity: 2,
      call: ([a, b]) => (typeof a === "number" && typeof b === "number" && b >= 0 ? a ** b : { float: number(a) ** number(b) }),
    },
    Round: { arity: 1, call: ([a]) => whole(Math.sign(number(a)) * Math.round(Math.abs(number(a)))) },
    Sqrt: { arity: 1, call: ([a]) => ({ float: Math.sqrt(number(a)) }) },
    Trunc: { arity: 1, call: ([a]) => whole(Math.trunc(number(a))) },
  },
  constants: { Pi: { float: Math.PI }, E: { float: Math.E } },
};
