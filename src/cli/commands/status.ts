import { isOrkError, messageOf, OrkError } from "../../base/mod.ts"
import { connect, fixedEndpoint } from "../../runtime/mod.ts"
import { CrdHealth, KatalogSummary, readBody } from "../../server/mod.ts"
import type { Command } from "../command.ts"
import { exit } from "../exit.ts"
import { statusTable } from "../table.ts"
import type { Terminal } from "../terminal.ts"

/** `ork status`: how the operators of a running ork are doing. */
export const status: Command = {
  spec: {
    name: "status",
    summary: "show how the operators of a running ork are doing",
    description: [
      "Asks the HTTP API of a running `ork run`. Exit code 1 when it does not answer or an operator is degraded.",
    ],
    examples: [
      { summary: "an ork on this machine", command: "ork status" },
      { summary: "another port, for a program", command: "ork status --url http://127.0.0.1:9000 -o json" },
    ],
    flags: [
      {
        name: "url",
        takesValue: true,
        placeholder: "URL",
        default: "http://127.0.0.1:8080",
        summary: "where the running ork answers",
      },
      {
        name: "output",
        short: "o",
        takesValue: true,
        values: ["text", "json"],
        default: "text",
        summary: "output format",
      },
    ],
  },
  async run(terminal, parsed) {
    const ask = asker(terminal, parsed.text("url") ?? "http://127.0.0.1:8080")
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
