import { assert, type Code, err, Lru, ok, type Random, type Result } from "../base/mod.ts"
import type { Expr, Node } from "./ast.ts"
import { type Checked, check } from "./check.ts"
import { compileCode, type Renderer } from "./engine.ts"
import type { Purity } from "./functions/define.ts"
import { builtins, type FunctionLookup } from "./functions/lookup.ts"
import { generate, type Site } from "./generate.ts"
import { limits } from "./limits.ts"
import { parse } from "./parser.ts"
import { problem, SyntaxProblem, type TemplateError } from "./problem.ts"
import { refsOf, type TemplateRef } from "./refs.ts"
import { budgetFailure, Failure, Run } from "./run.ts"
import { kindOf, measure } from "./values.ts"

/** What a template may read. */
export interface TemplateScope {
  /** The root: what `.` and `$` are at the start. */
  readonly data: Readonly<Record<string, unknown>>
  readonly nowMs: number
  readonly random: Random
  /** What the renders that share it have used, together. */
  readonly spent?: Spent | undefined
}

/** A count that several renders share, so that many small ones are bounded too. */
export interface Spent {
  steps: number
}

/** Why a render has no result, with offsets into the template text. */
export interface TemplateFailure {
  readonly code: Code
  readonly message: string
  readonly start: number
  readonly end: number
}

/** A compiled text. Immutable; rendering never changes it or the data. */
export interface Template {
  readonly text: string
  /** No action in it: the result is the text. */
  readonly isStatic: boolean
  readonly refs: readonly TemplateRef[]
  readonly impurity: Purity
  /** A text, or the native value when the template is exactly one action; undefined when that yields nothing. */
  render(scope: TemplateScope): Result<unknown, TemplateFailure>
}

/** Choices of the place where a template stands. */
export interface CompileOptions {
  /** Random functions are fine here: the result is used once. */
  readonly allowRandom?: boolean
  /** Gets what is right but probably not meant. */
  readonly warnings?: (warning: TemplateError) => void
  /** What may be called: without it, the functions of the language. See `defineFunctions`. */
  readonly functions?: FunctionLookup
}

/** A text, compiled, and what is wrong with it. */
export interface Compiled {
  readonly template: CompiledTemplate | undefined
  readonly checked: Checked
}

/** A template that another one can call. */
export interface CompiledTemplate extends Template {
  /** Computes within the run of a caller; throws `Failure`. */
  compute(run: Run): unknown
}

/** Longer texts are compiled when they are asked for: their owners keep the template. */
const cachedLengthMax = 16_384
const caches = new WeakMap<FunctionLookup, Lru<string, Compiled>>()

/** One cache per set of functions: a text means something else where another function has a name. */
function cacheOf(functions: FunctionLookup): Lru<string, Compiled> {
  const known = caches.get(functions)
  if (known !== undefined) return known
  const cache = new Lru<string, Compiled>(limits.cachedMax)
  caches.set(functions, cache)
  return cache
}

/** The template behind a text, or all mistakes in it. Short texts are kept, so asking again is cheap. */
export function compile(text: string, options: CompileOptions = {}): Result<Template, readonly TemplateError[]> {
  if (!text.includes("{{")) return ok(staticTemplate(text))
  const functions = options.functions ?? builtins
  const cache = cacheOf(functions)
  let compiled = cache.get(text)
  if (compiled === undefined) {
    compiled = compileText(text, functions)
    if (text.length <= cachedLengthMax) cache.set(text, compiled)
  }
  const { template, checked } = compiled
  const errors = options.allowRandom ? checked.errors : [...checked.errors, ...checked.randomErrors]
  if (options.warnings) for (const warning of checked.warnings) options.warnings(warning)
  if (errors.length > 0) return err(errors.toSorted((a, b) => a.start - b.start))
  assert(template !== undefined, "a template without errors is compiled")
  return ok(template)
}

function staticTemplate(text: string): Template {
  return { text, isStatic: true, refs: [], impurity: "pure", render: () => ok(text) }
}

function failed(error: TemplateError): Compiled {
  return {
    template: undefined,
    checked: { errors: [error], randomErrors: [], warnings: [], impurity: "pure", ownCalls: [] },
  }
}

/** Compiles a text anew. */
export function compileText(text: string, functions: FunctionLookup): Compiled {
  if (text.length > limits.lengthMax) {
    const message = `a template has at most ${limits.lengthMax} characters, found ${text.length}`
    return failed(problem("ORK0307", message, { start: 0, end: text.length }))
  }
  let nodes: readonly Node[]
  try {
    nodes = parse(text)
  } catch (error) {
    if (error instanceof SyntaxProblem) return failed(error.problem)
    throw error
  }
  const checked = check(nodes, functions)
  if (checked.errors.length > 0) return { template: undefined, checked }
  return { template: templateOf(text, nodes, { checked, functions }), checked }
}

interface Known {
  readonly checked: Checked
  readonly functions: FunctionLookup
}

function templateOf(text: string, nodes: readonly Node[], { checked, functions }: Known): CompiledTemplate {
  const source: Source = { nodes, functions }
  const built = lazily(text, source)
  // What a function reads is read where it is called.
  const borrowed = checked.ownCalls.flatMap(({ name, start, end }) =>
    (functions.readBy(name) ?? []).map(({ path }) => ({ path, start, end, by: name })),
  )
  const refs = [...refsOf(nodes), ...borrowed].toSorted((a, b) => a.start - b.start)
  const template: CompiledTemplate = {
    text,
    isStatic: false,
    refs,
    impurity: checked.impurity,
    render: (scope) => render(built(), scope),
    compute: (run) => compute(built(), run),
  }
  sources.set(template, source)
  return template
}

interface Source {
  nodes: readonly Node[] | undefined
  readonly functions: FunctionLookup
}

const sources = new WeakMap<Template, Source>()

/** The nodes of a template and what it may call, for checks that come before the first render. */
export function sourceOf(template: Template): { readonly nodes: readonly Node[]; readonly functions: FunctionLookup } {
  const { nodes = parse(template.text), functions = builtins } = sources.get(template) ?? {}
  return { nodes, functions }
}

/** Code is made at the first render: most of the cost of a template, and a Katalog that is only checked needs none. */
function lazily(text: string, source: Source): () => Built {
  let built: Built | undefined
  return () => {
    if (built === undefined) {
      built = build(text, source.nodes ?? parse(text), source.functions)
      source.nodes = undefined
    }
    return built
  }
}

function build(text: string, nodes: readonly Node[], functions: FunctionLookup): Built {
  const single = nodes.length === 1 ? nodes[0] : undefined
  const typed = single?.kind === "action" && single.pipeline.variables.length === 0
  const generated = generate(nodes, typed, functions)
  return {
    text,
    steps: generated.steps,
    sites: generated.sites,
    renderer: compileCode(generated),
    measured: typed && hasCall(single.pipeline.expr),
  }
}

function hasCall(expr: Expr): boolean {
  return expr.kind === "call" || (expr.kind === "field" && hasCall(expr.target))
}

interface Built {
  readonly text: string
  readonly steps: number
  readonly sites: readonly Site[]
  readonly renderer: Renderer
  /** The result can be a value that functions built, so its size is looked at. */
  readonly measured: boolean
}

function render(built: Built, scope: TemplateScope): Result<unknown, TemplateFailure> {
  const run = new Run({ nowMs: scope.nowMs, random: scope.random, steps: 0, root: scope.data })
  const { spent } = scope
  try {
    if (spent && spent.steps > limits.sharedStepsMax) {
      budgetFailure(`all templates together take more than ${limits.sharedStepsMax} steps`)
    }
    return ok(compute(built, run))
  } catch (error) {
    return err(failureOf(built, run, error))
  } finally {
    if (spent) spent.steps += run.steps
  }
}

function compute(built: Built, run: Run): unknown {
  run.charge(built.steps)
  const value = built.renderer(run, run.root)
  if (typeof value === "string") {
    run.fits(value.length)
    return value
  }
  if (built.measured) measure(value, run)
  return kindOf(value) === "null" ? undefined : value
}

function failureOf(built: Built, run: Run, error: unknown): TemplateFailure {
  const site = built.sites[run.at]
  const place = { start: site?.start ?? 0, end: site?.end ?? built.text.length }
  if (error instanceof Failure) {
    const isOwn =
      error.code === "template/budget" || site === undefined || site.name === "fail" || site.name === "required"
    return { code: error.code, message: isOwn ? error.message : `${site.name}: ${error.message}`, ...place }
  }
  // The engine's own bounds, the last line of defence behind ours: stack and length of a text.
  if (error instanceof RangeError) return { code: "template/budget", message: error.message, ...place }
  throw error
}
