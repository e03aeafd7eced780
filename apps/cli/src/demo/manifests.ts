/** The manifests that the demo runs. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { KubeObject } from "@slipway/kube";
import { parseYamlDocuments } from "@slipway/kube";
import { formatDiagnostic } from "@slipway/std";
import { CommandError } from "../exit.ts";

export interface Manifest {
  /** As shown to the user. */
  readonly name: string;
  readonly objects: readonly KubeObject[];
}

const root = join(import.meta.dirname, "../../../..");

export type ManifestFile = "workflowrun.yaml" | "rollout.yaml";

/** `folder` holds both files; without it, the shared seed where it lies beside the checkout, else `examples/`. */
export function loadManifest(file: ManifestFile, folder?: string): Manifest {
  const seed = join(root, "../shared/seed");
  const from = folder ?? (existsSync(join(seed, file)) ? seed : join(root, "examples"));
  const path = join(from, file);
  if (!existsSync(path)) throw new CommandError(`no file ${path}; the demo wants workflowrun.yaml and rollout.yaml in one folder`);
  return readManifest(path, `${basename(from) === "seed" ? "shared/seed" : basename(from)}/${file}`);
}

/** Parses a manifest whole; any diagnostic refuses all of it, so that nothing is half-applied. */
export function readManifest(path: string, shownAs: string): Manifest {
  const { objects, diagnostics } = parseYamlDocuments(readFileSync(path, "utf8"), shownAs);
  if (diagnostics.length > 0) throw new CommandError(diagnostics.map(formatDiagnostic).join("\n"));
  return { name: shownAs, objects: objects.map((entry) => entry.object) };
}
