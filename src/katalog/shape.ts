import * as v from "valibot"
import { didYouMean, parseDuration } from "../base/mod.ts"
import { isRecord } from "../kube/mod.ts"
import { type Fault, packFault } from "./fault.ts"

/** What may stand in one place. Shapes only judge; the spec is built from the data as written. */
export type Shape = v.GenericSchema

type Issue = v.BaseIssue<unknown>

/** What a shape accepts, as far as a JSON Schema can say it. `noun` and fields are of maps with fixed keys. */
export type Outlook =
  | { readonly kind: "schema"; readonly schema: Readonly<Record<string, unknown>> }
  | { readonly kind: "list"; readonly item: Shape }
  | { readonly kind: "map"; readonly value: Shape; readonly key?: string }
  | { readonly kind: "place"; readonly noun: string; readonly options: Omit<PlaceOptions, "later"> }
  | { readonly kind: "forms"; readonly forms: readonly Shape[] }

// Beside the shapes, since the schema library has no place for it: made with them, so the two cannot drift apart.
const outlooks = new WeakMap<Shape, () => Outlook>()

/** What `shape` accepts. */
export function outlookOf(shape: Shape): Outlook {
  return outlooks.get(shape)?.() ?? { kind: "schema", schema: {} }
}

/** The same shape with another outlook; shapes that stand at several places keep theirs elsewhere. */
export function seenAs(shape: Shape, outlook: Outlook): Shape {
  const twin = v.lazy(() => shape)
  outlooks.set(twin, () => outlook)
  return twin
}

function withOutlook(shape: Shape, schema: Readonly<Record<string, unknown>>): Shape {
  outlooks.set(shape, () => ({ kind: "schema", schema }))
  return shape
}

/** A text that holds a template. */
const templateSchema = { type: "string", pattern: "\\{\\{" }
const scalarSchema = { type: ["string", "number", "boolean"] }
const flagSchema = { enum: [true, false, "true", "false"] }
const countSchema = { anyOf: [{ type: "integer", minimum: 0 }, { type: "string", pattern: "^\\d+$" }, templateSchema] }

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

interface Leaf {
  readonly what: string
  readonly schema: Readonly<Record<string, unknown>>
  readonly help?: string
}

function leaf({ what, schema, help }: Leaf, accepts: (value: unknown) => boolean): Shape {
  return withOutlook(v.custom(accepts, expected(what, help)), schema)
}

const asMap = 'write "key: value" on lines of their own, indented below the key'
const oneText = "write one text, in quotes where it holds signs of YAML"

/** Text, number or boolean; may hold a template. */
export const scalar: Shape = leaf({ what: "a text", schema: scalarSchema, help: oneText }, isScalarValue)

/** A scalar that is not the empty text. */
export const text: Shape = leaf(
  { what: "a text", schema: { ...scalarSchema, minLength: 1 }, help: oneText },
  (value) => isScalarValue(value) && value !== "",
)

/** Anything at all. */
export const anything: Shape = v.unknown()

/** Fixed at load: true or false, also as a text. */
export const flag: Shape = leaf(
  { what: "true or false", schema: flagSchema, help: "write true or false" },
  (value) => readFlag(value) !== undefined,
)

/** True or false, also as a text, or a template. */
export const flagTemplate: Shape = leaf(
  {
    what: "true or false",
    schema: { anyOf: [flagSchema, templateSchema] },
    help: "write true or false, or a template that gives one",
  },
  (value) => readFlag(value) !== undefined || isTemplate(value),
)

/** A whole number from 0, also as a text, or a template. */
export const countTemplate: Shape = leaf(
  { what: "a whole number", schema: countSchema, help: "write a number such as 2, or a template that gives one" },
  (value) => isTemplate(value) || (isScalarValue(value) && /^\d+$/.test(String(value))),
)

/** The boolean that a flag means; undefined when it is none. */
export function readFlag(value: unknown): boolean | undefined {
  if (value === true || value === "true") return true
  return value === false || value === "false" ? false : undefined
}

/** A whole number between bounds, also as a text. */
export function whole(min: number, max: number): Shape {
  const shape = v.custom(
    (value) => {
      const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value
      return typeof number === "number" && Number.isInteger(number) && number >= min && number <= max
    },
    (issue) => {
      const found = describe(issue.input)
      const code = isScalarValue(issue.input) && Number.isFinite(Number(issue.input)) ? "ORK0114" : "ORK0106"
      const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`
      const help = `write a number, for example ${Math.max(min, 1)}`
      return packFault({ code, message: `expected a whole number ${range}, found ${found}`, help })
    },
  )
  const number = { type: "integer", minimum: min, ...(max < Number.MAX_SAFE_INTEGER && { maximum: max }) }
  return withOutlook(shape, { anyOf: [number, { type: "string", pattern: "^\\s*\\d+\\s*$" }] })
}

/** A length of time of at least a second. */
export const duration: Shape = lengthOfTime(1000)

/** Any length of time. */
export const pause: Shape = lengthOfTime(0)

function lengthOfTime(min: number): Shape {
  const shape = v.custom(
    (value) => isScalarValue(value) && (parseDuration(String(value)) ?? -1) >= min,
    (issue) => {
      const parsed = isScalarValue(issue.input) ? parseDuration(String(issue.input)) : undefined
      const found = describe(issue.input)
      if (parsed !== undefined) {
        return packFault({ code: "ORK0114", message: `expected at least 1s, found ${found}`, help: "write 1s or more" })
      }
      const help = typeof issue.input === "number" ? `write ${issue.input}s for seconds` : "write 30s, 10m or 1h30m"
      return packFault({ code: "ORK0106", message: `expected a length of time, found ${found}`, help })
    },
  )
  const pattern = "^\\s*(\\d+(\\.\\d+)?(ms|mo|[smhdwy]))+\\s*$"
  return withOutlook(shape, { type: "string", pattern, examples: ["30s", "10m", "1h30m", "7d"] })
}

/** One of fixed words. */
export function oneOf(...words: readonly string[]): Shape {
  const shape = v.custom(
    (value) => typeof value === "string" && words.includes(value),
    (issue) => {
      const near = typeof issue.input === "string" ? didYouMean(issue.input, words) : undefined
      const help = near === undefined ? `write one of them, for example ${words[0]}` : `did you mean "${near}"?`
      const message = `expected ${words.slice(0, -1).join(", ")} or ${words.at(-1)}, found ${describe(issue.input)}`
      return packFault({ code: "ORK0106", message, help })
    },
  )
  return withOutlook(shape, { enum: words })
}

/** One of fixed words, or a template. */
export function oneOfOrTemplate(...words: readonly string[]): Shape {
  const word = oneOf(...words)
  return byForm((value) => (isTemplate(value) ? anything : word))
}

/** Never fits; says why. */
export function wrong(fault: Fault): Shape {
  return withOutlook(
    v.custom(() => false, packFault(fault)),
    { not: {} },
  )
}

/** The shape depends on the form that the author chose. */
export function byForm(choose: (value: unknown) => Shape): Shape {
  const shape = v.lazy(choose)
  outlooks.set(shape, () => ({ kind: "forms", forms: formsOf(choose) }))
  return shape
}

/** Values of every kind that a form may depend on. */
const samples: readonly unknown[] = [{}, { object: {} }, [], "a", 1, true, false]

/** The shapes that may be chosen; `anything` for a template means: a template. */
function formsOf(choose: (value: unknown) => Shape): readonly Shape[] {
  const forms = new Set(samples.map(choose))
  const isAll = forms.has(anything)
  if (!isAll && choose("{{ a }}") === anything) forms.add(template)
  if (!isAll && choose("") === anything) forms.add(emptyText)
  return [...forms]
}

const template = leaf({ what: "a template", schema: templateSchema }, isTemplate)
const emptyText = leaf({ what: "an empty text", schema: { const: "" } }, (value) => value === "")

/** A list whose items all have one shape. */
export function list(item: Shape): Shape {
  const shape = v.array(item, expected("a list", "begin each item with '- '"))
  outlooks.set(shape, () => ({ kind: "list", item }))
  return shape
}

/** A map with free keys whose values all have one shape. */
export function mapOf(value: Shape): Shape {
  const shape = judged((record, report) => {
    for (const key of Object.keys(record)) judge(value, key, record, report)
  })
  outlooks.set(shape, () => ({ kind: "map", value }))
  return shape
}

/** A list of scalars, or one scalar alone. */
export const scalars: Shape = leaf(
  {
    what: "a list of texts",
    schema: { anyOf: [scalarSchema, { type: "array", items: scalarSchema }] },
    help: "write one text, or several as [a, b]",
  },
  (value) => isScalarValue(value) || (Array.isArray(value) && value.every(isScalarValue)),
)

/** A map of scalars: labels, data. */
export const scalarMap: Shape = mapOf(
  leaf(
    { what: "a text", schema: { type: [...scalarSchema.type, "null"] }, help: oneText },
    (value) => value === null || isScalarValue(value),
  ),
)

/** A map that is not judged: raw Kubernetes fields. */
export const rawMap: Shape = leaf({ what: "a map", schema: { type: "object" }, help: asMap }, isRecord)

/** More mistakes than anybody reads in one go: the rest appears when these are repaired. */
const issuesMax = 500

/** A place with fixed keys. */
export interface PlaceOptions {
  readonly fields: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  /** Known to the published format, not built yet. */
  readonly later?: readonly string[]
  /** What to do about those, where it is not to wait for them. */
  readonly laterHelp?: Readonly<Record<string, string>>
  /** What to do about an unknown key when no known one is close. */
  readonly otherwise?: string
}

/** A map with fixed keys; `noun` names it in messages: "a deployment". A key without a value counts as absent. */
export function place(noun: string, options: PlaceOptions): Shape {
  const known = Object.keys(options.fields)
  const shape = judged((record, report) => {
    for (const key of options.required ?? []) {
      if ((record[key] ?? null) !== null || isMisspelt(key, record, known)) continue
      report.here({ code: "ORK0108", message: `"${key}" is missing in ${noun}`, help: `add "${key}:"` })
    }
    // A flood of unknown keys is cut: finding a near word for each costs time, and nobody reads them all.
    for (const key of Object.keys(record).slice(0, known.length + issuesMax)) {
      const shape = Object.hasOwn(options.fields, key) ? options.fields[key] : undefined
      if (options.later?.includes(key)) {
        if (!isEmpty(record[key])) report.key(key, notYet(`"${key}" in ${noun}`, options.laterHelp?.[key]))
      } else if (shape === undefined) {
        const near = didYouMean(key, [...known, ...(options.later ?? [])])
        const help = near === undefined ? (options.otherwise ?? removal(known)) : `did you mean "${near}"?`
        report.key(key, { code: "ORK0107", message: `unknown field "${key}" in ${noun}`, help })
      } else if (record[key] !== null) judge(shape, key, record, report)
    }
  })
  outlooks.set(shape, () => ({ kind: "place", noun, options }))
  return shape
}

/** Fields that are listed where none of them is close to the unknown one. */
const listedMax = 12

function removal(known: readonly string[]): string {
  if (known.length === 0 || known.length > listedMax) return "remove it; ork schema lists every field"
  return `remove it; the fields are ${known.join(", ")}`
}

/** True when another key of the map reads like `key`: that one is reported, and `key` is not missing as well. */
function isMisspelt(key: string, record: Readonly<Record<string, unknown>>, known: readonly string[]): boolean {
  return Object.keys(record).some((written) => !known.includes(written) && didYouMean(written, known) === key)
}

/** Asks for nothing, so that nothing is missing where it is not built. */
function isEmpty(value: unknown): boolean {
  return value === null || (isRecord(value) && Object.keys(value).length === 0)
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
  const shape = v.pipe(
    v.custom<Readonly<Record<string, unknown>>>(isRecord, expected("a map", asMap)),
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
  return withOutlook(shape, { type: "object" })
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
