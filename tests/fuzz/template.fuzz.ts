/** Mutated templates over mutated data: no crash, no hang, nothing becomes code, every answer a JSON value or a code. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { retryable, seeded } from "../../src/base/mod.ts"
import { builtins } from "../../src/template/functions/lookup.ts"
import { generate } from "../../src/template/generate.ts"
import { compile, functionCatalogue, samples } from "../../src/template/mod.ts"
import { sourceOf } from "../../src/template/template.ts"
import { type Draw, draw, type FuzzOptions, fuzzMain } from "../support/fuzz.ts"
import { makeTemplate } from "./template-grammar.ts"

const limitMs = 1_000
const findingsMax = 20
const rows: { readonly rows: readonly { readonly template: string }[] } = JSON.parse(
  readFileSync(join(import.meta.dir, "../contract/go-templates/rows.json"), "utf8"),
)
const corpus = [...functionCatalogue.map((entry) => entry.example.template), ...rows.rows.map((row) => row.template)]
const names = functionCatalogue.map((entry) => entry.name)

const snippets = [
  ...[
    "{{",
    "}}",
    "{{-",
    "-}}",
    "{{/*",
    "*/}}",
    "|",
    "(",
    ")",
    ".",
    "$",
    ":=",
    "=",
    ",",
    '"',
    "`",
    "'",
    "\\",
    "\n",
    "\0",
  ],
  ...[
    "if ",
    "else ",
    "end",
    "range ",
    "with ",
    "break",
    "define ",
    "nil",
    "true",
    "-1",
    "1e999",
    "0x",
    "9007199254740993",
  ],
  ...[
    "__proto__",
    "constructor",
    "prototype",
    "globalThis.pwned = 1",
    "${globalThis.pwned = 1}",
    "<% globalThis.pwned = 1 %>",
  ],
  ...[
    "*/ globalThis.pwned = 1 /*",
    '"; globalThis.pwned = 1; //',
    "\u2028",
    "\ud800",
    "\u{1f600}",
    "\ufeff",
    "%999999s",
    "%s",
  ],
  ...[
    "{{ range 99999 }}",
    "{{ end }}",
    "(".repeat(40),
    "((((.a).b).c).d)",
    "[[[[",
    "a: &a [*a, *a]",
    "(a+)+$",
    "(a|aa)*b{1,900}",
  ],
]

/** The template that a seed makes: from the corpus or the grammar, then changed in a few places. */
function mutatedTemplate(seed: number): string {
  const d = draw(seed)
  let text = d.chance(0.4) ? makeTemplate(seed).template : d.one(corpus)
  for (let i = d.below(6); i > 0; i--) text = mutated(d, text)
  return text.slice(0, 20_000)
}

function mutated(d: Draw, text: string): string {
  const [a, b] = [d.below(text.length + 1), d.below(text.length + 1)].sort((x, y) => x - y) as [number, number] // two
  switch (d.below(9)) {
    case 0:
      return text.slice(0, a) + text.slice(b)
    case 1:
      return text.slice(0, a) + d.one(snippets) + text.slice(a)
    case 2:
      return text.slice(0, a) + d.one(snippets) + text.slice(b)
    case 3:
      return text.slice(0, b) + text.slice(a, b).repeat(1 + d.below(30)) + text.slice(b)
    case 4:
      return text + d.one(corpus)
    case 5:
      return text.replace(/\b[a-z]\w+\b/, () => d.one(names))
    case 6:
      return text.replace(/\.\w+/, () => `.${d.one(["spec", "x", "huge", "deep", "list", "__proto__"])}`)
    case 7:
      return text.replace(/}}/, () => ` | ${d.one(names)} ${d.one(["", "1", '"a"', ".huge", ".list"])} }}`)
    default:
      return text.slice(0, a) + String.fromCharCode(d.below(0x250)) + text.slice(a + 1)
  }
}

function mutatedData(seed: number): Readonly<Record<string, unknown>> {
  const d = draw(seed + 1)
  if (d.chance(0.3)) return {}
  let deep: unknown = 1
  for (let i = d.below(400); i > 0; i--) deep = i % 2 === 0 ? [deep] : { a: deep, b: i }
  const strange: readonly unknown[] = [null, "", "{{ .x }}", -0, 1e300, 0.1, [], {}, true, "x\u2028", "9".repeat(400)]
  const value = () => d.one(strange)
  return {
    ...samples,
    spec: d.chance(0.5) ? samples["spec"] : value(),
    status: d.chance(0.5) ? samples["status"] : value(),
    x: value(),
    huge: "a, b\n".repeat(d.below(30_000)),
    list: Array.from({ length: d.below(3_000) }, value),
    deep,
    ...JSON.parse('{"__proto__": {"polluted": 1}, "constructor": "own"}'),
  }
}

/** Tries the inputs of the seeds from `seed` on. */
export async function fuzzTemplates({ seed, count }: FuzzOptions): Promise<readonly string[]> {
  const findings: string[] = []
  for (let i = seed; i < seed + count && findings.length < findingsMax; i++) {
    const text = mutatedTemplate(i)
    const startedAt = performance.now()
    let problem: string | undefined
    try {
      problem = problemOf(text, mutatedData(i))
    } catch (error) {
      problem = `threw ${error instanceof Error ? error.stack : String(error)}`
    }
    const ms = performance.now() - startedAt
    if (ms > limitMs) problem = `took ${Math.round(ms)} ms`
    if ("pwned" in globalThis || "polluted" in {}) problem = "became code"
    if (problem !== undefined) findings.push(`seed ${i}: ${JSON.stringify(text.slice(0, 1_000))}: ${problem}`)
  }
  return findings
}

function problemOf(text: string, data: Readonly<Record<string, unknown>>): string | undefined {
  const compiled = compile(text, { allowRandom: true })
  if (!compiled.ok) {
    const bad = compiled.error.find(
      ({ code, start, end }) => !/^ORK03\d\d$/.test(code) || start < 0 || start > end || end > text.length,
    )
    return bad === undefined ? undefined : `an error without a code or a place: ${JSON.stringify(bad)}`
  }
  const strange = compiled.value.isStatic ? undefined : strangeCode(compiled.value)
  if (strange !== undefined) return `strange code: ${strange}`
  const result = compiled.value.render({ data, nowMs: 1_767_323_045_000, random: seeded(1) })
  if (result.ok) return isJson(result.value, 0) ? undefined : "a result that is no JSON value"
  const { code, start, end } = result.error
  const isPlaced = start >= 0 && start <= end && end <= text.length
  return code in retryable && code.startsWith("template/") && isPlaced ? undefined : `a failure ${code} ${start} ${end}`
}

const ownWords =
  /^(?:const|return|function|let|if|else|for|break|continue|undefined|true|false|null|it|field|text|truthy|entries|functions|spoken|hasOwn|typeof|v|at|turn|fits|length|values|keys|[FHTBERDUo]|[ftvdsigc]\d+)$/

/** A word or a sign in the generated code that our generator does not write. */
function strangeCode(template: Parameters<typeof sourceOf>[0]): string | undefined {
  const { nodes } = sourceOf(template)
  for (const typed of [false, true]) {
    if (typed && nodes.length !== 1) continue
    const bare = generate(nodes, typed, builtins).code.replace(/"(?:[^"\\]|\\.)*"|\b\d[\d.]*e[+-]?\d+/g, "")
    const word = (bare.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? []).find((one) => !ownWords.test(one))
    if (word !== undefined) return word
    const sign = /[^\w\s.,;:?!=<>&+()[\]{}-]/.exec(bare)
    if (sign) return sign[0]
  }
  return undefined
}

function isJson(value: unknown, depth: number): boolean {
  if (value === null || value === undefined || typeof value === "string" || typeof value === "boolean") return true
  if (typeof value === "number") return true
  return typeof value === "object" && depth < 500 && Object.values(value).every((item) => isJson(item, depth + 1))
}

if (import.meta.main) await fuzzMain("template", 300_000, fuzzTemplates)
