/** All built-in packages. */
import type { BuiltinPackage } from "./contract.ts";
import { firstTierPackages } from "./first-tier/packages.ts";
import { secondTierPackages } from "./second-tier/packages.ts";

export const builtinPackages: readonly BuiltinPackage[] = [...firstTierPackages, ...secondTierPackages];
