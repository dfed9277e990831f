import { semanticEqual } from "../equality.ts"
import { isRecord, ownOf } from "../object.ts"
import { depthMax } from "../schema/schema.ts"
import { type FieldSet, FieldSetBuilder, withoutSubtrees } from "./field-set.ts"
import { type Form, formOf, itemShape, memberShape, type Shape, stepOf } from "./shape.ts"

/** What differs between two values; no path is in two of the sets. */
export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

/** What `after` added to, changed in and removed from `before`; the paths of `ignored` and below are left out. */
export function compareFields(before: unknown, after: unknown, shape: Shape, ignored: FieldSet): Comparison {
  const sets: Sets = { added: new FieldSetBuilder(), modified: new FieldSetBuilder(), removed: new FieldSetBuilder() }
  compare({ before, after }, shape, { path: [], sets })
  return {
    added: withoutSubtrees(sets.added.set, ignored),
    modified: withoutSubtrees(sets.modified.set, ignored),
    removed: withoutSubtrees(sets.removed.set, ignored),
  }
}

interface Sets {
  readonly added: FieldSetBuilder
  readonly modified: FieldSetBuilder
  readonly removed: FieldSetBuilder
}

interface Pair {
  readonly before: unknown
  readonly after: unknown
}

interface Place {
  /** The way to the pair; it grows and shrinks with the walk, since most places are never named. */
  readonly path: string[]
  readonly sets: Sets
}

function compareBelow(step: string, pair: Pair, { shape, at }: { readonly shape: Shape; readonly at: Place }): void {
  at.path.push(step)
  compare(pair, shape, at)
  at.path.pop()
}

function compare(pair: Pair, shape: Shape, at: Place): void {
  const { before, after } = pair
  // What an update does not touch is the very same value.
  if (before === after) return
  const formBefore = formOf(shape, before)
  const formAfter = formOf(shape, after)
  let isLeaf: boolean
  if (after === undefined) isLeaf = compareAs(formBefore, pair, { shape, at })
  else if (before === undefined || formBefore.kind === formAfter.kind) {
    isLeaf = compareAs(formAfter, pair, { shape, at })
  } else {
    compareAs(formBefore, pair, { shape, at })
    isLeaf = compareAs(formAfter, pair, { shape, at })
  }
  if (isLeaf) return
  if (before === undefined) at.sets.added.add(at.path)
  else if (after === undefined) at.sets.removed.add(at.path)
}

/** Returns whether the pair was compared as a whole. */
function compareAs(form: Form, pair: Pair, { shape, at }: { readonly shape: Shape; readonly at: Place }): boolean {
  const asMap = form.kind === "map"
  const isEmpty = (value: unknown) =>
    asMap ? !isRecord(value) || Object.keys(value).length === 0 : !Array.isArray(value) || value.length === 0
  const isWhole = form.kind === "scalar" || form.isAtomic || at.path.length > depthMax
  if (isWhole || (isEmpty(pair.before) && isEmpty(pair.after))) {
    compareWhole(pair, at)
    return true
  }
  if (form.kind === "list") compareItems(pair, { form, shape }, at)
  else compareMembers(pair, shape, at)
  return false
}

function compareWhole({ before, after }: Pair, at: Place): void {
  if (before === undefined) at.sets.added.add(at.path)
  else if (after === undefined) at.sets.removed.add(at.path)
  else if (!semanticEqual(before, after)) at.sets.modified.add(at.path)
}

function compareMembers({ before, after }: Pair, shape: Shape, at: Place): void {
  const old = isRecord(before) ? before : {}
  const now = isRecord(after) ? after : {}
  const compareMember = (key: string) => {
    const pair = { before: ownOf(old, key), after: ownOf(now, key) }
    if (pair.before === pair.after) return
    const member = memberShape(shape, key)
    if (member !== undefined) compareBelow(`f:${key}`, pair, { shape: member.shape, at })
  }
  for (const key of Object.keys(old)) compareMember(key)
  for (const key of Object.keys(now)) if (!Object.hasOwn(old, key)) compareMember(key)
}

interface ListPlace {
  readonly form: Form & { readonly kind: "list" }
  readonly shape: Shape
}

function compareItems({ before, after }: Pair, { form, shape }: ListPlace, at: Place): void {
  const item = itemShape(shape)
  const old = itemsByStep(before, form, item)
  const now = itemsByStep(after, form, item)
  for (const step of new Set([...old.keys(), ...now.keys()])) {
    const [was = [], is = []] = [old.get(step), now.get(step)]
    const below = { shape: item, at }
    if (was.length <= 1 && is.length <= 1) compareBelow(step, { before: was[0], after: is[0] }, below)
    else if (was.length >= 2 && is.length >= 2) {
      if (!semanticEqual(was, is)) at.sets.modified.add([...at.path, step])
    } else if (was.length >= 2) {
      if (is.length > 0) compareBelow(step, { before: undefined, after: is[0] }, below)
      at.sets.removed.add([...at.path, step])
    } else {
      if (was.length > 0) compareBelow(step, { before: was[0], after: undefined }, below)
      at.sets.added.add([...at.path, step])
    }
  }
}

function itemsByStep(list: unknown, form: Form & { readonly kind: "list" }, item: Shape): Map<string, unknown[]> {
  const result = new Map<string, unknown[]>()
  for (const element of Array.isArray(list) ? list : []) {
    const step = stepOf(element, form.keys, item)
    if (step === undefined) continue
    const known = result.get(step)
    if (known) known.push(element)
    else result.set(step, [element])
  }
  return result
}
