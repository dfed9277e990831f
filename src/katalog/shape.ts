import * as v from "valibot"
import { didYouMean, parseDuration } from "../base/mod.ts"
import { isRecord } from "../kube/mod.ts"
import { type Fault, packFault } from "./fault.ts"

/** What may stand in one place. Shapes only judge; the spec is built from the data as written. */
export type Shape = v.GenericSchema

type Issue = v.BaseIssue<unknown>

function expected(what: string, help?: string): (issue: Issue) => string {
  return (issue) => packFault({ code: "ORK0106", message: `expected ${what}, found ${describe(issue.input)}`, help })
}

/** A value in the author's words. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return "nothing"
  if (Array.isArray(value)) return "a list"
  if (isRecord(value)) return "a map"
  if (typeof value === "string") return value.length > 40 ? "a text" : `"${value}"`
  return String(value)
}

/** True for a text that holds a template. */
export function isTemplate(value: unknown): boolean {
  return typeof value === "string" && value.includes("{{")
}

function isScalarValue(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
}

function leaf(what: string, accepts: (value: unknown) => boolean, help?: string): Shape {
  return v.custom(accepts, expected(what, help))
}

/** Text, number or boolean; may hold a template. */
export const scalar: Shape = leaf("a text", isScalarValue)

/** A scalar that is not the empty text. */
export const text: Shape = leaf("a text", (value) => isScalarValue(value) && value !== "")

/** Anything at all. */
export const anything: Shape = v.unknown()

/** Fixed at load: true or false, also as a text. */
export const flag: Shape = leaf("true or false", (value) => readFlag(value) !== undefined)

/** True or false, also as a text, or a template. */
export const flagTemplate: Shape = leaf("true or false", (value) => readFlag(value) !== undefined || isTemplate(value))

/** A whole number from 0, also as a text, or a template. */
export const countTemplate: Shape = leaf(
  "a whole number",
  (value) => isTemplate(value) || (isScalarValue(value) && /^\d+$/.test(String(value))),
)

/** The boolean that a flag means; undefined when it is none. */
export function readFlag(value: unknown): boolean | undefined {
  if (value === true || value === "true") return true
  return value === false || value === "false" ? false : undefined
}

/** A whole number between bounds, also as a text. */
export function whole(min: number, max: number): Shape {
  return v.custom(
    (value) => {
      const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value
      return typeof number === "number" && Number.isInteger(number) && number >= min && number <= max
    },
    (issue) => {
      const found = describe(issue.input)
      const code = isScalarValue(issue.input) && Number.isFinite(Number(issue.input)) ? "ORK0114" : "ORK0106"
      const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`
      return packFault({ code, message: `expected a whole number ${range}, found ${found}` })
    },
  )
}

/** A length of time of at least a second. */
export const duration: Shape = v.custom(
  (value) => isScalarValue(value) && (parseDuration(String(value)) ?? 0) >= 1000,
  (issue) => {
    const parsed = isScalarValue(issue.input) ? parseDuration(String(issue.input)) : undefined
    const found = describe(issue.input)
    if (parsed !== undefined) return packFault({ code: "ORK0114", message: `expected at least 1s, found ${found}` })
    const help = typeof issue.input === "number" ? `write ${issue.input}s for seconds` : "write 30s, 10m or 1h30m"
    return packFault({ code: "ORK0106", message: `expected a length of time, found ${found}`, help })
  },
)

/** One of fixed words. */
export function oneOf(...words: readonly string[]): Shape {
  return v.custom(
    (value) => typeof value === "string" && words.includes(value),
    (issue) => {
      const near = typeof issue.input === "string" ? didYouMean(issue.input, words) : undefined
      const help = near === undefined ? undefined : `did you mean "${near}"?`
      const message = `expected ${words.slice(0, -1).join(", ")} or ${words.at(-1)}, found ${describe(issue.input)}`
      return packFault({ code: "ORK0106", message, help })
    },
  )
}

/** One of fixed words, or a template. */
export function oneOfOrTemplate(...words: readonly string[]): Shape {
  const word = oneOf(...words)
  return byForm((value) => (isTemplate(value) ? anything : word))
}

/** Never fits; says why. */
export function wrong(fault: Fault): Shape {
  return v.custom(() => false, packFault(fault))
}

/** The shape depends on the form that the author chose. */
export function byForm(choose: (value: unknown) => Shape): Shape {
  return v.lazy(choose)
}

/** A list whose items all have one shape. */
export function list(item: Shape): Shape {
  return v.array(item, expected("a list", "begin each item with '- '"))
}

/** A map with free keys whose values all have one shape. */
export function mapOf(value: Shape): Shape {
  return judged((record, report) => {
    for (const key of Object.keys(record)) judge(value, key, record, report)
  })
}

/** A list of scalars, or one scalar alone. */
export const scalars: Shape = v.custom(
  (value) => isScalarValue(value) || (Array.isArray(value) && value.every(isScalarValue)),
  expected("a list of texts"),
)

/** A map of scalars: labels, data. */
export const scalarMap: Shape = mapOf(leaf("a text", (value) => value === null || isScalarValue(value)))

/** A map that is not judged: raw Kubernetes fields. */
export const rawMap: Shape = leaf("a map", isRecord)

/** More mistakes than anybody reads in one go: the rest appears when these are repaired. */
const issuesMax = 500

/** A place with fixed keys. */
export interface PlaceOptions {
  readonly fields: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  /** Known to the published format, not built yet. */
  readonly later?: readonly string[]
  /** What to do about an unknown key when no known one is close. */
  readonly otherwise?: string
}

/** A map with fixed keys; `noun` names it in messages: "a deployment". A key without a value counts as absent. */
export function place(noun: string, options: PlaceOptions): Shape {
  const known = Object.keys(options.fields)
  return judged((record, report) => {
    for (const key of options.required ?? []) {
      if ((record[key] ?? null) !== null || isMisspelt(key, record, known)) continue
      report.here({ code: "ORK0108", message: `"${key}" is missing in ${noun}`, help: `add "${key}:"` })
    }
    // A flood of unknown keys is cut: finding a near word for each costs time, and nobody reads them all.
    for (const key of Object.keys(record).slice(0, known.length + issuesMax)) {
      const shape = Object.hasOwn(options.fields, key) ? options.fields[key] : undefined
      if (options.later?.includes(key)) {
        report.key(key, notYet(`"${key}" in ${noun}`))
      } else if (shape === undefined) {
        const near = didYouMean(key, [...known, ...(options.later ?? [])])
        const help = near === undefined ? options.otherwise : `did you mean "${near}"?`
        report.key(key, { code: "ORK0107", message: `unknown field "${key}" in ${noun}`, help })
      } else if (record[key] !== null) judge(shape, key, record, report)
    }
  })
}

/** True when another key of the map reads like `key`: that one is reported, and `key` is not missing as well. */
function isMisspelt(key: string, record: Readonly<Record<string, unknown>>, known: readonly string[]): boolean {
  return Object.keys(record).some((written) => !known.includes(written) && didYouMean(written, known) === key)
}

/** A key or value of the published format that this version does not build. */
export function notYet(what: string, help = "remove it for now"): Fault {
  return { code: "ORK0110", message: `${what} is part of the format but not supported yet`, help }
}

/** Where a judge puts what it finds: at the map itself, at one of its keys or values, or below. */
export interface Report {
  here(fault: Fault): void
  key(key: string, fault: Fault): void
  value(key: string, fault: Fault): void
  below(key: string, issue: Issue): void
}

/** A map judged by a function. Not valibot's own objects: they stop at the first unknown key and drop keys such as `constructor`. */
export function judged(judgement: (record: Readonly<Record<string, unknown>>, report: Report) => void): Shape {
  return v.pipe(
    v.custom<Readonly<Record<string, unknown>>>(isRecord, expected("a map")),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return
      const record = dataset.value
      const item = (key: string, origin: "key" | "value") =>
        ({ type: "object", origin, input: {}, key, value: record[key] }) as const
      judgement(record, {
        here: (fault) => addIssue({ message: packFault(fault) }),
        key: (key, fault) => addIssue({ message: packFault(fault), path: [item(key, "key")] }),
        value: (key, fault) => addIssue({ message: packFault(fault), path: [item(key, "value")] }),
        below: (key, issue) => addIssue({ message: issue.message, path: [item(key, "value"), ...(issue.path ?? [])] }),
      })
    }),
  )
}

/** Judges one value of a map and reports what is found below its key. */
export function judge(
  shape: Shape,
  key: string,
  record: Readonly<Record<string, unknown>>,
  report: Pick<Report, "below">,
): void {
  const result = v.safeParse(shape, record[key])
  for (const issue of result.issues ?? []) report.below(key, issue)
}

/** One mistake: the way to it, and whether its key or its value is wrong. */
export interface ShapeIssue {
  readonly steps: readonly (string | number)[]
  readonly part: "key" | "value"
  readonly packed: string
}

/** The mistakes in `value`. */
export function issuesOf(shape: Shape, value: unknown): readonly ShapeIssue[] {
  const result = v.safeParse(shape, value)
  return (result.issues ?? []).slice(0, issuesMax).map((issue) => {
    const path = issue.path ?? []
    return {
      steps: path.map((item) => (typeof item.key === "number" ? item.key : String(item.key))),
      part: path.at(-1)?.origin === "key" ? "key" : "value",
      packed: issue.message,
    }
  })
}
