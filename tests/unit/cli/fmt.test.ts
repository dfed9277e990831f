import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { replaceFile } from "../../../src/system.ts"
import { runOrk } from "../../support/terminal.ts"

const head = "apiVersion: orkestra.orkspace.io/v1\nkind: Katalog\nspec:\n  crds:\n    website:\n"
const types = "      apiTypes: { group: demo.example, version: v1, kind: Website }\n"
const old = `${head}${types}      operatorBox:\n        reconcile:\n          workers: 5 # many\n`
const canonical = `${head}${types}      workers: 5 # many\n`
const files = { "old/katalog.yaml": old, "new/katalog.yaml": canonical, "bad/katalog.yaml": "kind: [\n" }

describe("ork fmt", () => {
  test("rewrites old spellings, and writes no canonical file", async () => {
    const ran = await runOrk(["fmt", "old", "new"], files)
    expect([ran.code, ran.written]).toEqual([0, { "old/katalog.yaml": canonical }])
    expect(ran.out).toContain("old/katalog.yaml: 1 spelling")
    const again = await runOrk(["fmt", "-f", "new"], files)
    expect([again.code, again.written]).toEqual([0, {}])
  })

  test("a folder is its Katalog with the Motifs and included files in it; others are named and left", async () => {
    const motif = (list: string) => `kind: Motif\nmetadata: { name: m }\nresources:\n  ${list}: [{ name: a }] # all\n`
    const imports =
      "      imports:\n        - { motif: ./motifs/web.yaml }\n        - { motif: ../shared/motif.yaml }\n"
    const katalog = `${head}${types}${imports}      operatorBox: { status: { include: status.yaml } }\n`
    const texts = {
      "shop/katalog.yaml": katalog,
      "shop/motifs/web.yaml": motif("configmaps"),
      "shop/status.yaml": "fields:\n  - { path: a, value: b, anyOf: [] }\n",
      "shop/other.yaml": motif("configmaps"),
      "shared/motif.yaml": motif("configmaps"),
    }
    const ran = await runOrk(["fmt", "shop"], texts)
    const written = {
      "shop/motifs/web.yaml": motif("configMaps"),
      "shop/status.yaml": "fields:\n  - { path: a, value: b, or: [] }\n",
    }
    expect([ran.code, ran.written]).toEqual([0, written])
    expect(ran.err).toContain("shared/motif.yaml")
    expect((await runOrk(["fmt", "--check", "shop"], { ...texts, ...written })).code).toBe(0)
    expect((await runOrk(["fmt", "--check", "shop/other.yaml"], texts)).out).toBe("shop/other.yaml\n")
    expect((await runOrk(["fmt", "shop/katalog.yaml"], texts)).written).toEqual({})
  })

  test("--check writes nothing, names the files and exits with 1", async () => {
    const ran = await runOrk(["fmt", "--check", "old", "new"], files)
    expect([ran.code, ran.out, ran.written]).toEqual([1, "old/katalog.yaml\n", {}])
    const fine = await runOrk(["fmt", "--check", "new"], files)
    expect([fine.code, fine.out]).toEqual([0, ""])
  })

  test("--diff writes nothing and prints a unified diff", async () => {
    const ran = await runOrk(["fmt", "--diff", "old", "new"], files)
    expect([ran.code, ran.written]).toEqual([0, {}])
    expect(ran.out.split("\n").slice(0, 3)).toEqual([
      "--- old/katalog.yaml",
      "+++ old/katalog.yaml\tcanonical",
      "@@ -4,6 +4,4 @@",
    ])
    expect(ran.out).toContain("\n-          workers: 5 # many\n+      workers: 5 # many\n")
    expect((await runOrk(["fmt", "--diff", "--check", "old"], files)).code).toBe(1)
  })

  test("one wrong file: diagnostics on stderr, exit 2, and no file is written", async () => {
    const ran = await runOrk(["fmt", "old", "bad"], files)
    expect([ran.code, ran.out, ran.written]).toEqual([2, "", {}])
    expect(ran.err).toContain("bad/katalog.yaml:1:7 error ORK0102")
  })

  test("answers in JSON", async () => {
    const ran = await runOrk(["fmt", "--check", "-o", "json", "old", "new"], files)
    expect(JSON.parse(ran.out)).toEqual({
      ok: true,
      diagnostics: [],
      files: [
        { file: "old/katalog.yaml", changed: true },
        { file: "new/katalog.yaml", changed: false },
      ],
    })
    const bad = JSON.parse((await runOrk(["fmt", "-o", "json", "bad"], files)).out)
    expect([bad.ok, bad.diagnostics[0].file]).toEqual([false, "bad/katalog.yaml"])
  })
})

describe("ork schema", () => {
  test("prints the schema of a Katalog", async () => {
    const ran = await runOrk(["schema"])
    expect([ran.code, JSON.parse(ran.out).title]).toEqual([0, "Katalog"])
    expect((await runOrk(["schema", "Katalog"])).out).toBe(ran.out)
  })

  test.each(["Motif", "Komposer", "Simulate", "E2E"])("prints the schema of a %s", async (kind) => {
    expect(JSON.parse((await runOrk(["schema", kind])).out).title).toBe(kind)
  })

  test("names the kinds where it is asked for another", async () => {
    const other = await runOrk(["schema", "Website"])
    expect([other.code, other.out]).toEqual([64, ""])
    expect(other.err).toContain("Komposer")
  })
})

describe("a file on disk is replaced", () => {
  let folder = ""
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "ork-fmt-"))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test("whole, with its permissions, through a link, and nothing is left behind", () => {
    const [file, link] = [join(folder, "a.yaml"), join(folder, "link.yaml")]
    writeFileSync(file, "a")
    chmodSync(file, 0o640)
    symlinkSync("a.yaml", link)
    replaceFile(link, "b")
    expect([readFileSync(file, "utf8"), statSync(file).mode & 0o777]).toEqual(["b", 0o640])
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(readdirSync(folder).sort()).toEqual(["a.yaml", "link.yaml"])
  })

  test("or not at all, with an error that names it", () => {
    expect(() => replaceFile(join(folder, "absent.yaml"), "b")).toThrow("absent.yaml: no such file")
    writeFileSync(join(folder, ".a.yaml.new"), "theirs")
    expect(() => replaceFile(join(folder, "a.yaml"), "c")).toThrow("a.yaml")
    expect(readFileSync(join(folder, "a.yaml"), "utf8")).toBe("b")
    expect(readFileSync(join(folder, ".a.yaml.new"), "utf8")).toBe("theirs")
  })
})
