import { describe, expect, test } from "bun:test"
import { type KubeObject, objectKey } from "../../../src/kube/mod.ts"
import { EventShelf, heldMax } from "../../../src/operator/event-shelf.ts"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const objects = [website("shop"), website("other")]
const children = 'onReconcile: { configMaps: [{ name: "{{ .metadata.name }}", data: { a: b } }] }'
const start = (event: string, body = children) =>
  World.start(katalog(`observe: { events: { renewed: ${event} } }\n${body}`, "resync: 100h"), { objects })

interface About {
  readonly reason?: string
  readonly note?: string
  readonly regarding: Readonly<Record<string, string>>
  readonly namespace?: string
}

const site = { apiVersion: "demo.example/v1", kind: "Website", namespace: "default", name: "shop" }
const certificate = { apiVersion: "cert-manager.io/v1", kind: "Certificate", namespace: "default", name: "shop-tls" }

function tell(world: World, name: string, { reason = "Renewed", note = "", regarding, namespace = "default" }: About) {
  const metadata = { name, namespace }
  const event: KubeObject = { apiVersion: "events.k8s.io/v1", kind: "Event", metadata, reason, note, regarding }
  return world.server.put({ ...event, type: "Normal", action: "Renew" })
}

/** Custom resources that had a pass while `act` and its echo ran. */
async function woken(world: World, act: () => void): Promise<readonly string[]> {
  const before = new Set(world.lines)
  act()
  await world.settle()
  const passes = world.lines.filter((line) => !before.has(line) && line.message === "reconciled")
  return [...new Set(passes.map(({ fields }) => String(fields["key"])))].sort()
}

const noteOf = (world: World, name = "shop") =>
  Object(world.server.read("Website", `default/${name}`)?.["status"])["note"]

describe("a Kubernetes Event that fits", () => {
  test("wakes the custom resource that it is about, and no other", async () => {
    await using world = await start("{ reason: Renewed }")
    expect(await woken(world, () => tell(world, "a", { regarding: site }))).toEqual(["default/shop"])
    expect(await woken(world, () => tell(world, "b", { regarding: site, reason: "Issued" }))).toEqual([])
  })

  test("wakes the one whose child it is about", async () => {
    await using world = await start("{ reason: Renewed }")
    const child = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "other" }
    expect(await woken(world, () => tell(world, "a", { regarding: child }))).toEqual(["default/other"])
  })

  test("wakes nobody where it is about somebody else's object of a kind that is made here", async () => {
    await using world = await start("{ reason: Renewed }")
    const foreign = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "strange" }
    expect(await woken(world, () => tell(world, "a", { regarding: foreign }))).toEqual([])
  })

  test("wakes all where it is about something else", async () => {
    await using world = await start("{ reason: Renewed, regarding: { kind: Certificate } }")
    expect(await woken(world, () => tell(world, "a", { regarding: certificate }))).toHaveLength(2)
    expect(await woken(world, () => tell(world, "b", { regarding: site }))).toEqual([])
  })

  test("wakes the one that keyFrom makes of it", async () => {
    const keyFrom = `{ name: '{{ .regarding.name | trimSuffix "-tls" }}' }`
    await using world = await start(`{ regarding: { kind: Certificate }, keyFrom: ${keyFrom} }`)
    expect(await woken(world, () => tell(world, "a", { regarding: certificate }))).toEqual(["default/shop"])
  })

  test("wakes nobody when it ends, unless that is asked for", async () => {
    await using world = await start("{ reason: Renewed }")
    tell(world, "a", { regarding: site })
    await world.settle()
    expect(await woken(world, () => world.server.remove("Event", "default/a"))).toEqual([])
  })

  test("is shown, the newest of them, as long as the cluster has it", async () => {
    const status = 'status: { fields: [{ path: note, value: "{{ .events.renewed.note }}" }] }'
    await using world = await start("{ reason: Renewed }", `${children}\n${status}`)
    const child = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "shop" }
    tell(world, "a", { regarding: site, note: "first" })
    await world.settle()
    tell(world, "b", { regarding: child, note: "second" })
    await world.settle()
    expect(noteOf(world)).toBe("second")
    world.server.takeWrites()
    await world.restart()
    expect(world.server.takeWrites()).toEqual([])
    world.server.remove("Event", "default/b")
    world.server.put(website("shop", { touched: true }))
    await world.settle()
    expect(noteOf(world)).toBe("first")
  })
})

describe("a gate that reads Events", () => {
  const gate = (more = "") =>
    `${children}
gates:
  reconcileGate: { when: [{ field: events.renewed.note, equals: go }]${more} }`
  const made = (world: World) => world.server.read("ConfigMap", "default/shop") !== undefined

  test("opens for one that came since the last success, and is closed again after it", async () => {
    await using world = await start("{ reason: Renewed }", gate())
    expect(made(world)).toBe(false)
    tell(world, "a", { regarding: site, note: "go" })
    await world.settle()
    expect(made(world)).toBe(true)
    world.server.remove("ConfigMap", "default/shop")
    await world.settle()
    expect(made(world)).toBe(false)
  })

  test("sees the newest of several, or with eventAware each by itself", async () => {
    const two = async (world: World) => {
      await world.stop() // both are there before a pass looks at them
      tell(world, "a", { regarding: site, note: "go" })
      tell(world, "b", { regarding: site, note: "stay" })
      await world.restart()
      return made(world)
    }
    await using plain = await start("{ reason: Renewed }", gate())
    expect(await two(plain)).toBe(false)
    await using aware = await start("{ reason: Renewed }", gate(", eventAware: true"))
    expect(await two(aware)).toBe(true)
  })
})

describe("the shelf of Events", () => {
  const cr = objectKey("default", "shop")
  const event = (version: number) => ({ id: `default/e${version}`, version: String(version), value: { version } })

  test("keeps the newest up to its bound, and nothing of what is gone", () => {
    const shelf = new EventShelf()
    for (let version = 1; version <= heldMax + 1; version++) shelf.put("a", event(version), cr)
    expect(shelf.eachFresh(cr)).toHaveLength(heldMax)
    expect(shelf.eachFresh(cr)[0]).toEqual({ a: { version: 2 } })
    for (let version = 1; version <= heldMax + 1; version++) shelf.drop("a", event(version).id)
    expect(shelf.newest(cr)).toEqual({})
  })

  test("does not take an Event for seen that came while the pass ran", () => {
    const shelf = new EventShelf()
    shelf.put("a", event(1), undefined)
    const { mark } = shelf
    shelf.put("a", event(2), cr)
    shelf.passed(cr, mark)
    expect(shelf.eachFresh(cr)).toEqual([{ a: { version: 2 } }])
    expect(shelf.fresh(objectKey("default", "other"))).toEqual({ a: { version: 1 } })
    shelf.forget(cr)
    expect(shelf.eachFresh(cr)).toHaveLength(2)
  })
})
