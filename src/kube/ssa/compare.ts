import { semanticEqual } from "../equality.ts"
import { isRecord, ownOf } from "../object.ts"
import { depthMax } from "../schema/schema.ts"
import { type FieldPath, type FieldSet, FieldSetBuilder, withoutSubtrees } from "./field-set.ts"
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
  readonly path: FieldPath
  readonly sets: Sets
}

function compare(pair: Pair, shape: Shape, at: Place): void {
  const { before, after } = pair
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
  for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
    const member = memberShape(shape, key)
    if (member === undefined) continue
    const pair = { before: ownOf(old, key), after: ownOf(now, key) }
    if (pair.before === undefined && pair.after === undefined) continue
    compare(pair, member.shape, { ...at, path: [...at.path, `f:${key}`] })
  }
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
    const place = { ...at, path: [...at.path, step] }
    if (was.length <= 1 && is.length <= 1) compare({ before: was[0], after: is[0] }, item, place)
    else if (was.length >= 2 && is.length >= 2) {
      if (!semanticEqual(was, is)) at.sets.modified.add(place.path)
    } else if (was.length >= 2) {
      if (is.length > 0) compare({ before: undefined, after: is[0] }, item, place)
      at.sets.removed.add(place.path)
    } else {
      if (was.length > 0) compare({ before: was[0], after: undefined }, item, place)
      at.sets.added.add(place.path)
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
