import { describe, expect, test } from "bun:test"
import { type LogLevel, logger, OrkError } from "../../../src/base/mod.ts"
import { createApp, createProbeApp, Probe, Problem, readBody } from "../../../src/server/mod.ts"
import { cr, fakeView, operator } from "../../support/view.ts"

function ask(path: string, init: RequestInit = {}, app = createApp(fakeView())) {
  return app(new Request(`http://localhost:8080${path}`, init))
}

async function problemOf(response: Response) {
  const body = readBody(Problem, await response.json())
  if (!body.ok) throw new Error(body.error)
  return body.value
}

describe("the Host check", () => {
  const accepted = ["127.0.0.1", "127.0.0.1:8080", "localhost", "LocalHost:1", "[::1]", "[::1]:65535"]
  test.each(accepted)("accepts %s", async (host) => {
    expect((await ask("/katalog", { headers: { host } })).status).toBe(200)
  })

  const refused = [
    "evil.example",
    "localhost.evil.example",
    "evil.example:localhost",
    "127.0.0.1.nip.io",
    "127.0.0.1@evil.example",
    "localhost:80:80",
    "[::1].evil.example",
    "::1",
    "",
  ]
  test.each(refused)("refuses %p with 421, and tells nothing", async (host) => {
    const response = await ask("/katalog", { headers: { host } })
    expect(response.status).toBe(421)
    expect((await problemOf(response)).help).toContain("localhost")
  })

  test("a request without Host is answered, since only programs send one", async () => {
    expect((await ask("/katalog")).status).toBe(200)
  })

  test("can be given other names, or be switched off", async () => {
    const headers = { host: "ork.internal:8080" }
    expect((await ask("/katalog", { headers }, createApp(fakeView(), { hosts: ["ork.internal"] }))).status).toBe(200)
    expect((await ask("/katalog", { headers }, createApp(fakeView(), { hosts: "any" }))).status).toBe(200)
  })
})

describe("methods and paths", () => {
  test("HEAD answers as GET does, without the body", async () => {
    const [get, head] = await Promise.all([ask("/katalog"), ask("/katalog", { method: "HEAD" })])
    const body = await get.text()
    expect(head.status).toBe(200)
    expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"))
    expect(head.headers.get("content-length")).toBe(String(Buffer.byteLength(body)))
    expect(await head.text()).toBe("")
  })

  test.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])("%s is 405 and says what is allowed", async (method) => {
    const response = await ask("/katalog/website", { method })
    expect(response.status).toBe(405)
    expect(response.headers.get("allow")).toBe("GET, HEAD")
    expect(await problemOf(response)).toBeObject()
  })

  test("an unknown path is 404 and names the paths that exist", async () => {
    const response = await ask("/katalogs")
    expect(response.status).toBe(404)
    const { error, help } = await problemOf(response)
    expect(error).toContain("/katalogs")
    expect(help).toContain("/katalog/{crd}/health")
  })

  test("a slash at the end changes nothing", async () => {
    expect(await (await ask("/katalog/website/")).text()).toBe(await (await ask("/katalog/website")).text())
  })

  test("an empty segment is no CRD", async () => {
    expect((await ask("/katalog//health")).status).toBe(404)
  })

  test("a name is decoded once, and broken encoding is 400", async () => {
    expect((await ask("/katalog/web%73ite")).status).toBe(200)
    expect((await ask("/katalog/web%2573ite")).status).toBe(404)
    expect((await ask("/katalog/%ff")).status).toBe(400)
  })

  test("names of the language's own objects are no CRDs and no paths", async () => {
    for (const path of ["/katalog/__proto__", "/katalog/constructor/cr", "/katalog/toString/health"]) {
      expect((await ask(path)).status).toBe(404)
    }
  })

  test("an address of 2048 characters is answered, one more is 414", async () => {
    const base = "http://localhost:8080/katalog?q="
    const app = createApp(fakeView())
    const get = (length: number) => app(new Request(base.padEnd(length, "x")))
    expect((await get(2048)).status).toBe(200)
    expect((await get(2049)).status).toBe(414)
  })

  test("answers are neither cached nor sniffed, and no other site may read them", async () => {
    const { headers } = await ask("/katalog")
    expect(headers.get("cache-control")).toBe("no-store")
    expect(headers.get("x-content-type-options")).toBe("nosniff")
    expect(headers.get("access-control-allow-origin")).toBeNull()
  })
})

describe("probes", () => {
  const no = createApp(fakeView({ probes: { started: false, alive: false, ready: false, why: "website is pending" } }))
  const paths = [
    ["/startup", 503],
    ["/health", 500],
    ["/healthz", 500],
    ["/livez", 500],
    ["/ready", 503],
    ["/readyz", 503],
  ] as const
  test.each(paths)("%s is 200, or %i with the reason", async (path, code) => {
    expect(readBody(Probe, await (await ask(path)).json())).toEqual({
      ok: true,
      value: { ok: true, status: 200, why: "" },
    })
    const refused = await ask(path, {}, no)
    expect(refused.status).toBe(code)
    expect(await refused.json()).toEqual({ ok: false, status: code, why: "website is pending" })
  })

  test("on a port of their own they answer under any Host, and nothing else is there", async () => {
    const app = createProbeApp(fakeView())
    const headers = { host: "10.0.0.7:8081" }
    expect((await ask("/ready", { headers }, app)).status).toBe(200)
    expect((await ask("/katalog", { headers }, app)).status).toBe(404)
    expect((await ask("/metrics", { headers }, app)).status).toBe(404)
  })
})

describe("errors", () => {
  const failing = (error: unknown) => createApp(fakeView({ metrics: () => Promise.reject(error) }))

  test("an error of ours answers with the status of its code and its message", async () => {
    const response = await ask("/metrics", {}, failing(new OrkError("net/timeout", "metrics: took too long")))
    expect(response.status).toBe(504)
    expect((await problemOf(response)).error).toBe("metrics: took too long")
  })

  test("any other error is a 500 that shows neither message nor stack; the log has the reason", async () => {
    const lines: [LogLevel, unknown][] = []
    const log = logger((level, _message, fields) => lines.push([level, fields["reason"]]))
    const app = createApp(fakeView({ metrics: () => Promise.reject(new Error("at secret/place")) }), { log })
    const response = await ask("/metrics", {}, app)
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain("secret/place")
    expect(lines).toEqual([["error", "at secret/place"]])
  })

  test("an exception in one CRD's answer leaves the next request alone", async () => {
    const view = {
      ...fakeView(),
      list: () => {
        throw new Error("broken")
      },
    }
    const app = createApp(view)
    expect((await ask("/katalog/website/cr", {}, app)).status).toBe(500)
    expect((await ask("/katalog/website", {}, app)).status).toBe(200)
  })
})

describe("what is not there", () => {
  const view = fakeView({
    operators: [operator(), operator({ name: "shop" }), operator({ name: "region", namespaced: false })],
    objects: { website: [cr("shop"), cr("blog"), cr("blog", { metadata: { namespace: "other" } })], region: [] },
  })
  const get = async (path: string) => {
    const response = await ask(path, {}, createApp(view))
    return { status: response.status, ...(await problemOf(response)) }
  }

  test("an unknown CRD names those that exist, and the one that was meant", async () => {
    const answer = await get("/katalog/wesbite/health")
    expect(answer.status).toBe(404)
    expect(answer.help).toContain("website, shop, region")
    expect(answer.help).toContain('"website"?')
  })

  test("an unknown CR names the ones that exist", async () => {
    const answer = await get("/katalog/website/cr/web/shopp")
    expect(answer.status).toBe(404)
    expect(answer.error).toContain("web/shopp")
    expect(answer.help).toContain("/katalog/website/cr/web/shop")
  })

  test("pages that a Katalog switches off are 404, and the others are not", async () => {
    const statuses = async (endpoints: object) => {
      const switched = fakeView({
        operators: [operator({ endpoints: { enabled: true, info: true, health: true, ...endpoints } })],
        objects: { website: [cr("shop")] },
      })
      const paths = ["", "/health", "/cr", "/cr/shop"]
      return Promise.all(
        paths.map(async (path) => (await ask(`/katalog/website${path}`, {}, createApp(switched))).status),
      )
    }
    expect(await statuses({})).toEqual([200, 200, 200, 200])
    expect(await statuses({ info: false })).toEqual([404, 200, 200, 200])
    expect(await statuses({ health: false })).toEqual([200, 404, 200, 200])
    expect(await statuses({ enabled: false })).toEqual([404, 404, 404, 404])
  })

  test("a CRD without CRs says so", async () => {
    expect((await get("/katalog/shop/cr/a")).help).toContain("no CR of this CRD yet")
  })

  test("a namespace for a cluster-scoped CRD is 404 with the right path", async () => {
    const answer = await get("/katalog/region/cr/web/eu")
    expect(answer.status).toBe(404)
    expect(answer.help).toContain("/katalog/region/cr/eu")
  })

  test("a name alone that two namespaces have is 409 and names both", async () => {
    const answer = await get("/katalog/website/cr/blog")
    expect(answer.status).toBe(409)
    expect(answer.help).toContain("/cr/web/blog")
    expect(answer.help).toContain("/cr/other/blog")
  })

  test("the list of what exists has a bound", async () => {
    const many = Array.from({ length: 21 }, (_, i) => cr(`site-${i + 10}`))
    const response = await ask("/katalog/website/cr/x", {}, createApp(fakeView({ objects: { website: many } })))
    const { help } = await problemOf(response)
    expect(help).toContain("site-29 and 1 more")
    expect(help).not.toContain("site-30")
  })
})
