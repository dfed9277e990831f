import { describe, expect, test } from "bun:test"
import { dependencyOrder, renderStatusField } from "../../../src/plan/mod.ts"
import { katalog } from "../../support/makers.ts"
import { diagnosticsOf, operatorOf, resultsOf, scopeOf, shop } from "./support.ts"

const each = (field: string, more = "") =>
  `  configMaps:\n    - { name: "{{ .metadata.name }}-{{ .index }}", id: e, forEach: { field: "${field}"${more} }, data: { item: "{{ .item }}", value: "{{ .value }}" } }`

/** Names and data of what an entry renders to. */
function objectsOf(lists: string, data = shop as Readonly<Record<string, unknown>>) {
  return resultsOf(lists, data).flatMap(({ rendered }) =>
    rendered.map(({ id, object }) => ({ id, name: object.metadata.name, data: object["data"] })),
  )
}

describe("forEach", () => {
  test("over a list gives each item with its index, and an id by value", () => {
    expect(objectsOf(each("spec.list"))).toEqual([
      { id: "e[a]", name: "shop-0", data: { item: "a", value: "a" } },
      { id: "e[b]", name: "shop-1", data: { item: "b", value: "b" } },
    ])
  })

  test("over a map gives keys in order, with their values", () => {
    expect(objectsOf(each("spec.env"))).toEqual([
      { id: "e[A]", name: "shop-0", data: { item: "A", value: "one" } },
      { id: "e[B]", name: "shop-1", data: { item: "B", value: "two" } },
    ])
  })

  test("over named maps takes the names as ids", () => {
    expect(objectsOf(each("spec.rows")).map(({ id }) => id)).toEqual(["e[x]", "e[y]"])
  })

  test("as gives the item a name of its own", () => {
    const named = `  configMaps: [{ name: "{{ .lang }}", forEach: { field: .spec.list, as: lang } }]`
    expect(objectsOf(named).map(({ name }) => name)).toEqual(["a", "b"])
  })

  test.each(["spec.none", "spec.nothing", "spec.rows[0].nothing"])("over %s gives nothing", (field) => {
    expect(resultsOf(each(field))[0]).toMatchObject({ rendered: [], failures: [], gated: false })
  })

  test.each(["spec.text", "spec.replicas", "spec.on"])("over %s fails", (field) => {
    expect(resultsOf(each(field))[0]).toMatchObject({ rendered: [], failures: [{ code: "template/type" }] })
  })

  test("takes a thousand elements and refuses one more", () => {
    const over = (count: number) => ({ ...shop, spec: { list: Array.from({ length: count }, (_, i) => `v${i}`) } })
    expect(resultsOf(each("spec.list"), over(1_000))[0]?.rendered).toHaveLength(1_000)
    expect(resultsOf(each("spec.list"), over(1_001))[0]).toMatchObject({
      rendered: [],
      failures: [{ code: "template/budget" }],
    })
  })

  test("tries conditions per element", () => {
    const big = `  configMaps: [{ name: "{{ .row.name }}", forEach: { field: spec.rows, as: row }, when: [{ field: row.size, gte: 1 }] }]`
    expect(objectsOf(big).map(({ name }) => name)).toEqual(["x"])
    expect(resultsOf(big.replace("gte: 1", "gte: 9"))[0]).toMatchObject({ rendered: [], gated: true })
  })

  test("renders the other elements when one fails", () => {
    const size = `  configMaps: [{ name: "{{ .item.name }}", forEach: { field: spec.rows }, data: { s: '{{ required "no size" .item.size }}' } }]`
    expect(resultsOf(size)[0]).toMatchObject({ rendered: [{}], failures: [{ code: "template/missing" }] })
  })
})

describe("a status field", () => {
  const result = (keys: string, data = shop as Readonly<Record<string, unknown>>) => {
    const [field] = operatorOf(`status:\n  fields:\n    - { path: x, ${keys} }`).status.fields
    if (!field) throw new Error("no field")
    const rendered = renderStatusField(field, scopeOf(data))
    return rendered.kind === "set" ? rendered.value : rendered.kind
  }

  test.each([
    ['value: "{{ .spec.replicas }}"', 3],
    ['value: "{{ .spec.list }}"', ["a", "b"]],
    ["value: 7", 7],
    ['value: "{{ .spec.replicas }}", type: string', "3"],
    ['value: "{{ .spec.list }}", type: string', '["a","b"]'],
    ['value: "{{ .spec.replicas }}.9", type: int', 3],
    ['value: "{{ .spec.ratio }}", type: float', 0.5],
    ['value: "{{ .spec.text }}", type: int', "failed"],
    ['value: "{{ .spec.blank }}", type: int', undefined],
    ['value: "{{ .spec.blank }}", type: bool', undefined],
    ['value: "{{ .spec.blank }}", type: auto', undefined],
    ['value: "{{ .spec.blank }}", type: str', ""],
    ['value: "{{ .spec.list }}", type: auto', ["a", "b"]],
    ['value: "True", type: boolean', true],
    ['value: "-7.5", type: integer', -7],
    ['value: "{{ .spec.on }}", type: bool', true],
    ['value: "{{ .spec.text }}", type: bool', "failed"],
    ['value: "{{ .spec.ratio }}", type: auto', 0.5],
    ['value: "true", type: auto', true],
    ['value: "many", type: auto', "many"],
    ['value: "{{ .spec.nothing }}"', undefined],
    ['value: "{{ .spec.nothing }}", type: int', undefined],
    ['value: "a", when: [{ field: spec.on, equals: true }]', "a"],
    ['value: "a", when: [{ field: spec.on, equals: false }]', "keep"],
    ['value: "a", when: [{ field: spec.on, equals: false }], clearOnFalse: true', ""],
    ["value: 1, type: int, when: [{ field: spec.on, equals: false }], clearOnFalse: true", undefined],
  ])("%s", (keys, expected) => {
    expect(result(keys)).toEqual(expected)
  })

  test("keeps its dotted path", () => {
    const [field] = operatorOf("status: { fields: [{ path: a.b.c, value: x }] }").status.fields
    expect(field?.path).toEqual(["a", "b", "c"])
  })
})

describe("a mistake in a template is reported where it is written", () => {
  const text = katalog(`onReconcile:
  configMaps:
    - name: "{{ .metadata.name"
      data:
        a: "{{ nosuch .spec.a }}"
        block: |
          line
          {{ end }}
      labels: { l: "{{ trunc }}" }
      when:
        - { field: "{{ if }}", exists: true }
  manifests:
    - apiVersion: v1
      kind: ConfigMap
      metadata: { name: x }
      data: { b: "{{ nosuch }}" }
status:
  fields:
    - { path: s, value: "{{ nosuch }}" }`)

  test("each with the line of its value", () => {
    const lines = diagnosticsOf(text).map((found) => Number(found.split(" ")[1]))
    expect([...new Set(lines)].sort((a, b) => a - b)).toEqual([11, 13, 16, 17, 19, 24, 27])
  })

  test("and there is no plan", () => {
    expect(() => operatorOf('status: { fields: [{ path: s, value: "{{ nosuch }}" }] }')).toThrow()
  })

  test("also when the template fails only as it runs", () => {
    const lists = `  configMaps:
    - name: a
      data:
        good: x
        bad: '{{ required "spec.must is needed" .spec.must }}'`
    expect(resultsOf(lists)[0]?.failures).toMatchObject([{ code: "template/missing", where: "katalog.yaml:14:22" }])
  })
})

describe("a fingerprint", () => {
  const box = (name: string) => `onReconcile:\n  configMaps:\n    - name: ${name}\n      data: { a: "{{ .spec.a }}" }`
  const print = (text: string, keys = "") => operatorOf(text, keys).fingerprint

  test("stays when lines move and comments come", () => {
    const moved = `# a comment\n\nonReconcile:\n  configMaps:\n\n    - name: "a" # here\n      data: { "a": '{{ .spec.a }}' }`
    expect(print(moved)).toBe(print(box("a")))
  })

  const base = 'onReconcile:\n  configMaps:\n    - { id: x, name: a, data: { a: "{{ .spec.a }}" } }'
  test.each([
    ["a template", base.replace(".spec.a", ".spec.b"), ""],
    ["a condition", base.replace("id: x", "id: x, when: [{ field: spec.a, exists: true }]"), ""],
    ["a loop", base.replace("id: x", "id: x, forEach: { field: spec.list }"), ""],
    ["an option", base.replace("id: x", "id: x, prune: false"), ""],
    ["a lifecycle", base.replace("onReconcile", "onCreate"), ""],
    ["an order of deletion", `${base}\nonDelete: { configMaps: [{ name: a }] }`, ""],
    ["a block", base.replace("onReconcile", "onDelete"), ""],
    ["a status field", `${base}\nstatus: { fields: [{ path: a, value: b }] }`, ""],
    ["the conditions of the status", `${base}\nstatus: { conditions: false }`, ""],
    ["the workers", base, "workers: 9"],
    ["the resync", base, "resync: 1h"],
    ["the finalizer", base, "finalizer: always"],
  ])("changes with %s", (_, text, keys) => {
    expect(print(text, keys)).not.toBe(print(base))
  })
})

describe("dependencies come first", () => {
  const node = (name: string, ...needs: readonly string[]) => ({ name, dependsOn: needs.map((n) => ({ name: n })) })
  const order = (...nodes: readonly ReturnType<typeof node>[]) => {
    const result = dependencyOrder(nodes)
    return result.ok ? result.value.map(({ name }) => name) : { cycle: result.error }
  }
  test.each([
    ["as written without any", [node("b"), node("a")], ["b", "a"]],
    ["before their dependents", [node("a", "b"), node("b", "c"), node("c")], ["c", "b", "a"]],
    ["once, when several need them", [node("a", "c"), node("b", "c"), node("c")], ["c", "a", "b"]],
    ["or are told as a circle", [node("x", "a"), node("a", "b"), node("b", "a")], { cycle: ["a", "b", "a"] }],
    ["or to themselves", [node("a", "a")], { cycle: ["a", "a"] }],
    ["and unknown ones are passed over", [node("a", "gone")], ["a"]],
  ])("%s", (_, nodes, expected) => {
    expect(order(...nodes)).toEqual(expected as never)
  })
})

test("an operator knows whether its templates look at the children", () => {
  const reads = (text: string) => operatorOf(text).readsChildren
  expect(reads("onReconcile: { configMaps: [{ name: a }] }")).toBe(false)
  const field = 'status: { fields: [{ path: a, value: "{{ .children.configMap.data.a }}" }] }'
  expect(reads(`onReconcile: { configMaps: [{ name: a }] }\n${field}`)).toBe(true)
  const gated = "configMaps: [{ name: a, when: [{ field: children.secret, exists: true }] }]"
  expect(reads(`onReconcile: { secrets: [{ name: a }], ${gated} }`)).toBe(true)
  expect(reads('onDelete: { configMaps: [{ name: "{{ .children.configMap.metadata.name }}" }] }')).toBe(true)
})
