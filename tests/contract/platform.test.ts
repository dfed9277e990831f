import { describe, expect, test } from "bun:test"
import { createAuthority } from "../cluster/certificates.ts"

/**
 * Facts about Bun on which the client is built. A failure here after an update of Bun is news, good or bad: read it,
 * then change the code that names the fact.
 */

const authority = createAuthority("platform-test")
const own = authority.server(["api.example"])

function serve() {
  return Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    tls: { cert: own.certificate, key: own.key },
    fetch: () => new Response("hello"),
  })
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

/** Runs a script in a Bun of its own, so that it may use up what a process has. */
async function run(script: string, env: Record<string, string> = {}): Promise<string> {
  const child = Bun.spawn([process.execPath, "-e", script], { env: { ...process.env, ...env }, stderr: "inherit" })
  return (await child.stdout.text()).trim()
}

describe("fetch", () => {
  test("takes an authority and a server's name from a session", async () => {
    await using server = serve()
    const url = `https://127.0.0.1:${server.port}/`
    const session = (tls: object) => new Bun.FetchSession({ tls }).fetch(url)
    const ca = authority.certificate
    expect(await (await session({ ca })).text()).toBe("hello")
    expect((await session({ ca, serverName: "api.example" })).ok).toBe(true)
    expect(await failure(session({ ca, serverName: "other.example" }))).toMatchObject({
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    })
    expect(await failure(session({}))).toBeDefined()
  })

  test("through undici loses the TLS settings, so client-node cannot do our HTTP", async () => {
    await using server = serve()
    const { Agent, fetch: undiciFetch } = await import("undici")
    const dispatcher = new Agent({ connect: { ca: authority.certificate } })
    expect(await failure(undiciFetch(`https://127.0.0.1:${server.port}/`, { dispatcher }))).toBeDefined()
  })

  test("rejects with the reason of its signal, and names why a connection failed", async () => {
    const reason = new Error("enough")
    await using server = serve()
    const aborted = fetch(`https://127.0.0.1:${server.port}/`, { signal: AbortSignal.abort(reason) })
    expect(await failure(aborted)).toBe(reason)
    const gone = serve()
    const url = `https://127.0.0.1:${gone.port}/`
    await gone.stop(true)
    expect(await failure(fetch(url))).toMatchObject({ code: "ECONNREFUSED" })
  })

  const count = `
    let arrived = 0
    const server = Bun.serve({ hostname: "127.0.0.1", port: 0, idleTimeout: 0, fetch() { arrived++; return new Promise(() => {}) } })
    for (let i = 0; i < 300; i++) fetch(server.url, { timeout: false }).catch(() => {})
    for (let before = -1; before !== arrived; ) { before = arrived; await Bun.sleep(200) }
    console.log(arrived)
    process.exit()`

  test("runs 256 at once and lets the next wait without a word", async () => {
    expect(await run(count, { BUN_CONFIG_MAX_HTTP_REQUESTS: "" })).toBe("256")
  })

  test("runs more only when the environment says so before the start", async () => {
    expect(await run(count, { BUN_CONFIG_MAX_HTTP_REQUESTS: "280" })).toBe("280")
  })

  test("closes the connection of a stream when its reader is cancelled", async () => {
    let closed = false
    await using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch(request) {
        request.signal.addEventListener("abort", () => {
          closed = true
        })
        return new Response(new ReadableStream({ start: (controller) => controller.enqueue("x") }))
      },
    })
    const response = await fetch(server.url)
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    for (let turns = 0; !closed && turns < 100_000; turns++) await new Promise((resolve) => setImmediate(resolve))
    expect(closed).toBe(true)
  })
})

test("a server's reload keeps the old certificate, so rotation needs a second server", async () => {
  const other = createAuthority("other")
  const next = other.server([])
  await using server = serve()
  const handler = { fetch: () => new Response("hello") }
  server.reload({ ...handler, tls: { cert: next.certificate, key: next.key } } as typeof handler)
  const ask = (ca: string) => fetch(`https://127.0.0.1:${server.port}/`, { tls: { ca }, keepalive: false })
  expect((await ask(authority.certificate)).ok).toBe(true)
  expect(await failure(ask(other.certificate))).toBeDefined()
})

test("a request keeps its body and its signal in a copy, so a call can be sent again", async () => {
  const controller = new AbortController()
  const request = new Request("http://host", { method: "POST", body: "body", signal: controller.signal })
  const copy = request.clone()
  controller.abort()
  expect([await copy.text(), await request.text(), copy.signal.aborted]).toEqual(["body", "body", true])
})

test("reads YAML, which is all that a kubeconfig needs", () => {
  expect(Bun.YAML.parse('users: [{name: a, user: {tokenFile: "x"}}]')).toEqual({
    users: [{ name: "a", user: { tokenFile: "x" } }],
  })
})
