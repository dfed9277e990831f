import { describe, expect, test } from "bun:test"
import { errorCodes, loadEntry, loadText, websiteKatalog } from "./support.ts"

/** Codes of all that is said about a Katalog whose entry has this line. */
function said(line: string): readonly string[] {
  return loadText(websiteKatalog(`      ${line}\n`)).diagnostics.map(({ severity, code }) => `${severity} ${code}`)
}

test.each(["clusterName", "lifecycle", "deprecation", "maturity", "compatibility", "policy", "projects"])(
  "metadata.%s is data of registries: any text, list or map",
  (key) => {
    for (const value of ["a text", "[a]", "{ a: { b: 1 } }"]) {
      const { diagnostics } = loadText(websiteKatalog().replace("spec:", `metadata: { ${key}: ${value} }\nspec:`))
      expect([value, diagnostics]).toEqual([value, []])
    }
  },
)

describe("what changes nothing loads with a note", () => {
  test.each(["mode: dynamic", "ignoreObservedGeneration: true", "queue: { shared: true }"])("%s", (line) =>
    expect(said(line)).toEqual(["note ORK0122"]),
  )

  test("apiTypes.apiPath", () => {
    const { diagnostics } = loadText(websiteKatalog().replace("kind: Website", "kind: Website, apiPath: /apis"))
    expect(diagnostics.map(({ code, path }) => [code, path])).toEqual([
      ["ORK0122", "spec.crds.website.apiTypes.apiPath"],
    ])
  })
})

describe("types of Go programs change nothing", () => {
  test.each(["location", "object", "objectList", "alias"])("apiTypes.%s", (key) => {
    const { diagnostics } = loadText(websiteKatalog().replace("kind: Website", `kind: Website, ${key}: a`))
    expect(diagnostics.map(({ severity, code }) => [severity, code])).toEqual([["note", "ORK0122"]])
  })

  test("mode: typed", () => expect(said("mode: typed")).toEqual(["note ORK0122"]))

  test("another mode is a mistake", () => expect(said("mode: fast")).toEqual(["error ORK0106"]))
})

test("what is not built yet is refused where it asks for something, and loads where it is empty", () => {
  expect(said("operatorBox: { observe: {}, cross: , providers: {} }")).toEqual([])
  expect(said("operatorBox: { providers: { a: b } }")).toEqual(["error ORK0110"])
  for (const line of ["serve: { enabled: true }"]) {
    expect([line, errorCodes(websiteKatalog(`      ${line}\n`))]).toEqual([line, ["ORK0110"]])
  }
})

test("ignoreStatusPatch says that no status is written", () => {
  expect(loadEntry("").writesStatus).toBe(true)
  expect(loadEntry("      ignoreStatusPatch: false\n").writesStatus).toBe(true)
  expect(loadEntry("      ignoreStatusPatch: true\n").writesStatus).toBe(false)
})
