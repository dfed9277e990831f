/** Makes templates at random, of the part of the language that Go, Sprig and we share. */
import { type Draw, draw } from "../support/fuzz.ts"

type Type = "text" | "int" | "bool" | "list" | "map" | "any"

interface Maker extends Draw {
  /** Variables that can be read here. */
  readonly names: string[]
  made: number
  loops: number
}

/** A template and the data it reads. */
export interface Made {
  readonly template: string
  readonly data: unknown
}

const words = [
  "a",
  "b",
  "nginx",
  "web-1",
  "Shop",
  "",
  "x y",
  "10",
  "true",
  "a,b,c",
  " pad ",
  "line\none",
  '"q"',
  "v1.2.3",
]
const patterns = ["[a-z]+", "^w", "[0-9]", "x*", "(a)(b)?", "o$", "\\\\.", "[^a-z0-9]+"]
const keys = ["a", "b", "c", "app"]

/** The template and the data that belong to a seed. */
export function makeTemplate(seed: number): Made {
  const m: Maker = { ...draw(seed), names: [], made: 0, loops: 0 }
  return { template: nodes(m, 0), data: data(m) }
}

function data(m: Maker): unknown {
  const list = (item: () => unknown) => Array.from({ length: m.below(4) }, item)
  const map = (item: () => unknown) => Object.fromEntries(keys.filter(() => m.chance(0.6)).map((key) => [key, item()]))
  return {
    s: m.one(words),
    t: m.one(words),
    n: m.below(20) - 5,
    k: m.below(4),
    f: m.below(100) / 4,
    on: m.chance(0.5),
    texts: list(() => m.one(words)),
    numbers: list(() => m.below(9)),
    m: map(() => m.one(words)),
    deep: { m: map(() => m.below(9)), list: list(() => ({ name: m.one(words), size: m.below(5) })) },
    none: null,
  }
}

function nodes(m: Maker, depth: number): string {
  const before = m.names.length
  let text = ""
  for (let i = 1 + m.below(depth === 0 ? 3 : 2); i > 0; i--) text += node(m, depth)
  m.names.length = before
  return text
}

function node(m: Maker, depth: number): string {
  const kind = depth > 1 ? m.below(5) : m.below(12)
  const open = m.chance(0.1) ? "{{- " : "{{ "
  const close = m.chance(0.1) ? " -}}" : " }}"
  switch (kind) {
    case 0:
    case 1:
      return m.one(["text", " ", "\n", "a: ", " }} ", "-", "{", "/"])
    case 2:
    case 3:
      return open + pipeline(m, "any", 0) + close
    case 4:
      return variable(m, open, close)
    case 5:
      return `${open}/* note */}}`.replace("{{ /*", "{{/*")
    case 6:
    case 7:
      return branches(m, depth, { open, close, word: "if" })
    case 8:
      return branches(m, depth, { open, close, word: "with" })
    default:
      return range(m, depth, open, close)
  }
}

function variable(m: Maker, open: string, close: string): string {
  const known = m.names.length > 0 && m.chance(0.4) ? m.one(m.names) : undefined
  const name = known ?? `$v${m.made++}`
  const code = `${open}${name} ${known === undefined ? ":=" : "="} ${pipeline(m, "any", 0)}${close}`
  if (known === undefined) m.names.push(name)
  return code
}

interface Marks {
  readonly open: string
  readonly close: string
  readonly word: "if" | "with"
}

function branches(m: Maker, depth: number, { open, close, word }: Marks): string {
  let code = `${open}${word} ${pipeline(m, m.chance(0.6) ? "bool" : "any", 0)}${close}${nodes(m, depth + 1)}`
  if (m.chance(0.3)) code += `{{ else ${word} ${pipeline(m, "any", 0)} }}${nodes(m, depth + 1)}`
  if (m.chance(0.5)) code += `{{ else }}${nodes(m, depth + 1)}`
  return `${code}{{ end }}`
}

function range(m: Maker, depth: number, open: string, close: string): string {
  const before = m.names.length
  const shape = m.below(3)
  const names = Array.from({ length: shape }, () => `$v${m.made++}`)
  const source = pipeline(m, m.one(["list", "list", "map", "int"]), 1)
  const declared = shape === 0 ? "" : `${names.join(", ")} := `
  m.names.push(...names)
  m.loops++
  const leave = m.chance(0.15) ? `{{ if ${pipeline(m, "bool", 1)} }}{{ ${m.one(["break", "continue"])} }}{{ end }}` : ""
  const body = `${leave}${nodes(m, depth + 1)}${m.chance(0.5) ? "{{ . }}" : ""}`
  m.loops--
  m.names.length = before
  const otherwise = m.chance(0.3) ? `{{ else }}${nodes(m, depth + 1)}` : ""
  return `${open}range ${declared}${source}${close}${body}${otherwise}{{ end }}`
}

function pipeline(m: Maker, type: Type, depth: number): string {
  const wanted = m.chance(0.03) ? m.one<Type>(["text", "int", "bool", "list", "map"]) : type
  let code = m.chance(0.5) ? call(m, wanted, depth) : operand(m, wanted, depth)
  if (wanted === "text" || wanted === "any") {
    for (let i = m.below(3); i > 0 && wanted === "text"; i--) code += ` | ${stage(m)}`
  }
  return code
}

function stage(m: Maker): string {
  return m.one([
    "upper",
    "lower",
    "trim",
    "quote",
    "squote",
    "nospace",
    "title",
    "b64enc",
    `default ${JSON.stringify(m.one(words))}`,
    `trunc ${m.below(6)}`,
    'replace "a" "bc"',
    'trimSuffix "1"',
    'trimPrefix "w"',
    "repeat 2",
    "indent 2",
    "nindent 1",
    `printf "%s|%q" ${JSON.stringify(m.one(words))}`,
    "cat 1",
    `regexReplaceAll "${m.one(patterns)}" "a1b2" `,
  ])
}

/** Something that can stand as an argument. */
function operand(m: Maker, type: Type, depth: number): string {
  if (type === "any") return operand(m, m.one<Type>(["text", "int", "bool", "list", "map"]), depth)
  if (depth < 3 && m.chance(0.35)) return `(${call(m, type, depth + 1)})`
  if (m.chance(0.03)) return m.one(["$.none", "$.missing", "$.m.missing", "$.missing.x", "$.s.x", "."])
  if (type !== "int" && m.names.length > 0 && m.chance(0.06)) return m.one(m.names)
  switch (type) {
    case "text":
      return m.one([...words.map((word) => JSON.stringify(word)), "$.s", "$.t", "$.m.a", "`raw`"])
    case "int":
      return m.one(["0", "1", "2", "7", "-3", "$.n", "$.k", "0x1F", "'a'", "010"])
    case "bool":
      return m.one(["true", "false", "$.on"])
    case "list":
      return m.one(["$.texts", "$.numbers", "$.deep.list"])
    case "map":
      return m.one(["$.m", "$.deep.m", "$.deep"])
  }
}

function call(m: Maker, type: Type, depth: number): string {
  if (type === "any") return call(m, m.one<Type>(["text", "int", "bool", "list", "map"]), depth)
  const parts = { text: textCall, int: intCall, bool: boolCall, list: listCall, map: mapCall }
  return parts[type](m, (wanted) => operand(m, wanted, depth + 1))
}

/** Something that is there: Go prints what is missing as `<nil>`, we do not, which rows.json has. */
function present(m: Maker): string {
  return m.one(["$.s", "$.n", "$.f", "$.on", "$.texts", "$.deep", "$.m", '"a"', "(len $.texts)", "(list 1 true)"])
}

function presentText(m: Maker): string {
  return m.one(["$.s", "$.t", '"a"', "(upper $.s)", "(toString $.n)"])
}

function presentInt(m: Maker): string {
  return m.one(["$.n", "$.k", "7", "(len $.texts)", "(add $.n 1)"])
}

type Give = (type: Type) => string

function textCall(m: Maker, give: Give): string {
  return m.one([
    () => `upper ${give("text")}`,
    () => `printf "%s-%d" ${presentText(m)} ${presentInt(m)}`,
    () => `printf "%v %5d|%-4s|%t" ${present(m)} ${presentInt(m)} ${presentText(m)} ${m.one(["$.on", "true"])}`,
    () => `print ${present(m)} ${present(m)}`,
    () => `${give("list")} | join "${m.one([",", "-", ""])}"`,
    () => `${give("bool")} | ternary ${give("text")} ${give("text")}`,
    () => `toJson ${present(m)}`,
    () => `quote ${give("any")} ${give("any")}`,
    () => `substr ${m.below(3)} ${m.below(6)} ${give("text")}`,
    () => `coalesce ${give("text")} ${give("text")} "z"`,
    () => `regexFind "${m.one(patterns)}" ${give("text")}`,
    () => `toString ${present(m)}`,
    () => `toYaml ${m.one(["$.numbers", "$.deep.m", "(list 1 true)"])}`,
    () => `index $.m "${m.one(keys)}"`,
    () => `kindOf ${m.one(["$.s", "$.on", "$.texts", "$.m"])}`,
    () => `dig "${m.one(keys)}" "none" $.m`,
    () => `html "<a href='x'>&"`,
    () => `sha1sum ${give("text")}`,
    () => `base ${give("text")}`,
    () => `dir ${give("text")}`,
    () => `wrap ${1 + m.below(6)} ${give("text")}`,
    () => `plural "one" "many" ${give("int")}`,
  ])()
}

function intCall(m: Maker, give: Give): string {
  return m.one([
    () => `add ${give("int")} ${give("int")}`,
    () => `sub ${give("int")} ${give("int")}`,
    () => `mul ${give("int")} 3`,
    () => `mod ${give("int")} 4`,
    () => `max ${give("int")} ${give("int")} 2`,
    () => `min ${give("int")} 5`,
    () => `len ${give(m.one<Type>(["text", "list", "map"]))}`,
    () => `int ${m.one(['"12"', '"x"', "7", "true", "3.7"])}`,
    () => `add1 ${give("int")}`,
    () => `atoi ${give("text")}`,
    () => `default ${give("int")} $.missing | int`,
    () => `first (list 1 ${give("int")})`,
  ])()
}

function boolCall(m: Maker, give: Give): string {
  const compare = () => m.one(["eq", "ne", "lt", "le", "gt", "ge"])
  return m.one([
    () => `${compare()} ${give("int")} ${give("int")}`,
    () => `${compare()} ${give("text")} ${give("text")}`,
    () => `not ${give("any")}`,
    () => `and ${give("bool")} ${give("any")}`,
    () => `or ${give("any")} ${give("bool")}`,
    () => `empty ${give("any")}`,
    () => `${give("text")} | contains "a"`,
    () => `${give("text")} | hasPrefix "w"`,
    () => `has ${give("text")} $.texts`,
    () => `hasKey $.m "${m.one(keys)}"`,
    () => `regexMatch "${m.one(patterns)}" ${give("text")}`,
    () => `kindIs "string" ${give("any")}`,
    () => `eq ${give("text")} "a" "b"`,
    () => `all ${give("any")} ${give("any")}`,
    () => `any ${give("any")} ${give("any")}`,
  ])()
}

function listCall(m: Maker, give: Give): string {
  return m.one([
    () => `list ${give("any")} ${give("any")}`,
    () => `rest ${give("list")}`,
    () => `initial ${give("list")}`,
    () => `reverse ${give("list")}`,
    () => `uniq ${m.one(["$.texts", "$.numbers", "$.deep.list"])}`,
    () => `sortAlpha $.texts`,
    () => `append ${give("list")} ${give("any")}`,
    () => `prepend ${give("list")} ${give("any")}`,
    () => `concat ${give("list")} ${give("list")}`,
    () => `splitList "," ${give("text")}`,
    () => `until ${m.below(4)}`,
    () => `compact ${give("list")}`,
    () => `without $.texts ${give("text")}`,
    () => `chunk 2 ${give("list")}`,
    () => `regexFindAll "${m.one(patterns)}" ${give("text")} -1`,
    () => `regexSplit "${m.one(patterns)}" ${give("text")} -1`,
    () => `pluck "${m.one(keys)}" $.m $.deep.m`,
  ])()
}

function mapCall(m: Maker, give: Give): string {
  return m.one([
    () => `dict "a" ${give("any")} "b" ${give("any")}`,
    () => `pick $.m "${m.one(keys)}"`,
    () => `omit $.m "${m.one(keys)}"`,
    () => `merge (dict "z" 1) $.deep.m`,
    () => `mergeOverwrite (dict "a" 1) (dict "a" 2)`,
    () => `dict ${JSON.stringify(m.one(words))} ${give("text")}`,
    () => `fromJson (toJson ${give("map")})`,
  ])()
}
