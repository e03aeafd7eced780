/** Finds the manifests of the demo: the shared seed where it lies beside the checkout, our own equivalents elsewhere. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
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

export function loadManifest(file: "workflowrun.yaml" | "rollout.yaml"): Manifest {
  const seed = join(root, "../shared/seed", file);
  const path = existsSync(seed) ? seed : join(root, "examples", file);
  return readManifest(path, existsSync(seed) ? `shared/seed/${file}` : `examples/${file}`);
}

/** Parses a manifest whole; any diagnostic refuses all of it, so that nothing is half-applied. */
export function readManifest(path: string, shownAs: string): Manifest {
  const { objects, diagnostics } = parseYamlDocuments(readFileSync(path, "utf8"), shownAs);
  if (diagnostics.length > 0) throw new CommandError(diagnostics.map(formatDiagnostic).join("\n"));
  return { name: shownAs, objects: objects.map((entry) => entry.object) };
}
