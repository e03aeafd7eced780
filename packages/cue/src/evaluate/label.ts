/**
 * Labels as map keys. A regular field carries a leading dot, so that the field "#x" and the definition #x differ; a hidden
 * label carries its package, because hidden fields of different packages are different fields.
 */
export type LabelKey = string;

export function regularKey(name: string): LabelKey {
  return `.${name}`;
}

/** The key of an identifier written as a label: `a`, `#D`, `_h`, `_#d`. */
export function identKey(name: string, packagePath: string): LabelKey {
  if (name.startsWith("#")) return name;
  if (name.startsWith("_#") || (name.startsWith("_") && name !== "_")) return `${name}@${packagePath}`;
  return regularKey(name);
}

export function isRegular(key: LabelKey): boolean {
  return key.startsWith(".");
}

export function isDefinition(key: LabelKey): boolean {
  return key.startsWith("#") || key.startsWith("_#");
}

export function isHidden(key: LabelKey): boolean {
  return key.startsWith("_");
}

/** As in the source, without quotes: `a b`, `#D`, `_h`. */
export function labelText(key: LabelKey): string {
  if (isRegular(key)) return key.slice(1);
  const package_ = key.indexOf("@");
  return package_ < 0 ? key : key.slice(0, package_);
}
