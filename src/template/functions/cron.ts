import { isRecord } from "../../kube/mod.ts"
import type { Run } from "../run.ts"
import { functionFailure, typeFailure } from "../run.ts"
import { field, kindOf } from "../values.ts"
import { int, str } from "./convert.ts"
import { Family } from "./define.ts"

const family = new Family("cron")
const everyMinute = "* * * * *"
const parts = ["minute", "hour", "dayOfMonth", "month", "dayOfWeek"] as const

const macros: ReadonlyMap<string, string> = new Map([
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
  ["@monthly", "0 0 1 * *"],
  ["@weekly", "0 0 * * 0"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@hourly", "0 * * * *"],
])

family.fixed(
  "cronValid(text) bool",
  "whether text is a cron expression of five fields, or a name such as @daily",
  (run, s) => isValid(expanded(str(run, s))),
)
family.fixed(
  "cronNormalize(text) string",
  "the five fields, names such as @daily written out; every minute when text is none",
  (run, s) => normalized(str(run, s)),
)
family.fixed(
  "cronField(text, index) string",
  "one of the five fields, counted from 0",
  (run, s, i) => fieldAt(str(run, s), int(i)),
  { piped: "first" },
)
for (const [i, name] of ["cronMinute", "cronHour", "cronDom", "cronMonth", "cronDow"].entries()) {
  family.fixed(`${name}(text) string`, `the ${parts[i]} field`, (run, s) => fieldAt(str(run, s), i))
}
family.variadic(
  "cronExpr(minute, hour, dayOfMonth, month, dayOfWeek) string",
  "an expression of five fields; an empty one is *",
  (run, args) => args.map((a) => str(run, a) || "*").join(" "),
  { min: 5, max: 5 },
)
family.fixed("cronFromMap(map) string", "an expression from minute, hour, dayOfMonth, month and dayOfWeek", (run, m) =>
  fromMap(run, m),
)
family.fixed("cronFromAny(value) string", "an expression from a text, a map or nothing", (run, v) =>
  kindOf(v) === "map" ? fromMap(run, v) : normalized(str(run, v)),
)
family.fixed("cronToMap(text) map", "minute, hour, dayOfMonth, month and dayOfWeek of an expression", (run, s) => {
  const expression = str(run, s)
  return Object.fromEntries(parts.map((part, i) => [part, fieldAt(expression, i)]))
})

function expanded(expression: string): string {
  const trimmed = expression.trim()
  return macros.get(trimmed) ?? trimmed.split(/\s+/).join(" ")
}

function normalized(expression: string): string {
  const all = expanded(expression)
  return isValid(all) ? all : everyMinute
}

function fieldAt(expression: string, index: number): string {
  if (expression.trim() === "") return "*"
  const fields = expanded(expression).split(" ")
  if (fields.length !== 5) return typeFailure(`expected five cron fields, got ${fields.length}`)
  return fields[index] ?? functionFailure("a cron field is counted from 0 to 4")
}

function fromMap(run: Run, value: unknown): string {
  if (!isRecord(value)) return typeFailure(`expected a map, got a ${kindOf(value)}`)
  return parts.map((part) => str(run, field(value, part)) || "*").join(" ")
}

const bounds = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const
const names: readonly (readonly string[])[] = [
  [],
  [],
  [],
  ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
]

function isValid(expression: string): boolean {
  const fields = expression.split(" ")
  return (
    expression.length <= 256 &&
    fields.length === 5 &&
    fields.every((text, i) => text.split(",").every((item) => isItem(item, i)))
  )
}

function isItem(item: string, index: number): boolean {
  const match = /^(\*|[a-z0-9]+(?:-[a-z0-9]+)?)(?:\/([1-9]\d?))?$/.exec(item.toLowerCase())
  if (!match) return false
  if (match[1] === "*") return true
  const ends = (match[1] ?? "").split("-").map((word) => numberOf(word, index))
  const [low, high = low] = ends
  return low !== undefined && high !== undefined && !ends.includes(undefined) && low <= high
}

function numberOf(word: string, index: number): number | undefined {
  const [low, high] = bounds[index] ?? [0, 0]
  const named = (names[index] ?? []).indexOf(word)
  const value = named >= 0 ? named + (index === 3 ? 1 : 0) : /^\d{1,2}$/.test(word) ? Number(word) : -1
  return value >= low && value <= high ? value : undefined
}

/** Functions on cron expressions; none of them asks for the time. */
export const cron = family.defs
