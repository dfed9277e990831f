import { isOrkError, messageOf, OrkError } from "../base/mod.ts"
import { connect, fixedEndpoint } from "../runtime/mod.ts"
import { Problem, readBody } from "../server/mod.ts"
import { UsageError } from "./exit.ts"
import type { Terminal } from "./terminal.ts"

const publishedUrl = "http://127.0.0.1:8080"

/** Asks the HTTP API of a running ork at `url` (its published address by default); throws what to do when it says no. */
export function asker(terminal: Terminal, url = publishedUrl): (path: string) => Promise<unknown> {
  const { clock, random, version, signal } = terminal
  const base = addressOf(url).replace(/\/$/, "")
  const { transport } = connect(fixedEndpoint(base), { clock, random }, { version })
  return async (path) => {
    const response = await answered(transport(new Request(`${base}${path}`, { signal })), base)
    const body = await bodyOf(response)
    if (response.ok) return body
    const problem = readBody(Problem, body)
    if (problem.ok) throw new OrkError(codeOf(response), `${problem.value.error}\n  help: ${problem.value.help}`)
    throw notOrk(codeOf(response), base, `it answered ${response.status}`)
  }
}

async function answered(response: Promise<Response>, url: string): Promise<Response> {
  try {
    return await response
  } catch (error) {
    if (!isOrkError(error)) throw error
    throw notOrk(error.code, url, messageOf(error))
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    return undefined // not ork's: said by whoever reads it
  }
}

function codeOf(response: Response): OrkError["code"] {
  return response.status === 404 ? "api/not-found" : "api/bad-request"
}

function notOrk(code: OrkError["code"], url: string, why: string): OrkError {
  return new OrkError(code, `${url}: no ork answers there (${why}); is ork run running?`)
}

/** A body that came from ork, checked against its schema. */
export function read<T extends Parameters<typeof readBody>[0]>(schema: T, body: unknown) {
  const result = readBody(schema, body)
  if (result.ok) return result.value
  throw new OrkError("api/bad-request", `the answer is not from ork, or from another version: ${result.error}`)
}

function addressOf(url: string): string {
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return url
  throw new UsageError(`--url is an address such as ${publishedUrl}; found "${url}"`)
}
