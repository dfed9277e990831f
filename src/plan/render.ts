import { err, ok, type Result } from "../base/mod.ts"
import { getPath, isKubeObject, isRecord, type KubeObject } from "../kube/mod.ts"
import type { ResourcePlan, StatusFieldPlan } from "./plan.ts"
import type { RenderFailure, RenderScope } from "./value.ts"

/** One object that should exist, as its entry declares it: without owner, labels of ours or a default namespace. */
export interface Rendered {
  readonly resource: ResourcePlan
  /** The entry's id, with the `forEach` key where there is one. */
  readonly id: string
  readonly object: KubeObject
}

/** What became of an entry: objects, a closed gate, or failures. */
export interface EntryResult {
  readonly resource: ResourcePlan
  readonly rendered: readonly Rendered[]
  readonly failures: readonly RenderFailure[]
  readonly gated: boolean
}

const forEachMax = 1_000

/** Renders one entry: pure, the same scope gives the same objects. */
export function renderEntry(resource: ResourcePlan, scope: RenderScope): EntryResult {
  const elements = elementsOf(resource, scope)
  if (!elements.ok) return { resource, rendered: [], failures: elements.error, gated: false }
  const rendered: Rendered[] = []
  const failures: RenderFailure[] = []
  let gated = elements.value.length > 0
  for (const { key, data } of elements.value) {
    const local: RenderScope = { ...scope, data: { ...scope.data, ...data } }
    const open = resource.gate.passes(local)
    if (!open.ok) failures.push(...open.error)
    if (!open.ok || !open.value) continue
    gated = false
    const object = resource.object.render(local)
    if (!object.ok) failures.push(...object.error)
    else if (!isKubeObject(object.value)) failures.push(shapeless(resource))
    else
      rendered.push({ resource, id: key === undefined ? resource.id : `${resource.id}[${key}]`, object: object.value })
  }
  return { resource, rendered, failures, gated: gated && failures.length === 0 }
}

function shapeless(resource: ResourcePlan): RenderFailure {
  return { code: "template/type", where: resource.where, message: "the entry does not render to a Kubernetes object" }
}

interface Element {
  readonly key: string | undefined
  readonly data: Readonly<Record<string, unknown>>
}

// A list gives its items, a map its keys in order; nothing gives nothing.
function elementsOf(resource: ResourcePlan, scope: RenderScope): Result<readonly Element[], readonly RenderFailure[]> {
  const forEach = resource.forEach
  if (!forEach) return ok([{ key: undefined, data: {} }])
  const source = getPath(scope.data, forEach.path)
  if (source === undefined || source === null) return ok([])
  const element = (key: string, item: unknown, value: unknown, index: number): Element => ({
    key,
    data: { item, value, index, ...(forEach.as ? { [forEach.as]: item } : {}) },
  })
  const elements = Array.isArray(source)
    ? source.map((item, index) => element(elementKey(item, index), item, item, index))
    : isRecord(source)
      ? Object.keys(source)
          .sort()
          .map((key, index) => element(key, key, source[key], index))
      : undefined
  if (!elements) {
    const message = `forEach needs a list or a map, found ${typeof source}`
    return err([{ code: "template/type", where: resource.where, message }])
  }
  if (elements.length <= forEachMax) return ok(elements)
  const message = `forEach has ${elements.length} elements, the limit is ${forEachMax}`
  return err([{ code: "template/budget", where: resource.where, message }])
}

// Scalars identify themselves, so that removing one from the middle does not rename the others.
function elementKey(item: unknown, index: number): string {
  if (isRecord(item) && typeof item["name"] === "string") return item["name"]
  return typeof item === "object" ? String(index) : String(item)
}

/** What a status field should be: a value to set, or `keep` when its conditions leave it alone. */
export type StatusFieldResult =
  | { readonly kind: "set"; readonly value: unknown }
  | { readonly kind: "keep" }
  | { readonly kind: "failed"; readonly failures: readonly RenderFailure[] }

/** Evaluates one status field. `undefined` in `set` means the field should be absent. */
export function renderStatusField(field: StatusFieldPlan, scope: RenderScope): StatusFieldResult {
  const open = field.gate.passes(scope)
  if (!open.ok) return { kind: "failed", failures: open.error }
  if (!open.value) return field.clearOnFalse ? { kind: "set", value: "" } : { kind: "keep" }
  const value = field.value.render(scope)
  if (!value.ok) return { kind: "failed", failures: value.error }
  const typed = convert(value.value, field.type)
  if (typed.ok) return { kind: "set", value: typed.value }
  const message = `status.${field.path.join(".")}: ${typed.error}`
  return { kind: "failed", failures: [{ code: "template/type", where: field.where, message }] }
}

function convert(value: unknown, type: StatusFieldPlan["type"]): Result<unknown, string> {
  if (value === undefined || value === null || type === "native") return ok(value ?? undefined)
  const text = typeof value === "object" ? JSON.stringify(value) : String(value)
  if (type === "string") return ok(text)
  if (type === "auto") return ok(guess(text))
  if (type === "bool") return /^(true|false)$/.test(text) ? ok(text === "true") : err(`"${text}" is not true or false`)
  const number = Number(text)
  if (text.trim() === "" || !Number.isFinite(number)) return err(`"${text}" is not a number`)
  return ok(type === "int" ? Math.trunc(number) : number)
}

function guess(text: string): unknown {
  if (text === "true" || text === "false") return text === "true"
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text
}
