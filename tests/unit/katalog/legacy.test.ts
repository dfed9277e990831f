import { describe, expect, test } from "bun:test"
import { canonical, moves, writtenPath } from "../../../src/katalog/legacy.ts"
import { withPath } from "../../../src/kube/mod.ts"
import { loadText, websiteKatalog } from "./support.ts"

const at = ["spec", "crds", "web"]
const document = (entry: unknown) => ({ spec: { crds: { web: entry } } })
const rewrite = (entry: unknown) => canonical(document(entry), (path) => ({ path }))

describe("each published address reaches its canonical one", () => {
  for (const move of moves) {
    const from = move.from.replace("*", "something").split(".")
    const to = move.to.replace("*", "something").split(".")
    test(move.from, () => {
      const result = rewrite(withPath({}, from, 5))
      expect(result.data).toEqual(document(withPath({}, to, 5)))
      expect(result.diagnostics.map((d) => [d.code, d.severity, d.path])).toEqual([
        ["ORK0120", "note", [...at, ...from].join(".")],
      ])
      expect(writtenPath([...at, ...to], result.moved)).toBe([...at, ...from].join("."))
    })
    test(`${move.from} beside ${move.to}`, () => {
      const result = rewrite(withPath(withPath({}, to, 1), from, 5))
      expect(result.diagnostics.map((d) => d.code)).toEqual(["ORK0121"])
      expect(result.data).toEqual(document(withPath({}, to, 1)))
    })
  }
})

test("a canonical document stays as it is", () => {
  const entry = { workers: 3, operatorBox: { onReconcile: { or: [], custom: [{ spec: { anyOf: [1] } }] } } }
  const result = rewrite(entry)
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
