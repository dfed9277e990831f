import { describe, expect, test } from "bun:test"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { runOrk } from "../support/terminal.ts"

const rewrite = Bun.env["UPDATE_GOLDEN"] === "1"
const folder = join(import.meta.dir, "published")

/** The files of one Katalog, as they are read. */
function textsOf(name: string): Readonly<Record<string, string>> {
  const root = join(folder, name)
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.endsWith(".yaml"),
  )
  return Object.fromEntries(
    files.map((file) => {
      const path = join(file.parentPath, file.name)
      return [path.slice(root.length + 1), readFileSync(path, "utf8")]
    }),
  )
}

describe.each(readdirSync(folder))("%s, in a published layout,", (name) => {
  const texts = textsOf(name)

  test("loads without a mistake, and so does what fmt makes of it", async () => {
    const ran = await runOrk(["validate", "-o", "json"], texts)
    expect([
      ran.code,
      JSON.parse(ran.out).diagnostics.filter((d: { severity: string }) => d.severity === "error"),
    ]).toEqual([0, []])
    const formatted = await runOrk(["fmt", "katalog.yaml"], texts)
    expect((await runOrk(["validate"], { ...texts, ...formatted.written })).code).toBe(0)
  })

  test("renders as agreed, in its own layout and in the canonical one", async () => {
    const path = join(folder, name, "objects.json")
    const { out } = await runOrk(["template", "-o", "json"], texts)
    if (rewrite) writeFileSync(path, out)
    else expect(out).toBe(readFileSync(path, "utf8"))
    const { written } = await runOrk(["fmt", "katalog.yaml"], texts)
    const after = await runOrk(["template", "-o", "json"], { ...texts, ...written })
    const objects = (text: string) => JSON.parse(text).objects ?? JSON.parse(text)
    expect(JSON.stringify(objects(after.out)).replaceAll(/:\d+:\d+/g, "")).toBe(
      JSON.stringify(objects(out)).replaceAll(/:\d+:\d+/g, ""),
    )
  })
})
