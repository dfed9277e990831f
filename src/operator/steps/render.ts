import { err, OrkError, ok, type Result } from "../../base/mod.ts"
import {
  apiVersionOf,
  coerce,
  describeObject,
  formatGroupKind,
  isRecord,
  isTerminating,
  type KubeObject,
  keyOf,
  nameProblem,
  type ResourceInfo,
} from "../../kube/mod.ts"
import {
  type EntryResult,
  type Rendered,
  type RenderFailure,
  renderInParts,
  type SourceAnswer,
  type SourceRef,
} from "../../plan/mod.ts"
import { childId } from "../inventory.ts"
import { stamp } from "../ownership.ts"
import { type Desired, type Pass, revisitAt } from "../pass.ts"
import { scopeOf } from "../scope.ts"

/** Templates to typed, stamped objects. An entry that fails is marked and left out; the others go on. */
export async function render(pass: Pass): Promise<"next"> {
  const scope = { ...scopeOf(pass), sources: (ref: SourceRef) => sourceOf(pass, ref) }
  const desired: Desired[] = []
  for (const resource of pass.plan.resources) {
    const result = await inTurns(pass, renderInParts(resource, scope))
    reportFailures(pass, result)
    revisitAt(pass, result.nextChangeMs)
    for (const wait of result.waits) {
      pass.complete = false
      pass.marks.waits.push(wait)
    }
    for (const rendered of result.rendered) {
      const complete = finish(pass, rendered)
      if (complete.ok) desired.push(complete.value)
      else leaveOut(pass, rendered.id, complete.error)
      await pass.ports.turn()
    }
  }
  pass.desired = withoutDoubles(pass, desired)
  return "next"
}

/** Hundreds of elements are rendered without holding up other operators. */
async function inTurns<T>(pass: Pass, parts: Generator<void, T>): Promise<T> {
  for (;;) {
    const part = parts.next()
    await pass.ports.turn()
    if (part.done) return part.value
  }
}

/** What an entry copies; an object that is going is as good as gone. */
function sourceOf({ reads }: Pass, ref: SourceRef): SourceAnswer {
  const found = reads.get(ref)
  return typeof found !== "string" && isTerminating(found) ? "missing" : found
}

function reportFailures(pass: Pass, result: EntryResult): void {
  for (const failure of result.failures) fail(pass, result.resource.id, failure)
}

function fail(pass: Pass, id: string, failure: RenderFailure): void {
  pass.complete = false
  const message = `${id} (${failure.where}): ${failure.message}`
  const error = new OrkError(failure.code, message, { entry: id, where: failure.where })
  pass.marks.problems.push({ reason: "TemplateError", message, terminal: true, error })
}

/** Why an object cannot be made: its kind is not there yet, or something of it is wrong. */
export type Unfinished = { readonly wait: string } | { readonly failures: readonly RenderFailure[] }

function leaveOut(pass: Pass, id: string, why: Unfinished): void {
  if ("failures" in why) for (const failure of why.failures) fail(pass, id, failure)
  else {
    pass.complete = false
    pass.marks.waits.push(why.wait)
  }
}

/** Namespace, types, name and ownership of one rendered object. */
export function finish(pass: Pass, rendered: Rendered): Result<Desired, Unfinished> {
  const { gvk, where } = rendered.resource
  const resource = pass.ports.resourceOf(gvk)
  if (!resource) {
    return err({ wait: `kind ${formatGroupKind(gvk)} (${apiVersionOf(gvk)}): the cluster does not serve it` })
  }
  const typed = coerce(rendered.object, pass.ports.schemas.root(gvk), pass.ports.schemas)
  if (!typed.ok) {
    const failures = typed.error.map(({ path, message }) => `${path}: ${message}`)
    return err({ failures: failures.map((message) => ({ code: "template/type", where, message })) })
  }
  // Coercion keeps the shape of an object that had apiVersion, kind and metadata.
  const object = withNamespace(pass, typed.value as KubeObject, resource)
  const problem = nameProblemOf(object, gvk.group) ?? scopeProblem(object, resource)
  if (problem) {
    const message = `${describeObject(object)}: ${problem}`
    return err({ failures: [{ code: "render/scope", where, message }] })
  }
  return ok({ rendered, resource, key: keyOf(object), object: stamp(pass.cr, rendered, object) })
}

// Names of roles are path segments: `shop:reader` is one.
function nameProblemOf(object: KubeObject, group: string): string | undefined {
  const { name = "" } = object.metadata
  if (group !== "rbac.authorization.k8s.io") return nameProblem(name)
  return /^(\.\.?)?$|[/%]/.test(name) ? "must be a path segment, without '/' and '%'" : undefined
}

function withNamespace(pass: Pass, object: KubeObject, resource: ResourceInfo): KubeObject {
  if (!resource.namespaced || object.metadata.namespace) return object
  const namespace = pass.cr.metadata.namespace
  return namespace ? { ...object, metadata: { ...object.metadata, namespace } } : object
}

function scopeProblem(object: KubeObject, resource: ResourceInfo): string | undefined {
  if (resource.namespaced && !object.metadata.namespace) return "needs a namespace, its CR is cluster-scoped"
  if (!resource.namespaced && object.metadata.namespace) return "is cluster-scoped and cannot have a namespace"
  return isRecord(object["metadata"]) ? undefined : "has no metadata"
}

// Two entries that declare the same object would undo each other: neither is applied.
function withoutDoubles(pass: Pass, desired: readonly Desired[]): readonly Desired[] {
  const byId = Map.groupBy(desired, (item) => childId(item.resource.gvr, item.key))
  const kept: Desired[] = []
  for (const [first, ...others] of byId.values()) {
    if (!first) continue
    const [own, ...more] = [first, ...others].filter((item) => item.rendered.resource.inputs === undefined)
    if (others.length === 0) kept.push(first)
    // What the Katalog declares itself wins over its Motifs.
    else if (own && more.length === 0) kept.push(own)
    else {
      const ids = [first, ...others].map((item) => item.rendered.id).join(", ")
      const message = `${describeObject(first.object)} is declared by ${ids}; rename one`
      fail(pass, first.rendered.id, { code: "render/duplicate", where: first.rendered.resource.where, message })
    }
  }
  return kept
}
