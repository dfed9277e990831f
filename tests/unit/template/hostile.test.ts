import { expect, test } from "bun:test"
import { seeded } from "../../../src/base/mod.ts"
import { generate } from "../../../src/template/generate.ts"
import { compile } from "../../../src/template/mod.ts"
import { parse } from "../../../src/template/parser.ts"
import { errorsOf, outcome, rendered } from "./support.ts"

/** Texts that mean something to JavaScript, to Eta, to HTML, or to a template within a template. */
const hostileTexts: readonly string[] = [
  "${globalThis.pwned = 1}",
  "`${globalThis.pwned = 1}`",
  "'; globalThis.pwned = 1; '",
  '"; globalThis.pwned = 1; "',
  '\\"; globalThis.pwned = 1; //',
  "\\",
  "\\'",
  "*/ globalThis.pwned = 1 /*",
  "// x",
  "<!-- x -->",
  "<% globalThis.pwned = 1 %>",
  "<%= globalThis.pwned = 1 %>",
  "<%~ include('x') %>",
  "%>",
  "<%",
  "</script><script>globalThis.pwned = 1</script>",
  "line\u2028separator\u2029here",
  "nul\u0000 and \ufeff",
  "lone \ud800 surrogate",
  "\r\n\r",
  "$& $1 $` $'",
  "__proto__",
  "constructor",
  "it.functions; R.at=1; o=''",
  "}; return function(){ globalThis.pwned = 1 }; //",
  "})(); globalThis.pwned = 1; (function(){",
]

function isPwned(): boolean {
  return "pwned" in globalThis
}

test.each(hostileTexts.map((text, i) => [i + 1, text] as const))(
  "hostile text %i stays text wherever it stands",
  (_, text) => {
    const body = text.replaceAll("\r", "") // Go drops carriage returns from raw strings
    const quoted = JSON.stringify(text).replaceAll("\\ud800", "\ud800")
    expect(rendered(`${text} {{ 1 }}`)).toBe(`${text} 1`)
    expect(rendered(`{{ ${quoted} }}`)).toBe(text)
    if (!text.includes("`")) expect(rendered(`{{ \`${body}\` }}`)).toBe(body)
    expect(rendered(`a{{ .v }}b`, { v: text })).toBe(`a${text}b`)
    expect(rendered(`{{ index . ${quoted} }}`, { [text]: "own" })).toBe("own")
    expect(rendered(`{{ range $k, $v := . }}{{ $k }}{{ end }}`, JSON.parse(`{${JSON.stringify(text)}: 1}`))).toBe(text)
    expect(rendered(`{{/* ${text.replaceAll("*/", "")} */}}ok`)).toBe("ok")
    expect(rendered(`{{ fromJson (toJson .v) }}`, { v: text })).toBe(text)
    expect(isPwned()).toBe(false)
  },
)

test.each([
  "{{ process.exit() }}",
  "{{ globalThis.pwned = 1 }}",
  "{{ ${1} }}",
  "{{ .a; globalThis.pwned = 1 }}",
  "{{ .a['b'] }}",
  "{{ .a[0] }}",
  "{{ (() => 1)() }}",
  "{{ {} }}",
  "{{ $a$b := 1 }}",
  "{{ .a\\u0062 }}",
  "{{ \u2028globalThis }}",
  "{{ eval `1` }}",
  "{{ require `fs` }}",
  "{{ constructor }}",
  "{{ toString 1 2 }}",
  "{{ __proto__ }}",
  "{{ hasOwnProperty .a }}",
])("no code in an action compiles: %s", (text) => {
  expect(errorsOf(text)).not.toHaveLength(0)
  expect(isPwned()).toBe(false)
})

test("prototypes cannot be reached through data, functions or paths", () => {
  for (const path of ["__proto__.x", "constructor.constructor", "constructor.prototype", "__defineGetter__"]) {
    for (const start of [".", ".m.", ".l.", ".s.", ".n.", '(dict "a" 1).', "(list 1)."]) {
      expect(outcome(`{{ ${start}${path} }}`, { m: {}, l: [1], s: "x", n: 5 })).toStrictEqual({ value: undefined })
    }
  }
  expect(rendered('{{ index . "constructor" "constructor" }}', {})).toBeUndefined()
  expect(rendered('{{ index . "__proto__" }}', {})).toBeUndefined()
  expect(rendered('{{ index .l "length" }}', { l: [1] })).toBeUndefined()
  expect(rendered('{{ get . "__proto__" "toString" }}', {})).toBeUndefined()
  expect(rendered('{{ mapGet . "constructor" }}{{ hasKey . "toString" }}', {})).toBe("false")
})

test("no function changes a prototype, and __proto__ is a key like any other", () => {
  const json = '{"__proto__": {"polluted": 1}}'
  for (const text of [
    '{{ dict "__proto__" (dict "polluted" 1) }}',
    "{{ fromJson .j }}",
    '{{ merge (fromJson .j) (dict "a" 1) }}',
    "{{ mergeOverwrite (dict) (fromJson .j) }}",
    '{{ pick (fromJson .j) "__proto__" }}',
    '{{ omit (fromJson .j) "a" }}',
  ]) {
    const value = rendered(text, { j: json })
    expect(Object.hasOwn(Object(value), "__proto__")).toBe(true)
    expect(Reflect.getPrototypeOf(Object(value))).toBe(Object.prototype)
  }
  expect("polluted" in {}).toBe(false)
  expect(rendered("{{ toJson (fromJson .j) }}", { j: json })).toBe('{"__proto__":{"polluted":1}}')
})

test("a hostile value is never taken for a template", () => {
  expect(rendered("{{ .v }}!", { v: "{{ fail `x` }}" })).toBe("{{ fail `x` }}!")
  expect(rendered("{{ .v }}", { v: "{{ .w }}" })).toBe("{{ .w }}")
})

test("generated code is made of our own words, numbers and JSON texts only", () => {
  const names =
    /^(?:const|return|function|let|if|else|for|break|continue|undefined|true|false|null|it|field|text|truthy|entries|functions|spoken|hasOwn|typeof|v|at|turn|fits|length|values|keys|[FHTBERDUo]|[ftvdsigc]\d+)$/
  const nodes = hostileTexts.map(
    (t) => `${t} {{ with .spec.abc }}{{ range $k, $v := .x }}{{ $k | upper }}{{ break }}{{ end }}{{ end }}`,
  )
  const code = generate(
    parse(`${nodes.join("")}{{ if and .a (or 1 -2.5) }}{{ $q := nil }}{{ else }}{{ $.z }}{{ end }}`),
    false,
  ).code
  const bare = code.replace(/"(?:[^"\\]|\\.)*"/g, "")
  const words = bare.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? []
  expect(words.filter((word) => !names.test(word))).toStrictEqual([])
  expect(bare).toMatch(/^[\w\s.,;:?!=<>&+()[\]{}-]*$/)
})

test("random bytes never do anything but compile or be refused", () => {
  const parts = [
    "{{",
    "}}",
    "-",
    " ",
    ".",
    "$",
    "a",
    "(",
    ")",
    "|",
    '"',
    "`",
    "\\",
    "if",
    "end",
    "range",
    "else",
    ":=",
    "1",
    "/*",
    "*/",
    "\n",
  ]
  let state = 42
  for (let round = 0; round < 3_000; round++) {
    let text = "{{ "
    for (let i = 0; i < 12; i++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      text += parts[(state >>> 8) % parts.length] ?? ""
    }
    const compiled = compile(text, { allowRandom: true })
    if (compiled.ok) {
      compiled.value.render({ data: { a: [1, "x"] }, nowMs: 0, random: seeded(1) })
      continue
    }
    for (const error of compiled.error) {
      expect(error.code).toMatch(/^ORK03\d\d$/)
      expect(error.start >= 0 && error.start <= error.end && error.end <= text.length).toBe(true)
    }
  }
})
