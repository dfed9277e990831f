import { afterAll, describe, expect, test } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Change, Storage, StoredRef } from "../../../src/apiserver/storage.ts"
import { MemoryStorage } from "../../../src/apiserver/storage-memory.ts"
import { SqliteStorage } from "../../../src/apiserver/storage-sqlite.ts"
import { isOrkError } from "../../../src/base/mod.ts"
import type { KubeObject } from "../../../src/kube/mod.ts"

const folders: string[] = []
afterAll(() => folders.map((folder) => rmSync(folder, { recursive: true })))

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ork-storage-"))
  folders.push(folder)
  return folder
}

function ref(name: string, namespace = "default", prefix = "configmaps"): StoredRef {
  return { prefix, namespace, name }
}

function map(name: string, value = "1", namespace = "default"): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data: { value } }
}

function versionOf(object: KubeObject | undefined): string {
  return object?.metadata.resourceVersion ?? ""
}

const stores: readonly (readonly [string, () => Storage])[] = [
  ["memory", () => new MemoryStorage()],
  ["SQLite", () => new SqliteStorage({ folder: newFolder(), pid: 1 })],
]

describe.each(stores)("a store in %s", (_, open) => {
  test("gives back what was put, with the revision of its commit", () => {
    const store = open()
    const before = store.revision
    expect(before).toBeGreaterThan(0)
    const put = store.put(ref("a"), map("a"), undefined)
    expect(store.revision).toBe(before + 1)
    expect(versionOf(put)).toBe(String(before + 1))
    expect(store.get(ref("a"))).toEqual(put)
    store.close()
  })

  test("refuses a wrong expectation and changes nothing", () => {
    const store = open()
    const put = store.put(ref("a"), map("a"), undefined)
    const { revision } = store
    expect(store.put(ref("a"), map("a", "2"), undefined)).toBeUndefined()
    expect(store.put(ref("a"), map("a", "2"), "999")).toBeUndefined()
    expect(store.put(ref("b"), map("b"), "1")).toBeUndefined()
    expect(store.remove(ref("a"), "999")).toBeUndefined()
    expect(store.remove(ref("b"), "1")).toBeUndefined()
    expect([store.revision, store.get(ref("a"))]).toEqual([revision, put])
    store.close()
  })

  test("replaces and removes with the right expectation", () => {
    const store = open()
    const first = store.put(ref("a"), map("a"), undefined)
    const second = store.put(ref("a"), map("a", "2"), versionOf(first))
    expect(second?.["data"]).toEqual({ value: "2" })
    const removed = store.remove(ref("a"), versionOf(second))
    expect([removed?.["data"], versionOf(removed)]).toEqual([{ value: "2" }, String(store.revision)])
    expect([store.get(ref("a")), store.count("configmaps")]).toEqual([undefined, 0])
    store.close()
  })

  test("lists one namespace or all, in order, and one prefix only", () => {
    const store = open()
    for (const [namespace, name] of [
      ["b", "x"],
      ["a", "y"],
      ["a", "x"],
    ] as const) {
      store.put(ref(name, namespace), map(name, "1", namespace), undefined)
    }
    store.put(ref("n", "", "namespaces"), map("n"), undefined)
    const names = (list: readonly KubeObject[]) => list.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
    expect(names(store.list("configmaps"))).toEqual(["a/x", "a/y", "b/x"])
    expect(names(store.list("configmaps", "a"))).toEqual(["a/x", "a/y"])
    expect([store.count("configmaps"), store.count("namespaces"), store.count("none")]).toEqual([3, 1, 0])
    store.close()
  })

  test("tells every commit in order, until told to stop", () => {
    const store = open()
    const told: string[] = []
    const listener = store.onChange(({ type, name, revision }: Change) => told.push(`${type} ${name} ${revision}`))
    const first = store.put(ref("a"), map("a"), undefined)
    const second = store.put(ref("a"), map("a", "2"), versionOf(first))
    store.remove(ref("a"), versionOf(second))
    listener[Symbol.dispose]()
    store.put(ref("b"), map("b"), undefined)
    const at = Number(versionOf(first))
    expect(told).toEqual([`ADDED a ${at}`, `MODIFIED a ${at + 1}`, `DELETED a ${at + 2}`])
    store.close()
  })
})

describe("a folder with a store", () => {
  test("holds everything when it is opened again, and revisions go on after the last object", () => {
    const folder = newFolder()
    const first = new SqliteStorage({ folder, pid: 1 })
    const put = first.put(ref("a"), map("a"), undefined)
    first.close()
    const second = new SqliteStorage({ folder, pid: 1 })
    expect([second.get(ref("a")), second.revision]).toEqual([put, first.revision])
    second.remove(ref("a"), versionOf(put))
    const { revision } = second
    second.close()
    const third = new SqliteStorage({ folder, pid: 1 })
    expect([third.revision, third.count("configmaps")]).toEqual([revision, 0])
    third.close()
  })

  test("is refused to a second process, which is told the first one's number", () => {
    const folder = newFolder()
    const first = new SqliteStorage({ folder, pid: 4711 })
    const refusal = failure(() => new SqliteStorage({ folder, pid: 4712 }))
    expect(isOrkError(refusal, "config/data")).toBe(true)
    expect(String(refusal)).toContain("4711")
    first.close()
    new SqliteStorage({ folder, pid: 4712 }).close()
  })

  test("from a newer program is refused and left alone", async () => {
    const folder = newFolder()
    new SqliteStorage({ folder, pid: 1 }).close()
    const { Database } = await import("bun:sqlite")
    const file = new Database(join(folder, "state.sqlite"))
    file.run("PRAGMA user_version = 99")
    file.close()
    const refusal = failure(() => new SqliteStorage({ folder, pid: 1 }))
    expect(isOrkError(refusal, "config/data")).toBe(true)
    expect(String(refusal)).toContain("format 99")
  })

  test("from an older program is taken over, and goes on at its revision", async () => {
    const folder = newFolder()
    const { Database } = await import("bun:sqlite")
    const file = new Database(join(folder, "state.sqlite"))
    file.run(`CREATE TABLE objects (prefix TEXT, namespace TEXT, name TEXT, body TEXT NOT NULL,
      PRIMARY KEY (prefix, namespace, name)) WITHOUT ROWID;
      CREATE TABLE revisions (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL);
      INSERT INTO revisions VALUES (1, 41); PRAGMA user_version = 1;`)
    const old = { ...map("a"), metadata: { ...map("a").metadata, resourceVersion: "7" } }
    file.run("INSERT INTO objects VALUES ('configmaps', 'default', 'a', ?)", [JSON.stringify(old)])
    file.close()
    const store = new SqliteStorage({ folder, pid: 1 })
    expect([store.get(ref("a")), store.revision]).toEqual([old, 41])
    store.put(ref("a"), map("a", "2"), "7")
    store.close()
    const again = new SqliteStorage({ folder, pid: 1 })
    expect([again.get(ref("a"))?.["data"], again.revision]).toEqual([{ value: "2" }, 42])
    again.close()
  })

  test("that is none is one clear error", () => {
    expect(
      isOrkError(
        failure(() => new SqliteStorage({ folder: "/none/such", pid: 1 })),
        "config/data",
      ),
    ).toBe(true)
  })
})

function failure(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error("it did not fail")
}
