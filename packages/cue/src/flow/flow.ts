/**
 * Workflows in CUE, as the reference's `tools/flow`: structs that are tasks, and the order in which they can run. A task waits
 * for another when it refers to a field of it, directly or through values that are no tasks. What a task produces is filled in, which may
 * bring further tasks.
 *
 * Nothing runs here: whoever runs the tasks asks for those that can start, and tells when one has ended.
 */
import type { JsonValue } from "@slipway/std";
import type { CueError, CuePath, PathElement, Value } from "../api.ts";
import type { Label } from "../engine/label.ts";
import type { Vertex } from "../engine/vertex.ts";
import { sourcePosition } from "../value/cue-error.ts";
import { CueValue, elementLabel } from "../value/cue-value.ts";
import { pathElement } from "../value/dependencies.ts";
import { formatPath, parsePath } from "../value/path.ts";
import type { FoundReference } from "../value/references.ts";
import { inheritedReferencesOf, referencesOf } from "../value/references.ts";
import { findCycle } from "./cycle.ts";

/** `waiting` for other tasks, `ready` to run, `running`, or `terminated`. */
export type TaskState = "waiting" | "ready" | "running" | "terminated";

export interface FlowTask {
  /** Its place in the order in which tasks were found. */
  readonly index: number;
  readonly path: readonly PathElement[];
  readonly state: TaskState;
  /** What must end before it may start, in the order in which it refers to them. */
  readonly dependencies: readonly FlowTask[];
  /** As it is now, with what the tasks so far have produced. */
  readonly value: Value;
}

/** Whether a value is a task; for one that should be and is malformed, why. */
export type TaskTest = (value: Value) => boolean | { readonly error: string };

export interface FlowOptions {
  /** Tasks are looked for below this path. Default: everywhere. */
  readonly root?: CuePath;
  /** A struct elsewhere is a task too when a task refers to it or to one of its fields. Default: no. */
  readonly inferTasks?: boolean;
  /** What is concrete already is not waited for. Default: it is. */
  readonly ignoreConcrete?: boolean;
  /** Hidden fields may be tasks; definitions never are. Default: no. */
  readonly hiddenTasks?: boolean;
}

class Task implements FlowTask {
  readonly index: number;
  readonly labels: readonly Label[];
  readonly path: readonly PathElement[];
  readonly dependencies: Task[] = [];
  state: TaskState = "waiting";
  readonly #flow: Flow;

  constructor(flow: Flow, index: number, labels: readonly Label[]) {
    this.#flow = flow;
    this.index = index;
    this.labels = labels;
    this.path = labels.map(pathElement);
  }

  get value(): Value {
    return this.#flow.value.lookup(this.path);
  }
}

export class Flow {
  readonly #isTask: TaskTest;
  readonly #options: FlowOptions;
  readonly #tasks: Task[] = [];
  readonly #byPath = new Map<string, Task>();
  readonly #errors: CueError[] = [];
  /** Places outside of the root that turned out to be no tasks, in the present value. */
  readonly #noTasks = new Set<string>();
  #value: CueValue;

  /** `program`: an instance of one. */
  constructor(program: Value, isTask: TaskTest, options: FlowOptions = {}) {
    if (!(program instanceof CueValue)) throw new TypeError("a flow needs an instance of a program");
    this.#value = program;
    this.#isTask = isTask;
    this.#options = options;
    this.#update();
  }

  /** The program with what the tasks have produced. */
  get value(): Value {
    return this.#value;
  }
  get tasks(): readonly FlowTask[] {
    return this.#tasks;
  }
  /** Malformed tasks, tasks that wait for each other, tasks that failed. Nothing starts once there are any. */
  get errors(): readonly CueError[] {
    return this.#errors;
  }

  /** The tasks that can run, which are running from now on. */
  start(): readonly FlowTask[] {
    if (this.#errors.length > 0) return [];
    const started = this.#tasks.filter((task) => task.state === "ready");
    for (const task of started) task.state = "running";
    return started;
  }

  /** A running task has ended; `result` becomes part of its value. */
  finish(task: FlowTask, result?: JsonValue | Value): void {
    const own = this.#running(task);
    if (own === undefined) return;
    own.state = "terminated";
    if (result !== undefined) {
      const filled = this.#value.fill(own.path, result);
      if (filled instanceof CueValue) this.#value = filled;
      this.#update();
    } else this.#markReady();
  }

  /** A running task has failed: the flow ends. */
  fail(task: FlowTask, message: string): void {
    const own = this.#running(task);
    if (own === undefined) return;
    own.state = "terminated";
    this.#errors.push(this.#error("CUE_TASK_FAILED", `task failed: ${message}`, [own]));
  }

  #running(task: FlowTask): Task | undefined {
    const own = this.#tasks[task.index];
    return own === task && own.state === "running" ? own : undefined;
  }

  #update(): void {
    this.#noTasks.clear();
    const path = this.#rootPath();
    const root = path === undefined ? undefined : this.#value.lookup(path);
    const error = root?.error();
    if (path === undefined || root === undefined || (error !== undefined && !root.exists())) {
      this.#errors.push(error ?? this.#error("CUE_TASK", "invalid root", []));
      return;
    }
    this.#findTasks(root, path.map(elementLabel));
    const references = new References(this.#value);
    // Tasks that are found by being referred to come after these.
    for (const task of this.#tasks) this.#findDependencies(task, references);
    const cycle = findCycle(this.#tasks);
    if (cycle !== undefined) this.#errors.push(this.#cycleError(cycle));
    this.#markReady();
  }

  #rootPath(): readonly PathElement[] | undefined {
    const { root = [] } = this.#options;
    return typeof root === "string" ? parsePath(root) : root;
  }

  #markReady(): void {
    for (const task of this.#tasks)
      if (task.state === "waiting" && task.dependencies.every((each) => each.state === "terminated")) task.state = "ready";
  }

  #findTasks(value: Value, labels: readonly Label[]): void {
    const open: { readonly value: Value; readonly labels: readonly Label[] }[] = [{ value, labels }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { value: at, labels: path } = next;
      if (this.#test(at, path, true) !== undefined) continue;
      const fields = at
        .fields({ hidden: this.#options.hiddenTasks === true })
        .filter(({ element }) => typeof element !== "object" || ("hidden" in element && !element.hidden.startsWith("_#")))
        .map(({ value: field, element }) => ({ value: field, labels: [...path, elementLabel(element)] }));
      const elements = at.elements().map((element, i) => ({ value: element, labels: [...path, i] }));
      open.push(...[...fields, ...elements].reverse());
    }
  }

  /** The task at a place, registered if it is one. */
  #test(value: Value, labels: readonly Label[], isInRoot: boolean): Task | undefined {
    const key = JSON.stringify(labels);
    const known = this.#byPath.get(key);
    if (known !== undefined) return known;
    const error = value.error();
    if (error !== undefined && error.category !== "incomplete" && error.category !== "cycle") {
      if (isInRoot) this.#errors.push(error);
      return undefined;
    }
    const verdict = this.#isTask(value);
    if (verdict === false) return undefined;
    const task = new Task(this, this.#tasks.length, labels);
    if (verdict !== true) {
      if (isInRoot) this.#errors.push(this.#error("CUE_TASK", verdict.error, [task]));
      return undefined;
    }
    this.#tasks.push(task);
    this.#byPath.set(key, task);
    return task;
  }

  #findDependencies(task: Task, references: References): void {
    const seen = new Set<string>();
    const pending = [references.ofTask(task).values()];
    // Depth first, so that tasks come in the order in which they are referred to.
    for (let next = pending.at(-1); next !== undefined; next = pending.at(-1)) {
      const { value: reference, done } = next.next();
      if (done === true) {
        pending.pop();
        continue;
      }
      const key = JSON.stringify(reference.path);
      if (seen.has(key)) continue;
      seen.add(key);
      const found = this.#taskOf(reference);
      if (found === undefined) pending.push(references.of(reference.path).values());
      else if (found !== null && found !== task && !task.dependencies.includes(found)) task.dependencies.push(found);
    }
  }

  /** The task that a place is part of; null where it does not matter. */
  #taskOf({ path, isTop }: FoundReference): Task | null | undefined {
    if (this.#options.ignoreConcrete === true && this.#isConcreteScalar(path)) return null;
    for (let length = path.length; length >= 0; length--) {
      const task = this.#byPath.get(JSON.stringify(path.slice(0, length)));
      if (task !== undefined) return task;
    }
    // A task that another is made from as a whole is a template.
    if (this.#options.inferTasks !== true || isTop) return undefined;
    for (let length = path.length; length > 0; length--) {
      const prefix = path.slice(0, length);
      const key = JSON.stringify(prefix);
      if (this.#noTasks.has(key)) return undefined;
      const value = this.#value.lookup(prefix.map(pathElement));
      const task = value.exists() ? this.#test(value, prefix, false) : undefined;
      if (task !== undefined) return task;
      this.#noTasks.add(key);
    }
    return undefined;
  }

  #isConcreteScalar(path: readonly Label[]): boolean {
    const value = this.#value.lookup(path.map(pathElement));
    const kinds = value.incompleteKind();
    return kinds !== "struct" && kinds !== "list" && value.isConcrete();
  }

  #cycleError(tasks: readonly Task[]): CueError {
    const names = [...tasks, ...tasks.slice(0, 1)].map((task) => `\n\ttask ${formatPath(task.path)}`);
    return this.#error("CUE_TASK_CYCLE", `cyclic task dependency:${names.join(" refers to")}`, tasks);
  }

  #error(code: string, message: string, tasks: readonly Task[]): CueError {
    const at = tasks.flatMap(({ value }) => {
      const position = value instanceof CueValue ? value.vertex?.conjuncts[0]?.elem.position : undefined;
      return position === undefined ? [] : [sourcePosition(position)];
    });
    at.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column));
    const category = code === "CUE_TASK_CYCLE" ? "cycle" : "user";
    return { code, severity: "error", category, message, path: tasks[0]?.path.map((each) => formatPath([each])) ?? [], at };
  }
}

/** What the values of a program refer to. */
class References {
  readonly #value: CueValue;
  readonly #known = new Map<string, readonly FoundReference[]>();

  constructor(value: CueValue) {
    this.#value = value;
  }

  ofTask(task: Task): readonly FoundReference[] {
    const place = task.value;
    return place instanceof CueValue && place.vertex !== undefined ? referencesOf(this.#value.instance, place.vertex) : [];
  }

  /** Of a value that is no task; where nothing is there yet, of that around it. */
  of(path: readonly Label[]): readonly FoundReference[] {
    const key = JSON.stringify(path);
    let known = this.#known.get(key);
    if (known === undefined) {
      const { instance } = this.#value;
      const vertex = this.#nearest(path);
      const own = vertex === undefined ? [] : referencesOf(instance, vertex);
      const inherited = inheritedReferencesOf(instance, instance.root, path);
      known = [...own, ...inherited].map((each) => ({ ...each, isTop: false }));
      this.#known.set(key, known);
    }
    return known;
  }

  #nearest(path: readonly Label[]): Vertex | undefined {
    for (let length = path.length; length > 0; length--) {
      const value = this.#value.lookup(path.slice(0, length).map(pathElement));
      if (value instanceof CueValue && value.vertex !== undefined) return value.vertex;
    }
    return undefined;
  }
}
