/** Every way in which the world says no. Closed: adding a code without deciding `retryable` does not compile. */
export type Code =
  | "api/conflict"
  | "api/already-exists"
  | "api/not-found"
  | "api/forbidden"
  | "api/unauthorized"
  | "api/invalid"
  | "api/bad-request"
  | "api/expired"
  | "api/throttled"
  | "api/unavailable"
  | "api/too-large"
  | "api/field-conflict"
  | "api/unknown-kind"
  | "net/refused"
  | "net/timeout"
  | "net/tls"
  | "net/closed"
  | "config/kubeconfig"
  | "config/file"
  | "config/port"
  | "config/lease"
  | "config/data"
  | "template/missing"
  | "template/type"
  | "template/budget"
  | "template/function"
  | "render/duplicate"
  | "render/scope"
  | "external/failed"
  | "external/refused"

/** Whether trying the same thing again, unchanged, can help. */
export const retryable: Readonly<Record<Code, boolean>> = {
  "api/conflict": true,
  "api/already-exists": true,
  "api/not-found": true,
  "api/forbidden": false,
  "api/unauthorized": true,
  "api/invalid": false,
  "api/bad-request": false,
  "api/expired": true,
  "api/throttled": true,
  "api/unavailable": true,
  "api/too-large": false,
  "api/field-conflict": false,
  "api/unknown-kind": true,
  "net/refused": true,
  "net/timeout": true,
  "net/tls": true,
  "net/closed": true,
  "config/kubeconfig": false,
  "config/file": false,
  "config/port": false,
  "config/lease": false,
  "config/data": false,
  "template/missing": false,
  "template/type": false,
  "template/budget": false,
  "template/function": false,
  "render/duplicate": false,
  "render/scope": false,
  "external/failed": true,
  "external/refused": false,
}

/** Structured facts beside the message: never secrets, never whole objects. */
export type Context = Readonly<Record<string, string | number | boolean | undefined>>

/** The world said no. The message starts with the subject and names the next step. */
export class OrkError extends Error {
  override readonly name = "OrkError"
  readonly code: Code
  readonly context: Context
  /** Earliest moment for another try, relative to now, when the other side named one. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: Code,
    message: string,
    context: Context = {},
    options: { cause?: unknown; retryAfterMs?: number | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.context = context
    this.retryAfterMs = options.retryAfterMs
  }

  get retryable(): boolean {
    return retryable[this.code]
  }
}

/** True when `error` is an `OrkError` with one of `codes` (any code when none is given). */
export function isOrkError(error: unknown, ...codes: readonly Code[]): error is OrkError {
  return error instanceof OrkError && (codes.length === 0 || codes.includes(error.code))
}

/** The text of any thrown value, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
