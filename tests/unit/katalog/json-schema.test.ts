import { describe, expect, test } from "bun:test"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020"
import { hasErrors } from "../../../src/base/mod.ts"
import { schemaKinds, schemaOf, schemaText } from "../../../src/katalog/json-schema.ts"
import { load } from "../../../src/katalog/mod.ts"
import { parseYaml } from "../../../src/katalog/yaml.ts"
import { memoryFiles } from "../../support/files.ts"
import { websiteKatalog } from "./support.ts"

const root = join(import.meta.dir, "../../..")
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schemaOf("Katalog"))

/** What the schema says against a text. */
function complaints(text: string): readonly string[] {
  validate(parseYaml({ path: "", text }).documents[0]?.data)
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)
}

function filesBelow(folder: string): Readonly<Record<string, string>> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = found.map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]))
}

/** Katalogs that load without an error and without an old spelling. */
const good = ["katalogs/*/katalog.yaml", "tests/**/katalog.yaml", "tests/**/canonical.yaml"]
  .flatMap((pattern) => [...new Bun.Glob(pattern).scanSync({ cwd: root })])
  .filter((path) => {
    const folder = filesBelow(join(root, path, ".."))
    const name = path.split("/").at(-1) ?? ""
    const { diagnostics } = load(memoryFiles(folder), name)
    return !hasErrors(diagnostics) && !diagnostics.some((d) => d.code === "ORK0120")
  })
  .sort()

describe("every good Katalog fits", () => {
  test("is found", () => expect(good.length).toBeGreaterThan(5))
  test.each(good)("%s", (path) => expect(complaints(readFileSync(join(root, path), "utf8"))).toEqual([]))
})

describe("Motifs", () => {
  const validateMotif = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schemaOf("Motif"))
  const fits = (text: string) => validateMotif(parseYaml({ path: "", text }).documents[0]?.data)
  const examples = [...new Bun.Glob("katalogs/*/motifs/*.yaml").scanSync({ cwd: root })]

  test("those of the examples fit", () => {
    expect(examples.length).toBeGreaterThan(0)
    for (const path of examples) expect([path, fits(readFileSync(join(root, path), "utf8"))]).toEqual([path, true])
  })

  test("what ork refuses in one, the schema refuses", () => {
    const motif = (more: string) => `{ apiVersion: orkestra.orkspace.io/v1, kind: Motif, ${more} }`
    expect(fits(motif("inputs: [{ name: a, type: int }]"))).toBe(true)
    expect(fits(motif("inputs: [{ name: a, type: integer64 }]"))).toBe(false)
    expect(fits(motif("resources: { deploymentz: [] }"))).toBe(false)
    expect(fits(websiteKatalog())).toBe(false)
  })
})

test("conditions on the time fit", () => {
  const times =
    '{ time: { after: "22:00", before: "06:00", timeZone: Europe/Zurich } }, { dayOfWeek: { in: [monday] } }'
  const cron = '{ cron: "0 2 * * *", duration: 1h, timeZone: "{{ .spec.zone }}" }'
  expect(complaints(websiteKatalog(`      operatorBox: { onReconcile: { when: [${times}, ${cron}] } }\n`))).toEqual([])
})

describe("what ork refuses, the schema refuses", () => {
  const bodies: readonly (readonly [name: string, body: string])[] = [
    ["an unknown field", "      worker: 3\n"],
    ["a number out of range", "      workers: 0\n"],
    ["a wrong word", "      finalizer: never\n"],
    ["no length of time", "      resync: often\n"],
    ["an unknown kind", "      operatorBox: { onReconcile: { deploymentz: [] } }\n"],
    [
      "an unknown field of an entry",
      "      operatorBox: { onReconcile: { deployments: [{ image: a, replicass: 1 }] } }\n",
    ],
    ["a missing field", "      operatorBox: { onReconcile: { deployments: [{ name: a }] } }\n"],
    ["an unknown operator", "      operatorBox: { onReconcile: { when: [{ field: a, is: a }] } }\n"],
    ["an old layout", "      operatorBox: { reconcile: { workers: 3 } }\n"],
  ]
  test.each(bodies)("%s", (_, body) => expect(complaints(websiteKatalog(body))).not.toEqual([]))
  test("a name that is none", () =>
    expect(complaints(websiteKatalog().replace("website:", "Web_Site:"))).not.toEqual([]))
  test("another kind", () => expect(complaints(websiteKatalog().replace("Katalog", "Motif"))).not.toEqual([]))
})

test("templates stand where the format takes them, and nowhere else", () => {
  const entry = (fields: string) =>
    websiteKatalog(`      operatorBox: { onReconcile: { deployments: [{ ${fields} }] } }\n`)
  expect(
    complaints(entry(`image: "{{ .spec.image }}", replicas: "{{ .spec.replicas }}", port: "{{ .spec.port }}"`)),
  ).toEqual([])
  expect(complaints(websiteKatalog(`      workers: "{{ .spec.workers }}"\n`))).not.toEqual([])
})

test.each(schemaKinds)("every field of a %s has a description", (kind) => {
  const definitions = schemaOf(kind)["$defs"] ?? {}
  const named = ({ $ref = "" }: { readonly $ref?: string }) =>
    Object(Reflect.get(definitions, $ref.slice("#/$defs/".length)))
  const isDescribed = (field: object) => [field, named(field)].some((one) => Object.hasOwn(one, "description"))
  const bare = Object.entries(definitions).flatMap(([name, definition]) =>
    Object.entries(definition.properties ?? {}).flatMap(([key, field]) =>
      isDescribed(Object(field)) ? [] : [`${name}.${key}`],
    ),
  )
  expect(bare).toEqual([])
})

test("defaults are those of the code", () => {
  const definitions = Object.entries(schemaOf("Katalog")["$defs"] ?? {})
  const entry = Object.fromEntries(definitions)["CRDEntry"]
  expect([entry.properties.workers.default, entry.properties.resync.default]).toEqual([3, "10m"])
})

test.each(["Katalog", "Motif"] as const)("the file of a %s beside the examples is the printed one", (kind) => {
  const kept = join(root, `katalogs/${kind.toLowerCase()}.schema.json`)
  if (Bun.env["UPDATE_GOLDEN"] === "1") writeFileSync(kept, schemaText(kind))
  expect(readFileSync(kept, "utf8")).toBe(schemaText(kind))
})

test("every example Katalog names its schema", () => {
  for (const path of new Bun.Glob("katalogs/*/katalog.yaml").scanSync({ cwd: root })) {
    const [first] = readFileSync(join(root, path), "utf8").split("\n")
    expect([path, first]).toEqual([path, "# yaml-language-server: $schema=../katalog.schema.json"])
  }
})

test("no two definitions say the same, and what stands at several places is one", () => {
  const { $defs } = schemaOf("Katalog")
  const texts = Object.values($defs as object).map((definition) => JSON.stringify(definition)) // made by us: an object
  expect(new Set(texts).size).toBe(texts.length)
  expect(schemaText("Katalog").length).toBeLessThan(350_000)
})
