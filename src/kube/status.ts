import { type Code, OrkError } from "../base/mod.ts"
import { isRecord } from "./object.ts"

/** One field of an object that the server refused, and why. */
export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

/** `metav1.Status`: how an API server says no. */
export interface Status {
  readonly kind: "Status"
  readonly status?: string
  readonly message?: string
  readonly reason?: string
  readonly code?: number
  readonly details?: {
    readonly name?: string
    readonly group?: string
    readonly kind?: string
    readonly retryAfterSeconds?: number
    readonly causes?: readonly StatusCause[]
  }
}

/** True when `value` is a `metav1.Status`. */
export function isStatus(value: unknown): value is Status {
  return isRecord(value) && value["kind"] === "Status"
}

const codeByReason: Readonly<Record<string, Code>> = {
  AlreadyExists: "api/already-exists",
  BadRequest: "api/bad-request",
  Conflict: "api/conflict",
  Expired: "api/expired",
  Forbidden: "api/forbidden",
  Gone: "api/expired",
  InternalError: "api/unavailable",
  Invalid: "api/invalid",
  MethodNotAllowed: "api/bad-request",
  NotFound: "api/not-found",
  RequestEntityTooLarge: "api/too-large",
  ServerTimeout: "api/unavailable",
  ServiceUnavailable: "api/unavailable",
  Timeout: "net/timeout",
  TooManyRequests: "api/throttled",
  Unauthorized: "api/unauthorized",
  UnsupportedMediaType: "api/bad-request",
}

const codeByHttp: Readonly<Record<number, Code>> = {
  400: "api/bad-request",
  401: "api/unauthorized",
  403: "api/forbidden",
  404: "api/not-found",
  405: "api/bad-request",
  409: "api/conflict",
  410: "api/expired",
  413: "api/too-large",
  415: "api/bad-request",
  422: "api/invalid",
  429: "api/throttled",
}

/** How a server says that a JSON patch does not fit the object: it has changed, or a test in the patch says no. */
const patchDoesNotFit = "the server rejected our request due to an error in our request"

/** The code of an answer that said no. A 500 from a patch that cannot be typed is terminal: the object is wrong, not the server. */
export function codeOfStatus(httpStatus: number, status: Status | undefined): Code {
  if (httpStatus === 409 && status?.details?.causes?.some((c) => c.reason === "FieldManagerConflict")) {
    return "api/field-conflict"
  }
  if (httpStatus === 422 && status?.message === patchDoesNotFit) return "api/conflict"
  if (httpStatus === 500 && status?.message?.includes("failed to create typed patch object")) return "api/invalid"
  const reason = status?.reason ?? ""
  const byReason = Object.hasOwn(codeByReason, reason) ? codeByReason[reason] : undefined
  return byReason ?? codeByHttp[httpStatus] ?? "api/unavailable"
}

/** An error for an answer that said no; `subject` is what was asked, e.g. `Deployment/shop/web: apply`. */
export function statusError(
  subject: string,
  httpStatus: number,
  status: Status | undefined,
  retryAfterMs: number | undefined,
): OrkError {
  const said = status?.message ?? `the server answered ${httpStatus} without a reason`
  return new OrkError(
    codeOfStatus(httpStatus, status),
    `${subject}: ${said}`,
    { httpStatus, reason: status?.reason },
    { cause: status, retryAfterMs },
  )
}

/** The `Status` behind an error, when the server sent one. */
export function statusOf(error: OrkError): Status | undefined {
  return isStatus(error.cause) ? error.cause : undefined
}
