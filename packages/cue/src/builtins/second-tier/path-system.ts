/** File paths by the rules of an operating system, as Go's path/filepath has them. All is lexical. */

export interface PathSystem {
  readonly separator: string;
  readonly listSeparator: string;
  isSeparator(char: string): boolean;
  isAbsolute(path: string): boolean;
  /** Length of a leading volume name; 0 but on Windows. */
  volumeLength(path: string): number;
  splitList(path: string): string[];
  join(elements: readonly string[]): string;
  sameWord(a: string, b: string): boolean;
}

function plain(listSeparator: string, isAbsolute: (path: string) => boolean): PathSystem {
  return {
    separator: "/",
    listSeparator,
    isSeparator: (char) => char === "/",
    isAbsolute,
    volumeLength: () => 0,
    splitList: (path) => (path === "" ? [] : path.split(listSeparator)),
    join(elements) {
      const first = elements.findIndex((element) => element !== "");
      return first < 0 ? "" : clean(elements.slice(first).join("/"), this);
    },
    sameWord: (a, b) => a === b,
  };
}

export const unix: PathSystem = plain(":", (path) => path.startsWith("/"));

export const plan9: PathSystem = plain("\0", (path) => path.startsWith("/") || path.startsWith("#"));

const reservedName = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])$/i;

function windowsVolumeLength(path: string): number {
  if (/^[A-Za-z]:/.test(path)) return 2;
  // `\\host\share`: neither part may be empty or begin with a dot.
  return /^[\\/]{2}[^\\/.][^\\/]*[\\/][^\\/.][^\\/]*/.exec(path)?.[0].length ?? 0;
}

function isUnc(path: string): boolean {
  return windowsVolumeLength(path) > 2;
}

function joinWindows(elements: readonly string[]): string {
  const [head = "", ...tail] = elements;
  if (/^.:$/s.test(head)) {
    // A drive without a slash: the path stays relative to the current folder of that drive.
    const from = tail.findIndex((element) => element !== "");
    return clean(head + (from < 0 ? "" : tail.slice(from).join("\\")), windows);
  }
  const joined = clean(elements.join("\\"), windows);
  if (!isUnc(joined)) return joined;
  // Joining must not make a network path of parts that are none.
  const first = clean(head, windows);
  if (isUnc(first)) return joined;
  const rest = clean(tail.join("\\"), windows);
  return first.endsWith("\\") ? first + rest : `${first}\\${rest}`;
}

export const windows: PathSystem = {
  separator: "\\",
  listSeparator: ";",
  isSeparator: (char) => char === "\\" || char === "/",
  isAbsolute(path) {
    if (reservedName.test(path)) return true;
    const length = windowsVolumeLength(path);
    return length > 0 && /^[\\/]/.test(path.slice(length));
  },
  volumeLength: windowsVolumeLength,
  splitList(path) {
    if (path === "") return [];
    const list: string[] = [];
    let part = "";
    let quoted = false;
    for (const char of path) {
      if (char === '"') quoted = !quoted;
      else if (char === ";" && !quoted) {
        list.push(part);
        part = "";
      } else part += char;
    }
    return [...list, part];
  },
  join(elements) {
    const first = elements.findIndex((element) => element !== "");
    return first < 0 ? "" : joinWindows(elements.slice(first));
  },
  sameWord: (a, b) => a.toLowerCase() === b.toLowerCase(),
};

export function toSlash(path: string, system: PathSystem): string {
  return system.separator === "/" ? path : path.replaceAll(system.separator, "/");
}

export function fromSlash(path: string, system: PathSystem): string {
  return system.separator === "/" ? path : path.replaceAll("/", system.separator);
}

function split(path: string, system: PathSystem): string[] {
  return path.split(system.separator === "/" ? "/" : /[\\/]/);
}

/** The shortest path that is lexically the same. */
export function clean(original: string, system: PathSystem): string {
  const volumeLength = system.volumeLength(original);
  const volume = original.slice(0, volumeLength);
  const path = original.slice(volumeLength);
  if (path === "") {
    return volumeLength > 1 && original.charAt(1) !== ":" ? fromSlash(original, system) : `${original}.`;
  }
  const rooted = system.isSeparator(path.charAt(0));
  const kept: string[] = [];
  for (const part of split(path, system)) {
    if (part === "" || part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (!rooted) kept.push(part);
  }
  const body = (rooted ? system.separator : "") + kept.join(system.separator);
  return fromSlash(volume + (body === "" ? "." : body), system);
}

function lastSeparator(path: string, system: PathSystem): number {
  let at = path.length - 1;
  while (at >= 0 && !system.isSeparator(path.charAt(at))) at--;
  return at;
}

/** What comes before and after the last separator; the separator belongs to the first part. */
export function splitPath(path: string, system: PathSystem): [string, string] {
  const at = Math.max(lastSeparator(path, system), system.volumeLength(path) - 1);
  return [path.slice(0, at + 1), path.slice(at + 1)];
}

export function extension(path: string, system: PathSystem): string {
  const name = path.slice(lastSeparator(path, system) + 1);
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot);
}

export function base(path: string, system: PathSystem): string {
  if (path === "") return ".";
  let end = path.length;
  while (end > 0 && system.isSeparator(path.charAt(end - 1))) end--;
  const trimmed = path.slice(0, end);
  const rest = trimmed.slice(system.volumeLength(trimmed));
  const name = rest.slice(lastSeparator(rest, system) + 1);
  return name === "" ? system.separator : name;
}

export function directory(path: string, system: PathSystem): string {
  const volume = path.slice(0, system.volumeLength(path));
  const rest = path.slice(volume.length);
  const dir = clean(rest.slice(0, lastSeparator(rest, system) + 1), system);
  return dir === "." && volume.length > 2 ? volume : volume + dir;
}

/** A path from `basePath` to `targetPath`; undefined where only the file system could tell. */
export function relative(basePath: string, targetPath: string, system: PathSystem): string | undefined {
  const baseVolume = basePath.slice(0, system.volumeLength(basePath));
  const targetVolume = targetPath.slice(0, system.volumeLength(targetPath));
  const from = clean(basePath, system);
  const to = clean(targetPath, system);
  if (system.sameWord(to, from)) return ".";
  const fromRest = from.slice(baseVolume.length) === "." ? "" : from.slice(baseVolume.length);
  const toRest = to.slice(targetVolume.length);
  const rooted = (rest: string): boolean => rest.startsWith(system.separator);
  if (rooted(fromRest) !== rooted(toRest) || !system.sameWord(baseVolume, targetVolume)) return undefined;
  const fromParts = fromRest.split(system.separator).filter((part) => part !== "");
  const toParts = toRest.split(system.separator).filter((part) => part !== "");
  let same = 0;
  while (same < fromParts.length && same < toParts.length && system.sameWord(fromParts[same] ?? "", toParts[same] ?? "")) same++;
  if (fromParts[same] === "..") return undefined;
  return [...fromParts.slice(same).map(() => ".."), ...toParts.slice(same)].join(system.separator);
}
