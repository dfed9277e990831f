import { err, formatDuration, ok, type Result } from "../base/mod.ts"
import { getPath, isKubeObject, isRecord, type KubeObject } from "../kube/mod.ts"
import { renderAutoscale, type ScaleWish } from "./autoscale.ts"
import { type ChildStatus, renderChildStatus } from "./child-status.ts"
import { convert } from "./convert.ts"
import { copyInto, home, sourceRef } from "./copies.ts"
import { renderTls, type TlsRequest } from "./generated.ts"
import { withInputs } from "./inputs.ts"
import type { ResourcePlan, StatusFieldPlan } from "./plan.ts"
import type { RenderFailure, RenderScope, SourceAnswer, SourceRef } from "./value.ts"

/** One object that should exist, as its entry declares it: without owner, labels of ours or a default namespace. */
export interface Rendered {
  readonly resource: ResourcePlan
  /** The entry's id, with the `forEach` key where there is one. */
  readonly id: string
  readonly object: KubeObject
  /** The certificate that is generated when the object is written. */
  readonly tls: TlsRequest | undefined
  /** What the conditions of its `autoscale` ask for. */
  readonly scale: ScaleWish | undefined
  /** What is written on its status. */
  readonly status: ChildStatus | undefined
}

/** What became of an entry: objects, a closed gate, or failures. */
export interface EntryResult {
  readonly resource: ResourcePlan
  readonly rendered: readonly Rendered[]
  readonly failures: readonly RenderFailure[]
  /** What must be there first: the source of a copy. */
  readonly waits: readonly string[]
  readonly gated: boolean
  /** When the passing of time alone opens or closes the entry's gate; Infinity: never. */
  readonly nextChangeMs: number
}

const elementsMax = 1_000

/** Renders one entry: pure, the same scope gives the same objects. */
export function renderEntry(resource: ResourcePlan, outer: RenderScope): EntryResult {
  const parts = renderInParts(resource, outer)
  for (;;) {
    const part = parts.next()
    if (part.done) return part.value
  }
}

/** The same, which stops after each element: whoever has other work to do can do it there. */
export function* renderInParts(resource: ResourcePlan, outer: RenderScope): Generator<void, EntryResult> {
  const scoped = withInputs(resource.inputs, outer)
  if (!scoped.ok) return failed(resource, scoped.error)
  const scope = scoped.value
  const elements = elementsOf(resource, scope)
  if (!elements.ok) return failed(resource, elements.error)
  const rendered: Rendered[] = []
  const failures: RenderFailure[] = []
  const waits: string[] = []
  let gated = elements.value.length > 0
  let nextChangeMs = Number.POSITIVE_INFINITY
  for (const [at, { key, data }] of elements.value.entries()) {
    if (at > 0) yield
    const local: RenderScope = { ...scope, data: { ...scope.data, ...data } }
    const judged = resource.gate.judge(local)
    if (!judged.ok) failures.push(...judged.error)
    else nextChangeMs = Math.min(nextChangeMs, judged.value.nextChangeMs)
    if (!judged.ok || !judged.value.open) continue
    gated = false
    const wakesAtMs = resource.sleep > 0 ? bornMs(scope) + resource.sleep : 0
    if (wakesAtMs > scope.nowMs) {
      nextChangeMs = Math.min(nextChangeMs, wakesAtMs)
      waits.push(`${resource.id}: made ${formatDuration(resource.sleep)} after its custom resource`)
      continue
    }
    const objects = renderObjects(resource, key, local)
    if (!objects.ok) failures.push(...objects.error)
    else if (typeof objects.value === "string") waits.push(objects.value)
    else rendered.push(...objects.value)
  }
  return { resource, rendered, failures, waits, gated: gated && failures.length === 0, nextChangeMs }
}

// A custom resource that only stands in a file was never made: nothing waits for it.
function bornMs({ data }: RenderScope): number {
  const made = Date.parse(String(getPath(data, ["metadata", "creationTimestamp"])))
  return Number.isNaN(made) ? 0 : made
}

function failed(resource: ResourcePlan, failures: readonly RenderFailure[]): EntryResult {
  return { resource, rendered: [], failures, waits: [], gated: false, nextChangeMs: Number.POSITIVE_INFINITY }
}

/** The objects of one element, or what they wait for. */
function renderObjects(
  resource: ResourcePlan,
  key: string | undefined,
  scope: RenderScope,
): Result<readonly Rendered[] | string, readonly RenderFailure[]> {
  const id = key === undefined ? resource.id : `${resource.id}[${key}]`
  const object = resource.object.render(scope)
  if (!object.ok) return object
  if (!isKubeObject(object.value)) return err([shapeless(resource)])
  const source = resource.source && sourceRef(resource.source, scope)
  if (source && !source.ok) return source
  const original: SourceAnswer | undefined = source && (scope.sources?.(source.value) ?? "missing")
  if (typeof original === "string") return ok(`${describeRef(source?.value)}: ${sourceWaits[original]}`)
  const made = original ? copyInto(object.value, original, resource.source?.parts ?? []) : object.value
  const objects = placed(resource, made, scope)
  if (!objects.ok) return objects
  const plan = resource.generated?.tls
  const tls = plan && renderTls(plan, scope)
  if (tls && !tls.ok) return tls
  const scale = resource.autoscale && renderAutoscale(resource.autoscale, scope)
  if (scale && !scale.ok) return scale
  const status = resource.childStatus && renderChildStatus(resource.childStatus, scope)
  if (status && !status.ok) return status
  const isItself = ({ metadata }: KubeObject) =>
    source?.value.name === metadata.name && source?.value.namespace === (metadata.namespace ?? home(scope))
  if (!resource.toNamespaces && objects.value.some(isItself)) {
    return err([
      { code: "render/duplicate", where: resource.where, message: "the entry would copy its source onto itself" },
    ])
  }
  return ok(
    objects.value
      .filter((one) => !isItself(one))
      .map((one) => ({
        resource,
        id: resource.toNamespaces ? `${id}[${one.metadata.namespace}]` : id,
        object: one,
        tls: tls?.value,
        scale: scale?.value,
        status: status?.value,
      })),
  )
}

const sourceWaits = {
  missing: "to be copied, but it does not exist",
  pending: "to be copied, its kind is still being listed",
}

function describeRef(ref: SourceRef | undefined): string {
  return ref ? `${ref.gvk.kind}/${ref.namespace}/${ref.name}` : ""
}

/** The object in each of its namespaces. */
function placed(
  resource: ResourcePlan,
  object: KubeObject,
  scope: RenderScope,
): Result<readonly KubeObject[], readonly RenderFailure[]> {
  if (!resource.toNamespaces) return ok([object])
  const namespaces = namespacesOf(resource, resource.toNamespaces.render(scope))
  if (!namespaces.ok) return namespaces
  return ok(namespaces.value.map((namespace) => ({ ...object, metadata: { ...object.metadata, namespace } })))
}

function namespacesOf(
  resource: ResourcePlan,
  rendered: Result<unknown, readonly RenderFailure[]>,
): Result<readonly string[], readonly RenderFailure[]> {
  if (!rendered.ok) return rendered
  const fail = (code: RenderFailure["code"], message: string) => err([{ code, where: resource.where, message }])
  const list = Array.isArray(rendered.value) ? rendered.value : [rendered.value ?? ""]
  const names = new Set(list.flat().filter((name) => name !== undefined && name !== null && name !== ""))
  if (names.size > elementsMax) {
    return fail("template/budget", `toNamespaces has ${names.size} namespaces, the limit is ${elementsMax}`)
  }
  const wrong = [...names].find((name) => typeof name === "object")
  if (wrong !== undefined) return fail("template/type", "toNamespaces needs a list of names")
  return ok([...names].map(String))
}

function shapeless(resource: ResourcePlan): RenderFailure {
  return { code: "template/type", where: resource.where, message: "the entry does not render to a Kubernetes object" }
}

/** One element of `forEach`, and what it adds to the data. */
export interface Element {
  readonly key: string | undefined
  readonly data: Readonly<Record<string, unknown>>
}

/** What an entry is rendered for: a list gives its items, a map its keys in order; nothing gives nothing. */
export function elementsOf(
  resource: ResourcePlan,
  scope: RenderScope,
): Result<readonly Element[], readonly RenderFailure[]> {
  const forEach = resource.forEach
  if (!forEach) return ok([{ key: undefined, data: {} }])
  const source = getPath(scope.data, forEach.path)
  if (source === undefined || source === null) return ok([])
  const element = (key: string, item: unknown, value: unknown, index: number): Element => ({
    key,
    data: { item, value, index, ...(forEach.as ? { [forEach.as]: item } : {}) },
  })
  const isList = Array.isArray(source)
  if (!isList && !isRecord(source)) {
    const message = `forEach needs a list or a map, found ${typeof source}`
    return err([{ code: "template/type", where: resource.where, message }])
  }
  const keys = isList ? [] : Object.keys(source)
  const count = isList ? source.length : keys.length
  if (count > elementsMax) {
    const message = `forEach has ${count} elements, the limit is ${elementsMax}`
    return err([{ code: "template/budget", where: resource.where, message }])
  }
  if (isList) return ok(source.map((item, index) => element(elementKey(item, index), item, item, index)))
  return ok(keys.sort().map((key, index) => element(key, key, source[key], index)))
}

// Scalars identify themselves, so that removing one from the middle does not rename the others.
function elementKey(item: unknown, index: number): string {
  if (isRecord(item) && typeof item["name"] === "string") return item["name"]
  return typeof item === "object" ? String(index) : String(item)
}

/** What a status field should be: a value to set, or `keep` when its conditions leave it alone. */
export type StatusFieldResult = (
  | { readonly kind: "set"; readonly value: unknown }
  | { readonly kind: "keep" }
  | { readonly kind: "failed"; readonly failures: readonly RenderFailure[] }
) & {
  /** When the passing of time alone opens or closes the field's gate; Infinity: never. */
  readonly nextChangeMs: number
}

/** Evaluates one status field. `undefined` in `set` means the field should be absent. */
export function renderStatusField(field: StatusFieldPlan, outer: RenderScope): StatusFieldResult {
  const never = Number.POSITIVE_INFINITY
  const scoped = withInputs(field.inputs, outer)
  if (!scoped.ok) return { kind: "failed", failures: scoped.error, nextChangeMs: never }
  const scope = scoped.value
  const judged = field.gate.judge(scope)
  if (!judged.ok) return { kind: "failed", failures: judged.error, nextChangeMs: never }
  const { open, nextChangeMs } = judged.value
  if (!open) return { ...closed(field), nextChangeMs }
  const value = field.value.render(scope)
  if (!value.ok) return { kind: "failed", failures: value.error, nextChangeMs }
  const typed = convert(value.value, field.type)
  if (typed.ok) return { kind: "set", value: typed.value, nextChangeMs }
  const message = `status.${field.path.join(".")}: ${typed.error}`
  return { kind: "failed", failures: [{ code: "template/type", where: field.where, message }], nextChangeMs }
}

// The empty text says "cleared" where a text may stand; a number or a boolean is taken away instead.
function closed(field: StatusFieldPlan): { kind: "set"; value: unknown } | { kind: "keep" } {
  if (!field.clearOnFalse) return { kind: "keep" }
  return { kind: "set", value: field.type === "native" || field.type === "string" ? "" : undefined }
}
