/** Mutated conditions over mutated data: no crash, no hang, and a gate that is right about when it changes. */
import { type Diagnostic, seeded } from "../../src/base/mod.ts"
import { type ConditionSpec, readConditionList } from "../../src/katalog/mod.ts"
import { compileGate } from "../../src/plan/mod.ts"
import { type Draw, draw, type FuzzOptions, fuzzMain } from "../support/fuzz.ts"

const limitMs = 1_000
const findingsMax = 20

const keys = [
  ...["field", "operator", "value", "valueType", "negate", "time", "dayOfWeek", "cron", "duration", "timeZone"],
  ...[
    "equals",
    "neq",
    "min",
    "max",
    "in",
    "between",
    "regex",
    "exists",
    "typeOf",
    "typeMap",
    "unique",
    "contains",
    "gt",
  ],
]
const scalars = [
  ...["spec.a", ".spec.b[0]", "spec", "", "{{ .spec.a }}", "{{", "1", "1,10", "a,b", "08:00", "23:59", "24:00", "true"],
  ...["* * * * *", "*/7 1-3 * * 1-5", "0 0 29 2 *", "@daily", "(a+)+$", "^[a-z]{1,9}$", "90m", "Europe/Berlin", "UTC"],
  ...["map", "exists", "gte", "weekday", "monday", "__proto__", "9007199254740993", "string", "1e400", "\u0000", "🙂"],
  ...[0, 1, -1, 1.5, 1e21, true, false, null],
]

function value(random: Draw, depth = 0): unknown {
  if (depth > 2 || random.chance(0.7)) return random.one(scalars)
  if (random.chance(0.4)) return Array.from({ length: random.below(4) }, () => value(random, depth + 1))
  const inner = ["after", "before", "timeZone", "weekday", "weekend", "in", "notIn", "a"]
  return Object.fromEntries(
    Array.from({ length: random.below(4) }, () => [random.one(inner), value(random, depth + 1)]),
  )
}

// Mostly something that could have been meant, with one thing wrong.
function condition(random: Draw): unknown {
  if (random.chance(0.02)) return value(random)
  const base: Record<string, unknown> = random.chance(0.3) ? timed(random) : { field: random.one(["spec.a", "spec.b"]) }
  const count = base["field"] === undefined ? random.below(2) : 1 + random.below(2)
  for (let i = 0; i < count; i++) base[random.one(keys)] = value(random)
  return base
}

function timed(random: Draw): Record<string, unknown> {
  const clock = () => `${random.below(25)}:${random.one(["00", "30", "7"])}`
  return random.one([
    { time: { after: clock(), before: clock() }, timeZone: random.one(["Europe/Berlin", "America/New_York", "UTC"]) },
    { dayOfWeek: { in: [random.one(["monday", "sun"])] }, negate: random.chance(0.5) },
    { cron: `${random.below(62)} */${random.below(9)} * * *`, duration: random.one(["1m", "5h", "30s"]) },
  ])
}

/** Tries `count` lists of conditions from `seed` on and returns what went wrong. */
export async function fuzzConditions({ seed, count }: FuzzOptions): Promise<readonly string[]> {
  const findings: string[] = []
  for (let i = 0; i < count && findings.length < findingsMax; i++) {
    const random = draw(seed + i)
    const list = Array.from({ length: 1 + random.below(3) }, () => condition(random))
    const startedAt = performance.now()
    const complaint = attempt(list, random, seed + i)
    const tookMs = performance.now() - startedAt
    if (complaint !== undefined) findings.push(`seed ${seed + i}: ${complaint}: ${JSON.stringify(list)}`)
    else if (tookMs > limitMs) findings.push(`seed ${seed + i}: took ${Math.round(tookMs)} ms: ${JSON.stringify(list)}`)
  }
  return findings
}

function attempt(list: readonly unknown[], random: Draw, seed: number): string | undefined {
  try {
    const conditions = readConditionList(list)
    return conditions && judge(conditions, random, seed)
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : "thrown"
  }
}

function judge(conditions: readonly ConditionSpec[], random: Draw, seed: number): string | undefined {
  const reported: Diagnostic[] = []
  const spans = { locate: () => undefined, locateIn: () => undefined }
  const context = { spans, allowRandom: false, report: (diagnostic: Diagnostic) => reported.push(diagnostic) }
  const gate = random.chance(0.5) ? compileGate(conditions, [], context) : compileGate([], conditions, context)
  if (reported.length > 0) return undefined
  const nowMs = Date.UTC(2026, random.below(12), random.below(28), random.below(24), random.below(60))
  const scope = { data: { spec: { a: value(random), b: value(random) } }, nowMs, random: seeded(seed) }
  const judged = gate.judge(scope)
  if (!judged.ok) return undefined
  const { open, nextChangeMs } = judged.value
  if (!(nextChangeMs > nowMs)) return `the next change is not later: ${nextChangeMs}`
  const between = Math.floor(nowMs + (Math.min(nextChangeMs, nowMs + 1e9) - nowMs) * 0.9)
  const then = gate.passes({ ...scope, nowMs: between })
  return then.ok && then.value !== open ? `changed before it said: ${new Date(between).toISOString()}` : undefined
}

if (import.meta.main) await fuzzMain("conditions", 100_000, fuzzConditions)
