import { afterEach, describe, expect, test } from "bun:test"
import { isOrkError } from "../../src/base/mod.ts"
import { createApp, createProbeApp, type Listener, listen } from "../../src/server/mod.ts"
import { fakeView } from "../support/view.ts"

const listeners: Listener[] = []
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.stop()))
})

function start(app = createApp(fakeView()), port = 0, flag?: string): Listener {
  const listener = listen(app, { hostname: "127.0.0.1", port, ...(flag === undefined ? {} : { flag }) })
  listeners.push(listener)
  return listener
}

function errorOf(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return error
  }
}

/** Sends bytes as they are and returns the answer's first line. */
async function raw(port: number, request: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: { data: (_, bytes) => resolve(bytes.toString().split("\r\n")[0] ?? ""), close: () => resolve("") },
  })
  try {
    socket.write(request)
    return await promise
  } finally {
    socket.end()
  }
}

describe("a real listener", () => {
  test("serves the API on a free port of loopback", async () => {
    const { url, port } = start()
    expect(port).toBeGreaterThan(0)
    expect(url).toBe(`http://127.0.0.1:${port}`)
    const response = await fetch(`${url}/katalog`)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ name: "sites", OrkReady: true })
  })

  test("HEAD tells the length and sends no body", async () => {
    const { url } = start()
    const response = await fetch(`${url}/katalog`, { method: "HEAD" })
    expect(Number(response.headers.get("content-length"))).toBeGreaterThan(100)
    expect(await response.text()).toBe("")
  })

  test("a rebound name is refused on the wire", async () => {
    const { port } = start()
    expect(await raw(port, "GET /katalog HTTP/1.1\r\nHost: evil.example\r\n\r\n")).toContain(" 421")
    expect(await raw(port, `GET /katalog HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`)).toContain(" 200")
  })

  test("a request without Host is answered", async () => {
    const { port } = start()
    expect(await raw(port, "GET /katalog HTTP/1.0\r\n\r\n")).toContain(" 200")
  })

  test("an app that throws answers 500 and prints no source", async () => {
    const { url } = start(() => {
      throw new Error("hunter2")
    })
    const response = await fetch(url)
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain("hunter2")
  })

  test("probes have a port of their own", async () => {
    const { url } = start(createProbeApp(fakeView({ probes: { ready: false, why: "booting" } })))
    expect((await fetch(`${url}/health`)).status).toBe(200)
    expect((await fetch(`${url}/ready`)).status).toBe(503)
    expect((await fetch(`${url}/katalog`)).status).toBe(404)
  })
})

describe("ports", () => {
  test("a busy port is an error that names the port and the flag", () => {
    const { port } = start()
    const error = errorOf(() => start(undefined, port, "--probe-port"))
    expect(isOrkError(error, "config/port")).toBe(true)
    expect(error).toMatchObject({ context: { port, hostname: "127.0.0.1" } })
    expect(String(error)).toContain(String(port))
    expect(String(error)).toContain("--probe-port")
  })

  test("a port outside the range is the same error", () => {
    expect(
      isOrkError(
        errorOf(() => start(undefined, 65_536)),
        "config/port",
      ),
    ).toBe(true)
  })

  test("a stopped listener frees its port, and stopping twice is stopping once", async () => {
    const first = start()
    await first.stop()
    await first.stop()
    const second = start(undefined, first.port)
    expect((await fetch(`${second.url}/ready`)).status).toBe(200)
  })

  test("stopping waits for the answer under way", async () => {
    const entered = Promise.withResolvers<void>()
    const release = Promise.withResolvers<string>()
    const metrics = () => {
      entered.resolve()
      return release.promise
    }
    const listener = start(createApp(fakeView({ metrics })))
    const answer = fetch(`${listener.url}/metrics`)
    await entered.promise
    let stopped = false
    const stop = listener.stop().then(() => {
      stopped = true
    })
    expect(stopped).toBe(false)
    release.resolve("done 1\n")
    expect(await (await answer).text()).toBe("done 1\n")
    await stop
    expect(stopped).toBe(true)
  })
})
