import type { Refusal } from "../refusal.ts"

/** The headers that every answer of a resource has. */
const headers = { "Cache-Control": "no-cache, private", "Content-Type": "application/json" }
/** The same, made once: every answer copies them. */
const plainHeaders = new Headers(headers)

/** A JSON answer. */
export function json(code: number, body: unknown, warnings: readonly string[] = []): Response {
  return text(code, `${JSON.stringify(body)}\n`, warnings)
}

/** An answer with JSON that is text already. */
export function text(code: number, body: string, warnings: readonly string[] = []): Response {
  return new Response(body, { status: code, headers: headersWith(warnings) })
}

/** An answer with JSON that is written piece by piece. */
export function streamed(
  code: number,
  pieces: AsyncGenerator<string, void>,
  warnings: readonly string[] = [],
): Response {
  const utf8 = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await pieces.next()
      if (done) controller.close()
      else controller.enqueue(utf8.encode(value))
    },
    cancel: async () => void (await pieces.return()),
  })
  return new Response(body, { status: code, headers: headersWith(warnings) })
}

function headersWith(warnings: readonly string[]): Headers {
  if (warnings.length === 0) return plainHeaders
  const list = new Headers(headers)
  for (const warning of fitting(warnings)) list.append("Warning", `299 - ${quoted(warning)}`)
  return list
}

/** Characters of all warnings together beyond which each is cut. */
const warningsMax = 4_096
const warningMax = 256

/** Warnings as a real server sends them: each once, none that a header cannot hold, cut when they are too long together. */
function fitting(warnings: readonly string[]): readonly string[] {
  const sent = [...new Set(warnings)].filter((text) => text !== "" && !/\p{Cc}/u.test(text))
  const length = (text: string) => [...text].length
  if (sent.reduce((sum, text) => sum + length(text), 0) <= warningsMax) return sent
  const cut = sent.map((text) => [...text].slice(0, warningMax).join(""))
  let written = 0
  return cut.filter((text) => {
    const fits = written < warningsMax
    written += length(text)
    return fits
  })
}

/** Text in quotes; what is not ASCII goes as its bytes, as from a real server. */
function quoted(text: string): string {
  return Buffer.from(`"${text.replace(/[\\"]/g, "\\$&")}"`).toString("latin1")
}

/** The plain 404 of a path that nobody serves. */
export function pageNotFound(): Response {
  return new Response("404 page not found\n", {
    status: 404,
    headers: {
      "Cache-Control": "no-cache, private",
      "Content-Type": "text/plain; charset=utf-8",
      "X-Content-Type-Options": "nosniff",
    },
  })
}

/** The `metav1.Status` of a refusal. */
export function statusOf(refusal: Refusal): Readonly<Record<string, unknown>> {
  const { code, reason, message } = refusal
  const { goOn, ...details } = refusal.details ?? {}
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: goOn === undefined ? {} : { continue: goOn },
    status: "Failure",
    message,
    ...(reason === "" ? {} : { reason }),
    ...(refusal.details === undefined || goOn !== undefined ? {} : { details: shown(details) }),
    code,
  }
}

/** A refusal as an answer. */
export function refused(refusal: Refusal, warnings: readonly string[] = []): Response {
  const answer = json(refusal.code, statusOf(refusal), warnings)
  const seconds = refusal.details?.retryAfterSeconds
  if (seconds !== undefined) answer.headers.set("Retry-After", String(seconds))
  return answer
}

function shown(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== "" && value !== undefined))
}
