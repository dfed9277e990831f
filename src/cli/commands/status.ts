import { isOrkError, messageOf, OrkError } from "../../base/mod.ts"
import { connect, fixedEndpoint } from "../../runtime/mod.ts"
import { CrdHealth, KatalogSummary, readBody } from "../../server/mod.ts"
import type { Command } from "../command.ts"
import { exit, UsageError } from "../exit.ts"
import { statusTable } from "../table.ts"
import type { Terminal } from "../terminal.ts"
import { statusSpec } from "./status-spec.ts"

/** `ork status`: how the operators of a running ork are doing. */
export const status: Command = {
  spec: statusSpec,
  async run(terminal, parsed) {
    const ask = asker(terminal, addressOf(parsed.text("url") ?? "http://127.0.0.1:8080"))
    const summary = read(KatalogSummary, await ask("/katalog"))
    const health = await Promise.all(
      summary.crds.map(async (crd) => read(CrdHealth, await ask(`/katalog/${encodeURIComponent(crd.name)}/health`))),
    )
    terminal.out(
      parsed.text("output") === "json"
        ? `${JSON.stringify({ ...summary, health }, null, 2)}\n`
        : statusTable(summary, health),
    )
    return summary.crds.some((crd) => crd.state === "degraded") ? exit.failed : exit.fine
  },
}

function addressOf(url: string): string {
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return url
  throw new UsageError(`--url is an address such as http://127.0.0.1:8080; found "${url}"`)
}

function asker(terminal: Terminal, url: string): (path: string) => Promise<unknown> {
  const { clock, random, version, signal } = terminal
  const connection = connect(fixedEndpoint(url), { clock, random }, { version })
  return async (path) => {
    try {
      return await connection.client.raw(path, { signal })
    } catch (error) {
      if (!isOrkError(error)) throw error
      throw new OrkError(error.code, `${url}: no ork answers there (${messageOf(error)}); is ork run running?`)
    }
  }
}

function read<T extends Parameters<typeof readBody>[0]>(schema: T, body: unknown) {
  const result = readBody(schema, body)
  if (result.ok) return result.value
  throw new OrkError("api/bad-request", `the answer is not from ork, or from another version: ${result.error}`)
}
