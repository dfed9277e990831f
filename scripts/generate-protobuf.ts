/** Writes src/apiserver/data/protobuf.json: the numbers of fields, from the .proto files of the pinned Go modules. */
import { readdirSync } from "node:fs"
import { join } from "node:path"
import schemas from "../src/apiserver/data/schemas.json" with { type: "json" }

const modules = ["api", "apimachinery", "apiextensions-apiserver", "kube-aggregator"]
const clusterFolder = join(import.meta.dir, "../tests/cluster")

interface Field {
  readonly number: number
  readonly name: string
  readonly type: string
  readonly form: "map" | "one" | "repeated"
}

type Messages = Map<string, readonly Field[]>

/** Kinds that are only sent, never stored. */
const sentKinds = [
  "io.k8s.api.authentication.v1.SelfSubjectReview",
  "io.k8s.api.authentication.v1.TokenRequest",
  "io.k8s.api.authentication.v1.TokenReview",
  "io.k8s.api.authorization.v1.LocalSubjectAccessReview",
  "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
  "io.k8s.api.authorization.v1.SelfSubjectRulesReview",
  "io.k8s.api.authorization.v1.SubjectAccessReview",
  "io.k8s.api.autoscaling.v1.Scale",
  "io.k8s.api.core.v1.Binding",
  "io.k8s.api.policy.v1.Eviction",
  "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions",
]

/** `k8s.io.api.core.v1` to the way OpenAPI names it. */
function openApiName(proto: string): string {
  return proto
    .replace(/^k8s\.io\./, "io.k8s.")
    .replace("apiextensions_apiserver", "apiextensions-apiserver")
    .replace("kube_aggregator", "kube-aggregator")
}

function readMessages(): Messages {
  const messages: Messages = new Map()
  for (const module of modules) {
    const listed = Bun.spawnSync(["go", "list", "-m", "-f", "{{.Dir}}", `k8s.io/${module}`], { cwd: clusterFolder })
    const folder = listed.stdout.toString().trim()
    for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      if (path.endsWith("generated.proto")) readFile(join(folder, path), messages)
    }
  }
  return messages
}

async function textOf(path: string): Promise<string> {
  return await Bun.file(path).text()
}

const pending: Promise<void>[] = []

function readFile(path: string, messages: Messages): void {
  pending.push(
    textOf(path).then((text) => {
      const pack = /^package ([\w.]+);/m.exec(text)?.[1] ?? ""
      const plain = text.replace(/\/\/.*$/gm, "")
      for (const [, name = "", body = ""] of plain.matchAll(/^message (\w+) \{([^}]*)\}/gm)) {
        const fields = [...body.matchAll(/(optional|repeated|map<string, ?([.\w]+)>) *([.\w]*) +(\w+) = (\d+);/g)]
        messages.set(
          openApiName(`${pack}.${name}`),
          fields.map(([, form = "", mapped, type = "", field = "", number]) => ({
            number: Number(number),
            name: field,
            type: qualified(mapped ?? type, pack),
            form: mapped !== undefined ? "map" : form === "repeated" ? "repeated" : "one",
          })),
        )
      }
    }),
  )
}

const scalars = new Set(["string", "bytes", "bool", "int32", "int64", "uint32", "uint64", "double"])

function qualified(type: string, pack: string): string {
  if (scalars.has(type)) return type
  const name = type.replace(/^\./, "")
  return openApiName(name.includes(".") ? name : `${pack}.${name}`)
}

interface Shape {
  readonly properties?: Readonly<Record<string, unknown>>
}

const definitions = schemas.definitions as unknown as Readonly<Record<string, Shape>> // our own generated file
const marks = { map: "{", repeated: "[", one: "" } as const

/** A field as text: `1 name type`; `[` before a type is a list, `{` a map, `^` a struct whose members are the owner's. */
function render(owner: string, { number, name, type, form }: Field, names: readonly string[]): string {
  const properties = definitions[owner]?.properties
  const isKnown = properties === undefined || Object.hasOwn(properties, name)
  const plain = (text: string) => text.toLowerCase().replace(/[-$]/g, "")
  const spelled = isKnown ? name : Object.keys(properties).find((key) => plain(key) === plain(name))
  const short = scalars.has(type) ? type : String(names.indexOf(type))
  if (spelled !== undefined) return `${number} ${spelled} ${marks[form]}${short}`
  if (!scalars.has(type) && form === "one" && properties !== undefined) return `${number} ${name} ^${short}`
  return `${number} ${name} ${marks[form]}${short}`
}

const messages = readMessages()
await Promise.all(pending)
const roots = [...Object.values(schemas.kinds), ...sentKinds].filter((name) => messages.has(name))
const reached = new Set<string>()
for (const open = [...roots]; open.length > 0; ) {
  const name = open.pop() ?? ""
  if (reached.has(name) || !messages.has(name)) continue
  reached.add(name)
  open.push(...(messages.get(name) ?? []).map(({ type }) => type).filter((type) => !scalars.has(type)))
}
const names = [...reached].sort()
const rows = names.map((name) => {
  const fields = (messages.get(name) ?? []).map((field) => render(name, field, names))
  return `  ${JSON.stringify([name, ...fields])}`
})
const text = `[\n${rows.join(",\n")}\n]\n`
await Bun.write(join(import.meta.dir, "../src/apiserver/data/protobuf.json"), text)
console.log(`${names.length} messages, ${text.length} bytes`)
