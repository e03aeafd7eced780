/** The packages that most programs import. */
import type { BuiltinPackage } from "../contract.ts";
import { base64Package } from "../encoding/base64.ts";
import { jsonPackage } from "../encoding/json.ts";
import { listPackage } from "./list.ts";
import { strconvPackage } from "./strconv.ts";
import { stringsPackage } from "./strings.ts";

export const firstTierPackages: readonly BuiltinPackage[] = [base64Package, jsonPackage, listPackage, strconvPackage, stringsPackage];
