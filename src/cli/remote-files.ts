import { type FileSystem, inParallel, messageOf, ms, OrkError, textOfBytes } from "../base/mod.ts"
import { katalogPath, loadAll } from "../katalog/mod.ts"
import type { Terminal } from "./terminal.ts"

/** The text behind an address; throws `OrkError` when there is none. */
export type FetchText = (url: string) => Promise<string>

/** A fetched Katalog may name further addresses, and they others; nobody means more than this. */
const roundsMax = 4

/** Addresses of one command. */
const addressesMax = 100

const limits = { timeoutMs: ms("10s"), bodyBytesMax: 5 * 1024 * 1024, redirectsMax: 3 } as const

/**
 * A terminal whose files include those behind the addresses that Katalogs name: each is fetched once, before the
 * Katalogs are read. What cannot be fetched is a mistake at the line that names it, found when it is read.
 */
export async function withRemoteFiles(
  terminal: Terminal,
  paths: readonly string[],
  fetchText: FetchText = fetcher(terminal),
): Promise<Terminal> {
  if (!paths.some((path) => mentionsAddress(terminal.files, path))) return terminal
  const known = new Map<string, string | Error>()
  const asked = new Set<string>()
  const files = remote(terminal.files, known, asked)
  for (let round = 0; round < roundsMax; round++) {
    loadAll(files, paths)
    const missing = [...asked].filter((url) => !known.has(url))
    if (missing.length === 0) break
    for (const url of missing.splice(addressesMax - known.size)) known.set(url, new Error(`${url}: too many addresses`))
    await inParallel(missing, 4, async (url) => {
      known.set(url, await fetchText(url).catch((error: unknown) => new Error(messageOf(error))))
    })
  }
  return { ...terminal, files }
}

const address = /^https?:\/\//i

// Not in a comment, and without a template: such a text is never the address of a file, and the files need no look before.
const written = /^(?!\s*#).*https?:\/\/(?![^\s"']*\{\{)/im

function mentionsAddress(files: FileSystem, path: string): boolean {
  if (address.test(path)) return true
  const found = katalogPath(files, path)
  try {
    return found.ok && written.test(files.read(found.value))
  } catch {
    return false // whoever reads it says so
  }
}

function remote(files: FileSystem, known: ReadonlyMap<string, string | Error>, asked: Set<string>): FileSystem {
  return {
    ...files,
    kind: (path) => (address.test(path) ? "file" : files.kind(path)),
    read(path) {
      if (!address.test(path)) return files.read(path)
      asked.add(path)
      const text = known.get(path)
      if (typeof text === "string") return text
      throw new OrkError("config/file", text === undefined ? `${path}: not fetched` : text.message)
    },
  }
}

function fetcher(terminal: Terminal): FetchText {
  return async (url) => {
    let next = new URL(url)
    for (let hops = 0; hops <= limits.redirectsMax; hops++) {
      const refusal = refused(next)
      if (refusal !== undefined) throw new OrkError("config/file", `${next.href}: ${refusal}`)
      const response = await get(terminal, next)
      const location = response.status >= 300 && response.status < 400 ? response.headers.get("location") : null
      if (location === null) {
        if (response.ok) return decoded(next.href, await response.bytes())
        throw new OrkError("config/file", `${next.href}: the server answers ${response.status}`)
      }
      const target = new URL(location, next)
      if (target.host !== next.host)
        throw new OrkError("config/file", `${next.href}: redirects to another host, ${target.host}`)
      next = target
    }
    throw new OrkError("config/file", `${url}: more than ${limits.redirectsMax} redirects`)
  }
}

function decoded(url: string, bytes: Uint8Array): string {
  const text = textOfBytes(bytes)
  if (!text.ok) throw new OrkError("config/file", `${url}: ${text.error}`)
  return text.value
}

function refused({ protocol, hostname }: URL): string | undefined {
  if (protocol === "https:") return undefined
  const isLoopback = hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname)
  return protocol === "http:" && isLoopback ? undefined : "expected https (http only on this machine)"
}

async function get(terminal: Terminal, url: URL): Promise<Response> {
  // The client is loaded only when something is to be fetched.
  const { fetchTransport, fixedEndpoint } = await import("../runtime/mod.ts")
  const { timeoutMs, bodyBytesMax } = limits
  using transport = fetchTransport(fixedEndpoint(url.origin), { clock: terminal.clock }, { timeoutMs, bodyBytesMax })
  return await transport(new Request(url.href, { signal: terminal.signal }))
}
