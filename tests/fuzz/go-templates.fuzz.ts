/** The same generated templates through Go and through us: the same text, or both an error, or a marked difference. */

import { seeded } from "../../src/base/mod.ts"
import { compile } from "../../src/template/mod.ts"
import { askGo, type GoAnswer, hasGo } from "../contract/go-templates/go.ts"
import { printed } from "../contract/go-templates/printed.ts"
import { type FuzzOptions, fuzzMain } from "../support/fuzz.ts"
import { type Made, makeTemplate } from "./template-grammar.ts"

const batch = 2_000
const findingsMax = 20

/** Tries `count` templates from `seed` on and returns those on which we differ without a reason. */
export async function fuzzGoTemplates({ seed, count }: FuzzOptions): Promise<readonly string[]> {
  const findings: string[] = []
  for (let done = 0; done < count && findings.length < findingsMax; done += batch) {
    const length = Math.min(batch, count - done)
    const made = Array.from({ length }, (_, i) => makeTemplate(seed + done + i))
    const answers = await askGo(made)
    for (const [i, one] of made.entries()) {
      const go = answers[i] ?? {}
      const ours = ourAnswer(one)
      if (ours.value === go.value || differs(go, ours) !== undefined) continue
      findings.push(`seed ${seed + done + i}: ${JSON.stringify(one)}\n  go  ${show(go)}\n  ork ${show(ours)}`)
    }
  }
  return findings.slice(0, findingsMax)
}

function show(answer: GoAnswer): string {
  return answer.error === undefined ? JSON.stringify(answer.value) : `error: ${answer.error}`
}

function ourAnswer({ template, data }: Made): GoAnswer {
  const compiled = compile(template)
  if (!compiled.ok) return { error: compiled.error.map((error) => `${error.code} ${error.message}`).join("; ") }
  // The generator makes objects only.
  const result = compiled.value.render({ data: data as Record<string, unknown>, nowMs: 0, random: seeded(1) })
  return result.ok ? { value: printed(result.value) } : { error: `${result.error.code} ${result.error.message}` }
}

/** Errors of one side that are values on the other, by the reasons of rows.json. */
const goRefuses: readonly (readonly [reason: string, pattern: RegExp])[] = [
  ["missing", /nil pointer evaluating|can't evaluate field|len of nil|index of (untyped )?nil|cannot assign nil/],
  ["missing", /invalid value; expected|wrong type for value; expected [\w[\]{}. ]+; got interface|untyped nil/],
  ["missing", /nil pointer dereference|on zero Value/],
  ["one-number", /expected int; (got|found) |incompatible types for comparison: (int|float64) and (int|float64)/],
  ["text", /expected string; (got|found) /],
  ["truth", /expected bool; (got|found) /],
  ["one-number", /range can't iterate over -?\d+$/],
  ["range-number", /can't use -?\d+ to iterate over more than one variable/],
  ["published", /Cannot concat type \w+ as list/],
  ["cut", /slice bounds out of range/],
]
const weRefuse: readonly (readonly [reason: string, pattern: RegExp])[] = [
  ["missing-number", /^template\/missing (add|sub|mul|mod|min|max|add1): expected a number, got nothing/],
  ["errors", /^template\/type (add|sub|mul|mod|min|max|add1|plural): expected a number, got/],
  ["budget", /^template\/budget /],
  ["errors", /^template\/type (eq|ne): a (list|map) cannot be compared/],
  ["printf", /^template\/(type|function) printf: /],
  ["text", /^template\/type join: expected a list, got a map/],
]

/** The reasons that are used here; rows.json says what each means. */
export const reasonsOfDifference: readonly string[] = [...goRefuses, ...weRefuse].map(([reason]) => reason)

/** Why a difference is deliberate; undefined when it is none. */
function differs(go: GoAnswer, ours: GoAnswer): string | undefined {
  if (go.error !== undefined && ours.error !== undefined) return "both"
  const reasonOf = (list: typeof goRefuses, text = "") => list.find(([, pattern]) => pattern.test(text))?.[0]
  if (go.error !== undefined) return reasonOf(goRefuses, go.error)
  if (go.value?.replaceAll(" ", "").includes("%!")) return "printf"
  const same = (change: (text: string | undefined) => string | undefined) => change(go.value) === change(ours.value)
  if (same((text) => text?.replaceAll("<nil>", ""))) return "missing"
  if (same((text) => text?.replace(/int64|float64/g, "int"))) return "one-number"
  return reasonOf(weRefuse, ours.error)
}

if (import.meta.main) {
  if (hasGo()) await fuzzMain("go-templates", 100_000, fuzzGoTemplates)
  else console.log("go-templates: left out, Go is not installed")
}
