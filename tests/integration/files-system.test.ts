import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { systemFiles } from "../../src/system.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ork-files-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

function written(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

test("a pipe is a file whose text can be asked for more than once", async () => {
  const path = join(folder, "pipe")
  expect(Bun.spawnSync(["mkfifo", path]).success).toBe(true)
  const writer = Bun.spawn(["sh", "-c", `printf 'kind: Katalog' > ${path}`])
  expect(systemFiles.kind(path)).toBe("file")
  expect([systemFiles.read(path), systemFiles.read(path)]).toEqual(["kind: Katalog", "kind: Katalog"])
  await writer.exited
})

test("- is the input of the process", () => {
  const main = join(import.meta.dir, "../../src/main.ts")
  const stdin = Buffer.from("apiVersion: orkestra.orkspace.io/v1\nkind: Katalog\nspec:\n  crdz: {}\n")
  const ran = Bun.spawnSync([process.execPath, "run", main, "validate", "-f", "-"], { stdin, cwd: folder })
  expect([ran.exitCode, ran.stdout.toString()]).toEqual([
    2,
    expect.stringContaining('-:4:3 error ORK0107 unknown field "crdz"'),
  ])
})

test.each([
  ["UTF-16 without a mark", Buffer.from("kind: Katalog", "utf16le")],
  ["UTF-16 with a mark", Buffer.from("\ufeffkind: Katalog", "utf16le")],
  ["Latin 1", Buffer.from("caf\u00e9", "latin1")],
])("%s is no text, and the file is named once", (_, bytes) => {
  const path = written("other.yaml", bytes)
  expect(() => systemFiles.read(path)).toThrow(/^[^:]*: the file [^:]*UTF-8/)
})

test("64 MiB are read, one byte more is not", () => {
  const path = written("large.yaml", "")
  truncateSync(path, 64 * 1024 * 1024)
  expect(() => systemFiles.read(path)).toThrow("zero bytes")
  truncateSync(path, 64 * 1024 * 1024 + 1)
  expect(() => systemFiles.read(path)).toThrow("64 MiB")
})
