import { expect, test } from "bun:test"
import { functionCatalogue } from "../../../src/template/mod.ts"
import { runOrk as ork } from "../../support/terminal.ts"

test("notes lists every function of the catalogue once", async () => {
  const { code, out } = await ork(["notes"])
  expect(code).toBe(0)
  expect(out.trimEnd().split("\n")).toHaveLength(functionCatalogue.length + 1)
})

test("notes -o json is the catalogue", async () => {
  const { out } = await ork(["notes", "list", "--family", "quantity", "-o", "json"])
  const wanted = functionCatalogue.filter((entry) => entry.family === "quantity")
  expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify({ functions: wanted })))
})

test("search finds names, signatures and meanings, in any case", async () => {
  const { out } = await ork(["notes", "search", "QUANTITY", "-o", "json"])
  expect(JSON.parse(out).functions.map((entry: { readonly name: string }) => entry.name)).toContain("sumQuantity")
  expect((await ork(["notes", "search", "nothing-like-this"])).code).toBe(1)
})

test("show prints one function with its example, and helps with a slip", async () => {
  const { out } = await ork(["notes", "show", "trunc", "-o", "json"])
  expect(JSON.parse(out)).toMatchObject({ name: "trunc", example: { result: "abc" } })
  const slip = await ork(["notes", "show", "trnc"])
  expect(slip.code).toBe(64)
  expect(slip.err).toContain('"trunc"')
})

test.each([
  [["notes", "print"]],
  [["notes", "show"]],
  [["notes", "show", "trunc", "more"]],
  [["notes", "list", "more"]],
])("a command line that makes no sense is refused: %p", async (args) => expect((await ork(args)).code).toBe(64))
