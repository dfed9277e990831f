import { err, ok, type Result } from "../base/mod.ts"
import { type InputSpec, type InputValue, type MotifSpec, typedInput } from "../katalog/mod.ts"
import {
  type CompileContext,
  compileValue,
  type RenderFailure,
  type RenderScope,
  type ValueTemplate,
  whereOf,
} from "./value.ts"

/** The inputs of one Motif at one place, compiled: evaluated once for each pass over a custom resource. */
export interface InputsPlan {
  /** The Motif's id: `platform/cache`. */
  readonly motif: string
  /** The inputs that its own `with` may read. */
  readonly parent: InputsPlan | undefined
  readonly inputs: readonly InputPlan[]
}

/** One input: what is bound, and what counts when that yields nothing. */
export interface InputPlan {
  readonly name: string
  readonly type: InputSpec["type"]
  readonly required: boolean
  readonly value: ValueTemplate | undefined
  readonly fallback: ValueTemplate | undefined
  readonly where: string
}

/** Compiles the inputs of a Motif. `outer` compiles where the importer stands, `inner` where the Motif does. */
export function compileInputs(
  motif: MotifSpec,
  parent: InputsPlan | undefined,
  contexts: { readonly outer: CompileContext; readonly inner: CompileContext },
): InputsPlan {
  const compiled = (part: InputValue | undefined, context: CompileContext) =>
    part && compileValue(part.value, part.at, context)
  const inputs = motif.inputs.map(({ name, type, required, value, fallback, at }) => ({
    name,
    type,
    required,
    value: compiled(value, contexts.outer),
    fallback: compiled(fallback, contexts.inner),
    where: whereOf(contexts.inner.spans, value?.at ?? at),
  }))
  return { motif: motif.id, parent, inputs }
}

/** The plain data behind a plan: what a fingerprint is made of. */
export function inputsSource(plan: InputsPlan | undefined): unknown {
  return (
    plan && {
      motif: plan.motif,
      parent: inputsSource(plan.parent),
      inputs: plan.inputs.map(({ where: _place, ...input }) => ({
        ...input,
        value: input.value?.source,
        fallback: input.fallback?.source,
      })),
    }
  )
}

/** Everything that the inputs of a plan and of its parents read. */
export function inputsRefs(plan: InputsPlan | undefined): readonly (readonly string[])[] {
  if (plan === undefined) return []
  const own = plan.inputs.flatMap(({ value, fallback }) => [...(value?.refs ?? []), ...(fallback?.refs ?? [])])
  return [...own, ...inputsRefs(plan.parent)]
}

type Scoped = Result<RenderScope, readonly RenderFailure[]>

/** What was evaluated for a scope: the entries of one Motif share it. */
const known = new WeakMap<RenderScope, Map<InputsPlan, Scoped>>()

/** The scope in which a Motif's content is evaluated: the given one, with its inputs. */
export function withInputs(plan: InputsPlan | undefined, scope: RenderScope): Scoped {
  if (plan === undefined) return ok(scope)
  const results = known.get(scope) ?? new Map<InputsPlan, Scoped>()
  known.set(scope, results)
  const found = results.get(plan) ?? evaluate(plan, scope)
  results.set(plan, found)
  return found
}

function evaluate(plan: InputsPlan, scope: RenderScope): Scoped {
  const outer = withInputs(plan.parent, scope)
  if (!outer.ok) return outer
  const inputs: Record<string, unknown> = {}
  const failures: RenderFailure[] = []
  for (const input of plan.inputs) {
    const value = boundValue(input, outer.value, { ...scope, data: { ...scope.data, inputs: {} } })
    if (!value.ok) {
      const message = (one: RenderFailure) => `input "${input.name}" of Motif "${plan.motif}": ${one.message}`
      failures.push(...value.error.map((one) => ({ ...one, message: message(one) })))
    } else if (value.value !== undefined) inputs[input.name] = value.value
  }
  return failures.length > 0 ? err(failures) : ok({ ...scope, data: { ...scope.data, inputs } })
}

function boundValue(
  input: InputPlan,
  outer: RenderScope,
  inner: RenderScope,
): Result<unknown, readonly RenderFailure[]> {
  const fail = (code: RenderFailure["code"], message: string) => err([{ code, where: input.where, message }])
  for (const [template, scope] of [
    [input.value, outer],
    [input.fallback, inner],
  ] as const) {
    const rendered = template?.render(scope)
    if (rendered === undefined) continue
    if (!rendered.ok) return rendered
    const typed = typedInput(rendered.value, input.type)
    if (!typed.ok) return fail("template/type", typed.error)
    if (typed.value !== undefined) return typed
  }
  return input.required
    ? fail("template/missing", "is required, and what is bound to it yields nothing")
    : ok(undefined)
}
