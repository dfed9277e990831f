import { type Code, type Diagnostic, err, ok, positionOf, type Random, type Result } from "../base/mod.ts"
import type { Spans } from "../katalog/mod.ts"
import { formatPath, type Gvk, isRecord, type KubeObject } from "../kube/mod.ts"
import {
  compile,
  type FunctionLookup,
  type Spent,
  type Template,
  type TemplateRef,
  type TemplateScope,
} from "../template/mod.ts"

/** An object that an entry copies. */
export interface SourceRef {
  readonly gvk: Gvk
  readonly namespace: string
  readonly name: string
}

/** The object, or why there is none: it does not exist, or its kind has not been listed yet. */
export type SourceAnswer = KubeObject | "missing" | "pending"

/** What a template may read: the root of the data, the time, and a source of randomness. */
export interface RenderScope {
  readonly data: Readonly<Record<string, unknown>>
  readonly nowMs: number
  readonly random: Random
  /** What all templates of one pass have used, together; without it only each is bounded. */
  readonly spent?: Spent | undefined
  /** The objects that entries copy; without it there are none. */
  readonly sources?: ((ref: SourceRef) => SourceAnswer) | undefined
  /** True when another custom resource of the kind has the value (by its `uniqueKey`) at the path; without it nobody has. */
  readonly isTaken?: (path: string, key: string) => boolean
}

/** One value that could not be rendered, with the place where the author wrote it. */
export interface RenderFailure {
  readonly code: Code
  /** `katalog.yaml:14:9`. */
  readonly where: string
  readonly message: string
}

/** A tree of values with templates at its leaves, compiled. */
export interface ValueTemplate {
  /** The tree as written; what the fingerprint is made of. */
  readonly source: unknown
  /** Paths from the root that any leaf reads. */
  readonly refs: readonly (readonly string[])[]
  readonly isStatic: boolean
  /** What was compiled, for whoever asks where a rendered value comes from: see `placesOf`. */
  readonly origin: Origin
  render(scope: RenderScope): Result<unknown, readonly RenderFailure[]>
}

/** The tree that a `ValueTemplate` was compiled from. */
export interface Origin {
  readonly value: unknown
  readonly at: string
  readonly context: CompileContext
}

const writtenTag = Symbol("written")
const derivedTag = Symbol("derived")

/** A value together with where in the document it was written. */
export interface Written {
  readonly [writtenTag]: true
  readonly value: unknown
  readonly at: string
}

/** A value computed from rendered values: the few places where a short form is more than a renaming. */
export interface Derived {
  readonly [derivedTag]: true
  readonly input: unknown
  readonly compute: (input: unknown) => unknown
}

/** Marks `value` as written at document path `at`. */
export function written(value: unknown, at: string): Written {
  return { [writtenTag]: true, value, at }
}

/** A value that `compute` makes from the rendered `input`; undefined leaves the field out. */
export function derived(input: unknown, compute: (input: unknown) => unknown): Derived {
  return { [derivedTag]: true, input, compute }
}

const unusableTag = Symbol("unusable")

/** What `compute` of a derived value gives when it cannot: the entry fails with this message. */
export interface Unusable {
  readonly [unusableTag]: true
  readonly message: string
}

/** Says that a derived value cannot be made of what its input rendered to. */
export function unusable(message: string): Unusable {
  return { [unusableTag]: true, message }
}

function isUnusable(value: unknown): value is Unusable {
  return isRecord(value) && unusableTag in value
}

/** True for a value that carries its place. */
export function isWritten(value: unknown): value is Written {
  return isRecord(value) && writtenTag in value
}

/** True for a value that is computed when it is rendered. */
export function isDerived(value: unknown): value is Derived {
  return isRecord(value) && derivedTag in value
}

/** What `compileValue` needs beside the value. */
export interface CompileContext {
  readonly spans: Spans
  readonly allowRandom: boolean
  readonly report: (diagnostic: Diagnostic) => void
  /** What templates may call beside the functions of the language. */
  readonly functions?: FunctionLookup
  /** Gets what each template reads, and how a stretch of its text becomes a place. */
  readonly inspect?: (
    refs: readonly TemplateRef[],
    locate: (start: number, end: number) => { readonly path: string; readonly span: Diagnostic["span"] },
  ) => void
}

type Render = (scope: TemplateScope, failures: RenderFailure[]) => unknown

interface Compiled {
  readonly source: unknown
  readonly render: Render
}

/** Compiles every text of `value`; mistakes are reported with their span and leave the tree unusable. */
export function compileValue(value: unknown, at: string, context: CompileContext): ValueTemplate {
  const refs: (readonly string[])[] = []
  const walker = new Map<string, Template>()
  const compiled = compileNode(value, at, { ...context, refs, walker })
  const isStatic = walker.size === 0
  return {
    source: compiled.source,
    refs,
    isStatic,
    origin: { value, at, context },
    render(scope) {
      const failures: RenderFailure[] = []
      const result = compiled.render(scope, failures)
      return failures.length > 0 ? err(withoutRepeats(failures)) : ok(result)
    },
  }
}

// One template may serve several places, a name for one.
function withoutRepeats(failures: readonly RenderFailure[]): readonly RenderFailure[] {
  return [...new Map(failures.map((failure) => [`${failure.where} ${failure.message}`, failure])).values()]
}

interface Walk extends CompileContext {
  readonly refs: (readonly string[])[]
  readonly walker: Map<string, Template>
}

function compileNode(value: unknown, at: string, walk: Walk): Compiled {
  if (isWritten(value)) return compileNode(value.value, value.at, walk)
  if (isDerived(value)) {
    const input = compileNode(value.input, at, walk)
    const where = () => whereOf(walk.spans, firstPlace(value.input) ?? at)
    return { source: input.source, render: renderDerived(value, input, where) }
  }
  if (typeof value === "string") return compileText(value, at, walk)
  if (Array.isArray(value)) {
    const items = value.map((item, i) => compileNode(item, `${at}[${i}]`, walk))
    return {
      source: items.map((item) => item.source),
      render: (scope, failures) => items.map((item) => item.render(scope, failures)).filter((v) => v !== undefined),
    }
  }
  if (isRecord(value)) {
    const fields = Object.entries(value).map(([key, child]) => {
      if (key.includes("{{")) reportKey(childPath(at, key), walk)
      return [key, compileNode(child, childPath(at, key), walk)] as const
    })
    return {
      source: Object.fromEntries(fields.map(([key, field]) => [key, field.source])),
      render: (scope, failures) => renderRecord(fields, scope, failures),
    }
  }
  return { source: value, render: () => value }
}

function renderDerived(node: Derived, input: Compiled, where: () => string): Render {
  return (scope, failures) => {
    const value = node.compute(input.render(scope, failures))
    if (!isUnusable(value)) return value
    failures.push({ code: "template/type", where: where(), message: value.message })
    return undefined
  }
}

/** A derived value has no place of its own: it points to the first written one that it is made of. */
export function firstPlace(input: unknown): string | undefined {
  if (isWritten(input)) return input.at
  const parts = isDerived(input)
    ? [input.input]
    : isRecord(input)
      ? Object.values(input)
      : Array.isArray(input)
        ? input
        : []
  return parts.map(firstPlace).find((place) => place !== undefined)
}

function reportKey(at: string, walk: Walk): void {
  walk.report({
    severity: "error",
    code: "ORK0406",
    message: "a key cannot have a template",
    path: at,
    help: "write a fixed key, or one entry per key with forEach",
    ...withSpan(walk.spans.locate(at, "key")),
  })
}

function renderRecord(
  fields: readonly (readonly [string, Compiled])[],
  scope: TemplateScope,
  failures: RenderFailure[],
) {
  const record: Record<string, unknown> = {}
  for (const [key, field] of fields) {
    const value = field.render(scope, failures)
    if (value !== undefined) record[key] = value
  }
  return record
}

function compileText(text: string, at: string, walk: Walk): Compiled {
  if (!text.includes("{{")) return { source: text, render: () => text }
  const locate = (start: number, end: number) => walk.spans.locateIn(at, start, end)
  const warn = (w: { code: string; message: string; help?: string; start: number; end: number }) =>
    walk.report({ ...diagnosticOf(w, "warning", at), ...withSpan(locate(w.start, w.end)) })
  const { allowRandom, functions } = walk
  const result = compile(text, { allowRandom, warnings: warn, ...(functions && { functions }) })
  if (!result.ok) {
    for (const error of result.error) {
      walk.report({ ...diagnosticOf(error, "error", at), ...withSpan(locate(error.start, error.end)) })
    }
    return { source: text, render: () => undefined }
  }
  const template = result.value
  walk.walker.set(text, template)
  walk.refs.push(...template.refs.map((ref) => ref.path))
  walk.inspect?.(template.refs, (start, end) => ({ path: at, span: locate(start, end) }))
  return { source: text, render: renderText(template, at, walk.spans) }
}

function renderText(template: Template, at: string, spans: Spans): Render {
  return (scope, failures) => {
    const rendered = template.render(scope)
    if (rendered.ok) return rendered.value
    const message = `${lastStep(at)}: ${rendered.error.message}`
    failures.push({ code: rendered.error.code, where: whereOf(spans, at), message })
    return undefined
  }
}

function diagnosticOf(
  error: { readonly code: string; readonly message: string; readonly help?: string },
  severity: "error" | "warning",
  path: string,
): Diagnostic {
  return { severity, code: error.code, message: error.message, path, ...(error.help ? { help: error.help } : {}) }
}

/** The span as a member, where there is one. */
export function withSpan(span: Diagnostic["span"]): { span?: NonNullable<Diagnostic["span"]> } {
  return span ? { span } : {}
}

/** `file:line:column` of a document path's value, or the path itself where it cannot be located. */
export function whereOf(spans: Spans, at: string): string {
  const span = spans.locate(at, "value") ?? spans.locate(at, "key")
  if (!span) return at
  const { line, column } = positionOf(span.file, span.start)
  return `${span.file.path}:${line}:${column}`
}

/** The document path of a member. */
export function childPath(at: string, key: string): string {
  return at + (/^[\w$-]+$/.test(key) ? `.${key}` : formatPath([key]))
}

function lastStep(at: string): string {
  return /([^.[\]"]+)(?:\[\d+\]|"\])*$/.exec(at)?.[0] ?? at
}
