/** Duplicate fields beyond this are not named. */
const duplicatesMax = 100

/** The fields of a JSON text, by path. */
export interface Fields {
  /** Those that it has twice. */
  readonly duplicates: readonly string[]
  /** All in order; empty when none is there twice. */
  readonly order: readonly string[]
}

/** Looks for fields that a valid JSON text has twice, such as `data.a`. */
export function fieldsOf(text: string): Fields {
  const duplicates = scan(text, false)
  return { duplicates, order: duplicates.length === 0 ? [] : scan(text, true) }
}

const [quote, comma, openBracket, closeBracket, openBrace, closeBrace] = [34, 44, 91, 93, 123, 125]

/** The paths of the keys that stand there twice, or of all. */
function scan(text: string, all: boolean): readonly string[] {
  const found: string[] = []
  const stack: Level[] = []
  let at = 0
  let key: string | undefined
  while (at < text.length) {
    const character = text.charCodeAt(at)
    const top = stack.at(-1)
    if (character === quote) {
      const end = endOfText(text, at)
      if (top?.keys !== undefined && top.isKeyNext) {
        key = keyOf(text.slice(at, end))
        top.isKeyNext = false
        top.step = key
        if (all || (top.keys.has(key) && found.length < duplicatesMax)) found.push(pathOf(stack))
        top.keys.add(key)
      }
      at = end
      continue
    }
    if (character === openBrace) stack.push({ keys: new Set(), isKeyNext: true, step: "" })
    else if (character === openBracket) stack.push({ keys: undefined, isKeyNext: false, step: 0 })
    else if (character === closeBrace || character === closeBracket) stack.pop()
    else if (character === comma && top !== undefined) {
      if (top.keys !== undefined) top.isKeyNext = true
      else if (typeof top.step === "number") top.step++
    }
    at++
  }
  return found
}

interface Level {
  /** Undefined in a list. */
  readonly keys: Set<string> | undefined
  isKeyNext: boolean
  step: string | number
}

/** Where the text that begins at `start` is over. */
function endOfText(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end === -1 ? text.length : end + 1
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0
  while (text[at - 1 - slashes] === "\\") slashes++
  return slashes % 2 === 1
}

function keyOf(quoted: string): string {
  return quoted.includes("\\") ? String(JSON.parse(quoted)) : quoted.slice(1, -1)
}

function pathOf(stack: readonly Level[]): string {
  let path = ""
  for (const { step } of stack) path += typeof step === "number" ? `[${step}]` : path === "" ? step : `.${step}`
  return path
}
