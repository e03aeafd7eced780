import type { KindDefinition } from "./kind.ts";
import { rolloutKind } from "./rollout/kind.ts";

/** Every kind of ours, in the order in which they are installed. */
export const kinds: readonly KindDefinition[] = [rolloutKind];
