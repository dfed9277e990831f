import { expect, test } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SqliteStorage } from "../../src/apiserver/storage-sqlite.ts"

const writer = join(import.meta.dir, "../support/storage-writer.ts")

/** Lets the writer acknowledge `count` writes, kills it, and returns all lines that it got out. */
async function acknowledged(folder: string, count: number): Promise<readonly string[]> {
  const child = Bun.spawn([process.execPath, "run", writer, folder], { stdio: ["ignore", "pipe", "inherit"] })
  const decoder = new TextDecoder()
  let text = ""
  for await (const chunk of child.stdout) {
    text += decoder.decode(chunk, { stream: true })
    if (text.split("\n").length > count && !child.killed) child.kill("SIGKILL")
  }
  await child.exited
  return text.slice(0, text.lastIndexOf("\n")).split("\n")
}

test("whatever was acknowledged is there after a kill at any moment, and the revision has not gone back", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ork-crash-"))
  let revision = 0
  try {
    for (const count of [1, 40, 333, 1_000, 2_500]) {
      const lines = await acknowledged(folder, count)
      const last = new Map(lines.map((line) => [line.split(" ")[1] ?? "", line.split(" ")]))
      const store = new SqliteStorage({ folder, pid: process.pid })
      const newest = Math.max(...[...last.values()].map(([at]) => Number(at)))
      expect(newest).toBeGreaterThan(revision)
      expect(store.revision).toBeGreaterThanOrEqual(newest)
      for (const [name, [, , version]] of last) {
        const object = store.get({ prefix: "configmaps", namespace: "default", name })
        const found = Number(object?.metadata.resourceVersion ?? store.revision)
        // A write that was committed but not yet said may have come after the last word about this object.
        if (found <= newest) expect([name, object?.metadata.resourceVersion ?? "gone"]).toEqual([name, version ?? ""])
        else expect(found).toBeLessThanOrEqual(store.revision)
      }
      revision = store.revision
      store.close()
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 60_000)
