import {
  Composer,
  type CST,
  Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type Pair,
  Parser,
  stringify,
  type YAMLMap,
} from "yaml"
import type { Diagnostic, SourceFile, Span } from "../base/mod.ts"
import { formatPath } from "../kube/mod.ts"
import { diagnose, type Fault } from "./fault.ts"
import { offsetsOf } from "./scalar-offsets.ts"
import { yamlFault } from "./yaml-fault.ts"

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

/** What a text holds. Documents without content are left out. */
export interface YamlText {
  readonly documents: readonly YamlDocument[]
  readonly diagnostics: readonly Diagnostic[]
}

/** The bounds of one file: characters, levels, values after aliases are opened, diagnostics. */
export const limits = { textLength: 1024 * 1024, depth: 100, values: 500_000, problems: 50 } as const

/** Reads YAML 1.2 (JSON included) in bounded time. Mistakes are diagnostics; it never throws for a bad text. */
export function parseYaml(file: SourceFile, textLengthMax: number = limits.textLength): YamlText {
  if (file.text.length > textLengthMax) {
    const message = `the file is larger than ${Math.round(textLengthMax / 1024 / 1024)} MiB`
    return { documents: [], diagnostics: [diagnose({ code: "ORK0104", message, help: "split the file" }, start(file))] }
  }
  try {
    return parseBounded(file)
  } catch (error) {
    // The parser is recursive: a text with hundreds of thousands of levels can use up the stack.
    if (!(error instanceof RangeError)) throw error
    return { documents: [], diagnostics: [diagnose(tooDeep, start(file))] }
  }
}

const tooDeep: Fault = {
  code: "ORK0104",
  message: `the text is nested more than ${limits.depth} levels deep`,
  help: "use fewer levels; check for brackets that are never closed",
}

function parseBounded(file: SourceFile): YamlText {
  const diagnostics: Diagnostic[] = []
  const documents: YamlDocument[] = []
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, logLevel: "silent" })
  for (const document of [...composer.compose(tokensOf(file.text))]) {
    if (document.errors.some((error) => error.message.includes("call stack"))) throw new RangeError("too deep")
    diagnostics.push(...complaints(file, document))
    if (document.contents === null || isEmpty(document.contents)) continue
    const reader = new Reader(file)
    const data = reader.read(document.contents, 0)
    diagnostics.push(...reader.diagnostics)
    const { contents } = document
    documents.push({
      data,
      ...locator(file, contents, reader.targets),
      outline: () => outlineOf(contents, reader.targets, new Map()),
    })
  }
  return { documents, diagnostics: diagnostics.slice(0, limits.problems) }
}

const levelsMax = limits.depth * 10

/** The tokens of a text. Ends early where the levels are out of all bounds: trees of a million brackets take a gigabyte. */
function* tokensOf(text: string): Generator<CST.Token> {
  const parser = new Parser()
  let brackets = 0
  /** `-` and `?` on one line open a level each. */
  let signs = 0
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === "[" || lexeme === "{") brackets++
    else if (lexeme === "]" || lexeme === "}") brackets--
    else if (lexeme === "\n" || lexeme === "\r\n") signs = 0
    else if (lexeme === "-" || lexeme === "?") signs++
    if (brackets > levelsMax || signs > levelsMax) throw new RangeError("too deep")
    yield* parser.next(lexeme)
  }
  yield* parser.end()
}

/** The first mistake of syntax, since the parser stumbles on from there, and tags without meaning, which are warnings. */
function complaints(
  file: SourceFile,
  { errors, warnings }: Pick<Document, "errors" | "warnings">,
): readonly Diagnostic[] {
  const first = errors.toSorted((a, b) => a.pos[0] - b.pos[0]).slice(0, 1)
  return [...first, ...warnings.slice(0, limits.problems)].map(({ code, message, pos: [start, end] }) =>
    diagnose(yamlFault({ code, message, before: lineUpTo(file.text, start) }), { span: { file, start, end } }),
  )
}

function lineUpTo(text: string, end: number): string {
  return text.slice(text.lastIndexOf("\n", end - 1) + 1, end)
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null && node.source === ""
}

function start(file: SourceFile): { readonly span: Span } {
  return { span: { file, start: 0, end: 1 } }
}

type Anchored = Node & { readonly anchor?: string }

/** Turns nodes into plain data; opens aliases and merge keys within the bounds. */
class Reader {
  readonly diagnostics: Diagnostic[] = []
  /** What each alias stands for. */
  readonly targets = new Map<Node, Node>()
  readonly #file: SourceFile
  readonly #anchors = new Map<string, Node>()
  /** The alias being opened whose text stands in the document itself. */
  #outermost: Node | undefined
  #values = 0
  #stopped = false

  constructor(file: SourceFile) {
    this.#file = file
  }

  read(node: Node | null | undefined, depth: number): unknown {
    if (node === null || node === undefined || this.#stopped) return null
    if (depth > limits.depth) return this.#stop(node, tooDeep)
    if (++this.#values > limits.values) {
      return this.#stop(node, { code: "ORK0104", message: `the file holds more than ${limits.values} values` })
    }
    if (isAlias(node)) return this.#readAlias(node, node.source, depth)
    const anchor = (node as Anchored).anchor // the types leave it off aliases only
    if (anchor !== undefined) this.#anchors.set(anchor, node)
    if (isMap(node)) return this.#readMap(node, depth)
    if (isSeq(node)) return node.items.map((item) => this.read(nodeOf(item), depth + 1))
    return isScalar(node) ? this.#readScalar(node, node.value) : null
  }

  #readAlias(node: Node, name: string, depth: number): unknown {
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

  #readScalar(node: Node, value: unknown): unknown {
    if (typeof value !== "number" || Number.isFinite(value)) return value
    this.#report(node, { code: "ORK0106", message: "expected a finite number", help: "put it in quotes for a text" })
    return null
  }

  #readMap(map: YAMLMap, depth: number): Readonly<Record<string, unknown>> {
    const own = new Map<string, unknown>()
    const merged: unknown[] = []
    for (const pair of map.items) {
      const key = nodeOf(pair.key)
      const name = key && keyText(key, this.targets)
      if (name === undefined || name === "__proto__") {
        this.#report(key ?? map, keyFault(this.#file.text, key))
        continue
      }
      const value = this.read(nodeOf(pair.value), depth + 1)
      if (isMergeKey(key)) merged.push(...(Array.isArray(value) ? value : [value]))
      else if (own.has(name)) this.#report(key, { code: "ORK0103", message: `"${name}" is set twice`, help: oneOfThem })
      else own.set(name, value)
    }
    const inherited = merged.toReversed().map((part) => (typeof part === "object" ? part : {}))
    return Object.assign({}, ...inherited, Object.fromEntries(own))
  }

  #stop(node: Node, fault: Fault): null {
    this.#stopped = true
    this.#report(this.#outermost ?? node, fault)
    return null
  }

  #report(node: Node | undefined, fault: Fault): void {
    this.diagnostics.push(diagnose(fault, { span: spanOf(this.#file, node) }))
  }
}

function keyFault(text: string, key: Node | undefined): Fault {
  const message = "expected a text as key"
  if (!isMap(key))
    return { code: "ORK0106", message, help: isScalar(key) ? "choose another key" : "put the key in quotes" }
  const [start = 0] = key.range ?? []
  if (text[start - 1] !== "{") return { code: "ORK0106", message, help: "put the key in quotes" }
  return {
    code: "ORK0106",
    message: "a template begins here, which YAML takes for maps",
    help: 'put the value in quotes: "{{ ... }}"',
  }
}

const oneOfThem = "keep one of them"

/** The parser's types call keys and values unknown; a parsed document holds nodes only. */
function nodeOf(value: unknown): Node | undefined {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value) ? value : undefined
}

function keyText(key: Node, targets: ReadonlyMap<Node, Node>): string | undefined {
  const node = isAlias(key) ? targets.get(key) : key
  if (!isScalar(node) || node.value === null) return undefined
  return typeof node.value === "string" ? node.value : (node.source ?? String(node.value))
}

function isMergeKey(key: Node | undefined): boolean {
  return isScalar(key) && key.value === "<<" && key.type === "PLAIN"
}

function spanOf(file: SourceFile, node: Node | undefined): Span | undefined {
  if (!node?.range) return undefined
  const [from, to] = node.range
  return { file, start: from, end: Math.max(from, to) }
}

function locator(
  file: SourceFile,
  root: Node,
  targets: ReadonlyMap<Node, Node>,
): Pick<YamlDocument, "locate" | "locateIn"> {
  const opened = (node: Node | undefined) => (isAlias(node) ? targets.get(node) : node)
  // An index per map: a file with thousands of mistakes in one map must not cost their square.
  const indexes = new Map<YAMLMap, ReadonlyMap<string, Pair>>()
  const indexOf = (map: YAMLMap): ReadonlyMap<string, Pair> => {
    const known = indexes.get(map)
    if (known !== undefined) return known
    const index = new Map<string, Pair>()
    indexes.set(map, index)
    const merged = map.items.filter((pair) => isMergeKey(nodeOf(pair.key)))
    for (const pair of map.items) {
      const key = nodeOf(pair.key)
      const name = key && keyText(key, targets)
      if (name !== undefined && !merged.includes(pair) && !index.has(name)) index.set(name, pair)
    }
    for (const pair of merged) {
      const value = opened(nodeOf(pair.value))
      for (const part of isSeq(value) ? value.items.map((item) => opened(nodeOf(item))) : [value]) {
        for (const [name, from] of isMap(part) ? indexOf(part) : []) if (!index.has(name)) index.set(name, from)
      }
    }
    return index
  }
  const find = (steps: readonly (string | number)[]) => {
    let key: Node | undefined
    let value: Node | undefined = root
    for (const step of steps) {
      const at = opened(value)
      key = undefined
      if (isMap(at)) {
        const pair = indexOf(at).get(String(step))
        if (pair === undefined) return undefined
        key = nodeOf(pair.key)
        value = nodeOf(pair.value)
      } else if (isSeq(at) && typeof step === "number" && step < at.items.length) {
        value = nodeOf(at.items[step])
      } else return undefined
    }
    return { key, value }
  }
  return {
    locate(steps, part) {
      const found = find(steps)
      return found && spanOf(file, part === "key" ? (found.key ?? found.value) : (found.value ?? found.key))
    },
    locateIn(steps, from, to) {
      const node = opened(find(steps)?.value)
      const whole = spanOf(file, node)
      if (whole === undefined || !isScalar(node) || typeof node.value !== "string") return whole
      const offsets = offsetsOf(file.text.slice(whole.start, whole.end), node.value, node.type)
      const first = offsets?.[from]
      const last = offsets?.[Math.max(from, to - 1)]
      if (first === undefined || last === undefined) return whole
      return { file, start: whole.start + first, end: whole.start + (offsets?.[to] ?? last + 1) }
    },
  }
}

function outlineOf(node: Node, targets: ReadonlyMap<Node, Node>, known: Map<Node, Outline>): Outline {
  const found = known.get(node)
  if (found !== undefined) return found
  const of = (below: Node) => outlineOf(below, targets, known)
  const target = targets.get(node)
  const pairs = (isMap(node) ? node.items : []).flatMap((pair): readonly OutlinePair[] => {
    const key = nodeOf(pair.key)
    if (key === undefined) return []
    const value = nodeOf(pair.value)
    const isMerge = isMergeKey(key)
    return [
      { key: of(key), name: keyText(key, targets), value: value && !isAbsent(value) ? of(value) : undefined, isMerge },
    ]
  })
  const items = (isSeq(node) ? node.items : []).flatMap((item) => nodeOf(item) ?? []).map(of)
  const [start = 0, end = 0] = node.range ?? []
  const outline: Outline = {
    kind: isAlias(node) ? "alias" : isMap(node) ? "map" : isSeq(node) ? "list" : "scalar",
    start,
    end: isCollection(node) && node.flow !== true ? (endOf(pairs.at(-1)) ?? items.at(-1)?.end ?? end) : end,
    isFlow: isCollection(node) && node.flow === true,
    pairs,
    items,
    target: target && of(target),
  }
  known.set(node, outline)
  return outline
}

function endOf(pair: OutlinePair | undefined): number | undefined {
  return pair?.value?.end ?? pair?.key.end
}

/** A value that is not written at all. */
function isAbsent(node: Node): boolean {
  return isScalar(node) && node.value === null && !node.source && node.anchor === undefined
}

/** Data as YAML text that ends with a line break: blocks, or one line of brackets. */
export function yamlText(data: unknown, style: "block" | "flow"): string {
  if (style === "block") return stringify(data, { lineWidth: 0 })
  return stringify(data, { lineWidth: 0, collectionStyle: "flow" })
}

type CommentOf = (path: string) => string | undefined

/** Data as block YAML; `commentOf` answers, by path, what is written behind a scalar, or above what takes more than a line. */
export function yamlWithComments(data: unknown, commentOf: CommentOf): string {
  // Many readers of Kubernetes objects still take `no` for false: such texts get quotes.
  const document = new Document(data, { compat: "yaml-1.1" })
  if (document.contents !== null) addComments(document.contents, [], commentOf)
  return document.toString({ lineWidth: 0 })
}

function addComments(node: Node, steps: readonly (string | number)[], commentOf: CommentOf): void {
  const parts: readonly (readonly [string | number, Node | undefined, Node | undefined])[] = isMap(node)
    ? node.items.map((pair) => [
        keyText(nodeOf(pair.key) ?? node, new Map()) ?? "",
        nodeOf(pair.key),
        nodeOf(pair.value),
      ])
    : isSeq(node)
      ? node.items.map((item, index) => [index, undefined, nodeOf(item)])
      : []
  for (const [step, key, value] of parts) {
    if (value === undefined) continue
    const way = [...steps, step]
    const comment = isCollection(value) && value.items.length > 0 ? undefined : commentOf(formatPath(way))
    const takesLines = isCollection(value) || (isScalar(value) && String(value.value).includes("\n"))
    if (comment !== undefined && takesLines) (key ?? value).commentBefore = ` ${comment}`
    else if (comment !== undefined) value.comment = ` ${comment}`
    addComments(value, way, commentOf)
  }
}

/** The comments of a text, each with its "#". */
export function commentsOf(text: string): readonly string[] {
  return [...new Lexer().lex(text)].filter((token) => token.startsWith("#"))
}
