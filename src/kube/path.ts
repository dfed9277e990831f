import { isRecord } from "./object.ts"

/** `spec.a[0].b` or `.spec.a` → its steps. A step of digits in brackets is a number. */
export function parsePath(text: string): readonly (string | number)[] {
  const steps: (string | number)[] = []
  stepPattern.lastIndex = 0
  for (let match = stepPattern.exec(text); match !== null; match = stepPattern.exec(text)) {
    if (match[1] !== undefined) steps.push(Number(match[1]))
    else steps.push(match[2] ?? match[3] ?? "")
  }
  return steps
}

// One for all calls, each of which runs it to its end: `matchAll` would copy it each time.
const stepPattern = /\[(\d+)\]|\["([^"]*)"\]|([^.[\]]+)/g

/** The text form of steps: `spec.a[0].b`; a key that is no plain word is quoted. */
export function formatPath(steps: readonly (string | number)[]): string {
  let text = ""
  for (const step of steps) {
    if (typeof step === "number") text += `[${step}]`
    else if (/^[\w$-]+$/.test(step)) text += text === "" ? step : `.${step}`
    else text += `["${step}"]`
  }
  return text
}

/** The value at `steps`, or undefined when the way ends early. Own properties only. */
export function getPath(value: unknown, steps: readonly (string | number)[]): unknown {
  let at = value
  for (const step of steps) {
    if (Array.isArray(at) && typeof step === "number") at = at[step]
    else if (isRecord(at) && Object.hasOwn(at, String(step))) at = at[String(step)]
    else return undefined
  }
  return at
}

/** `value` with `leaf` at `steps`; maps on the way are copied or made, everything else is shared. */
export function withPath(value: unknown, steps: readonly string[], leaf: unknown): Readonly<Record<string, unknown>> {
  const [first, ...rest] = steps
  const record = isRecord(value) ? value : {}
  if (first === undefined) return record
  return { ...record, [first]: rest.length === 0 ? leaf : withPath(record[first], rest, leaf) }
}
