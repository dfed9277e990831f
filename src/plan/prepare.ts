import { err, ok, type Result } from "../base/mod.ts"
import { type CrdSpec, type MotifSpec, type MutationSpec, targetOf } from "../katalog/mod.ts"
import { getPath, isRecord } from "../kube/mod.ts"
import { compileGate, type Gate } from "./conditions.ts"
import { convert } from "./convert.ts"
import { type InputsPlan, inputsRefs, inputsSource, withInputs } from "./inputs.ts"
import { type Contexts, checkBareInputs } from "./notes.ts"
import { compileValue, type RenderFailure, type RenderScope, type ValueTemplate, whereOf } from "./value.ts"

type Failures = readonly RenderFailure[]

/** What happens to a custom resource, in memory, before anything is made of it. */
export interface PreparePlan {
  readonly normalize: readonly NormalizePlan[]
  readonly mutations: readonly MutationPlan[]
  /** True: what they set is written to the custom resource. */
  readonly persist: boolean
  readonly validations: readonly ValidationPlan[]
}

/** One path of the custom resource that is read with another value. */
export interface NormalizePlan {
  readonly path: readonly string[]
  readonly value: ValueTemplate
  readonly where: string
  /** The inputs of the Motif that it comes from. */
  readonly inputs: InputsPlan | undefined
}

/** One field that is set while its gate is open. */
export interface MutationPlan {
  readonly field: ValueTemplate
  readonly mode: MutationSpec["mode"]
  readonly value: ValueTemplate
  readonly valueType: MutationSpec["valueType"]
  /** False: only where a custom resource is admitted. */
  readonly atReconcile: boolean
  readonly gate: Gate
  readonly where: string
  readonly inputs: InputsPlan | undefined
}

/** One thing that must hold while its gate is open. */
export interface ValidationPlan {
  readonly must: Gate
  readonly message: ValueTemplate
  readonly action: "deny" | "warn"
  readonly gate: Gate
  readonly where: string
  readonly inputs: InputsPlan | undefined
}

/** Compiles `normalize`, `mutation` and `validation` of an operator; what comes from a Motif as its content. */
export function compilePrepare({ prepare }: CrdSpec, contexts: Contexts): PreparePlan {
  const part = ({ at, motif }: { readonly at: string; readonly motif?: MotifSpec }) => {
    const compile = contexts.of(motif, false)
    const value = (written: unknown, key: string) => compileValue(written, `${at}${key}`, compile)
    return { compile, value, shared: { where: whereOf(compile.spans, at), inputs: contexts.inputs(motif) } }
  }
  return {
    normalize: prepare.normalize.map((rule) => {
      const { value, shared } = part(rule)
      return { ...shared, path: ["spec", ...rule.path], value: value(rule.value, "") }
    }),
    mutations: prepare.mutations.map((rule) => {
      const { compile, value, shared } = part(rule)
      const { field, mode, valueType, atReconcile, when, or } = rule
      checkBareInputs(rule, compile)
      const gate = compileGate(when, or, compile)
      const set = value(rule.value, `.${mode}`)
      return { ...shared, field: value(field, ".field"), mode, value: set, valueType, atReconcile, gate }
    }),
    persist: prepare.persist,
    validations: prepare.validations.map((rule) => {
      const { compile, value, shared } = part(rule)
      const { must, message, action, when, or } = rule
      checkBareInputs(rule, compile)
      const gate = compileGate(when, or, compile)
      return { ...shared, must: compileGate([must], [], compile), message: value(message, ".message"), action, gate }
    }),
  }
}

/** The gates of a plan. */
export function prepareGates({ mutations, validations }: PreparePlan): readonly Gate[] {
  return [...mutations.map(({ gate }) => gate), ...validations.flatMap(({ must, gate }) => [must, gate])]
}

/** What the templates and conditions of a plan read. */
export function prepareRefs(plan: PreparePlan): readonly (readonly string[])[] {
  const templates = [
    ...plan.normalize.map(({ value }) => value),
    ...plan.mutations.flatMap(({ field, value }) => [field, value]),
    ...plan.validations.map(({ message }) => message),
  ]
  const inputs = [...plan.normalize, ...plan.mutations, ...plan.validations].map((part) => part.inputs)
  return [...[...templates, ...prepareGates(plan)].flatMap(({ refs }) => refs), ...inputs.flatMap(inputsRefs)]
}

/** The meaning of a plan: part of a fingerprint. */
export function prepareSource({ normalize, mutations, persist, validations }: PreparePlan): unknown {
  return [
    persist,
    normalize.map(({ path, value, inputs }) => [path, value.source, inputsSource(inputs)]),
    mutations.map(({ field, mode, value, valueType, atReconcile, gate, inputs }) => [
      field.source,
      mode,
      value.source,
      valueType,
      atReconcile,
      gate.source,
      inputsSource(inputs),
    ]),
    validations.map(({ must, message, action, gate, inputs }) => [
      must.source,
      message.source,
      action,
      gate.source,
      inputsSource(inputs),
    ]),
  ]
}

/** What a mutation does to one custom resource, and until when. */
export type Mutated = {
  /** When the passing of time alone may change the answer; Infinity: never. */
  readonly nextChangeMs: number
} & (
  | { readonly kind: "set"; readonly path: readonly string[]; readonly value: unknown }
  | { readonly kind: "keep" }
  | { readonly kind: "failed"; readonly failures: Failures }
)

/** The value of one normalised path. */
export function renderNormalize({ value, inputs }: NormalizePlan, outer: RenderScope): Result<unknown, Failures> {
  const scope = withInputs(inputs, outer)
  return scope.ok ? value.render(scope.value) : scope
}

/** Evaluates one mutation. */
export function renderMutation(mutation: MutationPlan, outer: RenderScope): Mutated {
  const scoped = withInputs(mutation.inputs, outer)
  if (!scoped.ok) return { kind: "failed", failures: scoped.error, nextChangeMs: Number.POSITIVE_INFINITY }
  const scope = scoped.value
  const judged = mutation.gate.judge(scope)
  if (!judged.ok) return { kind: "failed", failures: judged.error, nextChangeMs: Number.POSITIVE_INFINITY }
  const { open, nextChangeMs } = judged.value
  if (!open) return { kind: "keep", nextChangeMs }
  const path = pathOf(mutation, scope)
  if (!path.ok) return { kind: "failed", failures: path.error, nextChangeMs }
  if (mutation.mode === "default" && !isEmpty(getPath(scope.data, path.value))) return { kind: "keep", nextChangeMs }
  const value = mutation.value.render(scope)
  if (!value.ok) return { kind: "failed", failures: value.error, nextChangeMs }
  const typed = convert(value.value, mutation.valueType)
  if (!typed.ok) return { kind: "failed", failures: failed(mutation.where, typed.error), nextChangeMs }
  if (typed.value === undefined) return { kind: "keep", nextChangeMs }
  return { kind: "set", path: path.value, value: typed.value, nextChangeMs }
}

function pathOf({ field, where }: MutationPlan, scope: RenderScope): Result<readonly string[], Failures> {
  const text = field.render(scope)
  if (!text.ok) return text
  const path = typeof text.value === "string" ? targetOf(text.value) : undefined
  if (path !== undefined) return ok(path)
  return err(
    failed(where, `"${String(text.value ?? "")}" is no path below spec, metadata.labels or metadata.annotations`),
  )
}

function failed(where: string, message: string): Failures {
  return [{ code: "template/type", where, message }]
}

// 0 and false are values that somebody chose.
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true
  return Array.isArray(value) ? value.length === 0 : isRecord(value) && Object.keys(value).length === 0
}

/** What a rule says about one custom resource: undefined while it holds, or does not apply. */
export interface Checked {
  readonly violation: string | undefined
  /** When the passing of time alone may change the answer; Infinity: never. */
  readonly nextChangeMs: number
}

/** Evaluates one rule. */
export function renderValidation(rule: ValidationPlan, outer: RenderScope): Result<Checked, Failures> {
  const scoped = withInputs(rule.inputs, outer)
  if (!scoped.ok) return scoped
  const scope = scoped.value
  const applies = rule.gate.judge(scope)
  if (!applies.ok) return applies
  if (!applies.value.open) return ok({ violation: undefined, nextChangeMs: applies.value.nextChangeMs })
  const holds = rule.must.judge(scope)
  if (!holds.ok) return holds
  const nextChangeMs = Math.min(applies.value.nextChangeMs, holds.value.nextChangeMs)
  if (holds.value.open) return ok({ violation: undefined, nextChangeMs })
  const message = rule.message.render(scope)
  if (!message.ok) return message
  return ok({ violation: String(message.value ?? ""), nextChangeMs })
}
