import { limits } from "../limits.ts"
import { budgetFailure, functionFailure, type Run } from "../run.ts"
import { isEmpty, kindOf, text } from "../values.ts"
import { int, list, result, str } from "./convert.ts"
import { Family } from "./define.ts"

const family = new Family("strings")
const first = { piped: "first" } as const
const swapped = { piped: "first", unlikeHelm: true } as const

function over(signature: string, description: string, change: (text: string) => string): void {
  family.fixed(signature, description, (run, value) => result(run, change(str(run, value))))
}

over("toLower(text) string", "text in lower case", (s) => s.toLowerCase())
over("toUpper(text) string", "text in upper case", (s) => s.toUpperCase())
family.aliases({ lower: "toLower", upper: "toUpper" })
over("title(text) string", "text with the first letter of each word in upper case", (s) =>
  s.replace(
    /(^|[\s\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f])(\p{L})/gu,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  ),
)
over("untitle(text) string", "text with the first letter of each word in lower case", (s) =>
  s.replace(/(^|\s)(\p{L})/gu, (_, before: string, letter: string) => before + letter.toLowerCase()),
)
over("trimSpace(text) string", "text without white space at both ends", (s) => s.trim())
over("nospace(text) string", "text without any white space", (s) => s.replace(/\s+/g, ""))
over("camelToKebab(text) string", "camelCase as kebab-case", (s) => kebab(s))
over("kebabcase(text) string", "camelCase or snake_case as kebab-case", (s) => kebab(s.replace(/[_\s]+/g, "-")))
over("snakecase(text) string", "camelCase or kebab-case as snake_case", (s) =>
  kebab(s.replace(/[-\s]+/g, "_")).replaceAll("-", "_"),
)
over("camelcase(text) string", "words joined by - or _ as CamelCase", (s) =>
  s
    .split(/[-_\s]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(""),
)

function kebab(s: string): string {
  return s
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])(?=[A-Z][a-z])/g, "$1-")
    .toLowerCase()
}

family.fixed(
  "trim(text, cutset?) string",
  "text without white space, or the characters of cutset, at both ends",
  (run, s, cutset) => (cutset === undefined ? str(run, s).trim() : cut(run, str(run, s), str(run, cutset))),
  first,
)
family.fixed("trimAll(cutset, text) string", "text without the characters of cutset at both ends", (run, cutset, s) =>
  cut(run, str(run, s), str(run, cutset)),
)
family.aliases({ trimall: "trimAll" })
family.fixed(
  "trimPrefix(text, prefix) string",
  "text without prefix at its start",
  (run, s, p) => without(str(run, s), str(run, p), "start"),
  swapped,
)
family.fixed(
  "trimSuffix(text, suffix) string",
  "text without suffix at its end",
  (run, s, p) => without(str(run, s), str(run, p), "end"),
  swapped,
)
family.fixed(
  "hasPrefix(text, prefix) bool",
  "whether text begins with prefix",
  (run, s, p) => str(run, s).startsWith(str(run, p)),
  swapped,
)
family.fixed(
  "hasSuffix(text, suffix) bool",
  "whether text ends with suffix",
  (run, s, p) => str(run, s).endsWith(str(run, p)),
  swapped,
)
family.fixed(
  "contains(text, part) bool",
  "whether part occurs in text",
  (run, s, part) => str(run, s).includes(str(run, part)),
  swapped,
)
family.fixed(
  "replace(text, old, new) string",
  "text with every old replaced by new",
  (run, s, old, by) => replaceAll(run, [str(run, s), str(run, old), str(run, by)]),
  swapped,
)
family.fixed(
  "split(text, separator) list",
  "the parts of text between separators",
  (run, s, separator) => parts(run, str(run, s), str(run, separator)),
  swapped,
)
family.fixed("splitList(separator, text) list", "the parts of text between separators", (run, separator, s) =>
  parts(run, str(run, s), str(run, separator)),
)
family.fixed(
  "join(list, separator) string",
  "the items of list as one text; missing ones are left out",
  // Helm's order is clear from the types: a text cannot be joined, a list separates nothing.
  (run, items, separator) =>
    kindOf(separator) === "list" ? joined(run, separator, items) : joined(run, items, separator),
  first,
)
family.fixed(
  "repeat(text, count) string",
  "text, count times",
  // Helm's order is clear from the types, as only a number counts.
  (run, s, count) =>
    typeof s === "number" && typeof count === "string"
      ? repeated(run, count, int(s))
      : repeated(run, str(run, s), int(count)),
  first,
)
family.fixed(
  "truncate(text, length) string",
  "text cut to length characters, its end replaced by ... when cut",
  (run, s, n) => ellipsis(str(run, s), int(n)),
  first,
)
family.fixed(
  "abbrev(length, text) string",
  "text cut to length characters, its end replaced by ... when cut; as it is when length is below 4",
  (run, n, s) => (int(n) < 4 ? str(run, s) : ellipsis(str(run, s), int(n))),
)
family.fixed(
  "trunc(length, text) string",
  "the first characters of text, or the last when length is negative",
  (run, n, s) => (int(n) < 0 ? str(run, s).slice(int(n)) : str(run, s).slice(0, int(n))),
)
family.fixed("substr(start, end, text) string", "the characters of text from start up to end", (run, start, end, s) =>
  str(run, s).slice(Math.max(0, int(start)), int(end) < 0 ? undefined : int(end)),
)
family.fixed("indent(spaces, text) string", "text with spaces in front of every line", (run, n, s) =>
  indented(run, str(run, s), int(n)),
)
family.fixed(
  "nindent(spaces, text) string",
  "a line break, then text with spaces in front of every line",
  (run, n, s) => `\n${indented(run, str(run, s), int(n))}`,
)
family.variadic("quote(values...) string", "each value in double quotes; missing ones are left out", (run, values) =>
  spaced(run, values, quoted),
)
family.variadic("squote(values...) string", "each value in single quotes; missing ones are left out", (run, values) =>
  spaced(run, values, (s) => `'${s}'`),
)
family.variadic("cat(values...) string", "the values with a space between them", (run, values) =>
  spaced(run, values, (s) => s),
)
family.variadic("concat(values...) any", "texts as one text; lists as one list", (run, values) => concat(run, values))

/** JSON's quoting, with a quick way for what needs no escapes: most names and values. */
function quoted(s: string): string {
  return /^[^"\\\x00-\x1f\ud800-\udfff]*$/.test(s) ? `"${s}"` : JSON.stringify(s)
}

function spaced(run: Run, values: readonly unknown[], show: (text: string) => string): string {
  const only = values.length === 1 ? values[0] : undefined
  if (typeof only === "string") return result(run, show(only))
  let out = ""
  for (const value of values) {
    if (value === undefined || value === null) continue
    out += `${out === "" ? "" : " "}${show(text(value, run))}`
  }
  return result(run, out)
}

function cut(run: Run, s: string, cutset: string): string {
  run.charge(cutset.length >> 5)
  const characters = new Set(cutset)
  let start = 0
  let end = s.length
  for (const character of s) {
    if (!characters.has(character)) break
    start += character.length
  }
  while (end > start) {
    const last = [...s.slice(Math.max(start, end - 2), end)].at(-1) ?? ""
    if (!characters.has(last)) break
    end -= last.length
  }
  return s.slice(start, end)
}

function without(s: string, part: string, side: "start" | "end"): string {
  if (part === "") return s
  if (side === "start") return s.startsWith(part) ? s.slice(part.length) : s
  return s.endsWith(part) ? s.slice(0, -part.length) : s
}

function replaceAll(run: Run, [s = "", old = "", by = ""]: readonly string[]): string {
  // The count comes first, so that a short text cannot grow without a bound.
  const count = old === "" ? s.length + 1 : s.split(old).length - 1
  run.fits(s.length + count * (by.length - old.length))
  return s.replaceAll(old, () => by)
}

function parts(run: Run, s: string, separator: string): readonly string[] {
  const all = separator === "" ? [...s] : s.split(separator)
  run.charge(all.length)
  return all
}

function joined(run: Run, items: unknown, separator: unknown): string {
  if (["string", "number", "bool"].includes(kindOf(items))) return str(run, items)
  const all = list(items)
  const between = str(run, separator)
  run.fits(between.length * all.length)
  run.charge(all.length >> 2)
  const present = all.filter((item) => item !== undefined && item !== null)
  return result(run, present.map((item) => text(item, run)).join(between))
}

function repeated(run: Run, s: string, count: number): string {
  if (count < 0) functionFailure("a count cannot be negative")
  run.fits(s.length * count)
  return s.repeat(count)
}

function ellipsis(s: string, length: number): string {
  if (length < 0) functionFailure("a length cannot be negative")
  if (s.length <= length) return s
  return length <= 3 ? s.slice(0, length) : `${s.slice(0, length - 3)}...`
}

function indented(run: Run, s: string, spaces: number): string {
  if (spaces < 0) functionFailure("an indent cannot be negative")
  const lines = s.split("\n")
  run.fits(s.length + lines.length * spaces)
  if (spaces > limits.outputMax) budgetFailure("an indent that large")
  const pad = " ".repeat(spaces)
  return lines.map((line) => pad + line).join("\n")
}

function concat(run: Run, values: readonly unknown[]): unknown {
  const lists = values.filter((v) => !isEmpty(v, run))
  if (values.some(Array.isArray) && lists.every(Array.isArray)) {
    const all = lists.flat()
    run.charge(all.length)
    return all
  }
  return result(run, values.map((v) => str(run, v)).join(""))
}

/** Functions on texts. */
export const strings = family.defs
