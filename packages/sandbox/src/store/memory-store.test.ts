import type { KubeObject } from "@slipway/kube";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemoryStore } from "./memory-store.ts";
import type { ObjectStore, StoredEntry } from "./object-store.ts";
import { StoreConflict } from "./object-store.ts";

const bucket = "/configmaps";
const key = (name: string, namespace = "default"): { namespace: string; name: string } => ({ namespace, name });
const object = (name: string, value: string): KubeObject => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { value } });
const put = (store: ObjectStore, name: string, value: string): StoredEntry =>
  store.put(bucket, key(name), object(name, value), store.get(bucket, key(name))?.revision ?? 0);
const state = (entries: readonly StoredEntry[]): string[] =>
  entries.map((entry) => `${entry.key.name}=${JSON.stringify(entry.object["data"])}`);

describe("memory store", () => {
  it("gives every write the next revision and stamps it on the object", () => {
    const store = createMemoryStore();
    const first = put(store, "a", "1");
    const second = put(store, "b", "1");
    expect(second.revision).toBe(first.revision + 1);
    expect(second.object.metadata.resourceVersion).toBe(String(second.revision));
    expect(JSON.parse(second.json())).toEqual(second.object);
  });

  it("refuses a write whose expected revision is not the current one and keeps the state", () => {
    const store = createMemoryStore();
    const first = put(store, "a", "1");
    put(store, "a", "2");
    expect(() => store.put(bucket, key("a"), object("a", "3"), first.revision)).toThrow(StoreConflict);
    expect(() => store.put(bucket, key("a"), object("a", "3"), 0)).toThrow(StoreConflict);
    expect(() => store.remove(bucket, key("a"), first.revision)).toThrow(StoreConflict);
    expect(state(store.list(bucket))).toEqual(['a={"value":"2"}']);
  });

  it("freezes what it stores, to the depths", () => {
    const entry = put(createMemoryStore(), "a", "1");
    expect(() => ((entry.object["data"] as Record<string, string>)["value"] = "x")).toThrow(TypeError);
  });

  it("replays to a watch what happened since its revision, then follows", () => {
    const store = createMemoryStore();
    const start = put(store, "a", "1").revision;
    put(store, "a", "2");
    const seen: string[] = [];
    const subscription = store.subscribe(bucket, start, (event) => seen.push(`${event.type} ${event.entry.key.name}`));
    put(store, "b", "1");
    store.remove(bucket, key("a"), store.get(bucket, key("a"))?.revision ?? 0);
    subscription.stop();
    put(store, "c", "1");
    expect(seen).toEqual(["MODIFIED a", "ADDED b", "DELETED a"]);
  });

  it("forgets old history beyond its limit and says from where a watch may start", () => {
    const store = createMemoryStore({ historyLimit: 8 });
    const start = put(store, "a", "0").revision;
    for (let i = 1; i < 40; i++) put(store, "a", String(i));
    expect(store.oldestWatchable(bucket)).toBeGreaterThan(start);
    expect(store.listAt(bucket, start)).toBeUndefined();
    expect(store.oldestWatchable(bucket)).toBeLessThanOrEqual(store.revision - 8);
  });

  it("shows any remembered revision as it was, whatever came after", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ name: fc.constantFrom("a", "b", "c", "d"), remove: fc.boolean() }), { maxLength: 40 }), (steps) => {
        const store = createMemoryStore();
        const snapshots: { revision: number; state: string[] }[] = [];
        steps.forEach(({ name, remove }, index) => {
          const current = store.get(bucket, key(name));
          if (remove && current !== undefined) store.remove(bucket, key(name), current.revision);
          else put(store, name, String(index));
          snapshots.push({ revision: store.revision, state: state(store.list(bucket)) });
        });
        for (const snapshot of snapshots) expect(state(store.listAt(bucket, snapshot.revision) ?? [])).toEqual(snapshot.state);
      }),
    );
  });

  it("lets a watcher that applies events end where a lister is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: fc.constantFrom("a", "b", "c"), remove: fc.boolean() }), { maxLength: 30 }),
        fc.nat(30),
        (steps, startAt) => {
          const store = createMemoryStore();
          const mirror = new Map<string, string>();
          steps.forEach(({ name, remove }, index) => {
            if (index === Math.min(startAt, steps.length - 1)) {
              for (const entry of store.list(bucket)) mirror.set(entry.key.name, entry.json());
              store.subscribe(bucket, store.revision, ({ type, entry }) =>
                type === "DELETED" ? mirror.delete(entry.key.name) : mirror.set(entry.key.name, entry.json()),
              );
            }
            const current = store.get(bucket, key(name));
            if (remove && current !== undefined) store.remove(bucket, key(name), current.revision);
            else put(store, name, String(index));
          });
          if (steps.length > 0)
            expect([...mirror.values()].sort()).toEqual(
              store
                .list(bucket)
                .map((entry) => entry.json())
                .sort(),
            );
        },
      ),
    );
  });
});
