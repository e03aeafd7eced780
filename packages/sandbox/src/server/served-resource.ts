import type { KubeObject, Resource, StructuralSchema } from "@slipway/kube";
import type { KindDefinition } from "../schema/kind-definition.ts";
import type { Decoded } from "./decode-object.ts";

/** One version of a kind as it is served: what a request needs to know besides the store. */
export interface ServedResource extends Resource {
  readonly definition: KindDefinition;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly listKind: string;
  /** Where its objects are stored; versions of one kind share it. */
  readonly bucket: string;
  /** True when stored objects can be shown as they are. */
  readonly storedAsServed: boolean;
  /** The schema of a custom kind's version. */
  readonly schema: StructuralSchema | undefined;
  decode(input: KubeObject): Decoded;
  /** From the stored form to this version. */
  present(objects: readonly KubeObject[]): Promise<readonly KubeObject[]>;
  /** From this version to the stored form. */
  store(object: KubeObject): Promise<KubeObject>;
}

/** The kinds that are served now; custom kinds come and go with their CRDs. */
export interface ResourceRegistry {
  find(group: string, version: string, plural: string): ServedResource | undefined;
  findKind(group: string, version: string, kind: string): ServedResource | undefined;
  /** Everything served, built-in kinds first, in discovery order. */
  all(): readonly ServedResource[];
  /** Changes whenever `all` does. */
  readonly generation: number;
}
