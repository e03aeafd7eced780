/** The packages that most programs import. */
import type { BuiltinPackage } from "../contract.ts";
import { base64Package } from "../encoding/base64.ts";
import { csvPackage } from "../encoding/csv.ts";
import { hexPackage } from "../encoding/hex.ts";
import { jsonPackage } from "../encoding/json.ts";
import { yamlPackage } from "../encoding/yaml.ts";
import { listPackage } from "./list.ts";
import { mathPackage } from "./math.ts";
import { mathBitsPackage } from "./math-bits.ts";
import { regexpPackage } from "./regexp.ts";
import { strconvPackage } from "./strconv.ts";
import { stringsPackage } from "./strings.ts";
import { structPackage } from "./struct.ts";

export const firstTierPackages: readonly BuiltinPackage[] = [
  base64Package,
  csvPackage,
  hexPackage,
  jsonPackage,
  listPackage,
  mathPackage,
  mathBitsPackage,
  regexpPackage,
  strconvPackage,
  stringsPackage,
  structPackage,
  yamlPackage,
];
