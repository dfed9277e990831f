import { isRecord, type KubeObject } from "../object.ts"
import { getPath, withPath } from "../path.ts"
import { depthMax } from "../schema/schema.ts"
import {
  type FieldPath,
  type FieldSet,
  FieldSetBuilder,
  isEmptySet,
  noFields,
  pathsOf,
  union,
  withoutSubtrees,
} from "./field-set.ts"
import { stepShape } from "./merge.ts"
import { formOf, memberShape, namedMembers, type Shape } from "./shape.ts"
import structs from "./struct-members.json" with { type: "json" }

/** The members of the server's own types that are never absent there: structs that are no pointers. */
const structMembers: Readonly<Record<string, readonly string[]>> = structs

/**
 * `fields` as they read under today's schema: where a list or map has become atomic since they were written, the
 * paths into it become the path of it.
 */
export function reshapeFields(fields: FieldSet, shape: Shape): FieldSet {
  if (fitsAlready.get(fields) === shape) return fields
  const atomic = new FieldSetBuilder()
  walk(fields, { shape, path: [], isOwnedWhole: false }, atomic)
  if (!isEmptySet(atomic.set)) return union(withoutSubtrees(fields, atomic.set), atomic.set)
  fitsAlready.set(fields, shape)
  return fields
}

/** Sets in which nothing has become atomic, with the shape for which that was looked up. */
const fitsAlready = new WeakMap<FieldSet, Shape>()

interface Place {
  readonly shape: Shape
  readonly path: FieldPath
  readonly isOwnedWhole: boolean
}

function walk(fields: FieldSet, at: Place, atomic: FieldSetBuilder): void {
  const form = formOf(at.shape, at.shape.schema.type === "array" ? [] : {})
  const isOpen = at.shape.schema.type !== "array" && Object.keys(namedMembers(at.shape)).length === 0
  // Where no schema speaks nothing can have become atomic.
  if (isOpen && typeof at.shape.schema.additionalProperties !== "object" && !(form.kind === "map" && form.isAtomic))
    return
  if (form.kind !== "scalar" && form.isAtomic) {
    if (!at.isOwnedWhole && fields.size > 0) atomic.add(at.path)
    return
  }
  for (const [step, node] of fields) {
    const shape = stepShape(at.shape, step)
    if (shape === undefined) continue
    const isOwnedWhole = node.isMember && node.below.size === 0
    walk(node.below, { shape, path: [...at.path, step], isOwnedWhole }, atomic)
  }
}

/** What a write through one endpoint never changes: the other endpoint's fields. */
export function resetFields(endpoint: {
  readonly subresource: string | undefined
  readonly isCustom: boolean
  readonly hasStatus: boolean
}): FieldSet {
  const builder = new FieldSetBuilder()
  if (endpoint.subresource === "status") {
    if (endpoint.isCustom) builder.add(["f:metadata"])
    builder.add(["f:spec"])
  } else if (endpoint.hasStatus && endpoint.subresource === undefined) builder.add(["f:status"])
  return endpoint.hasStatus ? builder.set : noFields
}

/** `object` with the fields of `reset` as they are in `live`. */
export function restoreFields(object: KubeObject, live: KubeObject | undefined, reset: FieldSet): KubeObject {
  const { managedFields } = object.metadata
  let result: unknown = object
  for (const path of pathsOf(reset)) {
    const steps = path.map((step) => step.slice(2))
    const was = getPath(live, steps)
    // Nothing to restore where there was nothing and is nothing: no maps are made on the way.
    if (was === undefined && getPath(result, steps) === undefined) continue
    result = was === undefined ? withoutPath(result, steps) : withPath(result, steps, was)
  }
  // Members of an object were replaced, the header stays. The owners are never restored.
  const restored = result as KubeObject
  if (restored.metadata === object.metadata) return restored
  const { managedFields: _, ...metadata } = restored.metadata
  return { ...restored, metadata: managedFields === undefined ? metadata : { ...metadata, managedFields } }
}

function withoutPath(value: unknown, steps: readonly string[]): unknown {
  const [key = "", ...rest] = steps
  if (!isRecord(value)) return value
  if (rest.length > 0) return { ...value, [key]: withoutPath(value[key], rest) }
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
}

/**
 * What an object was before it was created. The server's own types have their structs from the start, so that a
 * create does not add these; everything else is absent.
 */
export function emptyObject(object: KubeObject, shape: Shape): unknown {
  const { apiVersion, kind } = object
  if (shape.schema["x-ork-builtin"] !== true) return { apiVersion, kind }
  let members = emptyMembers.get(shape)
  if (members === undefined) {
    members = wholeMembers(shape)
    emptyMembers.set(shape, members)
  }
  return { ...members, ...zerosOfKinds[kind], apiVersion, kind }
}

/** Members of whole objects that may be absent, though they have definitions or are required. */
const pointers = new Set([
  ...["aggregationRule", "capacity", "maximumVolumeSize", "nodeTopology", "overhead", "parentRef", "related"],
  ...["scheduling", "series", "validationActions"],
])

/** Numbers and texts that are always written. */
const zerosOfKinds: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ControllerRevision: { revision: 0 },
  PriorityClass: { value: 0 },
}
const zerosOfStructs: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "io.k8s.api.apps.v1.StatefulSetSpec": { serviceName: "" },
  "io.k8s.api.rbac.v1.RoleRef": { apiGroup: "" },
}

const emptyMembers = new WeakMap<Shape, Readonly<Record<string, unknown>>>()

function wholeMembers(shape: Shape): Readonly<Record<string, unknown>> {
  // A definition's own name is not on it; the members of whole objects that have definitions are structs.
  const isStruct = (key: string) => !pointers.has(key) && memberShape(shape, key)?.shape.name !== undefined
  const members = Object.keys(namedMembers(shape)).filter(isStruct)
  const parts = members.map((key) => [key, emptyStruct(memberShape(shape, key)?.shape, 0)] as const)
  return { ...requiredNulls(shape), ...Object.fromEntries(parts) }
}

function emptyStruct(shape: Shape | undefined, depth: number): unknown {
  if (shape?.name === undefined || depth > depthMax) return {}
  const members = structMembers[shape.name] ?? []
  const parts = members.map((key) => [key, emptyStruct(memberShape(shape, key)?.shape, depth + 1)] as const)
  return { ...requiredNulls(shape), ...zerosOfStructs[shape.name], ...Object.fromEntries(parts) }
}

// Lists and maps that are always written are null there before they are filled.
function requiredNulls(shape: Shape): Readonly<Record<string, null>> {
  const required = shape.schema.required ?? []
  return Object.fromEntries(required.filter((key) => !pointers.has(key)).map((key) => [key, null]))
}
