import { describe, expect, test } from "bun:test"
import { type Move, rewrites } from "../../../src/katalog/legacy.ts"
import { canonical, writtenPath } from "../../../src/katalog/legacy-rewrite.ts"
import { formatPath } from "../../../src/kube/mod.ts"
import { loadText, websiteKatalog } from "./support.ts"

type Steps = readonly (string | number)[]

const document = (entry: unknown) => ({ spec: { crds: { web: entry } } })
const rewrite = (data: unknown) => canonical(data, (path) => ({ path }))

/** A place that fits an address. */
function place(pattern: string): Steps {
  const parts = pattern.replace("spec.crds.*", "spec.crds.web").replaceAll("[]", ".[]").split(".")
  return parts.map((part) => (part === "[]" ? 0 : part.replace("*", part === "*" ? "something" : "Something")))
}

/** `base` with `leaf` at `steps`; lists hold one item. */
function built(steps: Steps, leaf: unknown, base: unknown = undefined): unknown {
  const [first, ...rest] = steps
  if (first === undefined) return leaf
  if (typeof first === "number") return [built(rest, leaf, Array.isArray(base) ? base[0] : undefined)]
  const record = typeof base === "object" && base !== null ? { ...base } : {}
  return { ...record, [first]: built(rest, leaf, Reflect.get(record, first)) }
}

describe("each published address reaches its canonical one", () => {
  const moves = rewrites.filter((row): row is Move => "from" in row)
  for (const move of moves) {
    const from = place(move.from)
    const to = place(move.to)
    test(move.from, () => {
      const result = rewrite(built(from, 5))
      expect(result.data).toEqual(built(to, 5))
      expect(result.diagnostics.map((d) => [d.code, d.severity, d.path])).toEqual([
        ["ORK0120", "note", formatPath(from)],
      ])
      expect(writtenPath(to, result.moved)).toBe(formatPath(from))
    })
    test(`${move.from} beside ${move.to}`, () => {
      const result = rewrite(built(from, 5, built(to, 1)))
      expect(result.diagnostics.map((d) => d.code)).toEqual(["ORK0121"])
      expect(result.data).toEqual(built(to, 1))
    })
  }
})

test("a canonical document stays as it is", () => {
  const entry = { workers: 3, operatorBox: { onReconcile: { or: [], custom: [{ spec: { anyOf: [1] } }] } } }
  const result = rewrite(document(entry))
  expect(result.data).toEqual(document(entry))
  expect(result.diagnostics).toEqual([])
})

test("spans of moved values point at what the author wrote", () => {
  const body = `      operatorBox:
        reconcile:
          onReconcile:
            configmaps:
              - { name: settings, anyOf: [{ field: spec.a, equals: here }] }
`
  const { spec, spans } = loadText(websiteKatalog(body))
  const [entry] = spec?.crds[0]?.operatorBox.onReconcile?.entries ?? []
  const text = (path: string) => {
    const span = spans.locate(path, "value")
    return span?.file.text.slice(span.start, span.end)
  }
  expect(entry?.kind).toBe("configMaps")
  expect(text(`${entry?.at}.name`)).toBe("settings")
  expect(text(`${entry?.or[0]?.at}.equals`)).toBe("here")
})

describe("each published form of a value is read as the canonical one", () => {
  const entry = (fields: unknown) => ({ operatorBox: { onReconcile: { deployments: [fields] } } })
  const forms: readonly (readonly [name: string, written: unknown, meant: unknown])[] = [
    [
      "the first apiVersion",
      { apiVersion: "orkestra.konductor.io/v1Alpha" },
      { apiVersion: "orkestra.orkspace.io/v1" },
    ],
    ["CRDs as a list", { spec: { crds: [{ name: "web", workers: 1 }] } }, document({ workers: 1 })],
    ["notes as a list", { notes: [{ name: "a" }] }, { notes: { functions: [{ name: "a" }] } }],
    [
      "conditions of dependencies",
      document({ dependsOn: { a: { condition: "healthy" }, b: "started", c: null } }),
      document({ dependsOn: { a: "healthy", b: "started", c: null } }),
    ],
    [
      "dependencies as a list of maps",
      document({ dependsOn: ["a", { name: "b", condition: "healthy" }, { name: "c" }] }),
      document({ dependsOn: { a: "started", b: "healthy", c: "started" } }),
    ],
    [
      "labels and annotations as lists",
      document(entry({ labels: [{ key: "a", value: "b" }], annotations: [{ name: "c", value: 1 }] })),
      document(entry({ labels: { a: "b" }, annotations: { c: 1 } })),
    ],
    [
      "variables as a map",
      document(entry({ env: { A: "b", C: { valueFrom: { x: 1 } }, D: { secretKeyRef: { name: "s" } } } })),
      document(
        entry({
          env: [
            { name: "A", value: "b" },
            { name: "C", valueFrom: { x: 1 } },
            { name: "D", valueFrom: { secretKeyRef: { name: "s" } } },
          ],
        }),
      ),
    ],
    [
      "sources of variables as a list",
      document(entry({ envFrom: [{ secretRef: { name: "a" } }, { configMapRef: { name: "b" } }, { secretRef: 1 }] })),
      document(entry({ envFrom: { secretRef: [{ name: "a" }, 1], configMapRef: [{ name: "b" }] } })),
    ],
  ]
  test.each(forms)("%s", (_, written, meant) => {
    const result = rewrite(written)
    expect(result.data).toEqual(meant)
    expect(result.diagnostics.filter((d) => d.code !== "ORK0120" || d.severity !== "note")).toEqual([])
    expect(result.diagnostics).not.toEqual([])
    const again = rewrite(result.data)
    expect(again.data).toEqual(result.data)
    expect(again.diagnostics).toEqual([])
  })

  test("what nobody published is left to the shape", () => {
    const odd = [
      { labels: [] },
      { labels: ["a=b"] },
      { labels: [{ key: "a" }, { key: "a" }] },
      { envFrom: [{ secretRef: {}, prefix: "A" }] },
      { envFrom: ["a"] },
      { env: "A=b" },
    ].map(entry)
    for (const written of [...odd, { dependsOn: [{ name: "a", if: 1 }] }, { dependsOn: [{ name: "a" }, "a"] }]) {
      const result = rewrite(document(written))
      expect(result.data).toEqual(document(written))
      expect(result.diagnostics).toEqual([])
    }
  })
})

test("an entry of a list is found by its name, and a list with nameless or equal entries is an error at the item", () => {
  const text = (crds: string) => `apiVersion: orkestra.konductor.io/v1Alpha\nkind: Katalog\nspec:\n  crds:\n${crds}`
  const types = "apiTypes: { group: demo.example, version: v1, kind: Website }"
  const { spec, spans } = loadText(text(`    - workers: 5\n      name: website\n      ${types}\n`))
  expect(spec?.crds.map(({ name, workers }) => [name, workers])).toEqual([["website", 5]])
  const written = (path: string, part: "key" | "value") => {
    const span = spans.locate(path, part)
    return span?.file.text.slice(span.start, span.end)
  }
  expect(written("spec.crds.website", "key")).toBe("website")
  expect(written("spec.crds.website.workers", "value")).toBe("5")

  const { diagnostics } = loadText(text(`    - { name: a, ${types} }\n    - { name: a }\n    - { workers: 1 }\n`))
  const errors = diagnostics.filter((d) => d.severity === "error")
  expect(errors.map((d) => [d.code, d.path])).toEqual([
    ["ORK0103", "spec.crds[1]"],
    ["ORK0108", "spec.crds[2]"],
  ])
})

test("an empty group of an older layout is read as nothing", () => {
  const result = rewrite(document({ admission: null, operatorBox: { reconcile: {}, status: {} } }))
  expect(result.data).toEqual(document({ operatorBox: { status: {} } }))
  expect(result.diagnostics.map((d) => d.path)).toEqual([
    "spec.crds.web.operatorBox.reconcile",
    "spec.crds.web.admission",
  ])
})

test("30,000 old spellings in one list are read in bounded time", () => {
  const configMaps = Array.from({ length: 30_000 }, () => ({ anyOf: [] }))
  const result = rewrite(document({ operatorBox: { onReconcile: { configMaps } } }))
  expect(result.edits).toHaveLength(30_000)
}, 5_000)
