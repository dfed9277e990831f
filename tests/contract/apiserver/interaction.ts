/** Interactions with an API server as data: each runs in a namespace of its own, against any server. */

/** One request. In `path` and in texts of `body`, `{ns}` is the namespace and `{3.metadata.uid}` a value of the answer to step 3. */
export interface Step {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  /** The content type of the body. */
  readonly type?: string
  readonly accept?: string
  /** Other headers; `{ns}` is the namespace. */
  readonly headers?: Readonly<Record<string, string>>
  /** The answer is a watch: its events are read until it ends. */
  readonly isWatch?: boolean
  /** Asked again until this is the code, for a few seconds. */
  readonly until?: number
  /** Asked again until the answer has this field, for a few seconds. */
  readonly untilField?: string
  /** Asked again until the answer has so many warnings, for a few seconds. */
  readonly untilWarnings?: number
  /** A member that is not compared, wherever it is. */
  readonly ignore?: string
  /** What of the answer is compared, when not all of it: why is in `because`. */
  readonly only?: readonly ("code" | "reason" | "message" | "causes")[]
  readonly because?: string
}

/** Some requests in order. */
export interface Interaction {
  readonly name: string
  readonly steps: readonly Step[]
}

/** What a server answered, as far as two servers can be compared. */
export interface Seen {
  readonly code: number
  readonly warnings: readonly string[]
  readonly body: unknown
}

/** Sends one request. */
export type Send = (request: {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}) => Promise<Response>

export const get = (path: string, more: Partial<Step> = {}): Step => ({ method: "GET", path, ...more })
export const post = (path: string, body: unknown, more: Partial<Step> = {}): Step => ({
  method: "POST",
  path,
  body,
  ...more,
})
export const put = (path: string, body: unknown, more: Partial<Step> = {}): Step => ({
  method: "PUT",
  path,
  body,
  ...more,
})
export const remove = (path: string, body?: unknown): Step => ({
  method: "DELETE",
  path,
  ...(body === undefined ? {} : { body }),
})
/** The same step as somebody else. */
export const as = (user: string, step: Step, headers: Readonly<Record<string, string>> = {}): Step => ({
  ...step,
  headers: { "Impersonate-User": user, ...headers },
})
const patchOf =
  (type: string) =>
  (path: string, body: unknown, more: Partial<Step> = {}): Step => ({ method: "PATCH", path, body, type, ...more })
export const merge = patchOf("application/merge-patch+json")
export const jsonPatch = patchOf("application/json-patch+json")
export const strategic = patchOf("application/strategic-merge-patch+json")
export const applied = patchOf("application/apply-patch+yaml")
/** A watch that lasts a second. */
export const watch = (path: string, more: Partial<Step> = {}): Step => {
  const query = `${path.includes("?") ? "&" : "?"}watch=true&timeoutSeconds=1`
  return { method: "GET", path: `${path}${query}`, isWatch: true, ...more }
}
