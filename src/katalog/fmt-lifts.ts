import { type Page, type Placed, removedPairs, sharedSteps } from "./fmt-edits.ts"
import { chunkOf, endOf, type Hop, valueText } from "./fmt-places.ts"
import { columnOf, eolOf, nextLine, shifted, type TextEdit } from "./fmt-text.ts"
import type { Edit } from "./legacy-rewrite.ts"
import { commentsOf } from "./yaml.ts"
import type { Outline, OutlinePair } from "./yaml-document.ts"

type MoveEdit = Edit & { readonly kind: "move" }

/** A pair that goes up, out of its group, to stand right before the pair in which the group lies. */
interface Lift {
  readonly name: string
  readonly group: Outline
  readonly pair: OutlinePair
  /** The map that receives it, and the pair there that holds the group. */
  readonly target: Outline
  readonly before: OutlinePair
  /** From the receiving map to the group. */
  readonly way: readonly Hop[]
}

/** The edits that take keys out of the groups of older layouts. A group that is left empty goes too, its comments stay. */
export function lifted(page: Page, moves: readonly Placed<MoveEdit>[]): readonly TextEdit[] {
  const lifts = oneAtATime(liftsOf(moves))
  const gone = emptied(lifts)
  const taken = new Map<OutlinePair, Outline>([...lifts.map(({ pair, group }) => [pair, group] as const), ...gone])
  const edits: TextEdit[] = []
  const goesWithGroup = insideOf(gone.keys())
  const single = [...taken].filter(([pair]) => !goesWithGroup(pair))
  for (const [map, of] of Map.groupBy(single, ([, holder]) => holder)) {
    const pairs = new Set(of.map(([pair]) => pair))
    edits.push(...removedPairs(page.text, map, { pairs, keepsAround: (pair) => gone.has(pair) }))
  }
  const told = new Set<OutlinePair>()
  for (const [before, unsorted] of Map.groupBy(lifts, (lift) => lift.before)) {
    const here = unsorted.toSorted((a, b) => a.pair.key.start - b.pair.key.start)
    const holders = here.flatMap(({ way }) => way.flatMap(({ pair }) => (pair && gone.has(pair) ? [pair] : [])))
    const comments = lostComments(
      page.text,
      [...new Set(holders)].filter((pair) => !told.has(pair)),
    )
    for (const pair of holders) told.add(pair)
    const [first] = here
    if (first === undefined) continue
    const place = { target: first.target, before, isGone: gone.has(before), comments }
    edits.push(first.target.isFlow ? insertedInFlow(page.text, here, place) : insertedLines(page.text, here, place))
  }
  return edits
}

/** One lift for each pair: several paths may lead to it through aliases. */
function liftsOf(moves: readonly Placed<MoveEdit>[]): readonly Lift[] {
  const lifts = new Map<OutlinePair, Lift>()
  for (const { edit, way } of moves) {
    const shared = sharedSteps(edit.from, edit.to)
    const last = way.at(-1)
    const top = way[shared]
    if (edit.to.length !== shared + 1 || last?.pair === undefined || top?.pair === undefined) continue
    const { pair, container: group } = last
    const name = String(edit.to.at(-1))
    if (!lifts.has(pair))
      lifts.set(pair, { name, group, pair, target: top.container, before: top.pair, way: way.slice(shared) })
  }
  return [...lifts.values()]
}

/** The pairs whose maps the lifts leave empty, with the map that each stands in. */
function emptied(lifts: readonly Lift[]): ReadonlyMap<OutlinePair, Outline> {
  const taken = new Set(lifts.map((lift) => lift.pair))
  const gone = new Map<OutlinePair, Outline>()
  const receiving = new Set(lifts.map((lift) => lift.target))
  // The deepest groups first: a group can only be empty when those inside of it are.
  for (const { way } of lifts.toSorted((a, b) => b.way.length - a.way.length)) {
    for (let index = way.length - 2; index >= 0; index--) {
      const [holder, inner] = [way[index], way[index + 1]?.container]
      if (holder?.pair === undefined || inner === undefined) break
      if (!inner.pairs.every((pair) => taken.has(pair) || gone.has(pair)) || receiving.has(inner)) break
      gone.set(holder.pair, holder.container)
    }
  }
  return gone
}

/** Tells of a pair whether one of `groups` lies around it. Groups lie in one another or apart, never across. */
function insideOf(groups: Iterable<OutlinePair>): (pair: OutlinePair) => boolean {
  const ordered = [...groups].toSorted((a, b) => a.key.start - b.key.start)
  const starts = ordered.map((group) => group.key.start)
  const ends: number[] = []
  for (const group of ordered) ends.push(Math.max(ends.at(-1) ?? 0, endOf(group)))
  return (pair) => {
    let low = 0
    let high = starts.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) < pair.key.start) low = middle + 1
      else high = middle
    }
    return low > 0 && endOf(pair) <= (ends[low - 1] ?? 0)
  }
}

/** In brackets one group in each round: the commas between two of them belong to both. */
function oneAtATime(lifts: readonly Lift[]): readonly Lift[] {
  const first = new Map<Outline, OutlinePair>()
  return lifts.filter(({ target, before }) => {
    if (!target.isFlow) return true
    if (!first.has(target)) first.set(target, before)
    return first.get(target) === before
  })
}

interface Place extends Pick<Lift, "target" | "before"> {
  readonly isGone: boolean
  readonly comments: readonly string[]
}

function insertedInFlow(text: string, lifts: readonly Lift[], { target, before, isGone }: Place): TextEdit {
  const words = lifts.map((lift) => inWords(text, lift)).join(", ")
  const index = target.pairs.indexOf(before)
  const neighbour = target.pairs[index - 1]
  if (!isGone || index < target.pairs.length - 1) {
    return { start: before.key.start, end: before.key.start, text: `${words}, ` }
  }
  // The last pair goes together with the comma before it.
  if (neighbour === undefined) return { start: before.key.start, end: before.key.start, text: words }
  return { start: endOf(neighbour), end: endOf(neighbour), text: `, ${words}` }
}

function insertedLines(text: string, lifts: readonly Lift[], { target, before, isGone, comments }: Place): TextEdit {
  const column = columnOf(text, before.key.start)
  const { start, keyLine } = chunkOf(text, target, before)
  const at = isGone ? keyLine : start
  const lead = comments.map((comment) => `${" ".repeat(column)}${comment}${eolOf(text)}`).join("")
  return { start: at, end: at, text: lead + lifts.map((lift) => inLines(text, lift, column)).join("") }
}

function inWords(text: string, { name, pair }: Lift): string {
  const value = valueText(text, pair)
  return value === "" ? `${name}:` : `${name}: ${value}`
}

function inLines(text: string, lift: Lift, column: number): string {
  if (lift.group.isFlow) return `${" ".repeat(column)}${inWords(text, lift)}${eolOf(text)}`
  const { start, end } = chunkOf(text, lift.group, lift.pair)
  const chunk = text.slice(start, end)
  return shifted(chunk, column - columnOf(text, lift.pair.key.start))
}

/** Comments beside the keys of groups that go, and between the pairs of groups in brackets. */
function lostComments(text: string, holders: readonly OutlinePair[]): readonly string[] {
  const found = holders.flatMap((holder) => {
    const { value } = holder
    if (value === undefined) return []
    if (!value.isFlow) return commentsOf(text.slice(holder.key.end, nextLine(text, holder.key.end)))
    const kept = value.pairs.flatMap((pair) =>
      pair.value ? commentsOf(text.slice(pair.value.start, endOf(pair))) : [],
    )
    return commentsOf(text.slice(value.start, nextLine(text, value.end))).filter((one) => !kept.includes(one))
  })
  return [...new Set(found)]
}
