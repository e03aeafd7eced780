/** Names of shared schemas: as short as they can be told apart by. */
import type { Engine } from "../engine/instance.ts";
import type { Label } from "../engine/label.ts";
import { labelName } from "../engine/label.ts";
import type { Vertex } from "../engine/vertex.ts";

interface Target {
  readonly labels: readonly Label[];
  /** Absent for the program itself. */
  readonly package: Package | undefined;
}

interface Package {
  readonly path: string;
  readonly name: string;
}

export type NameOf = (path: readonly string[]) => string;

export class SchemaNames {
  readonly #engine: Engine;
  readonly #root: Vertex;
  readonly #packages = new Map<Vertex, Package>();

  constructor(engine: Engine, root: Vertex) {
    this.#engine = engine;
    this.#root = root;
  }

  /** Tells that the program imports a package. */
  imported(path: string): void {
    const root = this.#engine.ctx.host.importRoot(path);
    if (root === undefined) return;
    const [conjunct] = root.conjuncts;
    const source = conjunct?.elem.type === "structLit" ? conjunct.elem.source : undefined;
    const name = source?.type === "File" ? source.package?.name : undefined;
    this.#packages.set(root, { path, name: name ?? path.split("/").at(-1) ?? path });
  }

  /** The name of each target, in the order given. */
  of(targets: readonly Vertex[], nameOf: NameOf | undefined): readonly string[] {
    const told = targets.map((vertex): Target => ({ labels: vertex.path(), package: this.#packageOf(vertex) }));
    if (nameOf !== undefined) return told.map(({ labels }) => nameOf(labels.map(plain)));
    const forms = [short, withSign, withPackage, withPath];
    return told.map((target, i) => {
      const form = forms.find((each) => !told.some((other, j) => i !== j && isRival(target, other, each)));
      return (form ?? withPath)(target);
    });
  }

  #packageOf(vertex: Vertex): Package | undefined {
    let root = vertex;
    while (root.parent !== undefined) root = root.parent;
    return root === this.#root ? undefined : this.#packages.get(root);
  }
}

/** A definition keeps its sign where a field has the same name; the field has none to lose. */
function isRival(target: Target, other: Target, form: (target: Target) => string): boolean {
  if (form(target) !== form(other)) return false;
  const isField = (each: Target): boolean => short(each) === withSign(each);
  return !(form === short && target.package === other.package && isField(target) && !isField(other));
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
  return target.package === undefined ? short(target) : `${target.package.name}.${short(target)}`;
}

function withPath(target: Target): string {
  if (target.package === undefined) return withSign(target);
  const path = target.package.path
    .replace(/@[^/:]*/g, "")
    .replace(/:.*$/, "")
    .replaceAll("/", ".");
  return `${path}.${short(target)}`;
}
