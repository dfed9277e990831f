import type { Code } from "../base/mod.ts"

/** What an error of each code answers. Total: a new code without a status does not compile. */
export const httpStatus: Readonly<Record<Code, number>> = {
  "api/conflict": 409,
  "api/already-exists": 409,
  "api/not-found": 404,
  "api/forbidden": 403,
  "api/unauthorized": 502, // our credentials, not the caller's
  "api/invalid": 422,
  "api/bad-request": 400,
  "api/expired": 410,
  "api/throttled": 429,
  "api/unavailable": 503,
  "api/too-large": 413,
  "api/field-conflict": 409,
  "api/unknown-kind": 404,
  "net/refused": 502,
  "net/timeout": 504,
  "net/tls": 502,
  "net/closed": 502,
  "config/kubeconfig": 500,
  "config/file": 500,
  "config/port": 500,
  "config/lease": 500,
  "config/data": 500,
  "template/missing": 500,
  "template/type": 500,
  "template/budget": 500,
  "template/function": 500,
  "render/duplicate": 500,
  "render/scope": 500,
}
