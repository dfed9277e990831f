/**
 * For each character of a scalar's value, its offset in the source, and one more for the end.
 * Undefined where lines are folded or the text cannot be mapped one to one.
 */
export function offsetsOf(
  source: string,
  value: string,
  type: string | null | undefined,
): readonly number[] | undefined {
  const offsets = mapped(source, type)
  // One entry per character and one for the end; a block literal may also map line breaks that chomping removed.
  if (offsets === undefined || offsets.length <= value.length) return undefined
  return type !== "BLOCK_LITERAL" && offsets.length !== value.length + 1 ? undefined : offsets
}

function mapped(source: string, type: string | null | undefined): readonly number[] | undefined {
  if (type === "BLOCK_LITERAL") return literal(source)
  if (/[\r\n]/.test(source)) return undefined
  if (type === "PLAIN") return Array.from({ length: source.length + 1 }, (_, i) => i)
  if (type === "QUOTE_SINGLE") return quoted(source, (at) => (source.startsWith("''", at) ? [2, 1] : [1, 1]))
  if (type === "QUOTE_DOUBLE") return quoted(source, (at) => escapeAt(source, at))
  return undefined
}

/** `step` says how many characters of the source make how many of the value. */
function quoted(source: string, step: (at: number) => readonly [number, number]): readonly number[] {
  const offsets: number[] = []
  const end = source.length - 1
  for (let at = 1; at < end; ) {
    const [read, made] = step(at)
    for (let i = 0; i < made; i++) offsets.push(at)
    at += read
  }
  offsets.push(end)
  return offsets
}

function escapeAt(source: string, at: number): readonly [number, number] {
  if (source[at] !== "\\") return [1, 1]
  const kind = source[at + 1]
  if (kind === "x") return [4, 1]
  if (kind === "u") return [6, 1]
  if (kind === "U") return [10, Number.parseInt(source.slice(at + 2, at + 10), 16) > 0xffff ? 2 : 1]
  return [2, 1]
}

function literal(source: string): readonly number[] | undefined {
  const header = source.indexOf("\n") + 1
  if (header === 0) return undefined
  const indent = /^ *(?=[^ \r\n])/m.exec(source.slice(header))?.[0].length ?? 0
  if (/^\|[-+]?[1-9]/.test(source)) return undefined // an explicit indentation: rare, and relative to the parent
  const offsets: number[] = []
  for (let at = header; at < source.length; ) {
    const lineFeed = source.indexOf("\n", at)
    const end = lineFeed === -1 ? source.length : lineFeed
    const textEnd = source[end - 1] === "\r" ? end - 1 : end
    for (let i = Math.min(at + indent, textEnd); i < textEnd; i++) offsets.push(i)
    offsets.push(textEnd)
    at = end + 1
  }
  offsets.push(source.length)
  return offsets
}
