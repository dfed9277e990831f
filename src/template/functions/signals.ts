import type { Run } from "../run.ts"
import { field, kindOf } from "../values.ts"
import { num, str } from "./convert.ts"
import { Family } from "./define.ts"
import { at, commas, listAt, textAt } from "./reading.ts"

const first = { piped: "first" } as const

const queries = new Family("prometheus")
queries.fixed(
  "promValue(result) number",
  "the value of the first series of a query's answer; nothing when there is none",
  (run, r) => values(run, r)[0],
)
queries.fixed("promSum(result) number", "the sum of the values; 0 when there are none", (run, r) =>
  values(run, r).reduce((sum, value) => sum + value, 0),
)
queries.fixed("promMax(result) number", "the largest value; nothing when there is none", (run, r) => {
  const all = values(run, r)
  return all.length === 0 ? undefined : all.reduce((a, b) => Math.max(a, b))
})
queries.fixed("promSeriesCount(result) number", "how many series there are", (run, r) => series(run, r).length)
queries.fixed(
  "promLabelValues(result, label) string",
  "the values of a label, each once, with commas between them",
  (run, r, label) =>
    commas(run, [...new Set(series(run, r).map((one) => textAt(run, one, ["metric", str(run, label)])))]),
  first,
)
queries.fixed(
  "promAboveThreshold(result, limit) bool",
  "whether the first value is above limit; false without a value",
  (run, r, limit) => (values(run, r)[0] ?? Number.NaN) > num(limit),
  first,
)
queries.fixed(
  "promBelowThreshold(result, limit) bool",
  "whether the first value is below limit; false without a value",
  (run, r, limit) => (values(run, r)[0] ?? Number.NaN) < num(limit),
  first,
)

/** The series of an answer of `/api/v1/query`: whole, or its `data`, or the list alone; a scalar answer is one series. */
function series(run: Run, result: unknown): readonly unknown[] {
  const data = at(result, "body", "data") ?? field(result, "data") ?? result
  const found = Array.isArray(data) ? data : listAt(data, "result")
  run.charge(found.length)
  return found.length === 2 && kindOf(found[0]) === "number" ? [{ value: found }] : found
}

function values(run: Run, result: unknown): readonly number[] {
  return series(run, result).flatMap((one) => {
    const sample = field(one, "value") ?? listAt(one, "values").at(-1)
    const value = Array.isArray(sample) ? Number(sample[1]) : Number.NaN
    return Number.isFinite(value) ? [value] : []
  })
}

/** Functions on answers of Prometheus. */
export const prometheus = queries.defs

const served = new Family("serve")
for (const word of ["Target", "Alias", "Source"]) {
  const annotation = `orkestra.orkspace.io/serve-${word.toLowerCase()}`
  const read = (run: Run, object: unknown) => textAt(run, object, ["metadata", "annotations", annotation])
  served.fixed(`getServe${word}(object) string`, `the annotation ${annotation}`, read)
  served.fixed(
    `hasServe${word}(object) bool`,
    `whether the object has the annotation ${annotation}`,
    (run, o) => read(run, o) !== "",
  )
}
served.fixed(
  "isDirectApply(object) bool",
  "whether the object was applied directly: it has none of these annotations",
  (_, o) =>
    ["target", "alias", "source"].every(
      (word) => at(o, "metadata", "annotations", `orkestra.orkspace.io/serve-${word}`) === undefined,
    ),
)

/** Functions on where a custom resource came from. */
export const serve = served.defs
