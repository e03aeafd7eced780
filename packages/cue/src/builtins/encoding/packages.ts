/** The encoding packages. */
import type { BuiltinPackage } from "../contract.ts";
import { base64Package } from "./base64.ts";
import { csvPackage } from "./csv.ts";
import { hexPackage } from "./hex.ts";
import { jsonPackage } from "./json.ts";
import { tomlPackage } from "./toml.ts";
import { yamlPackage } from "./yaml.ts";

export const encodingPackages: readonly BuiltinPackage[] = [base64Package, csvPackage, hexPackage, jsonPackage, tomlPackage, yamlPackage];
