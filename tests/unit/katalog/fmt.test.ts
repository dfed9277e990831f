import { describe, expect, test } from "bun:test"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { hasErrors } from "../../../src/base/mod.ts"
import { formatKatalog, load } from "../../../src/katalog/mod.ts"
import { commentsOf } from "../../../src/katalog/yaml.ts"
import { memoryFiles } from "../../support/files.ts"
import { websiteKatalog } from "./support.ts"

const root = join(import.meta.dir, "../../..")
const format = (text: string) => formatKatalog(memoryFiles({ "katalog.yaml": text }), "katalog.yaml")

/** The formatted text; fails where there is none. */
function formatted(text: string): string {
  const result = format(text)
  if (!result.ok) throw new Error(result.error.map((d) => `${d.code} ${d.message}`).join("\n"))
  return result.value.after
}

/** What a Katalog means, and what is wrong with it, without places and notes. */
function meaning(text: string, others: Readonly<Record<string, string>>) {
  const { spec, diagnostics } = load(memoryFiles({ ...others, "katalog.yaml": text }), "katalog.yaml")
  const problems = diagnostics.filter((d) => d.code !== "ORK0120").map((d) => `${d.severity} ${d.code}`)
  return { spec: withoutPlaces(spec), problems: problems.sort() }
}

/** A copy without the ways through which Motifs came: they are lines and columns, which move. */
function withoutPlaces(value: unknown, known = new Map<unknown, unknown>()): unknown {
  if (typeof value !== "object" || value === null) return value
  const done = known.get(value)
  if (done !== undefined) return done
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {}
  known.set(value, copy)
  for (const [key, member] of Object.entries(value)) {
    if (key !== "chain") Object.assign(copy, { [key]: withoutPlaces(member, known) })
  }
  return copy
}

function filesBelow(folder: string): Readonly<Record<string, string>> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = found.map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]))
}

const folders = ["katalogs/*/katalog.yaml", "tests/**/katalog.yaml"]
  .flatMap((pattern) => [...new Bun.Glob(pattern).scanSync({ cwd: root })])
  .map((path) => path.slice(0, -"/katalog.yaml".length))
  .sort()

describe("every Katalog of this repository", () => {
  test("is found", () => expect(folders.length).toBeGreaterThan(30))
  test.each(folders)("%s: formatting twice is formatting once, and neither changes what it means", (folder) => {
    const { "katalog.yaml": text = "", ...others } = filesBelow(join(root, folder))
    const once = format(text)
    if (!once.ok) {
      expect(hasErrors(once.error)).toBe(true)
      return
    }
    const { after } = once.value
    expect(formatted(after)).toBe(after)
    expect(meaning(after, others)).toEqual(meaning(text, others))
    const { diagnostics } = load(memoryFiles({ ...others, "katalog.yaml": after }), "katalog.yaml")
    // Included files are not rewritten along with it.
    const left = diagnostics.filter((d) => d.code === "ORK0120" && d.span?.file.path === "katalog.yaml")
    expect(left).toEqual([])
    expect(commentsOf(after).toSorted()).toEqual(commentsOf(text).toSorted())
    expect(after === text).toBe(once.value.diagnostics.length === 0)
  })
  test.each(
    readdirSync(join(root, "katalogs"), { withFileTypes: true })
      .filter((e) => e.isDirectory())
      .map((e) => e.name),
  )("katalogs/%s is canonical", (name) => {
    const text = readFileSync(join(root, "katalogs", name, "katalog.yaml"), "utf8")
    expect(formatted(text)).toBe(text)
  })
})

/** Two texts below `website:`, by six spaces. */
const cases: readonly (readonly [name: string, before: string, after: string])[] = [
  [
    "comments go along with their keys, those of a group stay where it stood",
    `      # the box
      operatorBox: # in it
        # group
        reconcile: # beside
          # three

          # at a time
          workers: 3 # tuned

          onReconcile: {} # nothing
        # end
        # after
        status: {}
`,
    `      # beside
      # three

      # at a time
      workers: 3 # tuned
      # the box
      operatorBox: # in it
        # group

        onReconcile: {} # nothing
        # end
        # after
        status: {}
`,
  ],
  [
    "brackets stay brackets where the outer map has them",
    `      operatorBox: { reconcile: { workers: 3, "resync": 30s, onReconcile: { pvcs: [] } }, emit: { status: {} } }\n`,
    `      workers: 3
      resync: 30s
      operatorBox: { onReconcile: { persistentVolumeClaims: [] }, status: {} }
`,
  ],
  [
    "one group in brackets, in a block",
    `      operatorBox:
        reconcile: { workers: 3, onReconcile: { services: [{ port: 80 }] } } # note
`,
    `      # note
      workers: 3
      operatorBox:
        onReconcile: { services: [{ port: 80 }] }
`,
  ],
  [
    "block texts and quotes keep every character",
    `      operatorBox:
        reconcile:
          onReconcile:
            configmaps:
              - name: 'it''s'
                data:
                  a: |2
                      indented

                  b: >-
                    folded
                    text # no comment
                  c: "two
                    lines"
`,
    `      operatorBox:
        onReconcile:
          configMaps:
            - name: 'it''s'
              data:
                a: |2
                    indented

                b: >-
                  folded
                  text # no comment
                c: "two
                  lines"
`,
  ],
  [
    "an anchor that moves with its key keeps its aliases",
    `      operatorBox:
        reconcile:
          onCreate: &same
            configmaps: [{ name: a }]
          onReconcile: *same
`,
    `      operatorBox:
        onCreate: &same
          configMaps: [{ name: a }]
        onReconcile: *same
`,
  ],
  [
    "a merge is written out when one of its keys has to go elsewhere",
    `      operatorBox:
        reconcile:
          <<: { workers: 2, onCreate: {} } # both
          onReconcile: {}
`,
    `      # both
      workers: 2
      operatorBox:
        onCreate: {}
        onReconcile: {}
`,
  ],
  [
    "forms of values",
    `      dependsOn: { db: { condition: healthy } }
      operatorBox:
        onReconcile:
          deployments:
            - labels:
                - key: app # one
                  value: "{{ .metadata.name }}"
              image: nginx
              env:
                A: b
                # two
                B: "{{ .spec.b }}"
              envFrom: [{ secretRef: { name: s } }]
`,
    `      dependsOn: { db: healthy }
      operatorBox:
        onReconcile:
          deployments:
            - labels:
                # one
                app: "{{ .metadata.name }}"
              image: nginx
              env:
                # two
                - name: A
                  value: b
                - name: B
                  value: "{{ .spec.b }}"
              envFrom: { secretRef: [ { name: s } ] }
`,
  ],
  [
    "what stays in a group keeps its comments, and what goes takes its own",
    `      operatorBox:
        observe:
          # own
          watch: []
          # stays
          events: {}
          cross: [] # goes
        reconcile:
          onCreate: {}
        # last
`,
    `      operatorBox:
        # own
        watch: []
        cross: [] # goes
        observe:
          # stays
          events: {}
        onCreate: {}
        # last
`,
  ],
  [
    "a merge that brings the old name of a key is written out",
    `      operatorBox:
        onReconcile:
          services:
            - port: 80
              <<: { anyOf: [], name: a }
              anyOf: [{ field: spec.a, exists: true }]
`,
    `      operatorBox:
        onReconcile:
          services:
            - port: 80
              name: a
              or: [{ field: spec.a, exists: true }]
`,
  ],
  [
    "empty groups go",
    `      operatorBox:
        reconcile:
        observe: {}
        status: {}
      admission: {}
`,
    `      operatorBox:
        observe: {}
        status: {}
`,
  ],
]

describe("what changes", () => {
  test.each(cases)("%s", (_, before, after) => {
    expect(formatted(websiteKatalog(before))).toBe(websiteKatalog(after))
    expect(formatted(websiteKatalog(after))).toBe(websiteKatalog(after))
  })

  test("line breaks of Windows, a byte order mark and a missing last line break stay", () => {
    const before = websiteKatalog("      operatorBox:\n        reconcile:\n          workers: 3")
    const after = websiteKatalog("      workers: 3")
    expect(formatted(before)).toBe(after)
    const windows = (text: string) => `\uFEFF${text.replaceAll("\n", "\r\n")}`
    expect(formatted(windows(before))).toBe(windows(after))
  })

  test("a list of entries becomes a map, wherever its dashes and names stand", () => {
    const head = "apiVersion: orkestra.orkspace.io/v1\nkind: Katalog\nspec:\n  crds:\n"
    const before = `${head}  # first\n  - name: a # A\n    workers: 1\n  -   workers: 2\n      # the name\n      "name": 'b' # B\n`
    const after = `${head}  # first\n    a: # A\n      workers: 1\n    'b': # B\n        workers: 2\n        # the name\n`
    expect(formatted(before)).toBe(after)
    expect(formatted(`${head}    [{ name: a, workers: 1 }]\n`)).toBe(`${head}    { a: { workers: 1 } }\n`)
  })

  test("user functions as a list stand below one key", () => {
    const text = websiteKatalog()
    const after = `${text}notes:\n  functions:\n    - name: a\n      expression: '{{ 1 }}' # one\n`
    expect(formatted(`${text}notes:\n- name: a\n  expression: '{{ 1 }}' # one\n`)).toBe(after)
  })
})

describe("a file is refused", () => {
  const codes = (text: string) => {
    const result = format(text)
    return result.ok ? [] : result.error.map((d) => d.code)
  }
  test("that is not YAML", () => expect(codes("a: [")).toContain("ORK0102"))
  test("that is no Katalog", () => expect(codes("kind: Service\n")).toEqual(["ORK0109"]))
  test("that sets one thing twice", () => {
    const text = websiteKatalog("      workers: 1\n      operatorBox: { reconcile: { workers: 2 } }\n")
    expect(codes(text).filter((code) => code !== "ORK0120")).toEqual(["ORK0121"])
  })
  test("whose shared text would have to mean two things", () => {
    const body = `      operatorBox:
        onReconcile:
          custom:
            - { apiVersion: v1, kind: A, metadata: { name: a }, spec: &c { anyOf: [] } }
            - &both { apiVersion: v1, kind: A, metadata: { name: a }, anyOf: [], spec: { x: 1 } }
            - { apiVersion: v1, kind: A, metadata: { name: a }, spec: *both }
`
    expect(formatted(websiteKatalog(body))).toContain("spec: { apiVersion: v1")
  })
})

test("thousands of old spellings in one file are rewritten in bounded time", () => {
  const items = "            - { anyOf: [], labels: [{ key: a, value: b }] }\n".repeat(3_000)
  const body = `      operatorBox:\n        reconcile:\n          onReconcile:\n            configmaps:\n${items}`
  expect(formatted(websiteKatalog(body))).not.toContain("anyOf")
}, 10_000)

test("a JSON file stays one, indented as before", () => {
  const types = { group: "demo.example", version: "v1", kind: "Website" }
  const json = (entry: object) =>
    `${JSON.stringify({ apiVersion: "orkestra.orkspace.io/v1", kind: "Katalog", spec: { crds: { website: { apiTypes: types, ...entry } } } }, null, 4)}\n`
  const formatted = formatKatalog(
    memoryFiles({ "a.json": json({ operatorBox: { reconcile: { workers: 5 } } }) }),
    "a.json",
  )
  expect(formatted.ok && formatted.value.after).toBe(json({ workers: 5 }))
})
