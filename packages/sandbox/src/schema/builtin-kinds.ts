/** The built-in kinds: names, defaulting, validation, columns. CRDs join them at run time (`../server/custom-kinds.ts`). */
import { coreKinds } from "./core-kinds.ts";
import type { KindDefinition } from "./kind-definition.ts";
import { platformKinds } from "./platform-kinds.ts";
import { workloadKinds } from "./workload-kinds.ts";

export const builtinKinds: readonly KindDefinition[] = [...coreKinds, ...workloadKinds, ...platformKinds];
