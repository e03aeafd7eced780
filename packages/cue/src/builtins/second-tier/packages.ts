/** The packages that few programs import; a host may load this module only when one does. */
import type { BuiltinPackage } from "../contract.ts";
import { tomlPackage } from "../encoding/toml.ts";
import { hmacPackage, md5Package, sha1Package, sha256Package, sha512Package } from "./crypto.ts";
import { ed25519Package } from "./ed25519.ts";
import { htmlPackage } from "./html.ts";
import { netPackage } from "./net.ts";
import { pathPackage } from "./path.ts";
import { tabwriterPackage } from "./tabwriter.ts";
import { templatePackage } from "./template.ts";
import { timePackage } from "./time.ts";
import { uuidPackage } from "./uuid.ts";

export const secondTierPackages: readonly BuiltinPackage[] = [
  ed25519Package,
  hmacPackage,
  htmlPackage,
  md5Package,
  netPackage,
  pathPackage,
  sha1Package,
  sha256Package,
  sha512Package,
  tabwriterPackage,
  templatePackage,
  timePackage,
  tomlPackage,
  uuidPackage,
];
