/** External calls over HTTPS, to real servers with certificates of every kind. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ms, OrkError, selfSigned } from "../../src/base/mod.ts"
import { callExternal } from "../../src/hooks/mod.ts"
import { openTransport } from "../../src/runtime/mod.ts"
import { systemClock } from "../../src/system.ts"

const dayMs = 86_400_000
const folder = mkdtempSync(join(tmpdir(), "ork-external-"))
const servers: Bun.Server<undefined>[] = []
const authorities: string[] = []

/** The address of a server whose certificate is for `host` and holds from and to these days. */
function serve(host: string, fromDays = -1, toDays = 1): string {
  const nowMs = Date.now()
  const { certificate, key, authority } = selfSigned({
    ...{ commonName: "quota", hosts: [host] },
    notBeforeMs: nowMs + fromDays * dayMs,
    notAfterMs: nowMs + toDays * dayMs,
  })
  authorities.push(authority)
  const fetch = (request: Request) =>
    new URL(request.url).pathname === "/moved"
      ? Response.redirect("https://127.0.0.1:1/elsewhere")
      : new Response(`${request.headers.get("authorization")}`)
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, tls: { cert: certificate, key }, fetch })
  servers.push(server)
  return `https://localhost:${server.port}`
}

let urls: Readonly<Record<"good" | "expired" | "early" | "other" | "plain", string>>
beforeAll(() => {
  const plain = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("plain") })
  servers.push(plain)
  urls = {
    good: serve("localhost"),
    expired: serve("localhost", -9, -1),
    early: serve("localhost", 1, 9),
    other: serve("api.example.com"),
    plain: `https://localhost:${plain.port}`,
  }
  writeFileSync(join(folder, "ca.pem"), authorities.join(""))
})
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop(true)))
  rmSync(folder, { recursive: true })
})

const call = {
  ...{ method: "GET", headers: { authorization: "Bearer s3cret" }, body: undefined },
  ...{ timeoutMs: ms("10s"), expectedStatus: 0, mayReach: () => true },
}

async function refusal(url: string): Promise<OrkError> {
  const options = { clock: systemClock, signal: new AbortController().signal }
  const asked = callExternal(openTransport(), { ...call, url: `${url}/quota?token=s3cret` }, options)
  const [error] = await Promise.all([asked.catch((thrown: unknown) => thrown)])
  if (error instanceof OrkError) return error
  throw new Error("it answered")
}

test.each([
  ["good", "NODE_EXTRA_CA_CERTS=ca.pem"],
  ["expired", "renew"],
  ["early", "check the time"],
  ["plain", "does it speak https"],
] as const)(
  "a certificate that does not hold (%s) is said, with what helps, and without secrets",
  async (name, help) => {
    const error = await refusal(urls[name])
    expect(error.code).toBe("external/failed")
    expect(error.message).toContain(`${urls[name]}/quota: could not be reached: `)
    expect(error.message).toContain(help)
    expect(error.message).not.toContain("s3cret")
  },
)

/** What a process that trusts our authorities gets. */
async function trusting(url: string): Promise<string> {
  const script = `
    import { ms } from "../../src/base/mod.ts"
    import { callExternal } from "../../src/hooks/mod.ts"
    import { openTransport } from "../../src/runtime/mod.ts"
    import { systemClock } from "../../src/system.ts"
    const call = { ...${JSON.stringify({ ...call, body: undefined, url })}, body: undefined, mayReach: () => true }
    const options = { clock: systemClock, signal: new AbortController().signal }
    const answer = await callExternal(openTransport(), call, options).catch((error) => error)
    console.log(answer.message ?? answer.body)`
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") }
  const child = Bun.spawn([process.execPath, "-e", script], { cwd: import.meta.dir, env, stdout: "pipe" })
  return (await child.stdout.text()).trim()
}

test("an authority of one's own is trusted where the environment names it", async () => {
  expect(await trusting(`${urls.good}/quota`)).toBe("Bearer s3cret")
  expect(await trusting(`${urls.other}/quota`)).toContain("for another name")
  expect(await trusting(`${urls.expired}/quota`)).toContain("has expired")
  expect(await trusting(`${urls.good}/moved`)).toContain("it redirects to another host")
}, 20_000)
