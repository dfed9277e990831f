import { err, ok, type Result } from "../base/mod.ts"
import type { StatusFieldSpec } from "../katalog/mod.ts"

/** `value` in the named type; undefined where nothing is left of it. */
export function convert(value: unknown, type: StatusFieldSpec["type"]): Result<unknown, string> {
  if (value === undefined || value === null || type === "native") return ok(value ?? undefined)
  const text = typeof value === "object" ? JSON.stringify(value) : String(value)
  if (type === "string") return ok(text)
  if (text.trim() === "") return ok(undefined) // a template that yields nothing, as a child's field before its time
  if (type === "auto") return ok(typeof value === "object" ? value : guess(text))
  if (type === "bool")
    return /^(true|false)$/i.test(text) ? ok(/^t/i.test(text)) : err(`"${text}" is not true or false`)
  const number = Number(text)
  if (!Number.isFinite(number)) return err(`"${text}" is not a number`)
  return ok(type === "int" ? Math.trunc(number) : number)
}

function guess(text: string): unknown {
  if (text === "true" || text === "false") return text === "true"
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text
}
