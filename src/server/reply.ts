import type { Problem } from "./contract.ts"

const common = { "cache-control": "no-store", "x-content-type-options": "nosniff" }

/** A JSON answer; undefined fields are left out. */
export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${JSON.stringify(body, undefined, 2)}\n`, {
    status,
    headers: { ...common, "content-type": "application/json; charset=utf-8", ...headers },
  })
}

/** A text answer of the given content type. */
export function text(body: string, contentType: string): Response {
  return new Response(body, { headers: { ...common, "content-type": contentType } })
}

/** An answer that says what is wrong and what to do instead. */
export function problem(status: number, body: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  return json(body, status, headers)
}

const listedMax = 20

/** `website, shop`: the first 20 names, and how many more there are. */
export function listed(names: readonly string[]): string {
  const rest = names.length - listedMax
  return names.slice(0, listedMax).join(", ") + (rest > 0 ? ` and ${rest} more` : "")
}
