/** Names of shared schemas: as short as they can be told apart by. */
import type { Engine } from "../engine/instance.ts";
import type { Label } from "../engine/label.ts";
import { labelName } from "../engine/label.ts";
import type { Vertex } from "../engine/vertex.ts";

interface Target {
  readonly labels: readonly Label[];
  /** Import path; empty for the program itself. */
  readonly packagePath: string;
}

export type NameOf = (path: readonly string[]) => string;

export class SchemaNames {
  readonly #engine: Engine;
  readonly #root: Vertex;
  readonly #packages = new Map<Vertex, string>();

  constructor(engine: Engine, root: Vertex) {
    this.#engine = engine;
    this.#root = root;
  }

  /** Tells that the program imports a package. */
  imported(path: string): void {
    const root = this.#engine.ctx.host.importRoot(path);
    if (root !== undefined) this.#packages.set(root, path);
  }

  /** The name of each target, in the order given. */
  of(targets: readonly Vertex[], nameOf: NameOf | undefined): readonly string[] {
    const told = targets.map((vertex): Target => ({ labels: vertex.path(), packagePath: this.#packageOf(vertex) }));
    if (nameOf !== undefined) return told.map(({ labels }) => nameOf(labels.map(plain)));
    const forms = [short, withSign, withPackage, withPath];
    return told.map((target, i) => {
      const form = forms.find((each) => !told.some((other, j) => i !== j && isRival(target, other, each)));
      return (form ?? withPath)(target);
    });
  }

  #packageOf(vertex: Vertex): string {
    let root = vertex;
    while (root.parent !== undefined) root = root.parent;
    return root === this.#root ? "" : (this.#packages.get(root) ?? "");
  }
}

/** A definition keeps its sign where a field has the same name; the field has none to lose. */
function isRival(target: Target, other: Target, form: (target: Target) => string): boolean {
  if (form(target) !== form(other)) return false;
  const isField = (each: Target): boolean => short(each) === withSign(each);
  return !(form === short && target.packagePath === other.packagePath && isField(target) && !isField(other));
}

function plain(label: Label): string {
  return labelName(label).replace(/^#/, "");
}

function short({ labels }: Target): string {
  return labels.map(plain).join(".");
}

function withSign({ labels }: Target): string {
  return labels.map(labelName).join(".");
}

function withPackage(target: Target): string {
  const name = /(?:.*:)?([^/:@]+)[^/]*$/.exec(target.packagePath)?.[1];
  return name === undefined ? short(target) : `${name}.${short(target)}`;
}

function withPath(target: Target): string {
  const path = target.packagePath
    .replace(/@[^/:]*/g, "")
    .replace(/:.*$/, "")
    .replaceAll("/", ".");
  return path === "" ? withSign(target) : `${path}.${short(target)}`;
}
