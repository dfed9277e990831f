import { isDeepStrictEqual } from "node:util"
import { getPath, isRecord } from "../kube/mod.ts"
import { type Crossing, chunkOf, endOf, type Hop, lineEnd, wayTo } from "./fmt-places.ts"
import { columnOf, eolOf, lineStart, nextLine, shifted, type TextEdit, triviaEnd, withEdits } from "./fmt-text.ts"
import type { Edit } from "./legacy-rewrite.ts"
import { commentsOf, yamlText } from "./yaml.ts"
import type { Outline, OutlinePair } from "./yaml-document.ts"

/** A text with its nodes and its data. */
export interface Page {
  readonly text: string
  readonly root: Outline
  readonly data: unknown
}

/** An edit with its way through the text. */
export interface Placed<E extends Edit = Edit> {
  readonly edit: E
  readonly way: readonly Hop[]
}

/** Edits whose place is found. */
export function placed(page: Page, edits: readonly Edit[]): readonly Placed[] {
  return edits.flatMap((edit) => {
    const way = wayTo(page.root, edit.kind === "move" ? edit.from : edit.at)
    return way === undefined ? [] : [{ edit, way }]
  })
}

/** How many steps two addresses share. */
export function sharedSteps(a: readonly unknown[], b: readonly unknown[]): number {
  const differs = a.findIndex((step, index) => step !== b[index])
  return differs === -1 ? a.length : differs
}

/** What has to be written out before `one` can be done: text that others share cannot be taken apart in place. */
export function crossingOf({ edit, way }: Placed): Crossing | undefined {
  if (edit.kind === "move") {
    const shared = sharedSteps(edit.from, edit.to)
    return way.slice(shared + 1).find((hop) => hop.crossing !== undefined)?.crossing
  }
  const last = way.at(-1)
  if (edit.kind !== "value" || last?.value?.kind !== "alias") return undefined
  return { kind: "alias", alias: last.value, steps: edit.at, holder: last }
}

/** An alias or a merge in full. */
export function expanded(page: Page, crossing: Crossing): readonly TextEdit[] {
  return crossing.kind === "alias" ? openedAlias(page, crossing) : openedMerge(page, crossing)
}

function openedAlias(
  { text, data }: Page,
  { alias, steps, holder }: Crossing & { kind: "alias" },
): readonly TextEdit[] {
  const value = getPath(data, steps)
  const { start, end } = alias
  if (holder.container.isFlow || typeof value !== "object" || value === null || Object.keys(value).length === 0) {
    return [{ start, end, text: yamlText(value, "flow").trimEnd() }]
  }
  const block = yamlText(value, "block")
  if (holder.pair === undefined) {
    return [{ start, end, text: shifted(block, columnOf(text, start)).trim() }]
  }
  const after = lineEnd(text, end)
  const lines = shifted(block, columnOf(text, holder.pair.key.start) + 2)
  return [
    { start: start - blanksBefore(text, start), end, text: "" },
    { start: after, end: after, text: withEol(lines, eolOf(text)) },
  ]
}

function blanksBefore(text: string, at: number): number {
  return at - text.slice(0, at).trimEnd().length
}

function openedMerge({ text, data }: Page, { pair, map, steps }: Crossing & { kind: "merge" }): readonly TextEdit[] {
  const own = new Set(map.pairs.map((one) => one.name))
  const all = getPath(data, steps)
  const inherited = Object.entries(isRecord(all) ? all : {}).filter(([name]) => !own.has(name))
  const { start } = pair.key
  const record = Object.fromEntries(inherited)
  if (map.isFlow) return [{ start, end: endOf(pair), text: yamlText(record, "flow").trim().slice(1, -1).trim() }]
  const end = lineEnd(text, endOf(pair))
  const comments = commentsOf(text.slice(start, end)).map((comment) => `${comment}\n`)
  const block = comments.join("") + (inherited.length === 0 ? "" : yamlText(record, "block"))
  if (block === "") return [{ start: lineStart(text, start), end, text: "" }]
  const lines = shifted(block, columnOf(text, start)).trimStart()
  return [{ start, end, text: withEol(lines, eolOf(text)) }]
}

function withEol(lines: string, eol: string): string {
  return eol === "\n" ? lines : lines.replaceAll("\n", eol)
}

/** The edits that change a key or a value where it stands; moves to another map are not among them. */
export function changedInPlace(page: Page, one: Placed): readonly TextEdit[] {
  const last = one.way.at(-1)
  if (last?.pair === undefined) return []
  if (one.edit.kind === "value") return changedValue(page, last, one.edit)
  if (one.edit.kind === "remove") return removedGroup(page.text, last.container, last.pair)
  const { key } = last.pair
  return isRename(one.edit) ? [{ start: key.start, end: key.end, text: String(one.edit.to.at(-1)) }] : []
}

/** An empty group goes; a comment beside it stays, on a line of its own. */
function removedGroup(text: string, map: Outline, pair: OutlinePair): readonly TextEdit[] {
  const edits = removedPairs(text, map, { pairs: new Set([pair]), keepsAround: () => true })
  if (map.isFlow) return edits
  const indent = " ".repeat(columnOf(text, pair.key.start))
  return edits.map((edit) => {
    const comments = commentsOf(text.slice(edit.start, edit.end))
    return { ...edit, text: comments.map((comment) => `${indent}${comment}${eolOf(text)}`).join("") }
  })
}

/** True for a move that only gives a key another name. */
export function isRename(edit: Edit): boolean {
  if (edit.kind !== "move" || edit.from.length !== edit.to.length) return false
  return sharedSteps(edit.from, edit.to) === edit.to.length - 1
}

/** Takes pairs out of their map: whole lines of a block, or the text between commas. Comments around a key may stay. */
export function removedPairs(
  text: string,
  map: Outline,
  {
    pairs,
    keepsAround,
  }: { readonly pairs: ReadonlySet<OutlinePair>; readonly keepsAround: (pair: OutlinePair) => boolean },
): readonly TextEdit[] {
  if (!map.isFlow) {
    return [...pairs].map((pair) => {
      const { start, keyLine, end } = chunkOf(text, map, pair)
      if (!keepsAround(pair)) return { start, end, text: "" }
      const [inner] = pair.value?.isFlow ? [] : (pair.value?.pairs ?? [])
      const after = lineEnd(text, endOf(pair))
      return { start: keyLine, end: inner ? triviaEnd(text, after, columnOf(text, inner.key.start)) : after, text: "" }
    })
  }
  const kept = map.pairs.findLastIndex((pair) => !pairs.has(pair))
  const lastKept = map.pairs[kept]
  const tail = map.pairs.slice(kept + 1)
  const inside = map.pairs.slice(0, Math.max(0, kept)).flatMap((pair, index) => {
    const next = map.pairs[index + 1]
    return pairs.has(pair) && next ? [{ start: pair.key.start, end: next.key.start, text: "" }] : []
  })
  const [first] = tail
  const last = tail.at(-1)
  if (first === undefined || last === undefined) return inside
  const start = lastKept === undefined ? first.key.start : endOf(lastKept)
  return [...inside, { start, end: endOf(last), text: "" }]
}

function changedValue(
  page: Page,
  { pair, value, container }: Hop,
  edit: Edit & { kind: "value" },
): readonly TextEdit[] {
  if (pair === undefined || value === undefined) return []
  const { text } = page
  const { start, end } = value
  if (value.kind === "scalar") return [{ start, end, text: yamlText(edit.value, "flow").trimEnd() }]
  if (value.isFlow || container.isFlow) {
    const comments = commentsOf(text.slice(start, end))
    const above = comments.map((comment) => `${comment}${eolOf(text)}`).join("")
    return [{ start, end, text: above + yamlText(edit.value, "flow").trimEnd() }]
  }
  const column = columnOf(text, pair.key.start) + 2
  const byName = isEntries(edit.at) ? named(text, value, column) : undefined
  if (byName !== undefined) return byName
  const [key, ...more] = isRecord(edit.value) ? Object.entries(edit.value) : []
  if (key !== undefined && more.length === 0 && isDeepStrictEqual(key[1], getPath(page.data, edit.at))) {
    return [wrapped(page, value, { key: key[0], column })]
  }
  const after = triviaEnd(text, lineEnd(text, end), column)
  const block = withEol(rewritten(text.slice(start, after), edit.value, column), eolOf(text))
  return [{ start: lineStart(text, start), end: after, text: block }]
}

function isEntries(at: readonly unknown[]): boolean {
  return at.length === 2 && at[0] === "spec" && at[1] === "crds"
}

/** The wanted value as lines, with the comments of the old text above. */
function rewritten(old: string, wanted: unknown, column: number): string {
  const comments = commentsOf(old).map((comment) => `${comment}\n`)
  return shifted(comments.join("") + yamlText(wanted, "block"), column)
}

/** A list that becomes the value of the one key of a map. */
function wrapped({ text }: Page, list: Outline, { key, column }: { key: string; column: number }): TextEdit {
  const start = lineStart(text, list.start)
  const end = lineEnd(text, list.end)
  const items = shifted(text.slice(start, end), column + 2 - columnOf(text, list.start))
  return { start, end, text: `${" ".repeat(column)}${key}:${eolOf(text)}${items}` }
}

/** A block list of `- name: x` becomes a map by name: comments, order and quoting of the rest stay. */
function named(text: string, list: Outline, column: number): readonly TextEdit[] | undefined {
  const start = lineStart(text, list.start)
  const end = lineEnd(text, list.end)
  const edits: TextEdit[] = []
  for (const item of list.items) {
    const name = item.pairs.find((pair) => pair.name === "name")
    const line = lineStart(text, item.start)
    const head = /^(\s*)-\s+$/.exec(text.slice(line, item.start))
    if (item.kind !== "map" || item.isFlow || name?.value === undefined || head === null) return undefined
    const dash = line + (head[1]?.length ?? 0)
    const key = `${text.slice(name.value.start, name.value.end)}:`
    if (name === item.pairs[0]) edits.push({ start: dash, end: endOf(name), text: key })
    else {
      const rest = text.slice(endOf(name), nextLine(text, endOf(name))).trimEnd()
      const indent = " ".repeat(columnOf(text, item.start))
      edits.push({ start: dash, end: item.start, text: `${key}${rest}${eolOf(text)}${indent}` })
      edits.push({ start: lineStart(text, name.key.start), end: nextLine(text, endOf(name)), text: "" })
    }
  }
  const local = edits.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }))
  const inside = withEdits(text.slice(start, end), local)
  const columns = Math.max(0, column - columnOf(text, list.start))
  return inside === undefined ? undefined : [{ start, end, text: shifted(inside, columns) }]
}

/** True when both mean the same; a key without a value and an empty map are one. */
export function isSameMeaning(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(settled(a), settled(b))
}

function settled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(settled)
  if (!isRecord(value)) return value
  const entries = Object.entries(value)
  return entries.length === 0 ? null : Object.fromEntries(entries.map(([key, item]) => [key, settled(item)]))
}
