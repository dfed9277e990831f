import { describe, expect, test } from "bun:test"
import { X509Certificate } from "node:crypto"
import { isRecord } from "../../../src/kube/mod.ts"
import { generatedAtAnnotation } from "../../../src/operator/mod.ts"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const shop = website("shop", { title: "one" })
const start = (block: string, lists: string) => World.start(katalog(`${block}:\n  ${lists}`), { objects: [shop] })

function dataOf(world: World, name: string): Readonly<Record<string, string>> {
  const data = world.server.read("Secret", `default/${name}`)?.["data"]
  const texts = Object.entries(isRecord(data) ? data : {})
  return Object.fromEntries(texts.map(([key, value]) => [key, Buffer.from(String(value), "base64").toString("utf8")]))
}

const ageOf = (world: World, name: string) =>
  world.server.read("Secret", `default/${name}`)?.metadata.annotations?.[generatedAtAnnotation]

/** Lets time pass while nothing runs: months of watches that are renewed every few minutes are slow. */
async function idle(world: World, duration: string): Promise<void> {
  await world.stop()
  await world.clock.advance(duration)
  await world.restart()
}

describe("a secret with rotateAfter", () => {
  const lists = 'secrets: [{ name: key, once: true, rotateAfter: 30d, data: { key: "{{ now }}" } }]'

  test.each(["onReconcile", "onCreate"])("in %s is generated anew, in place, when its time is over", async (block) => {
    await using world = await start(block, lists)
    const first = dataOf(world, "key")
    const uid = world.server.read("Secret", "default/key")?.metadata.uid
    expect(ageOf(world, "key")).toBeDefined()
    await idle(world, "28d")
    await world.advance("1d")
    expect(dataOf(world, "key")).toEqual(first)
    world.server.takeWrites()
    await world.advance("2d")
    expect(world.server.takeWrites().filter((write) => write.includes("Secret"))).toEqual(["apply Secret/default/key"])
    expect(dataOf(world, "key")["key"]).not.toBe(first["key"])
    expect(world.server.read("Secret", "default/key")?.metadata.uid).toBe(uid)
  })

  test("does not forget its age at a restart", async () => {
    await using world = await start("onReconcile", lists)
    const first = dataOf(world, "key")
    await idle(world, "20d")
    expect(dataOf(world, "key")).toEqual(first)
    await idle(world, "9d")
    await world.advance("2d")
    expect(dataOf(world, "key")).not.toEqual(first)
  })
})

describe("a secret with tls", () => {
  const lists =
    "secrets: [{ tls: { commonName: shop.default.svc, dnsNames: [shop, shop.default.svc], validFor: 90d } }]"
  const certificateOf = (world: World, name = "orkestra-tls") =>
    new X509Certificate(dataOf(world, name)["tls.crt"] ?? "")

  test("holds a key, a certificate and its authority", async () => {
    await using world = await start("onReconcile", lists)
    const made = certificateOf(world)
    expect(world.server.read("Secret", "default/orkestra-tls")?.["type"]).toBe("kubernetes.io/tls")
    expect(made.checkHost("shop")).toBe("shop")
    expect(made.verify(new X509Certificate(dataOf(world, "orkestra-tls")["ca.crt"] ?? "").publicKey)).toBe(true)
    expect(Date.parse(made.validTo) - world.clock.nowMs()).toBeGreaterThan(89 * 86_400_000)
    world.server.takeWrites()
    await world.advance("1h")
    await world.restart()
    expect(world.server.takeWrites().filter((write) => write.includes("Secret"))).toEqual([])
  })

  test("is renewed well before its end, and its former authority stays trusted", async () => {
    await using world = await start("onReconcile", lists)
    const first = dataOf(world, "orkestra-tls")
    await idle(world, "60d")
    await world.advance("1d")
    const second = dataOf(world, "orkestra-tls")
    expect(second["tls.crt"]).not.toBe(first["tls.crt"])
    expect(second["ca.crt"]).toEndWith(first["ca.crt"] ?? "?")
    await idle(world, "60d")
    await world.advance("1d")
    expect(dataOf(world, "orkestra-tls")["ca.crt"]?.match(/BEGIN/g)).toHaveLength(2)
  })
})
