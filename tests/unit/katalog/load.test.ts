import { describe, expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import { compileKatalogs } from "../../../src/cli/katalog.ts"
import { diagnosticsMax } from "../../../src/katalog/bounded.ts"
import { apiVersion, defaults, load, loadAll } from "../../../src/katalog/mod.ts"
import { memoryFiles } from "../../support/files.ts"
import { memoryTerminal } from "../../support/terminal.ts"
import { errorCodes, loadEntry, loadText, websiteCrd, websiteKatalog } from "./support.ts"

const seed = `apiVersion: ${apiVersion}
kind: Katalog
spec:
  crds:
    website:
      workers: 3
      crdFile: website.yaml
      crFiles:
        - examples/website-sample.yaml
      setup:
        - rbac/namespace.yaml
`
const seedFiles = {
  "website.yaml": websiteCrd,
  "examples/website-sample.yaml": "apiVersion: demo.example/v1\nkind: Website\nmetadata: { name: a }\n",
  "rbac/namespace.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n",
}

describe("the snippet that opened the project", () => {
  test("loads as it stands, with nothing to say about it", () => {
    const { spec, diagnostics } = loadText(seed, seedFiles)
    expect(diagnostics).toEqual([])
    expect(spec?.name).toBe("default")
    const entry = spec?.crds[0]
    expect(entry?.apiTypes).toEqual({
      group: "demo.example",
      version: "v1",
      kind: "Website",
      plural: "websites",
      namespaced: true,
    })
    expect(entry?.crd?.object.metadata.name).toBe("websites.demo.example")
    expect(entry?.setup).toEqual([
      { path: "rbac/namespace.yaml", written: "rbac/namespace.yaml", at: "spec.crds.website.setup[0]" },
    ])
    expect(entry?.crFiles.map((ref) => ref.path)).toEqual(["examples/website-sample.yaml"])
  })

  test("loads by its folder, and paths follow the folder", () => {
    const texts = { "katalog.yaml": seed, ...seedFiles }
    const moved = Object.fromEntries(Object.entries(texts).map(([path, text]) => [`a/b/${path}`, text]))
    const { spec, file } = load(memoryFiles(moved), "a/b")
    expect(file?.path).toBe("a/b/katalog.yaml")
    expect(spec?.crds[0]?.setup[0]?.path).toBe("a/b/rbac/namespace.yaml")
  })
})

test("where an entry is silent the defaults hold", () => {
  const entry = loadEntry("")
  expect(entry).toMatchObject({
    enabled: true,
    workers: defaults.workers,
    resync: defaults.resync,
    queue: { failureThreshold: defaults.failureThreshold },
    forceConflict: true,
    finalizer: "auto",
    dependsOn: [],
    operatorBox: { status: { conditions: true, fields: [] } },
  })
  expect(entry.operatorBox.onReconcile).toBeUndefined()
})

test("numbers and booleans may be written as texts, and texts as numbers", () => {
  const body = `      workers: "7"
      enabled: "false"
      resync: 1h30m
      description: 5
      operatorBox:
        onReconcile:
          deployments:
            - { image: nginx, replicas: 2, port: "80", labels: { build: 12, live: true } }
`
  const entry = loadEntry(body)
  expect(entry).toMatchObject({ workers: 7, enabled: false, resync: 5_400_000, description: "5" })
  const [deployment] = entry.operatorBox.onReconcile?.entries ?? []
  expect(deployment?.fields).toEqual({ image: "nginx", replicas: 2, port: "80" })
  expect(deployment?.labels).toEqual({ build: "12", live: "true" })
})

test.each([
  ["0", undefined],
  ["1s", 1_000],
  ["999ms", undefined],
  ["30d", 2_592_000_000],
  ["1y", 31_536_000_000],
  ["30", undefined],
  ["-5s", undefined],
])("resync %s", (written, expected) => {
  const { spec } = loadText(websiteKatalog(`      resync: ${written}\n`))
  expect<number | undefined>(spec?.crds[0]?.resync).toBe(expected)
})

test.each([
  ["1", true],
  ["100", true],
  ["101", false],
  ["0", false],
  ["1.5", false],
  ['""', false],
])("workers %s", (written, isGood) => {
  expect(loadText(websiteKatalog(`      workers: ${written}\n`)).spec !== undefined).toBe(isGood)
})

test.each([
  ["[shop]", [{ name: "shop", condition: "started" }]],
  ["{ shop: healthy }", [{ name: "shop", condition: "healthy" }]],
  ["{ shop: { condition: healthy } }", [{ name: "shop", condition: "healthy" }]],
  ["{ shop: { condition: started } }", [{ name: "shop", condition: "started" }]],
  ["{ shop: }", [{ name: "shop", condition: "started" }]],
] as const)("dependsOn: %s", (written, expected) => {
  const shop = "    shop:\n      apiTypes: { group: demo.example, version: v1, kind: Shop }\n"
  const { spec } = loadText(websiteKatalog(`      dependsOn: ${written}\n${shop}`))
  expect<unknown>(spec?.crds[0]?.dependsOn).toEqual(expected)
})

test("a long chain of dependencies is no circle, and does not use up the stack", () => {
  const count = 2000
  const entry = (i: number) =>
    `    c${i}: { apiTypes: { group: a.example, version: v1, kind: K${i} }, dependsOn: [c${(i + 1) % count}] }\n`
  const head = `apiVersion: ${apiVersion}\nkind: Katalog\nspec:\n  crds:\n`
  const closed = head + Array.from({ length: count }, (_, i) => entry(i)).join("")
  expect(errorCodes(closed)).toEqual(["ORK0205"])
  expect(errorCodes(closed.replace(", dependsOn: [c0]", ""))).toEqual([])
})

describe("types from the CRD", () => {
  const withTypes = (types: string) => {
    const text = `apiVersion: ${apiVersion}\nkind: Katalog\nspec:\n  crds:\n    website:\n      crdFile: crd.yaml\n${types}`
    return loadText(text, { "crd.yaml": websiteCrd })
  }
  test("apiTypes.version chooses a served version", () => {
    expect(withTypes("      apiTypes: { version: v1alpha1 }\n").spec?.crds[0]?.apiTypes.version).toBe("v1alpha1")
  })
  test("a version that is not served is refused", () => {
    expect(withTypes("      apiTypes: { version: v0 }\n").diagnostics.map((d) => d.code)).toEqual(["ORK0203"])
  })
  test("equal types beside the crdFile are fine", () => {
    const types =
      "      namespaced: true\n      apiTypes: { group: demo.example, version: v1, kind: Website, plural: websites }\n"
    expect(withTypes(types).diagnostics).toEqual([])
  })
})

describe("several Katalogs", () => {
  test("one CRD in two of them is an error that names the other", () => {
    const files = memoryFiles({ "a/katalog.yaml": websiteKatalog(), "b/katalog.yaml": websiteKatalog() })
    const { katalogs, diagnostics } = loadAll(files, ["a", "b"])
    expect(katalogs.map((one) => one.spec?.crds.length)).toEqual([1, 1])
    expect(diagnostics.map((d) => [d.code, d.span?.file.path])).toEqual([["ORK0207", "b/katalog.yaml"]])
    expect(diagnostics[0]?.message).toContain("a/katalog.yaml")
  })
  test("a disabled entry does not clash", () => {
    const files = memoryFiles({
      "a/katalog.yaml": websiteKatalog(),
      "b/katalog.yaml": websiteKatalog("      enabled: false\n"),
    })
    expect(loadAll(files, ["a", "b"]).diagnostics).toEqual([])
  })
})

test("errors in one entry do not hide those in another", () => {
  const text = websiteKatalog("      wrkers: 1\n    shop:\n      crdFile: nowhere.yaml\n      dependsOn: [websit]\n")
  expect(errorCodes(text)).toEqual(["ORK0107", "ORK0201", "ORK0204"])
})

test("thousands of mistakes are answered in bounded time", () => {
  const text = websiteKatalog(Array.from({ length: 40_000 }, (_, i) => `      unknown${i}: 1\n`).join(""))
  const { diagnostics } = loadText(text)
  expect(diagnostics.length).toBe(500)
})

test("a misspelt crdFile is one mistake, a missing one too", () => {
  const of = (entry: string) =>
    errorCodes(`apiVersion: orkestra.orkspace.io/v1\nkind: Katalog\nspec: { crds: { a: ${entry} } }\n`)
  expect(of("{ crdfile: a.yaml }")).toEqual(["ORK0107"])
  expect(of("{ apiType: { kind: A } }")).toEqual(["ORK0107"])
  expect(of("{ crFiles: [] }")).toEqual(["ORK0108"])
})

test("templates are judged although the files of their entry cannot be read", () => {
  const text = websiteKatalog(`      operatorBox:
        onReconcile:
          configMaps:
            - { name: a, data: { b: "{{ nope }}" } }
`).replace("apiTypes: { group: demo.example, version: v1, kind: Website }", "crdFile: missing.yaml")
  const { diagnostics } = compileKatalogs(memoryTerminal(memoryFiles({ "katalog.yaml": text })), ["."])
  expect(diagnostics.map(({ code }) => code)).toEqual(["ORK0201", "ORK0302"])
})

test("a file that cannot be read is named once", () => {
  const files = memoryFiles({ "katalog.yaml": "" })
  const denied = {
    ...files,
    read: (path: string) => {
      throw new OrkError("config/file", `${path}: permission denied`)
    },
  }
  expect(load(denied, "katalog.yaml").diagnostics[0]?.message).toBe("cannot read katalog.yaml: permission denied")
})

test("as many mistakes as the bound are all told, of more the first ones and their number", () => {
  const entries = (count: number) => Array.from({ length: count }, (_, i) => `    a${i}: {}\n`).join("")
  const codes = (count: number) =>
    loadText(`apiVersion: ${apiVersion}\nkind: Katalog\nspec:\n  crds:\n${entries(count)}`).diagnostics.map(
      ({ code }) => code,
    )
  expect(codes(diagnosticsMax)).toEqual(Array(diagnosticsMax).fill("ORK0108"))
  expect(codes(diagnosticsMax + 1)).toEqual([...Array(diagnosticsMax).fill("ORK0108"), "ORK0510"])
})

test("a key that is set twice and a number that would change are told with the other mistakes of the file", () => {
  const entry = "{ apiTypes: { group: a.b, version: v1, kind: A }, workers: 3, workers: 4, wrokers: 5 }"
  const text = `apiVersion: ${apiVersion}\nkind: Katalog\nmetadata: { name: a, version: 12345678901234567890 }\nspec:\n  crds:\n    a: ${entry}\n`
  expect(errorCodes(text)).toEqual(["ORK0106", "ORK0103", "ORK0107"])
})

test("so they are in Motifs and included files", () => {
  const files = {
    "m.yaml": `apiVersion: ${apiVersion}\nkind: Motif\nmetadata: { name: m }\nresources: { configMaps: [{ name: a, name: b }], jbos: [] }\n`,
    "status.yaml": "fields:\n  - { path: a, path: b, vlaue: c }\n",
  }
  const entry = "apiTypes: { group: a.b, version: v1, kind: A }, imports: [{ motif: ./m.yaml }]"
  const text = `apiVersion: ${apiVersion}\nkind: Katalog\nspec:\n  crds:\n    a: { ${entry}, operatorBox: { status: { include: status.yaml } } }\n`
  const found = loadText(text, files).diagnostics.map(({ code, span }) => `${span?.file.path} ${code}`)
  expect(found).toEqual(["m.yaml ORK0103", "m.yaml ORK0107", "status.yaml ORK0103", "status.yaml ORK0107"])
})
