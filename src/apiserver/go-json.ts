/** Says what is wrong with a JSON text as Go says it. A text that JSON.parse reads is not asked about. */
export function jsonProblem(text: string): string {
  try {
    new Scanner(text).value("looking for beginning of value")
    return "unexpected end of JSON input"
  } catch (error) {
    if (error instanceof Unreadable) return error.message
    throw error
  }
}

class Unreadable extends Error {}

const literals: Readonly<Record<string, string>> = { t: "true", f: "false", n: "null" }

/** Walks through a text until something cannot stand there. */
class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The whole text is one value. */
  value(where: string): void {
    this.#value(where)
    this.#space()
    if (this.#at < this.#text.length) this.#fail("after top-level value")
  }

  #value(where: string): void {
    this.#space()
    const character = this.#text[this.#at] ?? ""
    if (character === "{") this.#object()
    else if (character === "[") this.#list()
    else if (character === '"') this.#string()
    else if (/[-0-9]/.test(character)) this.#number()
    else if (literals[character] !== undefined) this.#literal(literals[character])
    else this.#fail(where)
  }

  #object(): void {
    this.#at++
    this.#space()
    for (let isFirst = true; !(isFirst && this.#text[this.#at] === "}"); isFirst = false) {
      this.#space()
      if (this.#text[this.#at] !== '"') this.#fail("looking for beginning of object key string")
      this.#string()
      this.#space()
      if (this.#text[this.#at] !== ":") this.#fail("after object key")
      this.#at++
      this.#value("looking for beginning of value")
      this.#space()
      if (this.#text[this.#at] === "}") break
      if (this.#text[this.#at] !== ",") this.#fail("after object key:value pair")
      this.#at++
    }
    this.#at++
  }

  #list(): void {
    this.#at++
    this.#space()
    for (let isFirst = true; !(isFirst && this.#text[this.#at] === "]"); isFirst = false) {
      this.#value("looking for beginning of value")
      this.#space()
      if (this.#text[this.#at] === "]") break
      if (this.#text[this.#at] !== ",") this.#fail("after array element")
      this.#at++
    }
    this.#at++
  }

  #string(): void {
    for (this.#at++; this.#text[this.#at] !== '"'; this.#at++) {
      if ((this.#text[this.#at] ?? "") < " ") this.#fail("in string literal")
      if (this.#text[this.#at] !== "\\") continue
      this.#at++
      if (this.#text[this.#at] === "u") {
        for (let digits = 0; digits < 4; digits++) {
          this.#at++
          this.#must(/[0-9a-fA-F]/, "in \\u hexadecimal character escape")
        }
      } else this.#must(/[bfnrt\\/"]/, "in string escape code")
    }
    this.#at++
  }

  #number(): void {
    if (this.#text[this.#at] === "-") {
      this.#at++
      this.#must(/\d/, "in numeric literal")
    }
    if (this.#text[this.#at] === "0") this.#at++
    else this.#digits()
    if (this.#text[this.#at] === ".") {
      this.#at++
      this.#must(/\d/, "after decimal point in numeric literal")
      this.#digits()
    }
    if (!/^[eE]/.test(this.#text[this.#at] ?? "")) return
    this.#at++
    if (/^[-+]/.test(this.#text[this.#at] ?? "")) this.#at++
    this.#must(/\d/, "in exponent of numeric literal")
    this.#digits()
  }

  #digits(): void {
    while (/\d/.test(this.#text[this.#at] ?? "")) this.#at++
  }

  #literal(word: string): void {
    for (let i = 1; i < word.length; i++) {
      this.#at++
      if (this.#text[this.#at] !== word[i]) this.#fail(`in literal ${word} (expecting '${word[i]}')`)
    }
    this.#at++
  }

  #must(pattern: RegExp, where: string): void {
    if (!pattern.test(this.#text[this.#at] ?? "")) this.#fail(where)
  }

  #space(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? "")) this.#at++
  }

  /** Go reads bytes, and names the one that it did not expect. */
  #fail(where: string): never {
    if (this.#at >= this.#text.length) throw new Unreadable("unexpected end of JSON input")
    const [byte = 0] = Buffer.from(this.#text.slice(this.#at, this.#at + 2))
    throw new Unreadable(`invalid character ${quotedByte(byte)} ${where}`)
  }
}

const escapes: Readonly<Record<number, string>> = {
  7: "\\a",
  8: "\\b",
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
  39: "\\'",
  92: "\\\\",
}

function quotedByte(byte: number): string {
  const isPrintable = (byte >= 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
  const plain = isPrintable ? String.fromCharCode(byte) : byte < 0x80 ? `\\x${hex(byte, 2)}` : `\\u${hex(byte, 4)}`
  return `'${escapes[byte] ?? plain}'`
}

function hex(byte: number, digits: number): string {
  return byte.toString(16).padStart(digits, "0")
}

/** A text in quotes, as Go's `%q` writes it. */
export function goQuoted(text: string): string {
  const escaped = [...text].map((character) => {
    const code = character.codePointAt(0) ?? 0
    if (character === '"') return '\\"'
    if (code === 39) return character
    const known = escapes[code]
    if (known !== undefined) return known
    if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`
    return /[\p{C}\p{Zl}\p{Zp}]/u.test(character)
      ? code > 0xffff
        ? `\\U${hex(code, 8)}`
        : `\\u${hex(code, 4)}`
      : character
  })
  return `"${escaped.join("")}"`
}
