import { readYaml, toJson, toYaml } from "../markup.ts"
import { type Run, typeFailure } from "../run.ts"
import { type Kind, kindOf, text } from "../values.ts"
import { int, lenient, num, str } from "./convert.ts"
import { Family } from "./define.ts"

const family = new Family("types")

family.fixed("typeOf(value) string", "map, list, string, number, bool or null", (_, value) => kindOf(value))
for (const [name, kind] of [
  ["typeMap", "map"],
  ["typeList", "list"],
  ["typeString", "string"],
  ["typeNumber", "number"],
  ["typeBool", "bool"],
  ["typeNull", "null"],
] as const) {
  family.fixed(`${name}(value) bool`, `whether value is a ${kind}`, (_, value) => kindOf(value) === kind)
}
family.fixed("isScalar(value) bool", "whether value is a text, a number or a boolean", (_, value) =>
  ["string", "number", "bool"].includes(kindOf(value)),
)
family.fixed("isComposite(value) bool", "whether value is a list or a map", (_, value) =>
  ["list", "map"].includes(kindOf(value)),
)
family.fixed(
  "kindOf(value) string",
  "the kind as Go names it: map, slice, string, int, float64, bool or invalid",
  (_, value) => goKind(value),
)
family.fixed(
  "kindIs(kind, value) bool",
  "whether value is of this kind, as Go names it",
  // A number of a cluster's object is an int64 in Go, one of a template an int: here they are one.
  (run, kind, value) => goKind(value) === str(run, kind).replace(/^int64$/, "int"),
)
family.fixed(
  "toInt(value) number",
  "a whole number; fractions are cut off; fails when value is no number",
  (_, value) => int(value),
)
family.fixed("toFloat(value) number", "a number; fails when value is none", (_, value) => num(value))
family.fixed("int(value) number", "a whole number; 0 when value is no number", (_, value) => whole(value))
family.aliases({ int64: "int" })
family.fixed("float64(value) number", "a number; 0 when value is none", (_, value) => lenient(value))
family.fixed(
  "toBool(value) bool",
  "a boolean from true, yes, on, 1 and their opposites; fails otherwise",
  (run, value) => toBool(run, value),
)
family.fixed("toString(value) string", "value as it prints", (run, value) => text(value, run))
family.fixed("asString(value) string", "value as it prints; JSON for lists and maps", (run, value) =>
  typeof value === "object" && value !== null ? toJson(run, value) : text(value, run),
)
family.fixed("toJson(value) string", "value as JSON", (run, value) => toJson(run, value))
family.aliases({ toJSON: "toJson", toRawJson: "toJson" })
family.fixed("toPrettyJson(value) string", "value as JSON over several lines", (run, value) => toJson(run, value, 2))
family.fixed("fromJson(text) any", "the value behind a JSON text; fails when it is none", (run, value) =>
  parseJson(run, str(run, value)),
)
family.fixed("fromYaml(text) any", "the value behind a YAML text; fails when it is none", (run, value) =>
  fromYaml(run, str(run, value)),
)
family.fixed("fromJsonArray(text) list", "the list behind a JSON text; fails when it is none", (run, value) =>
  array(parseJson(run, str(run, value))),
)
family.fixed("fromYamlArray(text) list", "the list behind a YAML text; fails when it is none", (run, value) =>
  array(fromYaml(run, str(run, value))),
)
family.fixed(
  "typeIs(type, value) bool",
  "whether value is of this type, as Go or typeOf names it",
  (run, type, value) => isType(str(run, type), value),
)
family.aliases({ typeIsLike: "typeIs" })
family.aliases({
  mustToJson: "toJson",
  mustToRawJson: "toRawJson",
  mustToPrettyJson: "toPrettyJson",
  mustFromJson: "fromJson",
})
family.fixed("toYaml(value) string", "value as YAML, without a line break at the end", (run, value) =>
  toYaml(run, value),
)
family.fixed("toList(text) list", "the trimmed parts of text between commas", (run, value) =>
  Array.isArray(value) ? value : commaList(str(run, value)),
)
family.fixed(
  "asList(value) list",
  "value when it is a list, or the list that a YAML or JSON text holds, else the empty list",
  (run, value) => ofKind(run, value, "list") ?? [],
)
family.fixed(
  "asMap(value) map",
  "value when it is a map, or the map that a YAML or JSON text holds, else the empty map",
  (run, value) => ofKind(run, value, "map") ?? {},
)
family.fixed("len(value) number", "bytes of a text, items of a list, keys of a map; 0 when missing", (run, value) =>
  length(run, value),
)

function whole(value: unknown): number {
  const number = Math.trunc(lenient(value))
  return Number.isFinite(number) && number !== 0 ? number : 0
}

function goKind(value: unknown): string {
  const kind = kindOf(value)
  if (kind === "number") return Number.isInteger(value) ? "int" : "float64"
  return kind === "list" ? "slice" : kind === "null" ? "invalid" : kind
}

const yes = new Set(["true", "True", "TRUE", "1", "yes", "YES", "on", "ON"])
const no = new Set(["false", "False", "FALSE", "0", "no", "NO", "off", "OFF", ""])

function toBool(run: Run, value: unknown): boolean {
  const spelled = str(run, value)
  if (yes.has(spelled)) return true
  if (no.has(spelled)) return false
  return typeFailure(`expected a boolean, got ${JSON.stringify(spelled.slice(0, 40))}`)
}

function commaList(spelled: string): readonly string[] {
  return spelled.trim() === "" ? [] : spelled.split(",").map((part) => part.trim())
}

function ofKind(run: Run, value: unknown, kind: "list" | "map"): unknown {
  if (kindOf(value) === kind) return value
  const parsed = typeof value === "string" ? readYaml(run, value) : undefined
  return kindOf(parsed) === kind ? parsed : undefined
}

function fromYaml(run: Run, spelled: string): unknown {
  return readYaml(run, spelled) ?? typeFailure("expected YAML, got something else")
}

function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : typeFailure(`expected a list, got a ${kindOf(value)}`)
}

const goTypes: Readonly<Record<Kind, readonly string[]>> = {
  null: ["<nil>"],
  bool: ["bool"],
  number: ["int", "int64", "float64"],
  string: ["string"],
  list: ["[]interface {}", "slice"],
  map: ["map[string]interface {}"],
}

function isType(type: string, value: unknown): boolean {
  const kind = kindOf(value)
  if (kind === "number" && type !== "number")
    return (type === "float64") !== Number.isInteger(value) && goTypes.number.includes(type)
  return type === kind || goTypes[kind].includes(type)
}

function parseJson(run: Run, spelled: string): unknown {
  run.charge(spelled.length >> 6) // making values costs more than reading text
  try {
    const parsed: unknown = JSON.parse(spelled)
    return parsed
  } catch {
    return typeFailure("expected JSON, got something else")
  }
}

function length(run: Run, value: unknown): number {
  if (typeof value === "string") {
    run.chargeText(value)
    return Buffer.byteLength(value)
  }
  if (Array.isArray(value)) return value.length
  if (value === undefined || value === null) return 0
  if (typeof value !== "object") return typeFailure(`a ${kindOf(value)} has no length`)
  const count = Object.keys(value).length
  run.charge(count >> 5)
  return count
}

/** Functions that ask for and change types. */
export const types = family.defs
