import { functionFailure } from "../run.ts"
import { isEmpty, kindOf, text } from "../values.ts"
import { int, list, result, str } from "./convert.ts"
import { Family } from "./define.ts"

const family = new Family("strings")

family.fixed(
  "abbrevboth(left, right, text) string",
  "text cut at both ends, with ... where it was cut: from left on, at most right characters",
  (run, left, right, s) => abbreviated(str(run, s), int(left), int(right)),
)
family.fixed("initials(text) string", "the first letter of each word", (run, s) =>
  str(run, s)
    .split(/\s+/)
    .map((word) => [...word][0] ?? "")
    .join(""),
)
family.fixed("swapcase(text) string", "upper case as lower case, and the other way round", (run, s) =>
  result(
    run,
    str(run, s).replace(/\p{L}/gu, (c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase())),
  ),
)
family.fixed("wrap(width, text) string", "text with line breaks, so that lines are at most width long", (run, n, s) =>
  result(run, wrapped(str(run, s), int(n))),
)
family.fixed(
  "wrapWith(width, separator, text) string",
  "text with separator where a line is width long; long words are cut",
  (run, n, separator, s) => {
    const between = str(run, separator) || "\n"
    run.fits(str(run, s).length * (1 + between.length))
    return result(run, wrappedHard(str(run, s), Math.max(1, int(n))).join(between))
  },
)
family.fixed("plural(one, many, count) string", "one when count is 1, else many", (_, one, many, count) =>
  int(count) === 1 ? one : many,
)
family.fixed(
  "splitn(separator, count, text) map",
  "at most count parts of text, as _0, _1 and so on",
  (run, separator, count, s) => {
    const all = splitAt(str(run, s), str(run, separator), int(count))
    run.charge(all.length)
    return Object.fromEntries(all.map((part, i) => [`_${i}`, part]))
  },
)
family.fixed("toStrings(list) list", "the items as texts; missing ones are left out", (run, items) => {
  const all = kindOf(items) === "list" ? list(items) : [items]
  run.charge(all.length >> 2)
  return all.filter((item) => item !== undefined && item !== null).map((item) => text(item, run))
})
family.fixed("substring(start, end, text) string", "the same as substr", (run, start, end, s) =>
  str(run, s).slice(Math.max(0, int(start)), int(end) < 0 ? undefined : int(end)),
)
family.fixed("html(value) string", "value with & < > and quotes escaped", (run, value) =>
  result(run, escaped(text(value, run), { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" })),
)
family.fixed("js(value) string", "value escaped for a JavaScript text", (run, value) =>
  result(run, jsEscaped(text(value, run))),
)

function abbreviated(s: string, left: number, right: number): string {
  if (right < 4 || (left > 0 && right < 7) || s.length <= right) return s
  const offset = Math.min(left, s.length)
  const start = s.length - offset < right - 3 ? s.length - (right - 3) : offset
  if (start <= 4) return `${s.slice(0, right - 3)}...`
  if (start + right - 3 < s.length) return `...${abbreviated(s.slice(start), 0, right - 3)}`
  return `...${s.slice(s.length - (right - 3))}`
}

/** Breaks at spaces; a word that is too long keeps its line. */
function wrapped(s: string, width: number): string {
  const lines: string[] = []
  let rest = s
  while (rest.length > Math.max(1, width)) {
    if (rest.startsWith(" ")) {
      rest = rest.slice(1)
      continue
    }
    const within = rest.lastIndexOf(" ", Math.max(1, width))
    const at = within > 0 ? within : rest.indexOf(" ", width)
    if (at === -1) break
    lines.push(rest.slice(0, at))
    rest = rest.slice(at + 1)
  }
  return [...lines, rest].join("\n")
}

function wrappedHard(s: string, width: number): readonly string[] {
  const lines: string[] = []
  let at = 0
  while (s.length - at > width) {
    if (s[at] === " ") {
      at++
      continue
    }
    const space = s.lastIndexOf(" ", at + width)
    const end = space > at ? space : at + width
    lines.push(s.slice(at, end))
    at = space > at ? end + 1 : end
  }
  return [...lines, s.slice(at)]
}

function splitAt(s: string, separator: string, count: number): readonly string[] {
  if (count === 0) return []
  const all = separator === "" ? [...s] : s.split(separator)
  if (count < 0 || all.length <= count) return all
  return [...all.slice(0, count - 1), all.slice(count - 1).join(separator)]
}

function escaped(s: string, table: Readonly<Record<string, string>>): string {
  return s.replace(/[&<>"']/g, (c) => table[c] ?? c).replaceAll("\0", "\ufffd")
}

function jsEscaped(s: string): string {
  const unicode = (c: string) => `\\u${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`
  return s.replace(/[\\'"]/g, "\\$&").replace(/[<>&=\x00-\x1f\u2028\u2029]/g, unicode)
}

/** More functions on texts, as Helm has them. */
export const texts = family.defs

const lists = new Family("collections")
lists.variadic("all(values...) bool", "whether none of the values is empty", (run, values) =>
  values.every((value) => !isEmpty(value, run)),
)
lists.variadic("any(values...) bool", "whether one of the values is not empty", (run, values) =>
  values.some((value) => !isEmpty(value, run)),
)
lists.fixed("chunk(size, list) list", "list in lists of size items", (run, size, items) => {
  const all = list(items)
  const step = int(size)
  if (step < 1) return functionFailure("a size is at least 1")
  run.charge(all.length)
  return Array.from({ length: Math.ceil(all.length / step) }, (_, i) => all.slice(i * step, (i + 1) * step))
})
lists.fixed("deepCopy(value) any", "value itself: values never change", (_, value) => value)
lists.aliases({ mustChunk: "chunk", mustDeepCopy: "deepCopy" })

/** More functions on lists, as Helm has them. */
export const moreLists = lists.defs
