import { describe, expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { codes, formatKatalog, load } from "../../../src/katalog/mod.ts"
import { build } from "../../../src/plan/mod.ts"
import { memoryFiles } from "../../support/files.ts"
import { runOrk } from "../../support/terminal.ts"

const hello = join(import.meta.dir, "../../../katalogs/hello-website")
const files = {
  "website-crd.yaml": readFileSync(join(hello, "website-crd.yaml"), "utf8"),
  "website.yaml": readFileSync(join(hello, "website.yaml"), "utf8"),
  "nested.yaml": "reconcile:\n  include: website.yaml\n",
}

/** Codes that no single Katalog file can have: the command line names the files, a Motif or another CRD brings them. */
const motifs = ["ORK0212", "ORK0213", "ORK0214", "ORK0322", "ORK0408", "ORK0409"]
const elsewhere = ["ORK0101", "ORK0115", "ORK0407", "ORK0504", "ORK0510", ...motifs]

/** All codes of a Katalog, from reading to the plan; without a head it gets one. */
function codesOf(example: string): readonly string[] {
  const isWhole = example.startsWith("apiVersion:") || example.startsWith("#")
  const text = isWhole ? example : `apiVersion: orkestra.orkspace.io/v1\nkind: Katalog\n${example}`
  const memory = memoryFiles({ ...files, "katalog.yaml": text })
  const { spec, spans, diagnostics } = load(memory, "katalog.yaml")
  const built = spec ? build(spec, spans).diagnostics : []
  const formatted = formatKatalog(memory, "katalog.yaml")
  return [...diagnostics, ...built, ...(formatted.ok ? [] : formatted.error)].map((d) => d.code)
}

describe("the example of each code has the mistake", () => {
  for (const [code, text] of Object.entries(codes)) {
    if (!elsewhere.includes(code)) test(code, () => expect(codesOf(text.example)).toContain(code))
  }
})

test("every code has a title, a text, an example and a fix", () => {
  for (const [code, text] of Object.entries(codes)) {
    expect(code).toMatch(/^ORK0\d{3}$/)
    for (const part of [text.title, text.text, text.example, text.fix]) expect(part.trim()).not.toBe("")
    expect(text.title).not.toEndWith(".")
    for (const part of [text.text, text.fix]) expect(part).toEndWith(".")
  }
})

describe("ork explain", () => {
  test("prints text, example and fix of a code, in any spelling", async () => {
    const page = await runOrk(["explain", "ORK0107"])
    expect(page.code).toBe(0)
    for (const part of ["ORK0107 An unknown field", "worker: 3", "overrides:"]) expect(page.out).toContain(part)
    for (const spelling of ["ork0107", "107", "0107"]) expect((await runOrk(["explain", spelling])).out).toBe(page.out)
  })

  test("lists every code without an argument", async () => {
    const { code, out } = await runOrk(["explain"])
    expect(code).toBe(0)
    for (const [name, { title }] of Object.entries(codes)) expect(out).toContain(`${name}  ${title}\n`)
  })

  test("answers in JSON", async () => {
    const one = JSON.parse((await runOrk(["explain", "ORK0107", "-o", "json"])).out)
    expect(one).toEqual({ code: "ORK0107", ...codes["ORK0107"] })
    const all = JSON.parse((await runOrk(["explain", "-o", "json"])).out)
    expect(all.codes).toHaveLength(Object.keys(codes).length)
  })

  test("suggests a code for an unknown one and exits with 64", async () => {
    const { code, out, err } = await runOrk(["explain", "ORK0197"])
    expect([code, out]).toEqual([64, ""])
    expect(err).toMatch(/did you mean "ORK0\d07"/)
    expect((await runOrk(["explain", "nonsense"])).code).toBe(64)
  })
})
