import { functionFailure, type Run, typeFailure } from "../run.ts"
import { kindOf, numberText, text } from "../values.ts"
import { result } from "./convert.ts"
import { Family } from "./define.ts"

const family = new Family("go")

family.variadic(
  "print(values...) string",
  "the values as text, with a space between two that are no texts",
  (run, values) => result(run, print(run, values)),
)
family.variadic(
  "println(values...) string",
  "the values as text with spaces between them, then a line break",
  (run, values) => result(run, `${values.map((v) => text(v, run)).join(" ")}\n`),
)
family.variadic(
  "printf(format, values...) string",
  "format with its verbs replaced by the values: %s %v %q %d %f %g %e %x %X %o %b %c %t %%",
  (run, [format, ...values]) => result(run, printf(run, text(format, run), values)),
  { min: 1 },
)

function print(run: Run, values: readonly unknown[]): string {
  let out = ""
  for (const [i, value] of values.entries()) {
    const between = i > 0 && typeof value !== "string" && typeof values[i - 1] !== "string"
    out += `${between ? " " : ""}${text(value, run)}`
  }
  return out
}

interface Verb {
  readonly flags: string
  readonly width: number
  readonly precision: number | undefined
  readonly verb: string
}

const directive = /%([-+# 0]*)(\d*)(?:\.(\d*))?(.?)/suy

function printf(run: Run, format: string, values: readonly unknown[]): string {
  let out = ""
  let next = 0
  let at = 0
  for (let percent = format.indexOf("%"); percent !== -1; percent = format.indexOf("%", at)) {
    out += format.slice(at, percent)
    const plain = format[percent + 1]
    if (plain === "%") {
      out += "%"
      at = percent + 2
      continue
    }
    if (next >= values.length) functionFailure("a value for one of the verbs is missing")
    const value = values[next++]
    if (plain === "s" || plain === "v") {
      out += text(value, run)
      at = percent + 2
    } else {
      const { spec, length } = parseVerb(format, percent)
      run.fits(Math.max(spec.width, spec.precision ?? 0))
      out += padded(spec, formatOne(run, spec, value))
      at = percent + length
    }
  }
  if (next < values.length) functionFailure(`the format uses ${next} of ${values.length} values`)
  return out + format.slice(at)
}

function parseVerb(format: string, at: number): { spec: Verb; length: number } {
  directive.lastIndex = at
  const [whole = "%", flags = "", width = "", precision, verb = ""] = directive.exec(format) ?? []
  const digits = precision === undefined ? undefined : Number(precision)
  return { spec: { flags, width: Number(width), precision: digits, verb }, length: whole.length }
}

function padded(spec: Verb, body: string): string {
  if (spec.flags.includes("-")) return body.padEnd(spec.width)
  if (!spec.flags.includes("0") || !/[dfgexXob]/.test(spec.verb)) return body.padStart(spec.width)
  const sign = /^[+-]/.exec(body)?.[0] ?? ""
  return sign + body.slice(sign.length).padStart(spec.width - sign.length, "0")
}

function formatOne(run: Run, spec: Verb, value: unknown): string {
  switch (spec.verb) {
    case "s":
    case "v":
      return shortened(spec, text(value, run))
    case "q":
      return JSON.stringify(shortened(spec, text(value, run)))
    case "t":
      return typeof value === "boolean" ? String(value) : wrong(spec, value, "a boolean")
    case "T":
      return kindOf(value)
    case "c":
      return String.fromCodePoint(Math.min(0x10ffff, Math.max(0, whole(spec, value))))
    case "x":
    case "X":
      return hex(spec, value)
    case "d":
      return signed(spec, whole(spec, value), numberText(whole(spec, value)))
    case "o":
      return whole(spec, value).toString(8)
    case "b":
      return whole(spec, value).toString(2)
    case "f":
    case "F":
    case "e":
    case "E":
    case "g":
    case "G":
      return floating(spec, value)
    default:
      return functionFailure(`unknown verb %${spec.verb}`)
  }
}

function shortened(spec: Verb, body: string): string {
  return spec.precision === undefined ? body : body.slice(0, spec.precision)
}

function hex(spec: Verb, value: unknown): string {
  const body = typeof value === "string" ? Buffer.from(value).toString("hex") : whole(spec, value).toString(16)
  return spec.verb === "X" ? body.toUpperCase() : body
}

function whole(spec: Verb, value: unknown): number {
  return typeof value === "number" && Number.isInteger(value) ? value : wrong(spec, value, "a whole number")
}

function floating(spec: Verb, value: unknown): string {
  if (typeof value !== "number") return wrong(spec, value, "a number")
  const digits = Math.min(100, spec.precision ?? 6)
  const lower = spec.verb.toLowerCase()
  let body = numberText(value)
  if (lower === "f") body = fixed(value, digits)
  else if (lower === "e") body = value.toExponential(digits).replace(/e([+-])(\d)$/, "e$10$2")
  else if (spec.precision !== undefined) body = numberText(Number(value.toPrecision(Math.max(1, digits))))
  return signed(spec, value, spec.verb === lower ? body : body.toUpperCase())
}

/** Like Go, a value exactly between two goes to the even digit: 2.5 is 2. */
function fixed(value: number, digits: number): string {
  const rounded = value.toFixed(digits)
  const exact = Math.abs(value) < 1e21 ? value.toFixed(Math.min(100, digits + 30)) : ""
  const [whole = "", fraction = ""] = exact.split(".")
  const isTie =
    /^50*$/.test(fraction.slice(digits)) && "02468".includes((whole + fraction.slice(0, digits)).at(-1) ?? "")
  return isTie ? exact.slice(0, digits === 0 ? whole.length : whole.length + 1 + digits) : rounded
}

function signed(spec: Verb, value: number, body: string): string {
  if (value < 0) return body
  return spec.flags.includes("+") ? `+${body}` : spec.flags.includes(" ") ? ` ${body}` : body
}

function wrong(spec: Verb, value: unknown, wanted: string): never {
  return typeFailure(`%${spec.verb} needs ${wanted}, got a ${kindOf(value)}`)
}

/** Go's printing. */
export const printing = family.defs
