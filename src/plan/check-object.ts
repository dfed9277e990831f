import { didYouMean, seeded } from "../base/mod.ts"
import { markOf, type Spans } from "../katalog/mod.ts"
import { coerce, formatPath, isRecord, memberOf, parsePath, type Schema, schemaType } from "../kube/mod.ts"
import {
  compile,
  listOf,
  literalMisfit,
  misfitOf,
  type StepProblem,
  type TypeProblem,
  type TypeWorld,
  typesOf,
} from "../template/mod.ts"
import { refusedLiteral } from "./check-literals.ts"
import { isMissing, requiredFields } from "./check-required.ts"
import {
  type CompileContext,
  childPath,
  compileValue,
  type Derived,
  firstPlace,
  isDerived,
  isWritten,
} from "./value.ts"

/** What a check needs beside the value. */
export interface CheckPlace {
  readonly world: TypeWorld
  readonly context: CompileContext
  /** Where the value stands in the document. */
  readonly at: string
  /** The kind that the value is a part of, and where in it. */
  readonly kind: string
  readonly steps: readonly (string | number)[]
  /** Whether the object is complete, so that what is not in it is missing. */
  readonly isComplete: boolean
  /** Content of a Motif may read what only some of the CRDs have that import it. */
  readonly isShared: boolean
}

/** Checks a tree for `compileValue` against the schema of what it renders to; without one, only what it reads. */
export function checkValue(node: unknown, schema: Schema | undefined, place: CheckPlace): void {
  if (node === undefined || node === null) return
  if (isWritten(node)) checkValue(node.value, schema, { ...place, at: node.at })
  else if (isDerived(node)) checkDerived(node, schema, place)
  else if (typeof node === "string" && node.includes("{{")) checkTemplate(node, schema, place)
  else checkPlain(node, schema, place)
}

function checkPlain(node: unknown, schema: Schema | undefined, place: CheckPlace): void {
  const resolved = schema && place.world.set.resolve(schema)
  const type = resolved ? schemaType(resolved) : "any"
  if (Array.isArray(node)) {
    const fits = type === "array" || type === "any"
    if (!fits) reportAt(misfitOfLiteral(node, schema, place), place)
    for (const [index, item] of node.entries()) {
      checkValue(item, fits ? resolved?.items : undefined, stepped(place, index))
    }
  } else if (isRecord(node)) {
    if (resolved && (type === "object" || type === "any")) checkMap(node, { schema, resolved }, place)
    else {
      if (resolved) reportAt(misfitOfLiteral({}, schema, place), place)
      for (const [key, value] of Object.entries(node)) {
        if (mayHoldTemplate(value)) checkValue(value, undefined, stepped(place, key))
      }
    }
  } else if (type !== "any") reportAt(misfitOfLiteral(node, schema, place), place)
}

function mayHoldTemplate(value: unknown): boolean {
  return typeof value === "string" ? value.includes("{{") : typeof value === "object" && value !== null
}

function stepped(place: CheckPlace, step: string | number): CheckPlace {
  const at = typeof step === "number" ? `${place.at}[${step}]` : childPath(place.at, step)
  return { ...place, at, steps: [...place.steps, step] }
}

function checkMap(
  node: Readonly<Record<string, unknown>>,
  { schema, resolved }: { readonly schema: Schema | undefined; readonly resolved: Schema },
  place: CheckPlace,
): void {
  for (const [key, value] of Object.entries(node)) {
    if (isMissing(value)) continue
    const member = memberOf(resolved, key)
    const at = isWritten(value) ? value.at : childPath(place.at, key)
    if (member === undefined) reportUnknown({ key, at }, resolved, place)
    if (resolved["x-ork-builtin"]) {
      reportAt(refusedLiteral(key, isWritten(value) ? value.value : value, place.kind), { ...place, at })
    }
    checkValue(value, member, stepped(place, key))
  }
  if (!place.isComplete) return
  for (const key of requiredFields(schema, resolved, place)) {
    if (!isMissing(node[key])) continue
    const message = `"${key}" is missing in ${ownerOf(place)}`
    reportAt({ severity: "error", code: "ORK0506", message, help: `add "${key}:"` }, place)
  }
}

function reportUnknown(
  { key, at }: { readonly key: string; readonly at: string },
  schema: Schema,
  place: CheckPlace,
): void {
  const known = Object.keys(schema.properties ?? {})
  const near = didYouMean(key, known)
  const message = `unknown field "${key}" in ${ownerOf(place)}`
  const help = near === undefined ? listOf(known) : `did you mean "${near}"?`
  const { spans, report } = place.context
  const span = spans.locate(at, "key") ?? nearestMark(spans, place.at)
  report({ severity: "error", code: "ORK0501", message, help, path: at, ...(span && { span }) })
}

// Parts that a short form makes are not in the document: what they are made for is.
function nearestMark(spans: Spans, at: string): ReturnType<typeof markOf> {
  for (let steps = parsePath(at); steps.length > 0; steps = steps.slice(0, -1)) {
    const span = markOf(spans, formatPath(steps))
    if (span) return span
  }
  return undefined
}

function ownerOf({ steps, kind }: CheckPlace): string {
  return steps.length === 0 ? kind : `${formatPath(steps)} of ${kind}`
}

// What is computed has no shape before it is rendered, unless nothing in it is a template.
function checkDerived(node: Derived, schema: Schema | undefined, place: CheckPlace): void {
  checkValue(node.input, undefined, place)
  if (!schema || !isStatic(node)) return
  const compiled = compileValue(node, place.at, quiet(place.context))
  const made = compiled.render({ data: {}, nowMs: 0, random: seeded(1) })
  const typed = made.ok && coerce(made.value, schema, place.world.set)
  if (!typed || typed.ok) return
  const at = firstPlace(node.input) ?? place.at
  for (const { path, message } of typed.error) {
    const name = formatPath([...place.steps, ...parsePath(path)])
    const code = message.startsWith("unknown field") ? "ORK0501" : "ORK0502"
    reportAt({ severity: "error", code, message: `${name} of ${place.kind}: ${message}` }, { ...place, at })
  }
}

function isStatic(node: unknown): boolean {
  if (typeof node === "string") return !node.includes("{{")
  if (isWritten(node)) return isStatic(node.value)
  if (isDerived(node)) return isStatic(node.input)
  if (Array.isArray(node)) return node.every(isStatic)
  return !isRecord(node) || Object.values(node).every(isStatic)
}

function quiet({ spans, functions }: CompileContext): CompileContext {
  return { spans, allowRandom: true, report: () => undefined, ...(functions && { functions }) }
}

function checkTemplate(text: string, schema: Schema | undefined, place: CheckPlace): void {
  const { world, context } = place
  const compiled = compile(text, quiet(context))
  if (!compiled.ok) return // its mistakes are reported where it is compiled
  const types = typesOf(compiled.value, world)
  for (const problem of types.problems) reportIn(text, problem, place)
  const target = schema && { schema, name: nameOf(place) }
  const misfit = target && types.problems.length === 0 ? misfitOf(types, target, world) : undefined
  if (misfit) reportIn(text, misfit, place)
}

function misfitOfLiteral(value: unknown, schema: Schema | undefined, place: CheckPlace): StepProblem | undefined {
  return schema && literalMisfit(value, { schema, name: nameOf(place) }, place.world)
}

function nameOf({ steps, kind }: CheckPlace): string {
  const name = steps.findLast((step) => typeof step === "string")
  const index = steps.at(-1)
  return `${name ?? kind}${typeof index === "number" ? `[${index}]` : ""}`
}

/** Reports a mistake with its place inside of a text. */
export function reportIn(text: string, problem: TypeProblem, place: CheckPlace): void {
  const { start, end, ...rest } = problem
  const { spans, report } = place.context
  const severity = place.isShared && problem.code === "ORK0501" ? "warning" : problem.severity
  const span = spans.locateIn(place.at, start, Math.min(end, text.length)) ?? nearestMark(spans, place.at)
  report({ ...rest, severity, path: place.at, ...(span && { span }) })
}

/** Reports a mistake of a whole value. */
export function reportAt(problem: StepProblem | undefined, place: CheckPlace): void {
  if (!problem) return
  const span = nearestMark(place.context.spans, place.at)
  place.context.report({ ...problem, path: place.at, ...(span && { span }) })
}
