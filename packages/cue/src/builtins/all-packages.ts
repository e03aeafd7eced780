/** All built-in packages. */
import type { BuiltinPackage } from "./contract.ts";
import { base64Package } from "./encoding/base64.ts";
import { csvPackage } from "./encoding/csv.ts";
import { hexPackage } from "./encoding/hex.ts";
import { jsonPackage } from "./encoding/json.ts";
import { yamlPackage } from "./encoding/yaml.ts";
import { listPackage } from "./first-tier/list.ts";
import { structPackage } from "./first-tier/struct.ts";
import { timePackage } from "./second-tier/time.ts";

export const builtinPackages: readonly BuiltinPackage[] = [
  jsonPackage,
  yamlPackage,
  base64Package,
  hexPackage,
  csvPackage,
  listPackage,
  structPackage,
  timePackage,
];
