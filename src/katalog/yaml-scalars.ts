const numbers: readonly (readonly [form: RegExp, read: (source: string) => number])[] = [
  [/^0o[0-7]+$/, (source) => Number.parseInt(source.slice(2), 8)],
  [/^[-+]?[0-9]+$/, (source) => Number.parseInt(source, 10)],
  [/^0x[0-9a-fA-F]+$/, (source) => Number.parseInt(source.slice(2), 16)],
  [/^[-+]?\.(?:inf|Inf|INF)$/, (source) => (source.startsWith("-") ? -1 : 1) * Number.POSITIVE_INFINITY],
  [/^\.(?:nan|NaN|NAN)$/, () => Number.NaN],
  [/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)[eE][-+]?[0-9]+$/, Number.parseFloat],
  [/^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)$/, Number.parseFloat],
]

/** What a text without quotes means in YAML 1.2's core schema. */
export function plainValue(source: string): unknown {
  // Most texts begin with a letter that nothing else begins with.
  if (!/^[-+.0-9~nNtTfF]/.test(source)) return source
  if (/^(?:~|[Nn]ull|NULL)$/.test(source)) return null
  if (/^(?:[Tt]rue|TRUE)$/.test(source)) return true
  if (/^(?:[Ff]alse|FALSE)$/.test(source)) return false
  const number = numbers.find(([form]) => form.test(source))
  return number === undefined ? source : number[1](source)
}

/** The lines of a quoted text as one text. */
export function folded(source: string): string {
  const lines = source.split("\n")
  let text = ""
  let breaks = 0
  for (const [index, line] of lines.entries()) {
    const isLast = index === lines.length - 1
    const part = line.slice(index === 0 ? 0 : blanksFrom(line), isLast ? undefined : blanksUpTo(line))
    if (index > 0) breaks++
    if (part === "" && index > 0 && !isLast) continue
    if (breaks > 0) text += breaks === 1 ? " " : "\n".repeat(breaks - 1)
    text += part
    breaks = 0
  }
  return text
}

function blanksFrom(line: string): number {
  let at = 0
  while (line[at] === " " || line[at] === "\t") at++
  return at
}

function blanksUpTo(line: string): number {
  let at = line.length
  while (line[at - 1] === " " || line[at - 1] === "\t") at--
  return at
}

/** The lines of a `>` block, without their common indentation, as one text. */
export function foldedBlock(lines: readonly string[]): string {
  let text = ""
  let gap = ""
  let wasIndented = false
  for (const line of lines) {
    if (/^[ \t]/.test(line)) {
      if (gap === " ") gap = "\n"
      else if (!wasIndented && gap === "\n") gap = "\n\n"
      text += gap + line
      gap = "\n"
      wasIndented = true
    } else if (line === "") {
      if (gap === "\n") text += "\n"
      else gap = "\n"
    } else {
      text += gap + line
      gap = " "
      wasIndented = false
    }
  }
  return text
}
