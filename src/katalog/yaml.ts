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
  Parser,
  stringify,
} from "yaml"
import type { Diagnostic, SourceFile, Span } from "../base/mod.ts"
import { formatPath } from "../kube/mod.ts"
import { diagnose, type Fault } from "./fault.ts"
import { documentOf, limits, tooDeep, type YamlDocument } from "./yaml-document.ts"
import { yamlFault } from "./yaml-fault.ts"
import { endOfPair, type YamlNode, type YamlPair, type YamlStyle, yamlNode } from "./yaml-node.ts"
import { readPlain, type Unread } from "./yaml-plain.ts"

/** What a text holds. Documents without content are left out. */
export interface YamlText {
  readonly documents: readonly YamlDocument[]
  readonly diagnostics: readonly Diagnostic[]
  /** Where there are mistakes: the rest can be judged all the same, as with a key that is set twice. */
  readonly isReadable: boolean
}

/** Reads YAML 1.2 (JSON included) in bounded time. Mistakes are diagnostics; it never throws for a bad text. */
export function parseYaml(file: SourceFile): YamlText {
  if (file.text.length > limits.textLength) {
    const message = `the file is larger than ${limits.textLength / 1024 / 1024} MiB`
    const tooLarge = diagnose({ code: "ORK0104", message, help: "split the file" }, at(file, 0))
    return { documents: [], diagnostics: [tooLarge], isReadable: false }
  }
  const plain = readPlain(file.text, limits.depth)
  const { roots, diagnostics } = plain.ok ? { roots: plain.value, diagnostics: [] } : readRest(file, plain.error)
  const read = roots.map((root) => documentOf(file, root))
  return {
    documents: read.map(({ document }) => document),
    diagnostics: [...diagnostics, ...read.flatMap((one) => one.diagnostics)].slice(0, limits.problems),
    isReadable: diagnostics.length === 0 && read.every(({ isWhole }) => isWhole),
  }
}

interface Roots {
  readonly roots: readonly YamlNode[]
  readonly diagnostics: readonly Diagnostic[]
}

function readRest(file: SourceFile, { at: from, isTooDeep }: Unread): Roots {
  return isTooDeep ? { roots: [], diagnostics: [diagnose(tooDeep, at(file, from))] } : readAny(file, from)
}

/** What the complete parser makes of a text: all of YAML, and the mistakes in it. `from` is where it is needed. */
export function readAny(file: SourceFile, from: number): Roots {
  try {
    return readBounded(file)
  } catch (error) {
    if (error instanceof TooMuch) return { roots: [], diagnostics: [diagnose(error.fault, at(file, error.at ?? from))] }
    // The parser is recursive: a text with hundreds of thousands of levels can use up the stack.
    if (!(error instanceof RangeError)) throw error
    return { roots: [], diagnostics: [diagnose(tooDeep, at(file, 0))] }
  }
}

/** Thrown and caught here: a bound of the text is passed, at an offset or as a whole. */
class TooMuch extends Error {
  readonly fault: Fault
  readonly at: number | undefined

  constructor(fault: Fault, offset?: number) {
    super()
    this.fault = fault
    this.at = offset
  }
}

function readBounded(file: SourceFile): Roots {
  const diagnostics: Diagnostic[] = []
  const roots: YamlNode[] = []
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, logLevel: "silent" })
  for (const document of [...composer.compose(tokensOf(file.text))]) {
    if (document.errors.some((error) => error.message.includes("call stack"))) throw new RangeError("too deep")
    diagnostics.push(...complaints(file, document))
    if (document.contents === null || isEmpty(document.contents)) continue
    roots.push(nodeOf(document.contents))
  }
  return { roots, diagnostics }
}

const levelsMax = limits.depth * 10

const tooManyWords: Fault = {
  code: "ORK0104",
  message: `a file of more than ${limits.words} words and signs cannot be read from here on`,
  help: "look for a mistake in quotes, brackets or indentation here; keys with ?, tags and key anchors need a smaller file",
}

/** The tokens of a text. Ends early where words or levels are out of all bounds: trees of a million brackets take a gigabyte. */
function* tokensOf(text: string): Generator<CST.Token> {
  const parser = new Parser()
  let words = 0
  let brackets = 0
  /** `-` and `?` on one line open a level each. */
  let signs = 0
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === "[" || lexeme === "{") brackets++
    else if (lexeme === "]" || lexeme === "}") brackets--
    else if (lexeme === "\n" || lexeme === "\r\n") signs = 0
    else if (lexeme === "-" || lexeme === "?") signs++
    if (++words > limits.words) throw new TooMuch(tooManyWords)
    if (brackets > levelsMax || signs > levelsMax) throw new TooMuch(tooDeep, parser.offset)
    let isWrong = false
    for (const token of parser.next(lexeme)) {
      isWrong ||= token.type === "error"
      yield token
    }
    // Only the first mistake is told, and a million of them take seconds.
    if (isWrong) break
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
    diagnose(yamlFault({ code, message, before: lineUpTo(file.text, start) }), {
      span: openedBefore(file, { code, message, start }) ?? { file, start, end },
    }),
  )
}

/** The bracket or quote that a complaint misses the end of: the place to look at is where it begins. */
function openedBefore(
  file: SourceFile,
  { code, message, start }: { readonly code: string; readonly message: string; readonly start: number },
): Span | undefined {
  const isQuote = message.startsWith("Missing closing")
  if (!isQuote && !message.includes("must end with") && !(code === "BAD_INDENT" && message.startsWith("Flow"))) return
  const brackets: number[] = []
  let [offset, quote, isText] = [0, -1, false]
  for (const lexeme of new Lexer().lex(file.text.slice(0, start))) {
    if (!isText && (lexeme === "[" || lexeme === "{")) brackets.push(offset)
    else if (!isText && (lexeme === "]" || lexeme === "}")) brackets.pop()
    else if (!isText && /^["']/.test(lexeme)) quote = offset
    // The lexer announces a text, a document and an end by signs that are not in the file.
    isText = lexeme === "\x1f"
    if (!/^[\x02\x18\x1f]$/.test(lexeme)) offset += lexeme.length
  }
  const found = isQuote ? quote : (brackets.at(-1) ?? -1)
  return found === -1 ? undefined : { file, start: found, end: found + 1 }
}

function lineUpTo(text: string, end: number): string {
  return text.slice(text.lastIndexOf("\n", end - 1) + 1, end)
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null && node.source === ""
}

function at(file: SourceFile, start: number): { readonly span: Span } {
  return { span: { file, start, end: start + 1 } }
}

/** The parser's node as ours. */
function nodeOf(node: Node): YamlNode {
  const [start = 0, rangeEnd = 0] = node.range ?? []
  const end = Math.max(start, rangeEnd)
  if (isAlias(node)) return yamlNode("alias", { start, end }, { value: node.source })
  const { anchor } = node as { readonly anchor?: string } // the types leave it off aliases only
  if (isScalar(node)) {
    const { value, source = String(value) } = node
    // Of the styles only those of scalars stand at scalars.
    return yamlNode("scalar", { start, end }, { value, source, style: node.type as YamlStyle | undefined, anchor })
  }
  const isFlow = isCollection(node) && node.flow === true
  if (isMap(node)) {
    const pairs = node.items.flatMap(({ key, value }): readonly YamlPair[] => {
      const own = known(key)
      const child = known(value)
      return own === undefined ? [] : [{ key: nodeOf(own), value: child && nodeOf(child) }]
    })
    const last = pairs.at(-1)
    return yamlNode("map", { start, end: isFlow || !last ? end : endOfPair(last) }, { isFlow, pairs, anchor })
  }
  const items = (isSeq(node) ? node.items : []).flatMap((item) => known(item) ?? []).map(nodeOf)
  return yamlNode("list", { start, end: isFlow ? end : (items.at(-1)?.end ?? end) }, { isFlow, items, anchor })
}

/** The parser's types call keys and values unknown; a parsed document holds nodes only. */
function known(value: unknown): Node | undefined {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value) ? value : undefined
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
    ? node.items.map(({ key, value }) => [isScalar(key) ? String(key.value) : "", known(key), known(value)])
    : isSeq(node)
      ? node.items.map((item, index) => [index, undefined, known(item)])
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
