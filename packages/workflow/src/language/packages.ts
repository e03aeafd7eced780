/** The CUE packages that templates import: ours, from the `.cue` files of this package. */
import type { SourceFile } from "@slipway/cue";
import { cueFiles } from "../generated/cue-files.ts";

/** `vela/kube` → the text of packages/vela/kube.cue. */
export function loadPackage(path: string): readonly SourceFile[] | undefined {
  const text = cueFiles[`packages/${path}.cue`];
  return text === undefined ? undefined : [{ filename: path, text }];
}

/** The shipped templates by step type. */
export const shippedDefinitions: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(cueFiles)
    .filter(([path]) => path.startsWith("definitions/"))
    .map(([path, text]) => [path.slice("definitions/".length, -".cue".length), text]),
);
