import { Database } from "bun:sqlite"
import { messageOf, OrkError } from "../base/mod.ts"
import type { KubeObject } from "../kube/mod.ts"
import type { Change, Storage, StoredRef } from "./storage.ts"
import { type InitialState, MemoryStorage, withRevision } from "./storage-memory.ts"

/** Where a store is kept, and by which process. */
export interface SqliteOptions {
  /** An existing folder of its own. */
  readonly folder: string
  /** The process that opens it: what a second one is told. */
  readonly pid: number
}

const format = 2
// A table with row numbers: beside a wide key, bodies of more than 1 KB would take a page of their own each.
const schema = `
  CREATE TABLE IF NOT EXISTS stored (id INTEGER PRIMARY KEY, prefix TEXT NOT NULL, namespace TEXT NOT NULL,
    name TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (prefix, namespace, name));
  CREATE TABLE IF NOT EXISTS revisions (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL);
  INSERT OR IGNORE INTO revisions VALUES (1, 1);
`
const fromFirstFormat = `
  INSERT INTO stored (prefix, namespace, name, body) SELECT prefix, namespace, name, body FROM objects;
  DROP TABLE objects;
`

/**
 * A store that outlives its process: reads come from memory, every write is a transaction in SQLite before it is told
 * to anybody.
 *
 * Guarantees: after a kill at any moment, all that was answered is there, and the revision has not gone back, not even
 * when the last object is gone. After a power cut the state is one that was, perhaps a moment older.
 * Errors: `config/data` when another process has the folder, when the file is newer than this program, or no store.
 */
export class SqliteStorage implements Storage {
  readonly #memory: MemoryStorage
  readonly #database: Database
  readonly #lock: Database
  readonly #commit: (ref: StoredRef, body: string | undefined, revision: number) => void

  constructor(options: SqliteOptions) {
    const { folder } = options
    this.#lock = lockFolder(options)
    try {
      this.#database = open(folder)
      this.#memory = new MemoryStorage(loaded(this.#database))
      this.#commit = commits(this.#database)
    } catch (error) {
      this.#lock.close()
      throw error instanceof OrkError ? error : unusable(folder, messageOf(error), error)
    }
  }

  get revision(): number {
    return this.#memory.revision
  }

  get(ref: StoredRef): KubeObject | undefined {
    return this.#memory.get(ref)
  }

  list(prefix: string, namespace?: string): readonly KubeObject[] {
    return this.#memory.list(prefix, namespace)
  }

  keys(prefix: string, namespace?: string): readonly string[] {
    return this.#memory.keys(prefix, namespace)
  }

  at(prefix: string, key: string): KubeObject | undefined {
    return this.#memory.at(prefix, key)
  }

  count(prefix: string): number {
    return this.#memory.count(prefix)
  }

  put(ref: StoredRef, object: KubeObject, expected: string | undefined): KubeObject | undefined {
    if (this.#memory.get(ref)?.metadata.resourceVersion !== expected) return undefined
    const revision = this.revision + 1
    this.#commit(ref, JSON.stringify(withRevision(object, revision)), revision)
    return this.#memory.put(ref, object, expected)
  }

  remove(ref: StoredRef, expected: string): KubeObject | undefined {
    const version = this.#memory.get(ref)?.metadata.resourceVersion
    if (version === undefined || version !== expected) return undefined
    this.#commit(ref, undefined, this.revision + 1)
    return this.#memory.remove(ref, expected)
  }

  onChange(listener: (change: Change) => void): Disposable {
    return this.#memory.onChange(listener)
  }

  close(): void {
    this.#memory.close()
    this.#database.close()
    this.#lock.close()
  }
}

/**
 * Holds a write transaction in a file of its own for as long as the process lives; the system lets go of it however the
 * process ends. Others can still read whose it is.
 */
function lockFolder({ folder, pid }: SqliteOptions): Database {
  const lock = openFile(folder, "lock.sqlite")
  try {
    lock.run("CREATE TABLE IF NOT EXISTS owner (id INTEGER PRIMARY KEY CHECK (id = 1), pid INTEGER NOT NULL)")
    lock.run("INSERT OR REPLACE INTO owner VALUES (1, ?)", [pid])
    lock.run("BEGIN IMMEDIATE")
    return lock
  } catch (error) {
    const owner = isBusy(error) ? ownerOf(lock) : undefined
    lock.close()
    if (!isBusy(error)) throw unusable(folder, messageOf(error), error)
    const by = owner === undefined ? "another process" : `process ${owner}`
    throw unusable(folder, `is used by ${by}; stop that one or choose another folder with --data`, error)
  }
}

function ownerOf(lock: Database): number | undefined {
  try {
    return lock.query<{ pid: number }, []>("SELECT pid FROM owner").get()?.pid
  } catch {
    return undefined // locked for good: whose it is cannot be read
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY")
}

function open(folder: string): Database {
  const database = openFile(folder, "state.sqlite")
  // With a write-ahead log, NORMAL survives the end of the process at any moment, without waiting for the disk.
  database.run("PRAGMA journal_mode = WAL")
  database.run("PRAGMA synchronous = NORMAL")
  const found = database.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version ?? 0
  if (found > format) {
    database.close()
    throw unusable(folder, `was written by a newer ork (format ${found}, this one knows ${format}); use that one`)
  }
  database.transaction(() => {
    database.run(schema)
    if (found === 1) database.run(fromFirstFormat)
    database.run(`PRAGMA user_version = ${format}`)
  })()
  return database
}

function openFile(folder: string, name: string): Database {
  try {
    return new Database(`${folder}/${name}`, { create: true, strict: true })
  } catch (error) {
    throw unusable(folder, messageOf(error), error)
  }
}

function loaded(database: Database): InitialState {
  const row = database.query<{ revision: number }, []>("SELECT revision FROM revisions").get()
  return { revision: row?.revision ?? 1, objects: objectsIn(database) }
}

function* objectsIn(database: Database): Iterable<[StoredRef, KubeObject]> {
  const rows = database.query<StoredRef & { body: string }, []>("SELECT prefix, namespace, name, body FROM stored")
  for (const { body, ...ref } of rows.iterate()) yield [ref, JSON.parse(body)]
}

function commits(database: Database): (ref: StoredRef, body: string | undefined, revision: number) => void {
  const put = database.query(
    "INSERT INTO stored (prefix, namespace, name, body) VALUES (?, ?, ?, ?) " +
      "ON CONFLICT (prefix, namespace, name) DO UPDATE SET body = excluded.body",
  )
  const remove = database.query("DELETE FROM stored WHERE prefix = ? AND namespace = ? AND name = ?")
  const advance = database.query("UPDATE revisions SET revision = ?")
  return database.transaction(({ prefix, namespace, name }: StoredRef, body: string | undefined, revision: number) => {
    if (body === undefined) remove.run(prefix, namespace, name)
    else put.run(prefix, namespace, name, body)
    advance.run(revision)
  })
}

function unusable(folder: string, why: string, cause?: unknown): OrkError {
  return new OrkError("config/data", `${folder}: ${why}`, { folder }, { cause })
}
