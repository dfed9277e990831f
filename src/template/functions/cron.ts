import { rfc3339 } from "../../base/mod.ts"
import { expandCron, isRecord, nextCronFire, parseCron } from "../../kube/mod.ts"
import type { Run } from "../run.ts"
import { functionFailure, typeFailure } from "../run.ts"
import { field, kindOf } from "../values.ts"
import { int, str } from "./convert.ts"
import { describeCron } from "./cron-words.ts"
import { Family } from "./define.ts"

const family = new Family("cron")
const everyMinute = "* * * * *"
const parts = ["minute", "hour", "dayOfMonth", "month", "dayOfWeek"] as const

family.fixed(
  "cronValid(text) bool",
  "whether text is a cron expression of five fields, or a name such as @daily",
  (run, s) => parseCron(str(run, s)) !== undefined,
)
family.fixed(
  "cronNormalize(text) string",
  "the five fields, names such as @daily written out; every minute when text is none",
  (run, s) => normalized(str(run, s)),
)
family.fixed("cronDescribe(text) string", "the expression in words; the text itself when it is none", (run, s) =>
  describeCron(str(run, s)),
)
family.fixed(
  "nextCron(text) string",
  "the next time after now, in RFC 3339, UTC; the empty text when there is none",
  (run, s) => {
    const schedule = parseCron(str(run, s)) ?? functionFailure("expected a cron expression")
    run.charge(100)
    const next = nextCronFire(schedule, run.nowMs)
    return next === undefined ? "" : rfc3339(next)
  },
  { purity: "clock" },
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

function normalized(expression: string): string {
  return parseCron(expression) === undefined ? everyMinute : expandCron(expression)
}

function fieldAt(expression: string, index: number): string {
  if (expression.trim() === "") return "*"
  const fields = expandCron(expression).split(" ")
  if (fields.length !== 5) return typeFailure(`expected five cron fields, got ${fields.length}`)
  return fields[index] ?? functionFailure("a cron field is counted from 0 to 4")
}

function fromMap(run: Run, value: unknown): string {
  if (!isRecord(value)) return typeFailure(`expected a map, got a ${kindOf(value)}`)
  return parts.map((part) => str(run, field(value, part)) || "*").join(" ")
}

/** Functions on cron expressions; only nextCron asks for the time. */
export const cron = family.defs
