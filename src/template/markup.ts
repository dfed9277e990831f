import { isRecord } from "../kube/mod.ts"
import { budgetFailure, type Run } from "./run.ts"
import { guarded, kindOf, measure, numberText, sortedKeys, visit } from "./values.ts"

/** A value as JSON with sorted keys; over several lines when `indent` is not zero. */
export function toJson(run: Run, value: unknown, indent = 0): string {
  return guarded(jsonPart(run, value, { indent, depth: 0 }), run)
}

function jsonPart(run: Run, value: unknown, at: { indent: number; depth: number }): string {
  visit(run, at.depth)
  const inner = { indent: at.indent, depth: at.depth + 1 }
  if (Array.isArray(value))
    return wrapped(
      "[]",
      value.map((item) => jsonPart(run, item, inner)),
      at,
    )
  if (isRecord(value)) {
    const colon = at.indent > 0 ? ": " : ":"
    const parts = sortedKeys(value).map((key) => `${JSON.stringify(key)}${colon}${jsonPart(run, value[key], inner)}`)
    return wrapped("{}", parts, at)
  }
  return kindOf(value) === "null" || (typeof value === "number" && !Number.isFinite(value))
    ? "null"
    : JSON.stringify(value)
}

function wrapped(brackets: string, parts: readonly string[], at: { indent: number; depth: number }): string {
  const [open = "", close = ""] = brackets
  if (parts.length === 0 || at.indent === 0) return open + parts.join(",") + close
  const pad = " ".repeat(at.indent * (at.depth + 1))
  return `${open}\n${pad}${parts.join(`,\n${pad}`)}\n${" ".repeat(at.indent * at.depth)}${close}`
}

/** A value as block YAML the way Kubernetes tools write it: sorted keys, lists not indented, no line break at the end. */
export function toYaml(run: Run, value: unknown): string {
  const lines = yamlLines(run, value, 0)
  // The lines of a block are indented, also when there is nothing around it.
  const isBlockText = typeof value === "string" && lines.length > 1
  return guarded((isBlockText ? [lines[0], ...lines.slice(1).map(padded)] : lines).join("\n"), run)
}

function yamlLines(run: Run, value: unknown, depth: number): readonly string[] {
  visit(run, depth)
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((item) => {
      const [first = "", ...rest] = yamlLines(run, item, depth + 1)
      return [`- ${first}`, ...rest.map(padded)]
    })
  }
  if (isRecord(value) && Object.keys(value).length > 0) {
    return sortedKeys(value).flatMap((key) => {
      const child = value[key]
      const lines = yamlLines(run, child, depth + 1)
      const name = yamlText(key)
      if (!isBlock(child)) return [`${name}: ${lines[0] ?? ""}`, ...lines.slice(1).map(padded)]
      return [`${name}:`, ...(Array.isArray(child) ? lines : lines.map(padded))]
    })
  }
  return yamlScalar(value)
}

function padded(line: string): string {
  return line === "" ? "" : `  ${line}`
}

function isBlock(value: unknown): boolean {
  return (Array.isArray(value) && value.length > 0) || (isRecord(value) && Object.keys(value).length > 0)
}

function yamlScalar(value: unknown): readonly string[] {
  if (Array.isArray(value)) return ["[]"]
  switch (kindOf(value)) {
    case "string":
      return yamlString(String(value))
    case "number":
      return [yamlNumber(Number(value))]
    case "bool":
      return [String(value)]
    case "map":
      return ["{}"]
    default:
      return ["null"]
  }
}

function yamlNumber(value: number): string {
  if (Number.isNaN(value)) return ".nan"
  return Number.isFinite(value) ? numberText(value) : value > 0 ? ".inf" : "-.inf"
}

/** Several lines as a literal block where that is exact, else one line. */
function yamlString(value: string): readonly string[] {
  const body = value.endsWith("\n") ? value.slice(0, -1) : value
  const plainLines = /^[^\s][^\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ufeff]*$/u.test(body) && !body.endsWith("\n")
  if (!body.includes("\n") || !plainLines || /[ \t]$/m.test(body)) return [yamlText(value)]
  return [value.endsWith("\n") ? "|" : "|-", ...body.split("\n")]
}

const reserved = /^(?:null|true|false|yes|no|on|off|y|n|nan|inf)$/i

function yamlText(value: string): string {
  const plain = /^[A-Za-z_/][\w./@%+-]*(?:[ :][\w./@%+-]+)*$/.test(value) && !/:\s|\s#/.test(value)
  if (plain && !reserved.test(value)) return value
  // JSON leaves these as they are, but YAML takes some for line ends and does not allow the others.
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
}

const yamlLengthMax = 65_536

/**
 * The value behind a YAML text, JSON included; undefined when the text is none. Bun's own parser reads it: it refuses
 * nests and aliases beyond its bounds, and what it gives is measured like every other value.
 */
export function readYaml(run: Run, source: string): unknown {
  if (source.length > yamlLengthMax) budgetFailure(`a YAML text of more than ${yamlLengthMax} characters`)
  run.charge(source.length >> 6)
  let value: unknown
  try {
    value = Bun.YAML.parse(source)
  } catch {
    return undefined // documented: the caller decides what a text that is no YAML means
  }
  measure(value, run)
  return value
}
