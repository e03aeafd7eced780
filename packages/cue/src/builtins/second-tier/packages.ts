/** The packages that few programs import, or that are large; a host may load this module only when one does. */
import type { BuiltinPackage } from "../contract.ts";
import { csvPackage } from "../encoding/csv.ts";
import { hexPackage } from "../encoding/hex.ts";
import { tomlPackage } from "../encoding/toml.ts";
import { yamlPackage } from "../encoding/yaml.ts";
import { hmacPackage, md5Package, sha1Package, sha256Package, sha512Package } from "./crypto.ts";
import { ed25519Package } from "./ed25519.ts";
import { htmlPackage } from "./html.ts";
import { mathPackage } from "./math.ts";
import { mathBitsPackage } from "./math-bits.ts";
import { netPackage } from "./net.ts";
import { pathPackage } from "./path.ts";
import { regexpPackage } from "./regexp.ts";
import { structPackage } from "./struct.ts";
import { tabwriterPackage } from "./tabwriter.ts";
import { templatePackage } from "./template.ts";
import { timePackage } from "./time.ts";
import { uuidPackage } from "./uuid.ts";

export const secondTierPackages: readonly BuiltinPackage[] = [
  csvPackage,
  ed25519Package,
  hexPackage,
  hmacPackage,
  htmlPackage,
  mathPackage,
  mathBitsPackage,
  md5Package,
  netPackage,
  pathPackage,
  regexpPackage,
  sha1Package,
  sha256Package,
  sha512Package,
  structPackage,
  tabwriterPackage,
  templatePackage,
  timePackage,
  tomlPackage,
  uuidPackage,
  yamlPackage,
];
