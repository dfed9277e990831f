import { describe, expect, test } from "bun:test"
import { connect as dial } from "node:net"
import { type Clock, ms, type Transport } from "../../src/base/mod.ts"
import type { ResourceInfo } from "../../src/kube/mod.ts"
import { connect, type Endpoint, fetchTransport, fixedEndpoint, flightSlots } from "../../src/runtime/mod.ts"
import { systemClock, systemRandom } from "../../src/system.ts"
import { createAuthority } from "../cluster/certificates.ts"
import { FakeClock } from "../support/clock.ts"

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

const local = { hostname: "127.0.0.1", port: 0, idleTimeout: 0 } as const

/** Waits, without a clock, until something outside has happened. */
async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition() && turns < 100_000; turns++) await new Promise((resolve) => setImmediate(resolve))
  expect(condition()).toBe(true)
}

const quiet = (endpoint: Endpoint, clock: Clock = new FakeClock()) => fetchTransport(endpoint, { clock })
const get = (url: URL | string, signal?: AbortSignal) => new Request(String(url), signal ? { signal } : {})

describe("TLS", () => {
  const authority = createAuthority("ork-test")
  const own = authority.server(["api.example"])
  const client = authority.client("me", ["team"])
  const tls = { cert: own.certificate, key: own.key, ca: authority.certificate }
  const serve = (strict: boolean) =>
    Bun.serve({
      ...local,
      tls: { ...tls, requestCert: strict, rejectUnauthorized: strict },
      fetch: () => new Response("hello"),
    })

  test("a custom authority and a client certificate open the door, and only they", async () => {
    await using server = serve(true)
    const url = server.url.href.replace("localhost", "127.0.0.1")
    const material = { ca: authority.certificate, cert: client.certificate, key: client.key }
    using known = quiet(fixedEndpoint(url, material))
    expect(await (await known(get(url))).text()).toBe("hello")
    using nameless = quiet(fixedEndpoint(url, { ca: authority.certificate }))
    expect(await failure(nameless(get(url)))).toMatchObject({ code: expect.stringMatching(/^net\//) })
    using distrustful = quiet(fixedEndpoint(url, { cert: client.certificate, key: client.key }))
    expect(await failure(distrustful(get(url)))).toMatchObject({ code: "net/tls" })
  })

  test("the name in the certificate must fit, and can be given", async () => {
    await using server = serve(false)
    const url = `https://127.0.0.1:${server.port}/`
    const as = (serverName: string) => ({ ...fixedEndpoint(url, { ca: authority.certificate }), serverName })
    using right = quiet(as("api.example"))
    expect((await right(get(url))).status).toBe(200)
    using wrong = quiet(as("other.example"))
    expect(await failure(wrong(get(url)))).toMatchObject({ code: "net/tls" })
  })

  test("is not checked where the kubeconfig says so", async () => {
    await using server = serve(false)
    const url = `https://127.0.0.1:${server.port}/`
    using transport = quiet({ ...fixedEndpoint(url), insecure: true })
    expect((await transport(get(url))).status).toBe(200)
  })

  test("material that changed is used from the next request on", async () => {
    await using server = serve(true)
    const url = `https://127.0.0.1:${server.port}/`
    let material = { ca: authority.certificate, cert: client.certificate, key: client.key }
    const fixed = fixedEndpoint(url)
    const whole = await fixed.material()
    using transport = quiet({ ...fixed, material: async () => ({ ...whole, ...material }) })
    expect((await transport(get(url))).status).toBe(200)
    const stranger = createAuthority("stranger").client("me", [])
    material = { ...material, cert: stranger.certificate, key: stranger.key }
    expect(await failure(transport(get(url)))).toBeDefined()
  })
})

describe("a call that comes to nothing", () => {
  test("names the server and the reason in one line", async () => {
    const gone = Bun.serve({ ...local, fetch: () => new Response() })
    const url = `http://127.0.0.1:${gone.port}`
    await gone.stop(true)
    using transport = quiet(fixedEndpoint(url))
    const error = await failure(transport(get(url)))
    expect(error).toMatchObject({ code: "net/refused" })
    expect(String(error)).toContain(url)
    expect(String(error)).not.toContain("\n")
    using nowhere = quiet(fixedEndpoint("http://no-such-host.invalid"))
    expect(await failure(nowhere(get("http://no-such-host.invalid")))).toMatchObject({ code: "net/refused" })
  })

  test("because the server speaks no TLS is net/tls", async () => {
    await using server = Bun.serve({ ...local, fetch: () => new Response() })
    const url = `https://127.0.0.1:${server.port}`
    using transport = quiet(fixedEndpoint(url))
    expect(await failure(transport(get(url)))).toMatchObject({ code: "net/tls" })
  })

  test("because the connection breaks is net/closed, also in the middle of a body", async () => {
    for (const answer of ["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc"]) {
      const server = Bun.listen({
        hostname: "127.0.0.1",
        port: 0,
        socket: {
          data(socket) {
            socket.end(answer)
          },
        },
      })
      const url = `http://127.0.0.1:${server.port}`
      using transport = quiet(fixedEndpoint(url))
      expect(await failure(transport(get(url)))).toMatchObject({ code: "net/closed" })
      server.stop(true)
    }
  })

  test("ends after its time limit on the clock, or with the signal's reason, and holds no slot", async () => {
    let asked = 0
    await using server = Bun.serve({
      ...local,
      fetch: () => {
        asked++
        return new Promise<Response>(() => {})
      },
    })
    const clock = new FakeClock()
    const slots = flightSlots()
    using transport = fetchTransport(fixedEndpoint(server.url.origin), { clock, slots }, { timeoutMs: ms("5s") })
    const late = failure(transport(get(server.url)))
    await until(() => asked === 1)
    await clock.advance("5s")
    expect(await late).toMatchObject({ code: "net/timeout" })
    const controller = new AbortController()
    const gone = failure(transport(get(server.url, controller.signal)))
    await until(() => asked === 2)
    const reason = new Error("enough")
    controller.abort(reason)
    expect(await gone).toBe(reason)
    expect(slots.inFlight).toBe(0)
    expect(clock.pending).toEqual([])
  })

  test("because the answer is a byte too long is api/too-large, whether its length is announced or not", async () => {
    const chunked = () =>
      new ReadableStream({
        async start(controller) {
          controller.enqueue("12345")
          // Two turns apart, so that the server cannot announce the length.
          for (let turns = 0; turns < 2; turns++) await new Promise((resolve) => setImmediate(resolve))
          controller.enqueue("67890")
          controller.close()
        },
      })
    await using server = Bun.serve({
      ...local,
      fetch: (request) => new Response(request.url.endsWith("chunked") ? chunked() : "1234567890"),
    })
    for (const path of ["plain", "chunked"]) {
      const url = `${server.url}${path}`
      const clock = new FakeClock()
      const limited = (bodyBytesMax: number) =>
        fetchTransport(fixedEndpoint(server.url.origin), { clock }, { bodyBytesMax })
      expect(await (await limited(10)(get(url))).text()).toBe("1234567890")
      expect(await failure(limited(9)(get(url)))).toMatchObject({ code: "api/too-large" })
    }
  })
})

describe("a watch", () => {
  const resource: ResourceInfo = {
    gvk: { group: "", version: "v1", kind: "ConfigMap" },
    gvr: { group: "", version: "v1", resource: "configmaps" },
    namespaced: true,
    singular: "configmap",
    shortNames: [],
    verbs: ["watch"],
    subresources: [],
  }
  const event = `${JSON.stringify({ type: "ADDED", object: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } } })}\n`

  /** A server that sends one event and then is silent; it tells when the connection is gone. */
  function silentServer() {
    const seen = { opened: 0, closed: 0 }
    const server = Bun.serve({
      ...local,
      fetch(request) {
        seen.opened++
        request.signal.addEventListener("abort", () => {
          seen.closed++
        })
        return new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(event)
            },
          }),
        )
      },
    })
    return { server, seen }
  }

  test("that falls silent is given up on the clock, and its connection closed", async () => {
    const { server, seen } = silentServer()
    await using _ = server
    const clock = new FakeClock()
    using connection = connect(fixedEndpoint(server.url.origin), { clock, random: systemRandom }, { version: "0" })
    let events = 0
    const watched = (async () => {
      for await (const _ of connection.client.watch(resource, { silenceMax: ms("3m") })) events++
    })()
    const ended = failure(watched)
    await until(() => events === 1)
    await clock.advance("10m")
    expect(await ended).toMatchObject({ code: "net/timeout" })
    await until(() => seen.closed === 1)
    expect(clock.pending).toEqual([])
  })

  test("holds its slot until it ends", async () => {
    const { server, seen } = silentServer()
    await using _ = server
    const slots = flightSlots()
    using transport = fetchTransport(fixedEndpoint(server.url.origin), { clock: new FakeClock(), slots })
    const response = await transport(get(`${server.url}?watch=true`))
    expect(slots.inFlight).toBe(1)
    await response.body?.cancel()
    expect(slots.inFlight).toBe(0)
    await until(() => seen.closed === 1)
  })

  test("whose connection breaks is net/closed", async () => {
    const server = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data(socket) {
          socket.end(
            `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${event.length.toString(16)}\r\n${event}\r\n`,
          )
        },
      },
    })
    const origin = `http://127.0.0.1:${server.port}`
    using connection = connect(
      fixedEndpoint(origin),
      { clock: new FakeClock(), random: systemRandom },
      { version: "0" },
    )
    const watched = (async () => {
      for await (const _ of connection.client.watch(resource));
    })()
    expect(await failure(watched)).toMatchObject({ code: "net/closed" })
    server.stop(true)
  })
})

test("a proxy is used where the kubeconfig names one", async () => {
  const asked: string[] = []
  await using target = Bun.serve({ ...local, fetch: () => new Response("through") })
  const proxy = Bun.listen<{ out?: ReturnType<typeof dial> }>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        socket.data = {}
      },
      data(socket, bytes) {
        asked.push(bytes.toString().split("\r\n", 1)[0] ?? "")
        const out = dial(target.port ?? 0, "127.0.0.1", () => out.write(bytes))
        out.on("data", (answer) => socket.write(answer))
        out.on("error", () => socket.end())
      },
    },
  })
  const url = "http://api.invalid/version"
  const endpoint = { ...fixedEndpoint("http://api.invalid"), proxy: `http://127.0.0.1:${proxy.port}` }
  using transport = quiet(endpoint)
  expect(await (await transport(get(url))).text()).toBe("through")
  expect(asked[0]).toContain("api.invalid")
  proxy.stop(true)
})

test("credentials do not follow a redirect", async () => {
  let reached = false
  await using other = Bun.serve({
    ...local,
    fetch: () => {
      reached = true
      return new Response()
    },
  })
  await using server = Bun.serve({ ...local, fetch: () => Response.redirect(other.url.href, 302) })
  const transport: Transport = quiet(fixedEndpoint(server.url.origin, { authorization: "Bearer t" }), systemClock)
  expect((await transport(get(server.url))).status).toBe(302)
  expect(reached).toBe(false)
})
