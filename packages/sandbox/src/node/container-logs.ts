import type { ObjectKey } from "@slipway/kube";
import { formatKey } from "@slipway/kube";

export interface LogLine {
  readonly timeMs: number;
  readonly text: string;
}

const linesKept = 2000;

/** Gets each new line, then `undefined` when the container is gone. */
export type LogFollower = (line: LogLine | undefined) => void;

/** The last lines of each container, kept until its pod is gone. */
export class ContainerLogs {
  readonly #lines = new Map<string, LogLine[]>();
  readonly #followers = new Map<string, Set<LogFollower>>();

  append(pod: ObjectKey, container: string, line: LogLine): void {
    const key = `${formatKey(pod)}/${container}`;
    let lines = this.#lines.get(key);
    if (lines === undefined) this.#lines.set(key, (lines = []));
    lines.push(line);
    // Trimmed in slabs, so that a busy server does not shift an array for each request.
    if (lines.length > linesKept + 500) lines.splice(0, lines.length - linesKept);
    for (const follow of this.#followers.get(key) ?? []) follow(line);
  }

  /** `undefined` when the container never wrote. */
  read(pod: ObjectKey, container: string): readonly LogLine[] | undefined {
    return this.#lines.get(`${formatKey(pod)}/${container}`);
  }

  /** Calls `follow` for each line from now on; the result ends it. */
  follow(pod: ObjectKey, container: string, follow: LogFollower): () => void {
    const key = `${formatKey(pod)}/${container}`;
    let followers = this.#followers.get(key);
    if (followers === undefined) this.#followers.set(key, (followers = new Set()));
    followers.add(follow);
    return () => {
      followers.delete(follow);
      if (followers.size === 0) this.#followers.delete(key);
    };
  }

  forget(pod: ObjectKey, container: string): void {
    const key = `${formatKey(pod)}/${container}`;
    this.#lines.delete(key);
    for (const follow of this.#followers.get(key) ?? []) follow(undefined);
  }
}
