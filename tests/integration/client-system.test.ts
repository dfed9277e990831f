import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ms } from "../../src/base/mod.ts"
import { systemClock, systemFiles, systemRandom } from "../../src/system.ts"

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ork-system-"))
  mkdirSync(join(folder, "b"))
  writeFileSync(join(folder, "b", "two.yaml"), "zwei")
  writeFileSync(join(folder, "one.yaml"), "eins")
  writeFileSync(join(folder, "one.txt"), "")
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("the machine's files", () => {
  test("are read, told apart and found by a pattern in order", () => {
    expect(systemFiles.read(join(folder, "one.yaml"))).toBe("eins")
    expect(systemFiles.kind(folder)).toBe("folder")
    expect(systemFiles.kind(join(folder, "one.yaml"))).toBe("file")
    expect(systemFiles.kind(join(folder, "none"))).toBeUndefined()
    expect(systemFiles.kind(join(folder, "one.yaml", "below"))).toBeUndefined()
    expect(systemFiles.glob(folder, "**/*.yaml")).toEqual(["b/two.yaml", "one.yaml"])
  })

  test("are refused when they are not UTF-8 text; a byte order mark stays", () => {
    const path = join(folder, "b", "bytes")
    const utf16 = Buffer.from("\ufeffkind: Katalog", "utf16le")
    for (const bytes of [Buffer.from([0x61, 0xff]), Buffer.from([0xc3])]) {
      writeFileSync(path, bytes)
      expect(() => systemFiles.read(path)).toThrow(`${path}: the file is not UTF-8 text`)
    }
    for (const bytes of [utf16, Buffer.from(utf16).swap16()]) {
      writeFileSync(path, bytes)
      expect(() => systemFiles.read(path)).toThrow(`${path}: the file holds zero bytes`)
    }
    writeFileSync(path, "\ufeffgr\u00fc\ufffdn")
    expect(systemFiles.read(path)).toBe("\ufeffgr\u00fc\ufffdn")
  })

  test("are named with the reason when they cannot be read", () => {
    for (const read of [
      () => systemFiles.read(join(folder, "none")),
      () => systemFiles.read(join(folder, "b")),
      () => systemFiles.glob(join(folder, "none"), "*"),
    ]) {
      expect(read).toThrow(expect.objectContaining({ code: "config/file", message: expect.stringContaining(folder) }))
    }
  })
})

describe("the machine's clock", () => {
  test("tells the time and sleeps no shorter than asked", async () => {
    const before = systemClock.nowMs()
    await systemClock.sleep(ms(5))
    expect(systemClock.nowMs() - before).toBeGreaterThanOrEqual(4)
  })

  test("takes a moment that is just over for now, without a word", async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on("warning", note)
    await systemClock.sleep(ms(-0.01))
    await systemClock.turn()
    process.off("warning", note)
    expect(warnings).toEqual([])
  })

  test("measures lengths of time by a clock that only goes on", async () => {
    const before = systemClock.steadyMs()
    await systemClock.sleep(ms(2))
    expect(systemClock.steadyMs()).toBeGreaterThan(before)
  })

  test("wakes a sleeper at once when its signal aborts, even from a sleep of months", async () => {
    const controller = new AbortController()
    const asleep = systemClock.sleep(ms("90d"), controller.signal).catch((error: unknown) => error)
    const reason = new Error("enough")
    controller.abort(reason)
    expect(await asleep).toBe(reason)
    expect(await systemClock.sleep(ms(1), controller.signal).catch((error: unknown) => error)).toBe(reason)
  })
})

test("the machine's randomness is in [0, 1) and varies", () => {
  const drawn = Array.from({ length: 100 }, () => systemRandom.next())
  expect(drawn.every((n) => n >= 0 && n < 1)).toBe(true)
  expect(new Set(drawn).size).toBeGreaterThan(90)
})
