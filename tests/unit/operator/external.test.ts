import { describe, expect, test } from "bun:test"
import type { KubeObject } from "../../../src/kube/mod.ts"
import { katalog, website } from "../../support/makers.ts"
import { planOf, World } from "../../support/world.ts"

const call = (more = "") =>
  `{ name: quota, url: "https://api.example.com/{{ .metadata.name }}"${more === "" ? "" : `, ${more}`} }`
const box = (calls: string, more = "") => `onReconcile:
  external: [${calls}]
  configMaps:
    - name: "{{ .metadata.name }}"
      data: { left: "{{ .external.quota.left }}" }
status:
  fields:
    - { path: left, value: "{{ .external.quota.left }}" }
    - { path: error, value: "{{ .external.quota.error }}", when: [{ field: external.quota.called, equals: true }] }
${more}`

interface Server {
  readonly world: World
  readonly requests: Request[]
  answer: (request: Request) => Response | Promise<Response>
}

const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status })

async function start(text: string, objects: readonly KubeObject[] = [website("shop")], keys = ""): Promise<Server> {
  const world = await World.start(katalog(text, `resync: 100h\n${keys}`))
  const server: Server = { world, requests: [], answer: () => json({ left: 3 }) }
  world.external = async (request) => {
    server.requests.push(request)
    return await server.answer(request)
  }
  for (const object of objects) world.server.put(object)
  await world.settle()
  return server
}

const statusOf = ({ world }: Server) => Object(world.server.read("Website", "default/shop")?.["status"])
const leftOf = ({ world }: Server) => Object(world.server.read("ConfigMap", "default/shop")?.["data"])["left"]
const touch = async (server: Server, touched: unknown) => {
  server.world.server.edit("Website", "default/shop", { spec: { touched } })
  await server.world.settle()
}

describe("an external call of a block", () => {
  test("is made before its entries, and templates read what it answers", async () => {
    const server = await start(box(call()))
    await using _world = server.world
    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(["GET https://api.example.com/shop"])
    expect(leftOf(server)).toBe("3")
    expect(statusOf(server)).toMatchObject({ left: 3, error: "" })
  })

  test("writes nothing while its answers are the same", async () => {
    const server = await start(box(call()))
    await using world = server.world
    world.server.takeWrites()
    await touch(server, 1)
    expect(server.requests).toHaveLength(2)
    expect(world.server.takeWrites().filter((write) => write.startsWith("apply"))).toEqual([])
  })

  test("fails the pass without touching the children, and says so; the pass is tried again", async () => {
    const server = await start(box(call()))
    await using world = server.world
    server.answer = () => json({ secret: "x" }, 503)
    world.server.takeWrites()
    await touch(server, 1)
    expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "ExternalFailed" })
    expect(world.server.takeWrites()).toEqual(["patch Website/default/shop/status"])
    expect(world.condition("Ready")?.message).not.toContain("secret")
    expect(statusOf(server).error).toContain("answered 503")
    expect(statusOf(server).left).toBe(3)
    expect(leftOf(server)).toBe("3")
    server.answer = () => json({ left: 2 })
    await world.advance("10m")
    expect(leftOf(server)).toBe("2")
    expect(world.conditions()["Ready"]).toBe("True")
  })

  test("with continueOnError leaves the error in its result", async () => {
    const server = await start(box(call("continueOnError: true")))
    await using world = server.world
    server.answer = () => new Response("no", { status: 500 })
    await touch(server, 1)
    await touch(server, 2)
    expect(world.conditions()["Ready"]).toBe("True")
    expect(statusOf(server).error).toContain("answered 500")
    expect(world.lines.filter(({ message }) => message.startsWith("an external call failed"))).toHaveLength(1)
  })

  test("that is skipped was not called", async () => {
    const server = await start(box(call("when: [{ field: spec.on, equals: true }]")))
    await using _world = server.world
    expect(server.requests).toHaveLength(0)
    expect(statusOf(server).error).toBeUndefined()
  })

  test("sees the results of the calls before it", async () => {
    const second =
      '{ name: next, method: POST, url: "https://api.example.com/next", body: { left: "{{ .external.quota.left }}" } }'
    const server = await start(box(`${call()}, ${second}`))
    await using _world = server.world
    expect(await server.requests[1]?.text()).toBe('{"left":3}')
  })

  test("of onCreate is not made again once what it was for is made", async () => {
    const text = `onCreate:
  external: [${call()}]
  configMaps: [{ name: "{{ .metadata.name }}", data: { left: "{{ .external.quota.left }}" } }]`
    const server = await start(text)
    await using _world = server.world
    await touch(server, 1)
    expect(server.requests).toHaveLength(1)
    expect(leftOf(server)).toBe("3")
  })

  test("is never made for a custom resource that goes", async () => {
    const server = await start(box(call()))
    await using world = server.world
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(server.requests).toHaveLength(1)
  })
})

describe("a call with retryBackoff", () => {
  const retried = call("retryBackoff: { initial: 10s, maxAttempts: 3 }")
  const first = '{ name: first, method: POST, url: "https://api.example.com/first" }'

  test("is made again after a pause in which no worker waits, and what came before is not", async () => {
    const server = await start(box(`${first}, ${retried}`), [])
    await using world = server.world
    server.answer = ({ method }) => (method === "POST" ? json({}) : json({}, 503))
    world.server.put(website("shop"))
    await world.settle()
    expect(world.operator().workerStates).not.toContain("processing")
    expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "Waiting" })
    server.answer = () => json({ left: 1 })
    await world.advance("11s")
    expect(server.requests.map(({ method }) => method)).toEqual(["POST", "GET", "GET"])
    expect(leftOf(server)).toBe("1")
  })

  test("is not made early by another change, fails after its attempts, and the status is written once", async () => {
    const server = await start(box(retried), [])
    await using world = server.world
    server.answer = () => json({}, 503)
    world.server.put(website("shop"))
    await world.settle()
    await touch(server, 1)
    expect(server.requests).toHaveLength(1)
    world.server.takeWrites()
    await world.advance("10s")
    expect(server.requests).toHaveLength(2)
    expect(world.server.takeWrites()).toEqual([])
    await world.advance("20s")
    expect(world.condition("Ready")?.reason).toBe("ExternalFailed")
    expect(leftOf(server)).toBeUndefined()
  })
})

describe("a call that is signed", () => {
  const signed = call("auth: { secretRef: { name: api, key: token } }")
  const secret = (token: string): KubeObject => ({
    ...{ apiVersion: "v1", kind: "Secret", metadata: { name: "api", namespace: "default" } },
    data: { token: btoa(token) },
  })

  test("carries the value of the Secret, waits for it, and says nothing of it", async () => {
    const server = await start(box(signed))
    await using world = server.world
    expect(server.requests).toHaveLength(0)
    expect(world.condition("Ready")?.message).toContain("Secret/default/api")
    server.answer = () => json({}, 401)
    world.server.put(secret("s3cret"))
    await world.settle()
    expect(server.requests[0]?.headers.get("authorization")).toBe("Bearer s3cret")
    expect(JSON.stringify([world.lines, world.events(), world.server.read("Website", "default/shop")])).not.toContain(
      "s3cret",
    )
    server.answer = () => json({ left: 9 })
    world.server.put(secret("other"))
    await world.settle()
    expect(server.requests.at(-1)?.headers.get("authorization")).toBe("Bearer other")
    expect(leftOf(server)).toBe("9")
  })
})

describe("the hosts that may be reached", () => {
  const security = "security: { external: { allowedHosts: [api.example.com, '*.internal.example.com'] } }\n"
  const templated = '{ name: quota, url: "{{ .spec.url }}" }'

  test("are named where a template makes the host, and no other is asked", async () => {
    const world = await World.start(planOf(security + katalog(box(templated), "resync: 100h")))
    await using _world = world
    const asked: string[] = []
    world.external = async ({ url }) => {
      asked.push(url)
      return json({})
    }
    for (const [name, url] of Object.entries({
      a: "https://api.example.com/x",
      b: "https://deep.in.internal.example.com/x",
      c: "https://evil.example.com/x",
      d: "http://169.254.169.254/x",
    })) {
      world.server.put(website(name, { url }))
    }
    await world.settle()
    expect(asked.sort()).toEqual(["https://api.example.com/x", "https://deep.in.internal.example.com/x"])
    expect(world.condition("Stalled", "default/c")).toMatchObject({ status: "True", reason: "ExternalFailed" })
    expect(world.condition("Stalled", "default/d")?.status).toBe("True")
  })
})

describe("calls of gates and rules", () => {
  test("open and close the reconcileGate; one that fails does what failPolicy says, and is asked again", async () => {
    const gate = `gates:
  reconcileGate:
    failPolicy: closed
    external: [{ name: freeze, url: "https://api.example.com/freeze" }]
    when: [{ field: external.freeze.frozen, equals: false }]
onReconcile: { configMaps: [{ name: "{{ .metadata.name }}", data: { a: b } }] }`
    const server = await start(gate, [])
    await using world = server.world
    const isMade = () => world.server.read("ConfigMap", "default/shop") !== undefined
    server.answer = () => json({ frozen: true })
    world.server.put(website("shop"))
    await world.settle()
    expect(isMade()).toBe(false)
    server.answer = () => json({}, 500)
    await touch(server, 1)
    expect(isMade()).toBe(false)
    expect(world.server.read("Website", "default/shop")?.["status"]).toBeUndefined()
    await touch(server, 2)
    expect(world.lines.filter(({ message }) => message === "a call of a gate failed")).toHaveLength(1)
    server.answer = () => json({ frozen: false })
    await world.advance("31s")
    expect(isMade()).toBe(true)
  })

  test("are made in the pass for an enqueueGate, which lets through when they fail", async () => {
    const gate = `gates:
  enqueueGate:
    failPolicy: open
    external: [{ name: freeze, url: "https://api.example.com/freeze" }]
    when: [{ field: external.freeze.frozen, equals: false }]
onReconcile: { configMaps: [{ name: "{{ .metadata.name }}", data: { a: b } }] }`
    const server = await start(gate, [])
    await using world = server.world
    const isMade = () => world.server.read("ConfigMap", "default/shop") !== undefined
    server.answer = () => json({ frozen: true })
    world.server.put(website("shop"))
    await world.settle()
    expect(isMade()).toBe(false)
    server.answer = () => json({}, 500)
    await touch(server, 1)
    expect(isMade()).toBe(true)
  })

  test("come before mutation and validation", async () => {
    const keys = `mutation:
  external: [{ name: size, url: "https://api.example.com/size" }]
  rules: [{ field: spec.size, default: "{{ .external.size.value }}" }]
validation:
  external: [{ name: policy, url: "https://api.example.com/policy" }]
  rules: [{ field: external.policy.allowed, equals: true, message: "not allowed" }]`
    const text = 'onReconcile: { configMaps: [{ name: "{{ .metadata.name }}", data: { left: "{{ .spec.size }}" } }] }'
    const server = await start(text, [], keys)
    await using world = server.world
    server.answer = ({ url }) => json(url.endsWith("size") ? { value: 7 } : { allowed: true })
    world.server.put(website("shop"))
    await world.settle()
    expect(leftOf(server)).toBe("7")
    server.answer = ({ url }) => json(url.endsWith("size") ? { value: 8 } : { allowed: false })
    await touch(server, 1)
    expect(leftOf(server)).toBe("7")
    expect(world.condition("Stalled")?.reason).toBe("ValidationFailed")
  })
})
