/** Package path. The last argument of most functions names the operating system and may be left out: `unix`. */
import type { BuiltinFunction, BuiltinPackage, Call, Parameter, Result } from "../contract.ts";
import { CallFailure, kind } from "../contract.ts";
import { matchPath } from "./path-match.ts";
import {
  base,
  clean,
  directory,
  extension,
  fromSlash,
  type PathSystem,
  plan9,
  relative,
  splitPath,
  toSlash,
  unix,
  windows,
} from "./path-system.ts";
import { define, type ParameterKind } from "../signature.ts";

const unixes = "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd solaris zos".split(" ");

/** In the order in which messages name them. */
const systems: ReadonlyMap<string, PathSystem> = new Map([
  ["unix", unix],
  ["windows", windows],
  ["plan9", plan9],
  ...unixes.map((name) => [name, unix] as const),
]);

function systemOf(call: Call, index: number): PathSystem {
  return systems.get(call.string(index)) ?? unix;
}

type Run = (call: Call, system: PathSystem) => Result;

const systemParameter: Parameter = { kinds: kind.string, values: [...systems.keys()] };
const defaultedParameter: Parameter = { ...systemParameter, default: "unix" };

/** A function whose last argument is the operating system. */
function named(name: string, parameters: readonly ParameterKind[], result: ParameterKind, run: Run): BuiltinFunction {
  const builtin = define(name, parameters, result, (call) => run(call, systemOf(call, parameters.length)));
  return { ...builtin, parameters: [...builtin.parameters, systemParameter] };
}

/** Like `named`, where the operating system may be left out. */
function defaulted(name: string, parameters: readonly ParameterKind[], result: ParameterKind, run: Run): BuiltinFunction {
  const builtin = named(name, parameters, result, run);
  return { ...builtin, parameters: [...builtin.parameters.slice(0, -1), defaultedParameter] };
}

export const pathPackage: BuiltinPackage = {
  path: "path",
  constants: { Unix: "unix", Windows: "windows", Plan9: "plan9" },
  functions: [
    defaulted("Split", ["string"], "list", (call, system) => splitPath(call.string(0), system)),
    named("SplitList", ["string"], "list", (call, system) => system.splitList(call.string(0))),
    defaulted("Join", ["list"], "string", (call, system) => system.join(call.strings(0))),
    defaulted("Match", ["string", "string"], "bool", (call, system) => matchPath(call.string(0), call.string(1), system)),
    defaulted("Clean", ["string"], "string", (call, system) => clean(call.string(0), system)),
    named("ToSlash", ["string"], "string", (call, system) => toSlash(call.string(0), system)),
    named("FromSlash", ["string"], "string", (call, system) => fromSlash(call.string(0), system)),
    defaulted("Ext", ["string"], "string", (call, system) => extension(call.string(0), system)),
    defaulted("Resolve", ["string", "string"], "string", (call, system) => {
      const sub = call.string(1);
      return system.isAbsolute(sub) ? clean(sub, system) : system.join([call.string(0), sub]);
    }),
    defaulted("Rel", ["string", "string"], "string", (call, system) => {
      const path = relative(call.string(0), call.string(1), system);
      if (path === undefined) throw new CallFailure(`Rel: can't make ${call.string(1)} relative to ${call.string(0)}`);
      return path;
    }),
    defaulted("Base", ["string"], "string", (call, system) => base(call.string(0), system)),
    defaulted("Dir", ["string"], "string", (call, system) => directory(call.string(0), system)),
    defaulted("IsAbs", ["string"], "bool", (call, system) => system.isAbsolute(call.string(0))),
    named("VolumeName", ["string"], "string", (call, system) => call.string(0).slice(0, system.volumeLength(call.string(0)))),
  ],
};
