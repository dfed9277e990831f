import { OrkError } from "../../base/mod.ts"
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
  renderEntry,
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
    const result = renderEntry(resource, scope)
    reportFailures(pass, result)
    revisitAt(pass, result.nextChangeMs)
    for (const wait of result.waits) {
      pass.complete = false
      pass.marks.waits.push(wait)
    }
    for (const rendered of result.rendered) {
      const complete = finish(pass, rendered)
      if (complete) desired.push(complete)
    }
  }
  pass.desired = withoutDoubles(pass, desired)
  return "next"
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

/** Namespace, types, name and ownership of one rendered object; undefined when something of it is wrong. */
function finish(pass: Pass, rendered: Rendered): Desired | undefined {
  const { gvk, where } = rendered.resource
  const resource = pass.ports.resourceOf(gvk)
  if (!resource) {
    pass.complete = false
    pass.marks.waits.push(`kind ${formatGroupKind(gvk)} (${apiVersionOf(gvk)}): the cluster does not serve it`)
    return undefined
  }
  const typed = coerce(rendered.object, pass.ports.schemas.root(gvk), pass.ports.schemas)
  if (!typed.ok) {
    for (const error of typed.error) {
      fail(pass, rendered.id, { code: "template/type", where, message: `${error.path}: ${error.message}` })
    }
    return undefined
  }
  // Coercion keeps the shape of an object that had apiVersion, kind and metadata.
  const object = withNamespace(pass, typed.value as KubeObject, resource)
  const problem = nameProblemOf(object, gvk.group) ?? scopeProblem(object, resource)
  if (problem) {
    fail(pass, rendered.id, { code: "render/scope", where, message: `${describeObject(object)}: ${problem}` })
    return undefined
  }
  return { rendered, resource, key: keyOf(object), object: stamp(pass.cr, rendered, object) }
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
