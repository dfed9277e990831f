import { isRecord } from "../kube/mod.ts"

/** Columns after which a text goes on in the next line. */
const widthMax = 80

/** A JSON value as YAML, in the layout in which a real server writes it. */
export function goYaml(value: unknown): string {
  return isBlock(value) ? `${block(value, 0)}\n` : `${scalar(value, 0, 0)}\n`
}

/** True for what takes lines of its own. */
function isBlock(value: unknown): value is readonly unknown[] | Readonly<Record<string, unknown>> {
  return Array.isArray(value) ? value.length > 0 : isRecord(value) && Object.keys(value).length > 0
}

function block(value: readonly unknown[] | Readonly<Record<string, unknown>>, indent: number): string {
  const margin = " ".repeat(indent)
  if (isRecord(value)) {
    const keys = Object.keys(value).sort(byName)
    return keys.map((key) => `${margin}${member(key, value[key], indent)}`).join("\n")
  }
  return [...value].map((item) => `${margin}- ${itemText(item, indent)}`).join("\n")
}

function member(key: string, value: unknown, indent: number): string {
  const name = `${scalar(key, 0, -1)}:`
  // Lists stand below their key without a margin of their own.
  if (isBlock(value)) return `${name}\n${block(value, isRecord(value) ? indent + 2 : indent)}`
  return `${name} ${scalar(value, indent + name.length + 1, indent + 2)}`
}

function itemText(item: unknown, indent: number): string {
  return isBlock(item) ? block(item, indent + 2).trimStart() : scalar(item, indent + 2, indent + 2)
}

/** A value in one piece that begins in `column`; goes on at `indent`, or not at all when that is negative. */
function scalar(value: unknown, column: number, indent: number): string {
  if (Array.isArray(value)) return "[]"
  if (isRecord(value)) return "{}"
  if (typeof value !== "string") return String(value)
  const { mayBePlain, mayBeSingle, mayBeBlock } = shapeOf(value)
  const hasLines = value.includes("\n")
  if (hasLines && mayBeBlock && indent >= 0) return literal(value, indent)
  if (hasLines || !mayBeSingle || isAmbiguous(value)) return doubleQuoted(value, { column, indent })
  if (mayBePlain) return folded(value, { column, indent }, false)
  return `'${folded(value.replaceAll("'", "''"), { column: column + 1, indent }, true)}'`
}

/** Whether a text without quotes would be read as something else. */
function isAmbiguous(text: string): boolean {
  if (text === "") return true
  if (/^(?:y|Y|n|N|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|false|False|FALSE)$/.test(text)) return true
  if (/^(?:~|null|Null|NULL|\.nan|\.NaN|\.NAN|[-+]?\.(?:inf|Inf|INF))$/.test(text)) return true
  const plain = text.replaceAll("_", "")
  if (/^[-+]?(?:\d+|0b[01]+|0o?[0-7]+|0x[0-9a-fA-F]+)$/.test(plain)) return true
  if (/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(plain)) return true
  if (/^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/.test(text)) return true
  return /^\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]|[ \t]+)\d{1,2}:\d\d:\d\d(?:\.\d*)?[ \t]*(?:Z|[-+]\d\d?(?::?\d\d)?)?)?$/.test(
    text,
  )
}

interface Shape {
  readonly mayBePlain: boolean
  readonly mayBeSingle: boolean
  readonly mayBeBlock: boolean
}

function shapeOf(text: string): Shape {
  const isSpecial = /[^\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u.test(text)
  const hasSpaceBeforeBreak = / \n/.test(text)
  const hasBreakBeforeSpace = /\n /.test(text)
  const isBlank = /^[ \n]|[ \n]$/.test(text)
  const isIndicated =
    /^(?:[#,[\]{}&*!|>'"%@`]|[?:-](?:[ \n]|$)|---|\.\.\.)/.test(text) || /:(?:[ \n]|$)|[ \n]#/.test(text)
  const mayBeSingle = !isSpecial && !hasSpaceBeforeBreak && !hasBreakBeforeSpace
  return {
    mayBeSingle,
    mayBePlain: mayBeSingle && !isBlank && !isIndicated && !text.includes("\n"),
    mayBeBlock: !isSpecial && !hasSpaceBeforeBreak && !text.endsWith(" "),
  }
}

function literal(text: string, indent: number): string {
  const hint = /^[ \n]/.test(text) ? "2" : ""
  const end = !text.endsWith("\n") ? "-" : /^\n?$|\n\n$/.test(text) ? "+" : ""
  const margin = " ".repeat(indent)
  const lines = text.replace(/\n$/, "").split("\n")
  return `|${hint}${end}\n${lines.map((line) => (line === "" ? "" : margin + line)).join("\n")}`
}

interface Place {
  readonly column: number
  readonly indent: number
}

/** A text that goes on in the next line at the first space beyond the width. */
function folded(text: string, { column, indent }: Place, isQuoted: boolean): string {
  let [out, at] = ["", column]
  for (let i = 0; i < text.length; i++) {
    const isInner = !isQuoted || (i > 0 && i < text.length - 1)
    const isFree = text[i] === " " && text[i + 1] !== " " && text[i - 1] !== " " && isInner
    if (isFree && indent >= 0 && at > widthMax) {
      out += `\n${" ".repeat(indent)}`
      at = indent
    } else {
      out += text[i]
      at++
    }
  }
  return out
}

const escapes: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\x85": "\\N",
  "\u2028": "\\L",
  "\u2029": "\\P",
}

function doubleQuoted(text: string, { column, indent }: Place): string {
  let [out, at, wasSpace] = ['"', column + 1, false]
  const characters = [...text]
  for (const [i, character] of characters.entries()) {
    if (character === " ") {
      const isFree = !wasSpace && indent >= 0 && at > widthMax && i > 0 && i < characters.length - 1
      out += isFree ? `\n${" ".repeat(indent)}${characters[i + 1] === " " ? "\\" : ""}` : " "
      at = isFree ? indent : at + 1
    } else {
      const shown = escapes[character] ?? escaped(character)
      out += shown
      at += shown.length
    }
    wasSpace = character === " "
  }
  return `${out}"`
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (/[\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u.test(character)) return character
  const hex = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`
}

/** Signs before digits before letters, and numbers by what they count. */
function byName(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  const at = left.findIndex((character, index) => character !== right[index])
  if (at === -1 || at >= right.length) return left.length - right.length
  const [one = "", other = ""] = [left[at], right[at]]
  const isLetter = (text: string) => /\p{L}/u.test(text)
  if (isLetter(one) !== isLetter(other)) return isLetter(one) ? 1 : -1
  const digits = (text: readonly string[]) => /^\d*/.exec(text.slice(at).join(""))?.[0] ?? ""
  const [first, second] = [digits(left), digits(right)]
  if (isLetter(one) || (first === "" && second === "") || Number(first) === Number(second)) return one < other ? -1 : 1
  return Number(first) - Number(second)
}
