import { err, ok, type Result } from "../base/mod.ts"
import { coerce, type Gvk, type KubeObject, memberOf, prune, type SchemaSet, withPath } from "../kube/mod.ts"
import { type PreparePlan, renderMutation, renderNormalize, renderValidation } from "./prepare.ts"
import type { RenderFailure, RenderScope } from "./value.ts"

/** The part of an operator's plan that comes before its entries. */
export interface Preparing {
  readonly gvk: Gvk
  readonly prepare: PreparePlan
}

/** A custom resource as templates see it. */
export interface Prepared {
  readonly object: KubeObject
  /** How many fields `mutation` has set. */
  readonly count: number
  /** When the passing of time alone may change it; Infinity: never. */
  readonly nextChangeMs: number
  /** What could not be made; the object is of no use then. */
  readonly failures: readonly RenderFailure[]
}

/** `cr` with what `normalize` and `mutation` say; `scope` is that of the custom resource as it is written. */
export function prepareObject(
  { gvk, prepare }: Preparing,
  cr: KubeObject,
  { scope, schemas }: { readonly scope: RenderScope; readonly schemas: SchemaSet },
): Prepared {
  const failures: RenderFailure[] = []
  let [object, count, nextChangeMs] = [cr, 0, Number.POSITIVE_INFINITY]
  const set = (path: readonly string[], value: unknown, where: string) => {
    const typed = typedAt({ gvk, schemas }, path, { value, where })
    if (!typed.ok) failures.push(...typed.error)
    else if (typed.value !== undefined) object = withPath(object, path, typed.value) as KubeObject // its header stays
    return typed.ok && typed.value !== undefined
  }
  for (const rule of prepare.normalize) {
    const result = renderNormalize(rule, scope)
    if (!result.ok) failures.push(...result.error)
    else if (result.value !== undefined && result.value !== null) set(rule.path, result.value, rule.where)
  }
  for (const mutation of prepare.mutations) {
    if (!mutation.atReconcile) continue
    const result = renderMutation(mutation, scopeOfPrepared(scope, object))
    nextChangeMs = Math.min(nextChangeMs, result.nextChangeMs)
    if (result.kind === "failed") failures.push(...result.failures)
    else if (result.kind === "set" && set(result.path, result.value, mutation.where)) count++
  }
  return { object, count, nextChangeMs, failures }
}

/** `scope` with what templates see of a prepared custom resource. */
export function scopeOfPrepared(scope: RenderScope, { metadata, spec }: KubeObject): RenderScope {
  return { ...scope, data: { ...scope.data, metadata, spec } }
}

/** The value in the type that the CRD's schema gives its place; where it has none, as it is. */
function typedAt(
  { gvk, schemas }: { readonly gvk: Gvk; readonly schemas: SchemaSet },
  path: readonly string[],
  { value, where }: { readonly value: unknown; readonly where: string },
): Result<unknown, readonly RenderFailure[]> {
  let schema = schemas.root(gvk)
  for (const step of path) schema = schema && memberOf(schemas.resolve(schema), step)
  const text = path[0] === "metadata" ? String(value) : value
  if (schema === undefined) return ok(text)
  const typed = coerce(prune(text, schema, schemas).value, schema, schemas)
  if (typed.ok) return typed
  return err(
    typed.error.map(({ message }) => ({ code: "template/type", where, message: `${path.join(".")} ${message}` })),
  )
}

/** What the rules of an operator say about one prepared custom resource. */
export interface Judged {
  readonly denied: readonly string[]
  readonly warned: readonly string[]
  /** When the passing of time alone may change it; Infinity: never. */
  readonly nextChangeMs: number
  readonly failures: readonly RenderFailure[]
}

/** Evaluates all rules; `scope` is that of the prepared custom resource. */
export function judgeRules({ validations }: PreparePlan, scope: RenderScope): Judged {
  const checked = validations.map((rule) => ({ rule, result: renderValidation(rule, scope) }))
  const broken = (action: "deny" | "warn") =>
    checked.flatMap(({ rule, result }) => {
      if (rule.action !== action || !result.ok || result.value.violation === undefined) return []
      return [result.value.violation]
    })
  return {
    denied: broken("deny"),
    warned: broken("warn"),
    nextChangeMs: Math.min(
      Number.POSITIVE_INFINITY,
      ...checked.flatMap(({ result }) => (result.ok ? [result.value.nextChangeMs] : [])),
    ),
    failures: checked.flatMap(({ result }) => (result.ok ? [] : result.error)),
  }
}
