/**
 * Durable storage on `node:sqlite`. Write-ahead log with `synchronous=NORMAL`: a transaction that returned has reached
 * the operating system, so killing the process loses nothing; only a power cut may lose the last writes.
 */
import type { DatabaseSync as Database } from "node:sqlite";
import { createRequire } from "node:module";
import { AppError, errorMessage } from "@slipway/std";
import type { ObjectKey } from "@slipway/kube";
import type { JournalRow, StoreJournal } from "./object-store.ts";

const formatVersion = 1;
/** SQLITE_BUSY: another connection holds the lock. */
const sqliteBusy = 5;

/**
 * Opens (or creates) the database file at `path`, for this process alone. Throws AppError `STORE_OPEN` when it cannot be
 * used (no such folder, not a database), `STORE_LOCKED` when another process has it, `STORE_FORMAT` for another format.
 */
export function createSqliteJournal(path: string): StoreJournal {
  const database = openStore(path);
  database.exec(
    "CREATE TABLE IF NOT EXISTS objects (bucket TEXT, namespace TEXT, name TEXT, revision INTEGER NOT NULL, json TEXT NOT NULL, " +
      "PRIMARY KEY (bucket, namespace, name)) WITHOUT ROWID; CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
  );
  const readMeta = database.prepare("SELECT value FROM meta WHERE name = ?");
  const writeMeta = database.prepare("INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value");
  const found = readMeta.get("format")?.["value"];
  if (found === undefined) writeMeta.run("format", formatVersion);
  else if (found !== formatVersion) {
    database.close();
    throw new AppError("STORE_FORMAT", `${path} holds store format ${String(found)}, this version reads ${formatVersion}: move it away`, {
      retry: "never",
    });
  }
  const putRow = database.prepare(
    "INSERT INTO objects VALUES (?, ?, ?, ?, ?) ON CONFLICT (bucket, namespace, name) DO UPDATE SET revision = excluded.revision, json = excluded.json",
  );
  const removeRow = database.prepare("DELETE FROM objects WHERE bucket = ? AND namespace = ? AND name = ?");
  const inTransaction = (work: () => void): void => {
    database.exec("BEGIN");
    try {
      work();
      database.exec("COMMIT");
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
  };

  return {
    load() {
      const kept = Number(readMeta.get("revision")?.["value"] ?? 0);
      const rows = database.prepare("SELECT bucket, namespace, name, revision, json FROM objects").all();
      return {
        revision: kept,
        rows: rows.map((row) => ({
          bucket: String(row["bucket"]),
          key: { namespace: String(row["namespace"]), name: String(row["name"]) },
          revision: Number(row["revision"]),
          json: String(row["json"]),
        })),
      };
    },
    put(row: JournalRow): void {
      inTransaction(() => {
        putRow.run(row.bucket, row.key.namespace, row.key.name, row.revision, row.json);
        writeMeta.run("revision", row.revision);
      });
    },
    remove(bucket: string, key: ObjectKey, revision: number): void {
      inTransaction(() => {
        removeRow.run(bucket, key.namespace, key.name);
        writeMeta.run("revision", revision);
      });
    },
    close: () => database.close(),
  };
}

function openStore(path: string): Database {
  let database: Database | undefined;
  try {
    database = openDatabase(path);
    // Exclusive, because two servers on one file would each hand out the same revisions. The lock dies with the process.
    database.exec(
      "PRAGMA busy_timeout=200; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; BEGIN IMMEDIATE; COMMIT",
    );
    return database;
  } catch (cause) {
    database?.close();
    const locked = (cause as { readonly errcode?: number }).errcode === sqliteBusy;
    throw locked
      ? new AppError("STORE_LOCKED", `${path} is in use by another process: stop it or choose another file`, { cause })
      : new AppError(
          "STORE_OPEN",
          `cannot open the store ${path}: ${errorMessage(cause)}; check that its folder exists and the file is a store`,
          {
            retry: "never",
            cause,
          },
        );
  }
}

/** Loads `node:sqlite` without its experimental warning; every other warning still shows. */
function openDatabase(path: string): Database {
  const emit = process.emitWarning.bind(process);
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]): void => {
    if (String(warning).includes("SQLite is an experimental feature")) return;
    (emit as (...all: unknown[]) => void)(warning, ...rest);
  }) as typeof process.emitWarning;
  try {
    // Required late, because merely importing the module emits the warning.
    const sqlite = createRequire(import.meta.url)("node:sqlite") as { DatabaseSync: new (file: string) => Database };
    return new sqlite.DatabaseSync(path);
  } finally {
    process.emitWarning = emit;
  }
}
