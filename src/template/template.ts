import { assert, type Code, err, Lru, ok, type Random, type Result } from "../base/mod.ts"
import type { Expr, Node } from "./ast.ts"
import { type Checked, check } from "./check.ts"
import { compileCode, type Renderer } from "./engine.ts"
import type { Purity } from "./functions/define.ts"
import { generate, type Site } from "./generate.ts"
import { limits } from "./limits.ts"
import { parse } from "./parser.ts"
import { problem, SyntaxProblem, type TemplateError } from "./problem.ts"
import { refsOf, type TemplateRef } from "./refs.ts"
import { Failure, Run } from "./run.ts"
import { kindOf, measure } from "./values.ts"

/** What a template may read. */
export interface TemplateScope {
  /** The root: what `.` and `$` are at the start. */
  readonly data: Readonly<Record<string, unknown>>
  readonly nowMs: number
  readonly random: Random
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
}

interface Compiled {
  readonly template: Template | undefined
  readonly checked: Checked
}

/** Longer texts are compiled when they are asked for: their owners keep the template. */
const cachedLengthMax = 16_384
const cache = new Lru<string, Compiled>(limits.cachedMax)

/** The template behind a text, or all mistakes in it. Short texts are kept, so asking again is cheap. */
export function compile(text: string, options: CompileOptions = {}): Result<Template, readonly TemplateError[]> {
  if (!text.includes("{{")) return ok(staticTemplate(text))
  let compiled = cache.get(text)
  if (compiled === undefined) {
    compiled = compileText(text)
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
  return { template: undefined, checked: { errors: [error], randomErrors: [], warnings: [], impurity: "pure" } }
}

function compileText(text: string): Compiled {
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
  const checked = check(nodes)
  if (checked.errors.length > 0) return { template: undefined, checked }
  return { template: templateOf(text, nodes, checked.impurity), checked }
}

function templateOf(text: string, nodes: readonly Node[], impurity: Purity): Template {
  const built = lazily(text, nodes)
  return { text, isStatic: false, refs: refsOf(nodes), impurity, render: (scope) => render(built(), scope) }
}

/** Code is made at the first render: most of the cost of a template, and a Katalog that is only checked needs none. */
function lazily(text: string, nodes: readonly Node[]): () => Built {
  let built: Built | undefined
  let source = nodes
  return () => {
    if (built === undefined) {
      built = build(text, source)
      source = []
    }
    return built
  }
}

function build(text: string, nodes: readonly Node[]): Built {
  const single = nodes.length === 1 ? nodes[0] : undefined
  const typed = single?.kind === "action" && single.pipeline.variables.length === 0
  const generated = generate(nodes, typed)
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
  const run = new Run({ nowMs: scope.nowMs, random: scope.random, steps: built.steps })
  try {
    const value = built.renderer(run, scope.data)
    if (typeof value === "string") {
      run.fits(value.length)
      return ok(value)
    }
    if (built.measured) measure(value, run)
    return ok(kindOf(value) === "null" ? undefined : value)
  } catch (error) {
    return err(failureOf(built, run, error))
  }
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
