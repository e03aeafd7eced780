/**
 * One watch: a queue between the store, which pushes events synchronously, and a reader that takes them at its own pace.
 *
 * Invariants: events come in revision order, none lost; a reader too slow for `queueLimit` events is ended and has to
 * list again; while the reader keeps up, nothing but references to stored entries is held.
 */
import type { StoredEntry } from "../store/object-store.ts";

export type WatchItem =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly entry: StoredEntry }
  | { readonly type: "BOOKMARK"; readonly revision: number; readonly initialEventsEnd: boolean };

export interface WatchStream {
  push(item: WatchItem): void;
  /** The next item; `undefined` once the stream has ended and everything was read. */
  next(): Promise<WatchItem | undefined>;
  /** Takes what is queued without waiting. */
  poll(): WatchItem | undefined;
  /** Ends the stream; queued items can still be read. */
  end(): void;
  readonly ended: boolean;
}

export interface WatchStreamOptions {
  readonly queueLimit?: number;
  readonly onEnd: () => void;
  /** Called when the queue turns non-empty; the result when a reader asks for more than there is. */
  readonly begin?: () => () => void;
}

export function createWatchStream(options: WatchStreamOptions): WatchStream {
  const limit = options.queueLimit ?? 20_000;
  let queue: WatchItem[] = [];
  let head = 0;
  let ended = false;
  let wake: (() => void) | undefined;
  let finish: (() => void) | undefined;

  const stream: WatchStream = {
    push(item): void {
      if (ended) return;
      if (queue.length - head >= limit) {
        stream.end();
        return;
      }
      queue.push(item);
      finish ??= options.begin?.();
      wake?.();
    },
    poll(): WatchItem | undefined {
      const item = queue[head];
      if (item === undefined) {
        finish?.();
        finish = undefined;
        return undefined;
      }
      head++;
      if (head === queue.length || head > 1024) {
        queue = queue.slice(head);
        head = 0;
      }
      return item;
    },
    async next(): Promise<WatchItem | undefined> {
      for (;;) {
        const item = stream.poll();
        if (item !== undefined) return item;
        if (ended) return undefined;
        await new Promise<void>((resolve) => (wake = resolve));
        wake = undefined;
      }
    },
    end(): void {
      if (ended) return;
      ended = true;
      options.onEnd();
      // Nobody may come to read the rest, and the clock must not wait for it.
      finish?.();
      finish = undefined;
      wake?.();
    },
    get ended(): boolean {
      return ended;
    },
  };
  return stream;
}
