/** The call that stands for an object of a named type: `Object.spec{replicas: 1}`. */
export const structCall = "ork_struct"

/** An expression without objects of named types, and the place in the original of each of its characters. */
export interface Rewritten {
  readonly text: string
  readonly origins: readonly number[]
}

const isNamed = /\b(?:Object|JSONPatch)\b/
const typeAhead = /(Object(?:\.[A-Za-z_]\w*)*|JSONPatch)\s*\{/y
const fieldAhead = /\s*(?:([A-Za-z_]\w*)|`([^`]*)`)\s*:/y
const quoteAhead = /[rRbB]{0,2}("""|'''|"|')/y

/** Writes objects of the types that policies know as calls, which the parser understands; undefined: there are none. */
export function withoutStructs(text: string): Rewritten | undefined {
  if (!isNamed.test(text)) return undefined
  const rewriter = new Rewriter(text)
  rewriter.expression("")
  return { text: rewriter.text, origins: rewriter.origins }
}

class Rewriter {
  text = ""
  readonly origins: number[] = []
  #at = 0

  constructor(private readonly source: string) {}

  /** Copies up to one of `ends` that is not within brackets. */
  expression(ends: string): void {
    let depth = 0
    while (this.#at < this.source.length) {
      const char = this.source[this.#at] ?? ""
      if (depth === 0 && ends !== "" && ends.includes(char)) return
      if (this.#string() || this.#struct()) continue
      if ("([{".includes(char)) depth++
      if (")]}".includes(char)) depth--
      this.#copy(1)
    }
  }

  #string(): boolean {
    const isWord = /\w/.test(this.source[this.#at - 1] ?? "")
    const opening = isWord ? undefined : this.#ahead(quoteAhead)
    if (opening === undefined) return false
    const [whole, quote = ""] = opening
    const isRaw = /r/i.test(whole)
    let end = this.#at + whole.length
    while (end < this.source.length && !this.source.startsWith(quote, end)) {
      end += !isRaw && this.source[end] === "\\" ? 2 : 1
    }
    this.#copy(Math.min(end + quote.length, this.source.length) - this.#at)
    return true
  }

  #struct(): boolean {
    if (/[\w.]/.test(this.source[this.#at - 1] ?? "")) return false
    const opening = this.#ahead(typeAhead)
    if (opening === undefined) return false
    const [whole, name = ""] = opening
    const start = this.#at
    this.#say(`${structCall}(${JSON.stringify(name)}, {`, start)
    this.#at += whole.length
    while (this.#at < this.source.length && this.source[this.#at] !== "}") {
      const field = this.#ahead(fieldAhead)
      if (field !== undefined) {
        const [text, plain, quoted] = field
        this.#say(`${JSON.stringify(plain ?? quoted)}:`, this.#at)
        this.#at += text.length
      }
      this.expression(",}")
      if (this.source[this.#at] === ",") this.#copy(1)
      else break
    }
    if (this.source[this.#at] !== "}") return true
    this.#say("})", this.#at)
    this.#at++
    return true
  }

  #ahead(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    return pattern.exec(this.source) ?? undefined
  }

  #copy(length: number): void {
    for (let i = 0; i < length; i++) this.#say(this.source[this.#at + i] ?? "", this.#at + i)
    this.#at += length
  }

  #say(text: string, origin: number): void {
    this.text += text
    for (let i = 0; i < text.length; i++) this.origins.push(origin)
  }
}
