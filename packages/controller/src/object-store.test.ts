import type { KubeObject } from "@slipway/kube";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PendingWrite } from "./object-store.ts";
import { ObjectStore } from "./object-store.ts";

const at = (version: number | string, extra: Partial<KubeObject["metadata"]> = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace: "ns", name: "a", uid: "u1", resourceVersion: String(version), ...extra },
});
const key = { namespace: "ns", name: "a" };
const version = (store: ObjectStore): string | undefined => store.get("ns/a")?.metadata.resourceVersion;

describe("object store", () => {
  it("keeps indexes in step with adds, changes and deletions", () => {
    const store = new ObjectStore();
    store.addIndex("label", (object) => Object.values(object.metadata.labels ?? {}));
    const names = (value: string): unknown[] => store.byIndex("label", value).map((object) => object.metadata.name);
    store.apply("ADDED", at(1, { labels: { x: "red" } }));
    store.apply("ADDED", at(2, { name: "b", labels: { x: "red" } }));
    expect(names("red")).toEqual(["a", "b"]);
    store.apply("MODIFIED", at(3, { labels: { x: "blue" } }));
    expect([names("red"), names("blue")]).toEqual([["b"], ["a"]]);
    store.apply("DELETED", at(4, { labels: { x: "blue" } }));
    expect([names("blue"), store.list("ns").length, store.list("other")]).toEqual([[], 1, []]);
  });

  it("reports what a relist changed, with the last state of what vanished", () => {
    const store = new ObjectStore();
    store.apply("ADDED", at(1));
    store.apply("ADDED", at(2, { name: "b" }));
    const changes = store.replaceAll([at(3, { name: "b" }), at(4, { name: "c" })], store.beginList(), "4");
    expect(changes.map((change) => [change.type, change.object.metadata.name, change.old?.metadata.resourceVersion])).toEqual([
      ["updated", "b", "2"],
      ["added", "c", undefined],
      ["deleted", "a", "1"],
    ]);
    expect(store.get("ns/a")).toBeUndefined();
  });

  it("serves an own write before its event, drops older events, and tells handlers of the whole step", () => {
    const store = new ObjectStore();
    store.apply("ADDED", at(1));
    store.beginWrite(key).wrote(at("x3"));
    expect(version(store)).toBe("x3");
    expect(store.apply("MODIFIED", at("x2"))).toBeUndefined();
    expect(version(store)).toBe("x3");
    expect(store.apply("MODIFIED", at("x3"))).toMatchObject({ type: "updated", old: { metadata: { resourceVersion: "1" } } });
    store.apply("MODIFIED", at("x4"));
    expect(version(store)).toBe("x4");
  });

  it("does not go back when the event was faster than the answer", () => {
    const store = new ObjectStore();
    store.apply("ADDED", at("x1"));
    const write = store.beginWrite(key);
    store.apply("MODIFIED", at("x2"));
    store.apply("MODIFIED", at("x3"));
    write.wrote(at("x2"));
    expect(version(store)).toBe("x3");
    const noop = store.beginWrite(key);
    store.apply("MODIFIED", at("x4"));
    noop.wrote(at("x3"));
    expect(version(store)).toBe("x4");
  });

  it("serves an own deletion at once, and marks what finalizers hold", () => {
    const store = new ObjectStore();
    store.apply("ADDED", at(1));
    store.beginWrite(key).deleted("2026-01-01T00:00:00Z", false);
    expect(store.get("ns/a")).toBeUndefined();
    expect(store.apply("MODIFIED", at(2))).toBeUndefined();
    expect(store.get("ns/a")).toBeUndefined();
    expect(store.apply("DELETED", at(3))).toMatchObject({ type: "deleted", old: { metadata: { resourceVersion: "1" } } });
    store.apply("ADDED", at(4, { uid: "u2", finalizers: ["x"] }));
    store.beginWrite(key).deleted("2026-01-01T00:00:00Z", false);
    expect(store.get("ns/a")?.metadata.deletionTimestamp).toBe("2026-01-01T00:00:00Z");
    store.apply("ADDED", at(9, { uid: "u3" }));
    expect(store.get("ns/a")?.metadata.uid).toBe("u3");
  });

  it("never serves less than the last own write and ends equal to the server, whatever the order of arrival", () => {
    // A model server with one object; each step is something that happens to it, or something of it that arrives.
    const step = fc.constantFrom(
      "others-write",
      "own-write",
      "answer",
      "answer-last",
      "event",
      "event",
      "list",
      "listed",
      "own-delete",
      "others-recreate",
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const store = new ObjectStore();
        const log: { type: "MODIFIED" | "DELETED"; object: KubeObject }[] = [];
        let state: KubeObject | undefined = at(1);
        let now = 1;
        let uid = 1;
        let delivered = 0;
        let list: { order: number; items: KubeObject[]; version: number } | undefined;
        let answers: { pending: PendingWrite; object: KubeObject | undefined; version: number }[] = [];
        let owned = 0;
        store.apply("ADDED", at(1));
        const server = (object: KubeObject | undefined): void => {
          log.push({ type: object === undefined ? "DELETED" : "MODIFIED", object: object ?? at(now, { uid: `u${uid}` }) });
          state = object;
        };
        const answer = (last: boolean): void => {
          const arrived = last ? answers.pop() : answers.shift();
          if (arrived === undefined) return;
          if (arrived.object === undefined) arrived.pending.deleted("t", false);
          else arrived.pending.wrote(arrived.object);
          owned = Math.max(owned, arrived.version);
        };
        const event = (): void => {
          const next = log[delivered];
          // An informer does not watch while it lists.
          if (next === undefined || list !== undefined) return;
          delivered++;
          store.apply(next.type, next.object);
        };
        const check = (): void => {
          const served = store.get("ns/a");
          // What the server's object became after the last own write that was answered: the cache must be among these.
          const allowed = log.filter(({ object }) => Number(object.metadata.resourceVersion) >= owned);
          if (owned === 0) return;
          const present =
            served === undefined ? allowed.some(({ type }) => type === "DELETED") : allowed.some(({ object }) => object === served);
          expect(present || served?.metadata.deletionTimestamp !== undefined).toBe(true);
        };
        for (const action of steps) {
          if (action === "others-write" && state !== undefined) server(at(++now, { uid: `u${uid}` }));
          else if (action === "others-recreate") {
            if (state !== undefined) (now++, server(undefined));
            uid++;
            server(at(++now, { uid: `u${uid}` }));
          } else if (action === "own-write" && state !== undefined) {
            const pending = store.beginWrite(key);
            server(at(++now, { uid: `u${uid}` }));
            answers.push({ pending, object: state, version: now });
          } else if (
            action === "own-delete" &&
            state !== undefined &&
            answers.length === 0 &&
            store.get("ns/a")?.metadata.uid === `u${uid}`
          ) {
            const pending = store.beginWrite(key);
            now++;
            server(undefined);
            answers.push({ pending, object: undefined, version: now });
          } else if (action === "answer") answer(false);
          else if (action === "answer-last") answer(true);
          else if (action === "event") event();
          else if (action === "list") list = { order: store.beginList(), items: state === undefined ? [] : [state], version: now };
          else if (action === "listed" && list !== undefined) {
            store.replaceAll(list.items, list.order, String(list.version));
            delivered = log.filter(({ object }) => Number(object.metadata.resourceVersion) <= (list?.version ?? 0)).length;
            list = undefined;
          }
          check();
        }
        list = undefined;
        while (answers.length > 0) answer(false);
        while (delivered < log.length) event();
        answers = [];
        check();
        expect(store.get("ns/a")?.metadata.resourceVersion).toBe(state?.metadata.resourceVersion);
      }),
      {
        numRuns: 3000,
        // Found by chance: an event of an older object of the name must not undo an own deletion.
        examples: [[["others-recreate", "own-write", "answer-last", "own-delete", "answer", "event", "event"]]],
      },
    );
  });
});
