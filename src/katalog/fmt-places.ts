import { columnOf, lineStart, nextLine, triviaEnd, triviaStart } from "./fmt-text.ts"
import type { Outline, OutlinePair } from "./yaml-document.ts"

type Steps = readonly (string | number)[]

/** A way into the text that leads elsewhere in it: an alias that is opened, or a key that a merge brings. */
export type Crossing =
  | { readonly kind: "alias"; readonly alias: Outline; readonly steps: Steps; readonly holder: Hop }
  | { readonly kind: "merge"; readonly pair: OutlinePair; readonly map: Outline; readonly steps: Steps }

/** One step of a way: where it leads from, and by which key or item. */
export interface Hop {
  readonly container: Outline
  readonly pair: OutlinePair | undefined
  readonly value: Outline | undefined
  readonly crossing: Crossing | undefined
}

/** The way along a path as written; undefined where it leads nowhere. */
export function wayTo(root: Outline, steps: Steps): readonly Hop[] | undefined {
  const hops: Hop[] = []
  let at: Outline | undefined = root
  for (const [index, step] of steps.entries()) {
    let crossing: Crossing | undefined
    const holder = hops.at(-1)
    const before: Steps = steps.slice(0, index)
    if (at?.kind === "alias" && holder !== undefined) {
      crossing = { kind: "alias", alias: at, steps: before, holder }
      at = at.target
    }
    if (at === undefined) return undefined
    const map: Outline = at
    const found = findPair(map, String(step))
    if (found !== undefined) {
      const merge: Crossing | undefined = found.merge && { kind: "merge", pair: found.merge, map, steps: before }
      hops.push({ container: found.map, pair: found.pair, value: found.pair.value, crossing: crossing ?? merge })
    } else if (typeof step === "number" && map.items[step] !== undefined) {
      hops.push({ container: map, pair: undefined, value: map.items[step], crossing })
    } else return undefined
    at = hops.at(-1)?.value
  }
  return hops
}

interface Found {
  readonly map: Outline
  readonly pair: OutlinePair
  readonly merge?: OutlinePair
}

// An index per map: a file with thousands of changes in one map must not cost their square.
const indexes = new WeakMap<Outline, ReadonlyMap<string | undefined, OutlinePair>>()

function ownPair(map: Outline, name: string): OutlinePair | undefined {
  const known = indexes.get(map)
  if (known !== undefined) return known.get(name)
  const own = map.pairs.filter((pair) => !pair.isMerge)
  indexes.set(map, new Map(own.map((pair) => [pair.name, pair])))
  return ownPair(map, name)
}

function findPair(map: Outline, name: string): Found | undefined {
  const pair = ownPair(map, name)
  if (pair !== undefined) return { map, pair }
  for (const merge of map.pairs.filter((own) => own.isMerge)) {
    for (const source of merge.value?.kind === "list" ? merge.value.items : [merge.value]) {
      const opened = source?.kind === "alias" ? source.target : source
      const found = opened && findPair(opened, name)
      if (found !== undefined) return { ...found, merge }
    }
  }
  return undefined
}

/** Where a key and its value end. */
export function endOf(pair: OutlinePair): number {
  return pair.value?.end ?? pair.key.end
}

/** The value with what stands before it, such as an anchor; without the colon. */
export function valueText(text: string, pair: OutlinePair): string {
  const colon = /^\s*:/.exec(text.slice(pair.key.end))
  return colon === null ? "" : text.slice(pair.key.end + colon[0].length, endOf(pair)).trim()
}

/** The lines of a pair in a block map: its comments above, itself, the comments that belong to it below. */
export interface Chunk {
  readonly start: number
  /** The line of the key. */
  readonly keyLine: number
  readonly end: number
}

/** The lines of `pair` in `map`; chunks of neighbours touch. */
export function chunkOf(text: string, map: Outline, pair: OutlinePair): Chunk {
  const index = map.pairs.indexOf(pair)
  const before = map.pairs[index - 1]
  const column = columnOf(text, pair.key.start)
  const end = (one: OutlinePair) => {
    const isLast = one === map.pairs.at(-1)
    return triviaEnd(text, lineEnd(text, endOf(one)), isLast ? column : column + 1)
  }
  return {
    start: before === undefined ? triviaStart(text, pair.key.start) : end(before),
    keyLine: lineStart(text, pair.key.start),
    end: end(pair),
  }
}

/** The line break after `at`; `at` itself where a block text has ended with one. */
export function lineEnd(text: string, at: number): number {
  return at > 0 && text[at - 1] === "\n" ? at : nextLine(text, at)
}

/** The outermost aliases and merges of a text. */
export function crossings(root: Outline): readonly Crossing[] {
  const found: Crossing[] = []
  const visit = (node: Outline, steps: Steps): void => {
    const merge = node.pairs.find((pair) => pair.isMerge)
    if (merge !== undefined) found.push({ kind: "merge", pair: merge, map: node, steps })
    const pairs = node.pairs.filter((pair) => !pair.isMerge)
    const below = [
      ...pairs.map((pair) => ({ pair, value: pair.value, step: pair.name ?? "" })),
      ...node.items.map((value, step) => ({ pair: undefined, value, step })),
    ]
    for (const { pair, value, step } of below) {
      const here = [...steps, step]
      if (value?.kind === "alias") {
        const holder = { container: node, pair, value, crossing: undefined }
        found.push({ kind: "alias", alias: value, steps: here, holder })
      } else if (value !== undefined) visit(value, here)
    }
  }
  visit(root, [])
  return found
}
