import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeObject } from "@slipway/kube";
import { isAppError } from "@slipway/std";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMemoryStore } from "./memory-store.ts";
import { createSqliteJournal } from "./sqlite-journal.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-store-"));
  file = join(folder, "state.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const object = (name: string): KubeObject => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });

describe("sqlite journal", () => {
  it("brings back every object and the revision, also after deletions", () => {
    const store = createMemoryStore({ journal: createSqliteJournal(file) });
    const a = store.put("/x", { namespace: "n", name: "a" }, object("a"), 0);
    store.put("/x", { namespace: "n", name: "b" }, object("b"), 0);
    store.remove("/x", { namespace: "n", name: "a" }, a.revision);
    const revision = store.revision;
    store.stop();

    const again = createMemoryStore({ journal: createSqliteJournal(file) });
    expect(again.revision).toBe(revision);
    expect(again.list("/x").map((entry) => entry.object)).toEqual([
      { ...object("b"), metadata: { name: "b", resourceVersion: String(revision - 1) } },
    ]);
    // What happened before the restart is no longer known, so old watches must start over.
    expect(again.oldestWatchable("/x")).toBe(revision);
    expect(again.put("/x", { namespace: "n", name: "c" }, object("c"), 0).revision).toBe(revision + 1);
    again.stop();
  });

  it("refuses a file of another format by name", () => {
    createSqliteJournal(file).close();
    const script = `import {DatabaseSync} from "node:sqlite"; const d=new DatabaseSync(${JSON.stringify(file)}); d.exec("UPDATE meta SET value=99 WHERE name='format'"); d.close()`;
    return new Promise<void>((resolve, reject) => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script]);
      child.on("error", reject);
      child.on("exit", () => {
        try {
          createSqliteJournal(file);
          reject(new Error("a foreign format was opened"));
        } catch (error) {
          expect(isAppError(error, "STORE_FORMAT")).toBe(true);
          resolve();
        }
      });
    });
  });

  it("belongs to one process at a time, and says why it cannot be opened", () => {
    const codeOf = (path: string): string | undefined => {
      try {
        createSqliteJournal(path).close();
      } catch (error) {
        return isAppError(error) ? `${error.code} ${error.message.includes(path) ? "named" : "unnamed"}` : String(error);
      }
      return undefined;
    };
    const journal = createSqliteJournal(file);
    expect(codeOf(file)).toBe("STORE_LOCKED named");
    journal.close();
    expect(codeOf(file)).toBeUndefined();
    expect(codeOf(join(folder, "none", "state.db"))).toBe("STORE_OPEN named");
    const text = join(folder, "text");
    writeFileSync(text, "this is no database, but long enough to look like a file of some other kind".repeat(20));
    expect(codeOf(text)).toBe("STORE_OPEN named");
  });

  it("loses no acknowledged write when the process is killed", async () => {
    const here = (name: string): string => JSON.stringify(join(import.meta.dirname, name));
    const script = `
      import { createMemoryStore } from ${here("memory-store.ts")};
      import { createSqliteJournal } from ${here("sqlite-journal.ts")};
      import { writeSync } from "node:fs";
      const store = createMemoryStore({ journal: createSqliteJournal(${JSON.stringify(file)}) });
      for (let i = 0; ; i++) {
        const name = "n" + i;
        store.put("/x", { namespace: "", name }, { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { pad: "x".repeat(500) } }, 0);
        writeSync(1, name + "\\n");
      }`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    const acknowledged: string[] = [];
    const exited = new Promise((resolve) => child.on("exit", resolve));
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line);
      if (acknowledged.length === 400) child.kill("SIGKILL");
    }
    await exited;
    expect(acknowledged.length).toBeGreaterThanOrEqual(400);
    const store = createMemoryStore({ journal: createSqliteJournal(file) });
    const kept = new Set(store.list("/x").map((entry) => entry.key.name));
    expect(acknowledged.filter((name) => !kept.has(name))).toEqual([]);
    for (const entry of store.list("/x")) expect((entry.object["data"] as { pad: string }).pad).toHaveLength(500);
    store.stop();
  });
});
