/** The state of one evaluation: the task stack, the current place, errors on the way, budgets. */
import type { Bottom, ErrorCode, Message } from "./bottom.ts";
import { combineErrors } from "./bottom.ts";
import type { Elem, Position } from "./expr.ts";
import type { NodeState } from "./state.ts";
import type { Task } from "./task.ts";
import type { Value } from "./value.ts";
import type { CloseInfo, Conjunct, Environment } from "./vertex.ts";
import { rootCloseInfo, Vertex } from "./vertex.ts";

export interface Limits {
  readonly steps: number;
  readonly depth: number;
  /** Bytes, by estimate. */
  readonly memory: number;
  /** Milliseconds by the clock; asked every few hundred steps. */
  readonly time: { readonly clock: { now(): number }; readonly milliseconds: number } | undefined;
}

/** What a vertex costs while it is evaluated, in bytes: measured on programs of many small structs. */
const bytesOfVertex = 1500;

export interface Compatibility {
  /** Lists may be joined by `+` and repeated by `*`, as before v0.11. */
  readonly listArithmetic: boolean;
  /** Bounds that leave one value are that value, as with `keepvalidators=0`. */
  readonly collapseBounds: boolean;
}

/** What the evaluation needs from outside it. */
export interface Host {
  /** The root of an imported package. */
  readonly importRoot: (path: string) => Vertex | undefined;
  /** Whether that package is built in. */
  readonly isBuiltin: (path: string) => boolean;
  readonly limits: Limits;
  readonly compatibility: Compatibility;
}

export interface Frame {
  readonly env: Environment | undefined;
  readonly errors: Bottom | undefined;
  readonly source: Position | undefined;
  readonly close: CloseInfo;
}

export class Context {
  readonly host: Host;
  /** Tasks that run, innermost last. */
  readonly stack: Task[] = [];
  /** Tasks that wait, of the round of evaluation. */
  blocking: Task[] = [];

  env: Environment | undefined = undefined;
  close: CloseInfo = rootCloseInfo;
  source: Position | undefined = undefined;
  errors: Bottom | undefined = undefined;
  positions: (Elem | Vertex)[] = [];
  /** The place that errors are about. */
  vertex: Vertex | undefined = undefined;
  evalDepth = 0;
  inDetached = 0;
  inValidator = 0;
  /** How many functions of packages are looking at their arguments. */
  inCall = 0;
  /** How many of those say whether a value is valid. */
  validating = 0;
  /** What functions check by values of the program, innermost last. */
  readonly checking: { readonly schema: Value; readonly value: Value }[] = [];
  overlays: { readonly root: Vertex; readonly map: ReadonlyMap<Vertex, Vertex> }[] = [];

  nextGroup = 0;
  /** The group that each group is part of. */
  readonly containments: number[] = [0];
  readonly groupPlaces: (Position | undefined)[] = [undefined];

  /** What evaluation has made since it was last cleared away. */
  states: NodeState[] = [];

  steps = 0;
  depth = 0;
  textBytes = 0;
  deadline: number = Infinity;
  /** A lookup met a field that a comprehension further up may still make. */
  lookupPendingParent = false;
  /** Set once a limit was met; everything winds down. */
  exhausted: Bottom | undefined = undefined;

  constructor(host: Host) {
    this.host = host;
  }

  current(): Task | undefined {
    return this.stack[this.stack.length - 1];
  }

  /** Counts a step. True when evaluation must stop. */
  step(): boolean {
    if (this.exhausted !== undefined) return true;
    const { limits } = this.host;
    this.steps++;
    if (this.steps > limits.steps) this.exhaust(`evaluation takes more than ${limits.steps} steps`);
    else if (this.states.length * bytesOfVertex + this.textBytes > limits.memory)
      this.exhaust(`evaluation takes more than ${limits.memory} bytes of memory`);
    else if (limits.time !== undefined && (this.steps & 0xff) === 0 && limits.time.clock.now() > this.deadline)
      this.exhaust(`evaluation takes more than ${limits.time.milliseconds} ms`);
    return this.exhausted !== undefined;
  }

  /** Starts the budgets anew. */
  startBudgets(): void {
    const { time } = this.host.limits;
    this.steps = 0;
    this.depth = 0;
    this.textBytes = 0;
    this.exhausted = undefined;
    this.deadline = time === undefined ? Infinity : time.clock.now() + time.milliseconds;
  }

  /** Counts text or bytes that evaluation makes. */
  countText(length: number): void {
    this.textBytes += length;
    this.step();
  }

  exhaust(message: string): Bottom {
    this.exhausted ??= this.newBottom("budget", message, []);
    return this.exhausted;
  }

  newMessage(position: Position | undefined, format: string, args: readonly unknown[]): Message {
    const positions: Position[] = [];
    const add = (at: Position | undefined): void => {
      if (at !== undefined) positions.push(at);
    };
    for (const each of this.positions) addNodePositions(each, add);
    for (const arg of args) if (isNode(arg)) addNodePositions(arg, add);
    return { format, args: args.map(snapshot), position, positions, vertex: this.vertex, cause: undefined };
  }

  /** `at`: the place of the error itself; "nowhere" where only what takes part in it has places. */
  newBottom(code: ErrorCode, format: string, args: readonly unknown[], at: Position | "nowhere" | undefined = this.source): Bottom {
    return {
      type: "bottom",
      position: this.source,
      code,
      messages: [this.newMessage(at === "nowhere" ? undefined : at, format, args)],
      node: this.vertex,
      literal: false,
    };
  }

  addBottom(bottom: Bottom | undefined): void {
    if (bottom !== undefined) this.errors = combineErrors(this.errors, bottom);
  }

  /** Records an error at `position`. */
  fail(code: ErrorCode, position: Position | "nowhere" | undefined, format: string, ...args: unknown[]): void {
    this.addBottom(this.newBottom(code, format, args, position));
  }

  takeErrors(): Bottom | undefined {
    const errors = this.errors;
    this.errors = undefined;
    return errors;
  }

  push(env: Environment | undefined, source: Position | undefined): Frame {
    const frame = { env: this.env, errors: this.errors, source: this.source, close: this.close };
    this.errors = undefined;
    if (source !== undefined) this.source = source;
    this.env = env;
    return frame;
  }

  /** Keeps errors of an inner frame for the outer one. */
  addBottomTo(frame: Frame, errors: Bottom | undefined): void {
    if (errors !== undefined) (frame as { errors: Bottom | undefined }).errors = combineErrors(frame.errors, errors);
  }

  pushConjunct(conjunct: Conjunct): Frame {
    const frame = this.push(conjunct.env, conjunct.elem.position);
    this.close = conjunct.close;
    return frame;
  }

  pop(frame: Frame): Bottom | undefined {
    const errors = this.errors;
    this.env = frame.env;
    this.errors = frame.errors;
    this.source = frame.source;
    this.close = frame.close;
    return errors;
  }

  /** `place`: the reference or struct that opens the group. */
  newGroup(place: Position | undefined): number {
    this.nextGroup++;
    this.containments.push(0);
    this.groupPlaces.push(place);
    return this.nextGroup;
  }

  /** The references and structs by which a conjunct came here. */
  placesOf(close: CloseInfo): Position[] {
    const found: Position[] = [];
    const seen = new Set<number>();
    for (let group = close.group; group !== 0 && !seen.has(group); group = this.containments[group] ?? 0) {
      seen.add(group);
      const place = this.groupPlaces[group];
      if (place !== undefined) found.push(place);
    }
    return found;
  }

  /** The overlay that stands for a vertex while a disjunct is tried. */
  deref(vertex: Vertex): Vertex {
    for (const overlay of this.overlays) if (overlay.root === vertex) return vertex;
    for (let i = this.overlays.length - 1; i >= 0; i--) {
      const found = this.overlays[i]?.map.get(vertex);
      if (found !== undefined) return found;
    }
    return vertex;
  }

  envVertex(env: Environment): Vertex {
    return this.overlays.length === 0 ? env.vertex : this.deref(env.vertex);
  }
}

/** A vertex as it is now: what it comes to may become the very error that names it. */
function snapshot(arg: unknown): unknown {
  if (!(arg instanceof Vertex)) return arg;
  const vertex = arg.derefValue();
  const copy = new Vertex(vertex.parent, vertex.label);
  copy.base = vertex.base;
  copy.arcs = vertex.arcs;
  copy.conjuncts = vertex.conjuncts;
  return copy;
}

export function isNode(arg: unknown): arg is Elem | Vertex {
  return typeof arg === "object" && arg !== null && "type" in arg && "position" in arg;
}

/** The position of a node and, for a vertex, of the values that its conjuncts give. */
export function addNodePositions(node: Elem | Vertex, add: (position: Position | undefined) => void): void {
  add(node.position);
  if (!(node instanceof Vertex)) return;
  const { base } = node;
  if (base !== undefined && "position" in base) add(base.position);
  for (const { elem } of node.conjuncts) {
    const isField = elem.type === "field" || elem.type === "patternField" || elem.type === "dynamicField";
    addNodePositions(isField ? elem.value : elem, add);
  }
}

export function upEnvironment(env: Environment, up: number): Environment {
  let at = env;
  for (let i = 0; i < up && at.up !== undefined; i++) at = at.up;
  return at;
}
