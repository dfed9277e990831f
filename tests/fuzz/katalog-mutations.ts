/** Where mutated Katalogs come from: the examples, the goldens, one file per kind of entry; and what is done to them. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parse, stringify } from "yaml"
import { isRecord } from "../../src/kube/mod.ts"
import type { Draw } from "../support/fuzz.ts"
import { entriesText, kindNames, owner } from "../support/kinds.ts"

/** The texts of one Katalog, by path; `katalog.yaml` is where it begins. */
export type Texts = Readonly<Record<string, string>>

const tests = join(import.meta.dir, "..")

function folder(path: string): Texts {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const yaml = files.map((file) => join(file.parentPath, file.name)).filter((file) => /\.ya?ml$/.test(file))
  return Object.fromEntries(yaml.map((file) => [file.slice(path.length + 1), readFileSync(file, "utf8")]))
}

function foldersIn(path: string): readonly Texts[] {
  const entries = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return entries.map((entry) => folder(join(path, entry.name)))
}

// A dialect folder holds one Katalog in several spellings.
function dialects(): readonly Texts[] {
  return foldersIn(join(tests, "golden/dialects")).flatMap((texts) =>
    Object.entries(texts)
      .filter(([path]) => /^(d\d|canonical)\.yaml$/.test(path))
      .map(([, text]) => ({ ...texts, "katalog.yaml": text })),
  )
}

function ofKind(kind: string): Texts {
  const entries = entriesText(kind).replace(/^(?=.)/gm, "            ")
  const types = "apiTypes: { group: demo.example, version: v1, kind: Website }"
  const text = `apiVersion: orkestra.orkspace.io/v1
kind: Katalog
metadata: { name: made }
spec:
  crds:
    website:
      ${types}
      crFiles: [cr.yaml]
      operatorBox:
        onReconcile:
          ${kind}:
${entries}`
  return { "katalog.yaml": text, "cr.yaml": JSON.stringify(owner) }
}

// A text of aliases that would be millions of values: most of its mutations take long, so it is rare.
const bomb: Texts = folder(join(tests, "golden/cases/yaml-alias-bomb"))

/** What mutations start from. */
export const corpus: readonly Texts[] = [
  ...foldersIn(join(tests, "../katalogs")),
  ...foldersIn(join(tests, "golden/cases")),
  ...dialects(),
  ...kindNames.map(ofKind),
].filter((texts) => texts["katalog.yaml"] !== undefined && texts["katalog.yaml"] !== bomb["katalog.yaml"])

// Every word that a document of the corpus uses as a key, so that mutations stay close to what is meant.
const keys: readonly string[] = [
  ...new Set(
    corpus.flatMap((texts) =>
      Object.values(texts).flatMap((text) => [...text.matchAll(/([A-Za-z]\w*):/g)].map((match) => match[1] ?? "")),
    ),
  ),
  ...[
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "",
    " ",
    "a.b",
    "a[0]",
    'a"b',
    "<<",
    "0",
    "🙂",
    "\u001b[2J",
  ],
]

const scalars: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 65_536, 2 ** 53, 1e308, -0, "", " ", "\n", "\t", "true", "null", "~", "1e999"],
  ...["{{", "}}", "{{ . }}", "{{ .spec }}", "{{ .spec.x.y }}", "{{ .inputs.a }}", "{{ range .spec }}{{ . }}{{ end }}"],
  ...["{{ randomAlphanumeric 8 }}", "{{ nope }}", "{{ now }}", '{{ "a" | repeat 9999999 }}', "{{ $x }}", "{{/* */}}"],
  ...["../katalog.yaml", "katalog.yaml", ".", "/", "*", "**/*.yaml", "[", "crd.yaml", "http://127.0.0.1:1/a.yaml"],
  ...[
    "__proto__",
    "constructor",
    "\u0000",
    "\u001b[31m",
    "\u202e",
    "🙂",
    "\ud800",
    "é",
    "a".repeat(300),
    "-".repeat(70),
  ],
  ...["1m", "1h30m", "-5s", "99999999h", "500m", "1Gi", "100%", "* * * * *", "@daily", "(a+)+$", "[", "v1", "apps/v1"],
  ...["spec.image", ".spec", "spec..x", "spec[0]", "spec[", "children.deployment", "metadata.name", "status.phase"],
  ...["Deployment", "Secret", "Katalog", "web", "website", "demo.example", "small", "restricted", "a,b,c", "1,2"],
]

/** A value made up of nothing. */
function madeUp(random: Draw, depth = 0): unknown {
  if (depth > 3 || random.chance(0.6)) return random.one(scalars)
  if (random.chance(0.5)) return Array.from({ length: random.below(4) }, () => madeUp(random, depth + 1))
  return record(Array.from({ length: random.below(4) }, () => [random.one(keys), madeUp(random, depth + 1)]))
}

// An own property for every name, `__proto__` too.
function record(entries: readonly (readonly [string, unknown])[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(entries)
}

/** Mutates the value at one random place of a tree. */
function mutateTree(value: unknown, random: Draw): unknown {
  const isLeaf = !(isRecord(value) || Array.isArray(value)) || Object.keys(value).length === 0
  if (isLeaf || random.chance(0.12)) return mutateNode(value, random)
  if (Array.isArray(value)) {
    const index = random.below(value.length)
    return value.map((item, at) => (at === index ? mutateTree(item, random) : item))
  }
  const entries = Object.entries(value)
  const index = random.below(entries.length)
  return record(entries.map(([key, child], at) => [key, at === index ? mutateTree(child, random) : child]))
}

function mutateNode(value: unknown, random: Draw): unknown {
  const change = random.below(9)
  if (change === 0) return madeUp(random)
  if (change === 1) return random.one(scalars)
  if (change === 2) return random.chance(0.5) ? [value] : { [random.one(keys)]: value }
  if (change === 3) return nested(value, 1 + random.below(random.chance(0.05) ? 300 : 12), random)
  if (change === 4 && typeof value === "string") return spliced(value, random)
  if (Array.isArray(value)) return mutateList(value, random)
  if (isRecord(value)) return mutateMap(value, random)
  return random.chance(0.5) ? [value, value] : String(value)
}

function nested(value: unknown, levels: number, random: Draw): unknown {
  let at = value
  for (let level = 0; level < levels; level++) at = random.chance(0.5) ? [at] : { a: at }
  return at
}

function spliced(text: string, random: Draw): string {
  const at = random.below(text.length + 1)
  return text.slice(0, at) + String(random.one(scalars)) + text.slice(at + random.below(4))
}

function mutateList(list: readonly unknown[], random: Draw): unknown {
  const change = random.below(5)
  const at = random.below(list.length)
  if (change === 0) return list.toSpliced(at, 1)
  if (change === 1) return list.toSpliced(at, 0, list[at] ?? madeUp(random))
  if (change === 2) return list.toReversed()
  if (change === 3) return [...list, madeUp(random)]
  return Array.from({ length: random.chance(0.02) ? 300 : 3 }, () => list[at] ?? null)
}

function mutateMap(map: Readonly<Record<string, unknown>>, random: Draw): unknown {
  const entries = Object.entries(map)
  if (entries.length === 0) return record([[random.one(keys), madeUp(random)]])
  const at = random.below(entries.length)
  const [key = "a", value = null] = entries[at] ?? []
  const change = random.below(7)
  if (change === 0) return record(entries.toSpliced(at, 1))
  if (change === 1) return record(entries.with(at, [random.one(keys), value]))
  if (change === 2) return record([...entries, [random.one(keys), value]])
  if (change === 3) return record([...entries, [random.one(keys), madeUp(random)]])
  if (change === 4) return record(entries.toReversed())
  if (change === 5) return record(entries.with(at, [key.slice(0, -1), value]))
  const other = entries[random.below(entries.length)]
  return record(entries.map(([name, child]) => [name, name === key ? other?.[1] : name === other?.[0] ? value : child]))
}

const pieces: readonly string[] = [
  ...[
    "&a ",
    "*a",
    "<<: *a",
    "<<: [*a, *a]",
    "!!binary ",
    "!x ",
    "--- ",
    "...",
    "%YAML 1.1",
    "# c",
    "|",
    ">-",
    "|+9",
    "? ",
    ": ",
  ],
  ...[
    "- ",
    "  ",
    "\t",
    "\r",
    "\r\n",
    "\ufeff",
    "\u2028",
    "\u0085",
    "\u0000",
    "{",
    "}",
    "[",
    "]",
    ",",
    '"',
    "'",
    "\\",
    "@",
    "`",
    "🙂",
  ],
  ...[
    "{{",
    "}}",
    ".inf",
    ".nan",
    "0x1f",
    "0o7",
    "1_000",
    "2001-01-01",
    "yes",
    "a: b: c",
    "&a [*a]",
    "\ud800",
    "\u001b[",
  ],
]

function mutateText(text: string, random: Draw): string {
  if (random.chance(0.5)) return mutateLines(text.split("\n"), random).join("\n")
  const at = random.below(text.length + 1)
  const gone = random.chance(0.5) ? 0 : random.below(random.chance(0.1) ? 200 : 5)
  const put = random.chance(0.7) ? random.one(pieces) : String.fromCharCode(random.below(0x180))
  return text.slice(0, at) + put.repeat(random.chance(0.01) ? 3_000 : 1) + text.slice(at + gone)
}

function mutateLines(lines: readonly string[], random: Draw): readonly string[] {
  const at = random.below(lines.length)
  const other = random.below(lines.length)
  const line = lines[at] ?? ""
  const change = random.below(7)
  if (change === 0) return lines.toSpliced(at, 1 + random.below(4))
  if (change === 1) return lines.toSpliced(at, 0, line)
  if (change === 2) return lines.with(at, lines[other] ?? "").with(other, line)
  if (change === 3) return lines.with(at, " ".repeat(random.below(4)) + line)
  if (change === 4) return lines.with(at, line.slice(random.below(4)))
  if (change === 5) return lines.with(at, line.replace(/: (?=\S)/, ": &a ")).with(other, `${lines[other]} *a`)
  return lines.toSpliced(other, 0, ...lines.slice(at, at + random.below(12)))
}

const trees = new WeakMap<Texts, Map<string, unknown>>()

function treeOf(texts: Texts, path: string): unknown {
  const known = trees.get(texts) ?? new Map<string, unknown>()
  trees.set(texts, known)
  if (!known.has(path)) known.set(path, readTree(texts[path] ?? ""))
  return known.get(path)
}

function readTree(text: string): unknown {
  try {
    return parse(text, { logLevel: "silent", maxAliasCount: 10 })
  } catch {
    return undefined
  }
}

/** A Katalog of the corpus with one to four mutations in one of its files; or a document made up of nothing. */
export function mutated(random: Draw): Texts {
  const texts = random.chance(0.001) ? bomb : random.one(corpus)
  const paths = Object.keys(texts)
  const path = random.chance(0.7) ? "katalog.yaml" : random.one(paths)
  if (random.chance(0.01)) return { ...texts, [path]: stringify(madeUp(random)) }
  const tree = random.chance(0.6) ? treeOf(texts, path) : undefined
  const times = 1 + (random.chance(0.4) ? random.below(4) : 0)
  if (tree === undefined) {
    let text = texts[path] ?? ""
    for (let time = 0; time < times; time++) text = mutateText(text, random)
    return { ...texts, [path]: text }
  }
  let changed: unknown = tree
  for (let time = 0; time < times; time++) changed = mutateTree(changed, random)
  return { ...texts, [path]: written(changed, random) }
}

function written(tree: unknown, random: Draw): string {
  return random.chance(0.5) ? (JSON.stringify(tree, null, random.below(3)) ?? "null") : stringify(tree)
}
