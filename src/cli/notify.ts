import { ms, OrkError } from "../base/mod.ts"
import type { SendMessage } from "../manager/mod.ts"
import { fetchTransport, fixedEndpoint } from "../runtime/mod.ts"
import type { Terminal } from "./terminal.ts"

const limits = { timeoutMs: ms("10s"), bodyBytesMax: 64 * 1024 } as const

/** Sends messages to webhooks as Slack takes them. What goes wrong names the host alone: the address is a secret. */
export function messageSender({ env, clock }: Pick<Terminal, "env" | "clock">): SendMessage {
  return async ({ webhook, text }, signal) => {
    const url = addressOf(webhook, env)
    using transport = fetchTransport(fixedEndpoint(url.origin), { clock }, limits)
    const body = JSON.stringify({ text })
    const headers = { "content-type": "application/json" }
    const response = await transport(new Request(url.href, { method: "POST", headers, body, signal }))
    if (!response.ok) throw new OrkError("net/refused", `${url.origin} answered ${response.status}`)
  }
}

function addressOf(webhook: string, env: Terminal["env"]): URL {
  const [, name] = /^\$\{?(\w+)\}?$/.exec(webhook) ?? []
  const address = name === undefined ? webhook : env[name]
  if (address === undefined) throw new OrkError("net/refused", `the environment has no ${name}, the webhook of a team`)
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol === "https:" || url?.protocol === "http:") return url
  throw new OrkError("net/refused", `${name ?? "the webhook of a team"} is no address that begins with https://`)
}
