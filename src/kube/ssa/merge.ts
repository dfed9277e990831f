import { isRecord, ownOf } from "../object.ts"
import { depthMax } from "../schema/schema.ts"
import { type FieldNode, type FieldSet, isEmptySet } from "./field-set.ts"
import { type Form, formOf, itemShape, memberShape, namedMembers, type Shape, stepOf } from "./shape.ts"

/**
 * `live` with everything that `config` declares; nothing is removed.
 *
 * Items of lists keep the order of `live`; where `config` names several of them, its order wins, and its new items
 * stand where it puts them.
 */
export function mergeValues(live: unknown, config: unknown, shape: Shape, depth = 0): unknown {
  if (config === undefined) return live
  if (live === undefined) return config
  const form = formOf(shape, config)
  if (form.kind === "scalar" || form.isAtomic || depth > depthMax) return config
  if (form.kind === "list") {
    const [old, now] = [Array.isArray(live) ? live : [], Array.isArray(config) ? config : []]
    return old.length === 0 && now.length === 0 ? config : mergeItems(old, now, { form, shape, depth })
  }
  const [old, now] = [isRecord(live) ? live : {}, isRecord(config) ? config : {}]
  const keys = new Set([...Object.keys(old), ...Object.keys(now)])
  if (keys.size === 0) return config
  const merged: [string, unknown][] = []
  for (const key of keys) {
    const [was, is] = [ownOf(old, key), ownOf(now, key)]
    const member = memberShape(shape, key)
    merged.push([key, member === undefined ? (is ?? was) : mergeValues(was, is, member.shape, depth + 1)])
  }
  return Object.fromEntries(merged.filter(([, value]) => value !== undefined))
}

interface ListPlace {
  readonly form: Form & { readonly kind: "list" }
  readonly shape: Shape
  readonly depth: number
}

/**
 * Both lists as steps, walked together: what only the old list has stays before the next item that both have. The
 * algorithm is that of structured-merge-diff (Apache-2.0, the Kubernetes authors).
 */
function mergeItems(old: readonly unknown[], now: readonly unknown[], { form, shape, depth }: ListPlace): unknown {
  const item = itemShape(shape)
  const oldSteps = old.map((element) => stepOf(element, form.keys, item))
  const nowSteps = now.map((element) => stepOf(element, form.keys, item))
  const oldByStep = new Map<string | undefined, unknown>()
  // Of an item that is there twice nothing is known that could be merged.
  for (const [i, step] of oldSteps.entries()) oldByStep.set(step, oldByStep.has(step) ? undefined : old[i])
  const nowByStep = new Map(nowSteps.map((step, i) => [step, now[i]]))
  const shared = nowSteps.filter((step) => oldByStep.has(step))
  const done = new Set<string | undefined>()
  const result: unknown[] = []
  const take = (step: string | undefined) => {
    done.add(step)
    result.push(mergeValues(oldByStep.get(step), nowByStep.get(step), item, depth + 1))
    if (shared[0] === step) shared.shift()
  }
  for (let i = 0, j = 0; i < old.length || j < now.length; ) {
    const [left, right] = [oldSteps[i], nowSteps[j]]
    if (i < old.length && j < now.length) {
      if (left === right) {
        take(left)
        i++
        j++
        continue
      }
      // In both lists, but not the next one in the order of the config: it comes later.
      if (nowByStep.has(left) && shared.length > 0 && shared[0] !== left) {
        i++
        continue
      }
    }
    if (i < old.length) {
      if (!nowByStep.has(left)) {
        result.push(old[i])
        i++
        continue
      }
      if (done.has(left)) i++
    }
    if (j < now.length) {
      take(right)
      j++
    }
  }
  return result
}

/**
 * `value` without the members and items whose paths are in `gone`. A map or list that loses its last member turns
 * null, as in structured-merge-diff (Apache-2.0), whose algorithm this is; `dropNulls` clears them away. What is atomic
 * is not looked into.
 */
export function removeFields(value: unknown, gone: FieldSet, shape: Shape): unknown {
  const form = formOf(shape, value)
  if (form.kind === "scalar") return value
  if (form.isAtomic) return null
  if (form.kind === "list") {
    const items = keptItems(value, gone, { form, shape, depth: 0 })
    return items.length === 0 ? null : items
  }
  const members = keptMembers(value, gone, shape)
  return members.length === 0 ? null : Object.fromEntries(members)
}

function keptItems(value: unknown, gone: FieldSet, { form, shape }: ListPlace): readonly unknown[] {
  const item = itemShape(shape)
  const kept: unknown[] = []
  for (const element of Array.isArray(value) ? value : []) {
    const node = gone.get(stepOf(element, form.keys, item) ?? "")
    if (!node?.isMember) kept.push(narrowed(element, node, item))
  }
  return kept
}

function keptMembers(value: unknown, gone: FieldSet, shape: Shape): readonly (readonly [string, unknown])[] {
  const kept: [string, unknown][] = []
  for (const [key, child] of Object.entries(isRecord(value) ? value : {})) {
    const node = gone.get(`f:${key}`)
    const member = memberShape(shape, key)
    if (!node?.isMember) kept.push([key, member === undefined ? child : narrowed(child, node, member.shape)])
  }
  return kept
}

function narrowed(child: unknown, node: FieldNode | undefined, shape: Shape): unknown {
  return node === undefined || isEmptySet(node.below) ? child : removeFields(child, node.below, shape)
}

/** The set with every named field on the way to its paths; keys of maps and items of lists are not added. */
export function withNamedFields(set: FieldSet, shape: Shape | undefined): FieldSet {
  const result = new Map<string, FieldNode>()
  for (const [step, node] of set) {
    const below = withNamedFields(node.below, shape && stepShape(shape, step))
    const isNamed =
      shape !== undefined &&
      step.startsWith("f:") &&
      Object.hasOwn(namedMembers(shape), step.slice(2)) &&
      below.size > 0
    result.set(step, { isMember: node.isMember || isNamed, below })
  }
  return result
}

/** The shape behind one step of a path. */
export function stepShape(shape: Shape, step: string): Shape | undefined {
  if (step.startsWith("f:")) return memberShape(shape, step.slice(2))?.shape
  return step.startsWith("k:") ? itemShape(shape) : undefined
}

/**
 * `value` without the nulls below the server's own types, which cannot hold them. A custom resource keeps its nulls:
 * there it is for the validation to refuse them.
 */
export function dropNulls(value: unknown, shape: Shape, at = { depth: 0, isBuiltin: false }): unknown {
  if (at.depth > depthMax) return value
  const isBuiltin = at.isBuiltin || shape.schema["x-ork-builtin"] === true
  const inside = { depth: at.depth + 1, isBuiltin }
  if (Array.isArray(value)) {
    const item = itemShape(shape)
    return value.map((element) => dropNulls(element, item, inside))
  }
  if (!isRecord(value)) return value
  const kept: [string, unknown][] = []
  for (const [key, child] of Object.entries(value)) {
    const member = memberShape(shape, key)
    if (child === null && isBuiltin) {
      // A null in a map of texts is read as the empty text.
      if (member?.isNamed === false && member.shape.schema.type === "string") kept.push([key, ""])
    } else kept.push([key, member === undefined ? child : dropNulls(child, member.shape, inside)])
  }
  return Object.fromEntries(kept)
}
