import { err, ok, type Result } from "../base/mod.ts"
import { isRecord } from "../kube/mod.ts"

/** A compiled path: the values that it finds in an object, in order. */
export type JsonPath = (value: unknown) => readonly unknown[]

type Step = (value: unknown) => readonly unknown[]

/**
 * Compiles a JSONPath as CRDs use it: `.a.b`, `['a.b']`, `[0]`, `[-1]`, `[0:2]`, `[*]`, `..name` and
 * `[?(@.type=="Ready")]`.
 */
export function compileJsonPath(text: string): Result<JsonPath, string> {
  const steps: Step[] = []
  let rest = text.startsWith("$") ? text.slice(1) : text
  if (rest === ".") return ok((value) => [value])
  while (rest !== "") {
    const match = tokens.map(([pattern, make]) => ({ found: pattern.exec(rest), make })).find(({ found }) => found)
    const step = match?.found ? match.make(match.found) : undefined
    if (step === undefined) return err(`unrecognized character in action at "${rest}"`)
    steps.push(step)
    rest = rest.slice(match?.found?.[0].length ?? rest.length)
  }
  return ok((value) => steps.reduce<readonly unknown[]>((found, step) => found.flatMap(step), [value]))
}

const tokens: readonly (readonly [RegExp, (match: RegExpExecArray) => Step | undefined])[] = [
  [/^\.\.([\w-]+)/, (match) => descendants(match[1] ?? "")],
  [/^\.\*|^\[\*\]/, () => children],
  [/^\.((?:[^.[\]\\*?()\s]|\\.)+)/, (match) => member(unescaped(match[1] ?? ""))],
  [/^\['((?:[^'\\]|\\.)*)'\]/, (match) => member(unescaped(match[1] ?? ""))],
  [/^\["((?:[^"\\]|\\.)*)"\]/, (match) => member(unescaped(match[1] ?? ""))],
  [/^\[(-?\d+)\]/, (match) => element(Number(match[1]))],
  [/^\[(-?\d*):(-?\d*)\]/, (match) => slice(match[1] ?? "", match[2] ?? "")],
  [/^\[\?\(\s*@((?:\.[\w-]+|\['[^']*'\])*)\s*(?:(==|!=|<=|>=|<|>)\s*("[^"]*"|'[^']*'|[-\w.]+)\s*)?\)\]/, filter],
]

function member(name: string): Step {
  return (value) => (isRecord(value) && Object.hasOwn(value, name) ? [value[name]] : [])
}

function element(index: number): Step {
  return (value) => {
    if (!Array.isArray(value)) return []
    const at = index < 0 ? value.length + index : index
    return at >= 0 && at < value.length ? [value[at]] : []
  }
}

function slice(from: string, to: string): Step {
  return (value) =>
    Array.isArray(value) ? value.slice(from === "" ? 0 : Number(from), to === "" ? undefined : Number(to)) : []
}

function children(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (!isRecord(value)) return []
  return Object.keys(value)
    .sort()
    .map((key) => value[key])
}

function descendants(name: string): Step {
  const below = (value: unknown, depth: number): readonly unknown[] =>
    depth > 100 ? [] : [...member(name)(value), ...children(value).flatMap((child) => below(child, depth + 1))]
  return (value) => below(value, 0)
}

function filter(match: RegExpExecArray): Step | undefined {
  const path = compileJsonPath(match[1] ?? "")
  if (!path.ok) return undefined
  const operator = match[2]
  const wanted = literal(match[3] ?? "")
  const passes = (item: unknown): boolean => {
    const [found] = path.value(item)
    return operator === undefined ? found !== undefined : found !== undefined && compare(found, operator, wanted)
  }
  return (value) => (Array.isArray(value) ? value.filter(passes) : [])
}

function literal(text: string): unknown {
  if (/^["']/.test(text)) return text.slice(1, -1)
  if (text === "true" || text === "false") return text === "true"
  return Number.isNaN(Number(text)) ? text : Number(text)
}

function compare(found: unknown, operator: string, wanted: unknown): boolean {
  if (operator === "==") return found === wanted
  if (operator === "!=") return found !== wanted
  const isBoth = typeof found === typeof wanted && (typeof found === "number" || typeof found === "string")
  if (!isBoth) return false
  const isLess = typeof found === "number" ? found < Number(wanted) : String(found) < String(wanted)
  const order = found === wanted ? 0 : isLess ? -1 : 1
  return { "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0 }[operator] ?? false
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, "$1")
}
