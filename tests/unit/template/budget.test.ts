import { expect, test } from "bun:test"
import { seeded } from "../../../src/base/mod.ts"
import { limits } from "../../../src/template/limits.ts"
import { compile, functionCatalogue } from "../../../src/template/mod.ts"
import { errorsOf, fails, outcome, rendered } from "./support.ts"

function lengthOf(value: unknown): number {
  return typeof value === "string" ? value.length : -1
}

function times(text: string, count: number): string {
  return text.repeat(count)
}

/** Our own bound's words: the engine's own limit far behind it has others. */
const tooLong = `a text of more than ${limits.outputMax} characters`

function messageOf(text: string, data: Readonly<Record<string, unknown>>): string {
  const compiled = compile(text)
  const result = compiled.ok ? compiled.value.render({ data, nowMs: 0, random: seeded(1) }) : undefined
  return result === undefined || result.ok ? "no failure" : result.error.message
}

test("a template may be as long as the bound and no longer", () => {
  const fit = "{{ 1 }}".padEnd(limits.lengthMax, "x")
  expect(errorsOf(fit)).toHaveLength(0)
  expect(errorsOf(`${fit}x`).map((e) => e.code)).toStrictEqual(["ORK0307"])
})

test("a static text has no bound", () => {
  expect(outcome("x".repeat(limits.lengthMax + 1))).toHaveProperty("value")
})

test.each([
  ["parentheses", (n: number) => `{{ ${times("(", n)}1${times(")", n)} }}`],
  ["blocks", (n: number) => `${times("{{ if 1 }}", n)}x${times("{{ end }}", n)}`],
  ["loops", (n: number) => `${times("{{ range 1 }}", n)}x${times("{{ end }}", n)}`],
  ["a chain of fields", (n: number) => `{{ ${times(".a", n)} }}`],
  ["a chain of fields over parentheses", (n: number) => `{{ (.b${times(".a", n - 2)}).c }}`],
  ["a pipeline", (n: number) => `{{ 1${times(" | toString", n - 1)} }}`],
  ["else if", (n: number) => `{{ if .x }}${times("{{ else if .x }}", n - 1)}{{ end }}`],
])("%s may nest up to the bound", (_, make) => {
  expect(outcome(make(limits.depthMax))).toHaveProperty("value")
  expect(errorsOf(make(limits.depthMax + 1)).map((e) => e.code)).toStrictEqual(["ORK0307"])
  expect(errorsOf(make(10_000)).map((e) => e.code)).toStrictEqual(["ORK0307"])
})

test("calls nest up to the bound, in whatever way they are written", () => {
  const stages = times(" | toString", limits.depthMax - 1)
  const parens = (inner: string) => `(${inner}${stages})`
  expect(outcome(`{{ ${parens(parens(parens("1")))} | toString | toString | toString }}`)).toHaveProperty("value")
  expect(
    errorsOf(`{{ ${parens(parens(parens("1")))} | toString | toString | toString | toString }}`).map((e) => e.code),
  ).toStrictEqual(["ORK0307"])
  let deep = "1"
  for (let i = 0; i < 90; i++) deep = `(and${times(" 1", 99)} ${deep})`
  expect(errorsOf(`{{ ${deep} }}`).map((e) => e.code)).toStrictEqual(["ORK0307"])
  let piped = "1"
  for (let i = 0; i < 90; i++) piped = parens(piped)
  expect(errorsOf(`{{ ${piped} }}`).map((e) => e.code)).toStrictEqual(["ORK0307"])
})

test("any number of pieces stand side by side", () => {
  expect(lengthOf(rendered(times("a{{/**/}}", 20_000)))).toBe(20_000)
  expect(lengthOf(rendered(times("{{ 1 }}a", 20_000)))).toBe(40_000)
})

test("at most a hundred errors are reported", () => {
  expect(errorsOf(times("{{ $x }}", 100))).toHaveLength(100)
  expect(errorsOf(times("{{ nope }}{{ $x }}", 101))).toHaveLength(100)
})

test("what stands side by side does not count as nesting", () => {
  expect(rendered(`${times("{{ if 1 }}{{ (1) }}{{ end }}", 2 * limits.depthMax)}`)).toBe(
    times("1", 2 * limits.depthMax),
  )
})

test("and and or take a hundred arguments", () => {
  expect(rendered(`{{ and${times(" 1", 100)} }}`)).toBe(1)
  expect(errorsOf(`{{ or${times(" 1", 101)} }}`).map((e) => e.code)).toStrictEqual(["ORK0303"])
})

test("a call takes as many arguments as fit into a template", () => {
  expect(rendered(`{{ len (list${times(" 1", 20_000)}) }}`)).toBe(20_000)
})

test("a result may be as long as the bound and no longer", () => {
  expect(lengthOf(rendered(`{{ repeat "x" ${limits.outputMax} }}`))).toBe(limits.outputMax)
  expect(outcome(`{{ repeat "x" ${limits.outputMax + 1} }}`)).toStrictEqual(fails("template/budget"))
  expect(lengthOf(rendered(`y{{ repeat "x" ${limits.outputMax - 1} }}`))).toBe(limits.outputMax)
  expect(outcome(`y{{ repeat "x" ${limits.outputMax} }}`)).toStrictEqual(fails("template/budget"))
  expect(outcome("{{ .v }}", { v: "x".repeat(limits.outputMax + 1) })).toStrictEqual(fails("template/budget"))
})

test("no function makes a text that is longer than the bound", () => {
  const v = "x".repeat(limits.outputMax)
  for (const text of [
    '{{ replace .v "x" "xx" }}',
    '{{ replace .v "" "xx" }}',
    '{{ replace .v "x" .v }}',
    "{{ indent 2000000 `x` }}",
    '{{ printf "%2000000d" 1 }}',
    "{{ concat .v .v }}",
    "{{ quote .v }}",
    "{{ b64enc .v }}",
    "{{ join (list .v .v) `,` }}",
    "{{ list .v .v }}!",
    "{{ toJson .v }}",
    "{{ toYaml (list .v) }}",
    "{{ $l := until 40000 }}{{ join $l .v }}",
  ]) {
    expect([text, messageOf(text, { v })]).toStrictEqual([text, tooLong])
  }
})

test("a loop that only continues is bounded too", () => {
  const v = "x".repeat(100_000)
  expect(messageOf("{{ range 40000 }}{{ $.v }}{{ continue }}{{ end }}", { v })).toBe(tooLong)
})

test("range turns at most as often as the bound, over all loops together", () => {
  const list = Array.from({ length: limits.iterationsMax }, () => 0)
  expect(outcome("{{ range .l }}{{ end }}", { l: list })).toStrictEqual({ value: "" })
  expect(outcome("{{ range .l }}{{ end }}{{ range 1 }}{{ end }}", { l: list })).toStrictEqual(fails("template/budget"))
  expect(outcome(`{{ range ${limits.iterationsMax + 1} }}{{ end }}`)).toStrictEqual(fails("template/budget"))
  expect(rendered(`{{ len (until ${limits.iterationsMax}) }}`)).toBe(limits.iterationsMax)
  expect(outcome(`{{ until ${limits.iterationsMax + 1} }}`)).toStrictEqual(fails("template/budget"))
  expect(outcome("{{ range until 1000 }}{{ range until 1000 }}{{ end }}{{ end }}")).toStrictEqual(
    fails("template/budget"),
  )
})

test("steps are counted exactly", () => {
  // The range costs one step, and each turn one more than its two actions.
  const turns = (limits.stepsMax - 1) / 3
  const data = { l: Array.from({ length: turns }, () => 0) }
  const fit = "{{ range .l }}{{ 1 }}{{ 1 }}{{ end }}"
  expect(Number.isInteger(turns)).toBe(true)
  expect(outcome(fit, data)).toHaveProperty("value")
  expect(outcome(`${fit}{{ 1 }}`, data)).toStrictEqual(fails("template/budget"))
})

test.each(["sortAlpha .l", "toStrings .l", 'join "," .l', "fromJson .j", 'trimAll "x" .j'])(
  "what works through much counts as much: %s",
  (call) => {
    const l = Array.from({ length: 2_000 }, (_, i) => i)
    const text = `{{ range until 4000 }}{{ $x := ${call.replace(" .", " $.")} }}{{ end }}`
    expect(outcome(text, { l, j: JSON.stringify(l) })).toStrictEqual(fails("template/budget"))
    expect(outcome(text.replace("4000", "10"), { l, j: JSON.stringify(l) })).toHaveProperty("value")
  },
)

test("all renders that share a count end at its bound, and the next one fails", () => {
  const compiled = compile("{{ range until 30000 }}{{ end }}")
  if (!compiled.ok) throw new Error("it compiles")
  const spent = { steps: 0 }
  const render = () => compiled.value.render({ data: {}, nowMs: 0, random: seeded(1), spent })
  let count = 0
  while (render().ok) count++
  expect(spent.steps).toBeGreaterThan(limits.sharedStepsMax)
  expect(count).toBe(Math.ceil(limits.sharedStepsMax / (spent.steps / (count || 1))))
  expect(render()).toMatchObject({ ok: false, error: { code: "template/budget" } })
})

test("values that share their parts are counted as large as they print", () => {
  const doubled = (name: string) => `{{ $${name} := list "a" }}${times(`{{ $${name} = list $${name} $${name} }}`, 60)}`
  const both = doubled("x") + doubled("y")
  for (const end of [
    "{{ $x }}",
    "{{ toJson $x }}",
    "{{ toYaml $x }}",
    "{{ deepEqual $x $y }}",
    "{{ has $x (list $y) }}",
  ]) {
    expect([end, outcome(both + end)]).toStrictEqual([end, fails("template/budget")])
  }
  // 2^7 leaves are few, and a typed result is measured in the same way.
  expect(outcome(`{{ list ${times("(list (list 1) ", 3)}1${times(")", 3)} }}`)).toHaveProperty("value")
})

test("a value nests up to the bound", () => {
  const nested = (depth: number) => {
    let value: unknown = 1
    for (let i = 0; i < depth; i++) value = [value]
    return { v: value }
  }
  for (const text of ["{{ .v }}!", "{{ toJson .v }}", "{{ toYaml .v }}", "{{ deepEqual .v .v }}", "{{ list .v }}"]) {
    expect([text, outcome(text, nested(limits.valueDepthMax - 1))]).toHaveProperty("1.value")
    if (text.includes("deepEqual")) continue
    expect([text, outcome(text, nested(limits.valueDepthMax + 1))]).toStrictEqual([text, fails("template/budget")])
  }
})

test("a loop that tests a large map does not look through it each time", () => {
  const map = Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`k${i}`, 1]))
  const started = Bun.nanoseconds()
  expect(
    outcome("{{ range .l }}{{ if $.m }}{{ end }}{{ end }}", { m: map, l: Array.from({ length: 20_000 }, () => 0) }),
  ).toHaveProperty("value")
  // Looking each time takes over ten seconds; remembering takes a few hundredths of one.
  expect((Bun.nanoseconds() - started) / 1e9).toBeLessThan(3)
})

test("no function takes long over a text of one repeated character", () => {
  const started = Bun.nanoseconds()
  for (const character of ["a", "A", "-", "_", "/", " ", "1", ".", "=", "@", ":", "\n", "\t", "*", "[", "%", "é"]) {
    for (const end of ["", "!", "a", "A"]) {
      const v = character.repeat(60_000) + end
      for (const { name, signature } of functionCatalogue) {
        const count = signature.includes("...")
          ? 3
          : (signature.match(/\(([^)]+)\)/)?.[1] ?? "").split(",").filter((p) => p).length
        if (count > 0) outcome(`{{ ${name}${" .v".repeat(count)} }}`, { v })
      }
    }
  }
  // A quadratic pattern takes seconds for each of these texts.
  expect((Bun.nanoseconds() - started) / 1e9).toBeLessThan(20)
}, 60_000)
