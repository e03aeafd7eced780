/** Import paths: `example.com/a/b@v1:name` (CUE modules reference). */

export interface ImportPath {
  /** Without version and qualifier. */
  readonly path: string;
  /** `v1`; empty where none is given. */
  readonly version: string;
  /** The package's name: what follows the colon, else the last element of the path; empty where that is no identifier. */
  readonly name: string;
  readonly explicitName: boolean;
}

const identifier = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;

export function parseImportPath(text: string): ImportPath {
  let rest = text;
  let name: string | undefined;
  const colon = rest.lastIndexOf(":");
  if (colon >= 0 && !rest.slice(colon).includes("/")) {
    name = rest.slice(colon + 1);
    rest = rest.slice(0, colon);
  }
  let version = "";
  const at = rest.lastIndexOf("@");
  if (at >= 0 && !rest.slice(at).includes("/")) {
    version = rest.slice(at + 1);
    rest = rest.slice(0, at);
  }
  const last = rest.slice(rest.lastIndexOf("/") + 1);
  return { path: rest, version, name: name ?? (identifier.test(last) ? last : ""), explicitName: name !== undefined };
}

/** Without the package name: what names a directory. */
export function withoutName(path: ImportPath): string {
  return path.version === "" ? path.path : `${path.path}@${path.version}`;
}

/** Paths whose first element has no dot belong to the language. */
export function isBuiltinPath(path: string): boolean {
  return !(path.split("/")[0] ?? "").includes(".");
}

export function isIdentifier(text: string): boolean {
  return identifier.test(text);
}

/** Why a path cannot be imported; undefined where it can. */
export function malformedImport(text: string): string | undefined {
  const colon = text.indexOf(":");
  const at = text.indexOf("@", colon < 0 ? text.length : colon);
  if (colon >= 0 && at > colon)
    return `malformed import path ${JSON.stringify(text)}: package qualifier must not contain a version; use path@version:qualifier syntax`;
  const { version } = parseImportPath(text);
  if (version !== "" && !/^v\d+$/.test(version))
    return `malformed import path ${JSON.stringify(text)}: import paths can only contain a major version specifier`;
  return undefined;
}
