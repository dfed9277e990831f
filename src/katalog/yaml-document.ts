import type { Diagnostic, SourceFile, Span } from "../base/mod.ts"
import { isRecord } from "../kube/mod.ts"
import { diagnose, type Fault } from "./fault.ts"
import { offsetsOf } from "./scalar-offsets.ts"
import { isAbsent, type YamlNode, type YamlPair } from "./yaml-node.ts"

/** One YAML document: plain data as written, and where each part of it stands. */
export interface YamlDocument {
  readonly data: unknown
  /** The key or the value at a path; undefined when the path leads nowhere. */
  locate(steps: readonly (string | number)[], part: "key" | "value"): Span | undefined
  /** A stretch inside a text value; the whole value where its offsets cannot be mapped. */
  locateIn(steps: readonly (string | number)[], start: number, end: number): Span | undefined
  /** The nodes of the text. */
  outline(): Outline
}

/** A node of the text as it stands there: what a change of the text needs to know. Offsets into the file. */
export interface Outline {
  readonly kind: "map" | "list" | "scalar" | "alias"
  readonly start: number
  readonly end: number
  /** Inside of brackets, or brackets themselves. */
  readonly isFlow: boolean
  readonly pairs: readonly OutlinePair[]
  readonly items: readonly Outline[]
  /** What an alias stands for. */
  readonly target: Outline | undefined
}

/** One key and its value; `name` is the key's text. */
export interface OutlinePair {
  readonly key: Outline
  readonly name: string | undefined
  readonly value: Outline | undefined
  /** `<<`: the value's pairs belong to the map. */
  readonly isMerge: boolean
}

/** The bounds of one file: characters, words and signs for the complete parser, levels, values after aliases are opened, diagnostics. */
export const limits = {
  textLength: 8 * 1024 * 1024,
  words: 200_000,
  depth: 100,
  values: 500_000,
  problems: 50,
} as const

/** What is said of too many levels. */
export const tooDeep: Fault = {
  code: "ORK0104",
  message: `the text is nested more than ${limits.depth} levels deep`,
  help: "use fewer levels; check for brackets that are never closed",
}

/** A document with its data read, and the mistakes in it. */
export function documentOf(
  file: SourceFile,
  root: YamlNode,
): {
  readonly document: YamlDocument
  readonly diagnostics: readonly Diagnostic[]
  /** The data is what was meant, but for single values that another one stands in for. */
  readonly isWhole: boolean
} {
  const reader = new Reader(file)
  const data = reader.read(root, 0)
  const { targets } = reader
  // The bounds of a schema are numbers for the server too, which keeps them no better.
  const keepsBounds = isRecord(data) && data["kind"] === "CustomResourceDefinition"
  const diagnostics = keepsBounds ? reader.diagnostics : [...reader.diagnostics, ...reader.changed]
  const document = { data, ...locator(file, root, targets), outline: () => outlineOf(root, targets, new Map()) }
  return { document, diagnostics, isWhole: reader.diagnostics.every(({ code }) => code === setTwice) }
}

const setTwice = "ORK0103"

/** Turns nodes into plain data; opens aliases and merge keys within the bounds. */
class Reader {
  readonly diagnostics: Diagnostic[] = []
  /** Whole numbers that are another number here. */
  readonly changed: Diagnostic[] = []
  /** What each alias stands for. */
  readonly targets = new Map<YamlNode, YamlNode>()
  readonly #file: SourceFile
  readonly #anchors = new Map<string, YamlNode>()
  /** The alias being opened whose text stands in the document itself. */
  #outermost: YamlNode | undefined
  #values = 0
  #stopped = false

  constructor(file: SourceFile) {
    this.#file = file
  }

  read(node: YamlNode | undefined, depth: number): unknown {
    if (node === undefined || this.#stopped) return null
    if (depth > limits.depth) return this.#stop(node, tooDeep)
    if (++this.#values > limits.values) {
      return this.#stop(node, { code: "ORK0104", message: `the file holds more than ${limits.values} values` })
    }
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node)
    if (node.kind === "scalar") return this.#readScalar(node)
    if (node.kind === "alias") return this.#readAlias(node, String(node.value), depth)
    return node.kind === "map" ? this.#readMap(node, depth) : node.items.map((item) => this.read(item, depth + 1))
  }

  #readAlias(node: YamlNode, name: string, depth: number): unknown {
    const target = this.#anchors.get(name)
    if (target === undefined) {
      const message = `alias "*${name}" has no anchor "&${name}" before it`
      this.#report(node, { code: "ORK0102", message, help: `put "*${name}" in quotes, or set the anchor before it` })
      return null
    }
    this.targets.set(node, target)
    const isOutermost = this.#outermost === undefined
    this.#outermost ??= node
    const value = this.read(target, depth + 1)
    if (isOutermost) this.#outermost = undefined
    return value
  }

  #readScalar(node: YamlNode): unknown {
    const { value } = node
    if (typeof value !== "number") return value
    if (Number.isFinite(value)) {
      if (!Number.isSafeInteger(value) && isChanged(node.source, value))
        this.#report(node, changedFault(node.source, value), this.changed)
      return value
    }
    this.#report(node, { code: "ORK0106", message: "expected a finite number", help: "put it in quotes for a text" })
    return null
  }

  #readMap(map: YamlNode, depth: number): Readonly<Record<string, unknown>> {
    const own: Record<string, unknown> = {}
    const merged: unknown[] = []
    for (const { key, value: child } of map.pairs) {
      const name = keyText(key, this.targets)
      if (name === undefined || name === "__proto__") {
        this.#report(key, keyFault(this.#file.text, key))
        continue
      }
      const value = this.read(child, depth + 1)
      if (isMergeKey(key)) merged.push(...(Array.isArray(value) ? value : [value]))
      else if (Object.hasOwn(own, name))
        this.#report(key, { code: setTwice, message: `"${name}" is set twice`, help: "keep one of them" })
      else own[name] = value
    }
    if (merged.length === 0) return own
    const inherited = merged.toReversed().map((part) => (typeof part === "object" ? part : {}))
    return Object.assign({}, ...inherited, own)
  }

  #stop(node: YamlNode, fault: Fault): null {
    this.#stopped = true
    this.#report(this.#outermost ?? node, fault)
    return null
  }

  #report(node: YamlNode, fault: Fault, list = this.diagnostics): void {
    // What nobody reads is not even kept.
    if (list.length < limits.problems) list.push(diagnose(fault, { span: spanOf(this.#file, node) }))
  }
}

// A number that is finite has at most 309 digits before its point.
function isChanged(source: string, value: number): boolean {
  return /^[-+]?\d{16,400}$/.test(source) && BigInt(source.replace("+", "")) !== BigInt(value)
}

function changedFault(source: string, value: number): Fault {
  const message = `${source} would become ${BigInt(value)}: whole numbers are exact up to ${Number.MAX_SAFE_INTEGER}`
  return { code: "ORK0106", message, help: "put it in quotes for a text" }
}

function keyFault(text: string, key: YamlNode): Fault {
  const message = "expected a text as key"
  if (key.kind !== "map")
    return { code: "ORK0106", message, help: key.kind === "scalar" ? "choose another key" : "put the key in quotes" }
  if (text[key.start - 1] !== "{") return { code: "ORK0106", message, help: "put the key in quotes" }
  return {
    code: "ORK0106",
    message: "a template begins here, which YAML takes for maps",
    help: 'put the value in quotes: "{{ ... }}"',
  }
}

type Targets = ReadonlyMap<YamlNode, YamlNode>

function keyText(key: YamlNode, targets: Targets): string | undefined {
  const node = key.kind === "alias" ? targets.get(key) : key
  if (node?.kind !== "scalar" || node.value === null) return undefined
  return typeof node.value === "string" ? node.value : node.source
}

function isMergeKey(key: YamlNode): boolean {
  return key.value === "<<" && key.style === "PLAIN"
}

function spanOf(file: SourceFile, { start, end }: YamlNode): Span {
  return { file, start, end }
}

function locator(file: SourceFile, root: YamlNode, targets: Targets): Pick<YamlDocument, "locate" | "locateIn"> {
  const opened = (node: YamlNode | undefined) => (node?.kind === "alias" ? targets.get(node) : node)
  // An index per map: a file with thousands of mistakes in one map must not cost their square.
  const indexes = new Map<YamlNode, ReadonlyMap<string, YamlPair>>()
  const indexOf = (map: YamlNode): ReadonlyMap<string, YamlPair> => {
    const known = indexes.get(map)
    if (known !== undefined) return known
    const index = new Map<string, YamlPair>()
    indexes.set(map, index)
    const merged = map.pairs.filter(({ key }) => isMergeKey(key))
    for (const pair of map.pairs) {
      const name = keyText(pair.key, targets)
      if (name !== undefined && !isMergeKey(pair.key) && !index.has(name)) index.set(name, pair)
    }
    for (const pair of merged) {
      const value = opened(pair.value)
      for (const part of value?.kind === "list" ? value.items.map(opened) : [value]) {
        if (part?.kind !== "map") continue
        for (const [name, from] of indexOf(part)) if (!index.has(name)) index.set(name, from)
      }
    }
    return index
  }
  const find = (steps: readonly (string | number)[]) => {
    let key: YamlNode | undefined
    let value: YamlNode | undefined = root
    for (const step of steps) {
      const at = opened(value)
      key = undefined
      if (at?.kind === "map") {
        const pair = indexOf(at).get(String(step))
        if (pair === undefined) return undefined
        key = pair.key
        value = pair.value
      } else if (at?.kind === "list" && typeof step === "number" && step < at.items.length) {
        value = at.items[step]
      } else return undefined
    }
    return { key, value }
  }
  return {
    locate(steps, part) {
      const found = find(steps)
      const node = found && (part === "key" ? (found.key ?? found.value) : (found.value ?? found.key))
      return node && spanOf(file, node)
    },
    locateIn(steps, from, to) {
      const node = opened(find(steps)?.value)
      if (node === undefined) return undefined
      const whole = spanOf(file, node)
      if (node.kind !== "scalar" || typeof node.value !== "string") return whole
      const offsets = offsetsOf(file.text.slice(whole.start, whole.end), node.value, node.style)
      const first = offsets?.[from]
      const last = offsets?.[Math.max(from, to - 1)]
      if (first === undefined || last === undefined) return whole
      return { file, start: whole.start + first, end: whole.start + (offsets?.[to] ?? last + 1) }
    },
  }
}

function outlineOf(node: YamlNode, targets: Targets, known: Map<YamlNode, Outline>): Outline {
  const found = known.get(node)
  if (found !== undefined) return found
  const of = (below: YamlNode) => outlineOf(below, targets, known)
  const target = targets.get(node)
  const { kind, start, end, isFlow } = node
  const outline: Outline = {
    kind,
    start,
    end,
    isFlow,
    pairs: node.pairs.map(({ key, value }) => ({
      key: of(key),
      name: keyText(key, targets),
      value: value && !isAbsent(value) ? of(value) : undefined,
      isMerge: isMergeKey(key),
    })),
    items: node.items.map(of),
    target: target && of(target),
  }
  known.set(node, outline)
  return outline
}
