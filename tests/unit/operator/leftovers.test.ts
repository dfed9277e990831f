import { describe, expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import { isRecord } from "../../../src/kube/mod.ts"
import { crd, katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const ledgerName = "ork-demo"
const annotation = "orkestra.orkspace.io/made"
const owner = "demo.example/Website ork/demo/website"
const both = katalog("onReconcile: { configMaps: [{ name: a }], secrets: [{ name: s }] }")
const one = katalog("onReconcile: { configMaps: [{ name: a }] }")
const other = katalog("onReconcile: { configMaps: [{ name: a }], serviceAccounts: [{ name: n }] }")

const start = (text: string) => World.start(text, { ledgerName, objects: [website("shop")] })

function ledger(world: World): Readonly<Record<string, unknown>> | undefined {
  const text = world.server.read("Lease", `default/${ledgerName}`)?.metadata.annotations?.[annotation]
  return text === undefined ? undefined : JSON.parse(text)
}

function made(world: World): unknown {
  const all = ledger(world)?.["made"]
  return isRecord(all) ? all[owner] : undefined
}

/** The kinds that are listed while `work` runs. */
async function listed(world: World, work: () => Promise<unknown>): Promise<readonly string[]> {
  const from = world.server.calls.length
  await work()
  const lists = world.server.calls.slice(from).filter(({ verb }) => verb === "list")
  return [...new Set(lists.map(({ kind }) => kind))].sort()
}

describe("the ledger of what was made", () => {
  test("spares a restart every look", async () => {
    await using world = await start(both)
    expect(made(world)).toEqual(["ConfigMap", "Secret"])
    const before = world.server.read("Lease", `default/${ledgerName}`)
    expect(await listed(world, () => world.restart())).toEqual([])
    expect(world.server.read("Lease", `default/${ledgerName}`)).toEqual(before)
  })

  test("names a kind before the first child of it is made, also after a changed Katalog", async () => {
    await using world = await start(one)
    const order: string[] = []
    let refused = 0
    world.server.faults.add(({ verb, kind }) =>
      verb === "update" && kind === "Lease" && refused++ < 2 ? new OrkError("api/unavailable", "no") : undefined,
    )
    world.server.reactions.add(({ verb, kind }) => {
      if (verb === "update" && kind === "Lease") order.push(`noted ${made(world)}`)
      if (verb === "apply") order.push(`apply ${kind}`)
    })
    await world.want(both)
    await world.settle()
    expect(order).toEqual(["noted ConfigMap,Secret", "apply Secret"])
  })

  test("lets a removed kind be pruned with one list, and forgets it at the next start", async () => {
    await using world = await start(both)
    expect(await listed(world, () => world.restart(one))).toEqual(["Secret"])
    expect(world.server.all("Secret")).toEqual([])
    expect(made(world)).toEqual(["ConfigMap", "Secret"])
    expect(await listed(world, () => world.restart())).toEqual(["Secret"])
    expect(made(world)).toEqual(["ConfigMap"])
    expect(await listed(world, () => world.restart())).toEqual([])
  })

  test("keeps a kind that may not be listed", async () => {
    await using world = await start(both)
    world.server.faults.add(({ verb, kind }) =>
      verb !== "get" && kind === "Secret" ? new OrkError("api/forbidden", "no") : undefined,
    )
    await world.restart(one)
    expect(made(world)).toEqual(["ConfigMap", "Secret"])
    world.server.faults.clear()
    await world.restart()
    expect(world.server.all("Secret")).toEqual([])
  })

  test("remembers protection until it was seen to be gone", async () => {
    await using world = await start(katalog("onReconcile: { configMaps: [{ name: a }] }\ndeletionProtection: true"))
    expect(world.server.all("ValidatingAdmissionPolicy")).toHaveLength(1)
    expect(await listed(world, () => world.restart(one))).toContain("ValidatingAdmissionPolicy")
    expect(world.server.all("ValidatingAdmissionPolicy")).toEqual([])
    expect(await listed(world, () => world.restart())).toEqual([])
  })

  test("knows custom kinds too", async () => {
    const blogs = katalog(
      "onReconcile: { manifests: [{ apiVersion: demo.example/v1, kind: Blog, metadata: { name: b } }] }",
    )
    await using world = await World.start(blogs, {
      ledgerName,
      objects: [website("shop")],
      crds: [crd("Website"), crd("Blog")],
    })
    expect(world.server.all("Blog")).toHaveLength(1)
    await world.restart(one)
    expect(world.server.all("Blog")).toEqual([])
  })

  test("keeps what others note in it", async () => {
    await using world = await start(both)
    const theirs = { ...ledger(world), made: { [owner]: ["ConfigMap", "Secret"], "a/B ork/demo/b": ["Service"] } }
    let met = 0
    world.server.faults.add(({ verb, kind }) => {
      if (verb !== "update" || kind !== "Lease" || met++ > 0) return undefined
      const annotations = { [annotation]: JSON.stringify(theirs) }
      world.server.edit("Lease", `default/${ledgerName}`, { metadata: { annotations } })
      return undefined
    })
    await world.want(other)
    expect(ledger(world)).toMatchObject({
      made: { [owner]: ["ConfigMap", "Secret", "ServiceAccount"], "a/B ork/demo/b": ["Service"] },
    })
  })

  test.each(["", "[1]", "{", '{"made":[]}'])("that says %j is none: everything is looked at", async (text) => {
    await using world = await start(both)
    world.server.edit("Lease", `default/${ledgerName}`, { metadata: { annotations: { [annotation]: text } } })
    expect((await listed(world, () => world.restart(one))).length).toBeGreaterThan(20)
    expect(world.server.all("Secret")).toEqual([])
    expect(made(world)).toEqual(["ConfigMap", "Secret"])
  })

  test("that may not be read or written holds nobody up", async () => {
    await using world = await start(both)
    world.server.faults.add(({ kind }) => (kind === "Lease" ? new OrkError("api/forbidden", "no") : undefined))
    expect((await listed(world, () => world.restart(one))).length).toBeGreaterThan(20)
    expect(world.server.all("Secret")).toEqual([])
  })

  test("is checked when it is older than a day, slowly", async () => {
    await using world = await start(both)
    await world.stop()
    const stale = { sweptAt: "2000-01-01T00:00:00Z", made: { [owner]: ["ConfigMap"] } }
    world.server.edit("Lease", `default/${ledgerName}`, {
      metadata: { annotations: { [annotation]: JSON.stringify(stale) } },
    })
    expect(await listed(world, () => world.restart(one))).not.toContain("Secret")
    expect(world.server.all("Secret")).toHaveLength(1)
    await world.advance("5m")
    expect(world.server.all("Secret")).toEqual([])
    expect(made(world)).toEqual(["ConfigMap", "Secret"])
    expect(ledger(world)?.["sweptAt"]).not.toBe(stale.sweptAt)
    expect(await listed(world, () => world.advance("2h"))).toEqual([])
  })

  test("is one with election too, and survives its renewals", async () => {
    await using world = await World.start(both, { leaseName: ledgerName, objects: [website("shop")] })
    await world.advance("1m")
    expect(made(world)).toEqual(["ConfigMap", "Secret"])
    expect(await listed(world, () => world.restart(one))).toEqual(["Secret"])
    expect(world.server.all("Secret")).toEqual([])
  })
})
