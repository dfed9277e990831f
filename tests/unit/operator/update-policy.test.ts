import { describe, expect, test } from "bun:test"
import { isRecord, type KubeObject, statusError } from "../../../src/kube/mod.ts"
import type { Fault } from "../../support/embedded-server.ts"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const shop = website("shop", { title: "one" })
const title = '"{{ .spec.title }}"'
const edit = { spec: { title: "two" } }

async function worldOf(lists: string, objects: readonly KubeObject[] = [shop]): Promise<World> {
  const world = await World.start(katalog(`onReconcile:\n  ${lists}`), { objects })
  await world.settle()
  return world
}

const writesTo = (world: World, kind: string) =>
  world.server.takeWrites().filter((write) => write.includes(` ${kind}/`))

/** An unlabelled object that somebody else made. */
const foreign = (kind: string, apiVersion: string, rest: object): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: "shop", namespace: "default" },
  ...rest,
})

describe("a job", () => {
  const job = `jobs: [{ name: shop, image: busybox, args: [${title}] }]`
  const argsOf = (world: World) => JSON.stringify(world.server.read("Job", "default/shop")?.["spec"])

  test("is created and never updated, although it is kept", async () => {
    await using world = await worldOf(job)
    world.server.takeWrites()
    world.server.edit("Website", "default/shop", edit)
    await world.advance("1h")
    expect(writesTo(world, "Job")).toEqual([])
    expect(argsOf(world)).toContain('"args":["one"]')
  })

  test("is created again when it is gone", async () => {
    await using world = await worldOf(job)
    world.server.takeWrites()
    world.server.remove("Job", "default/shop")
    await world.settle()
    expect(writesTo(world, "Job")).toEqual(["apply Job/default/shop"])
  })

  test("is removed when nothing declares it any more", async () => {
    await using world = await worldOf(
      job.replace("name: shop", "name: shop, when: [{ field: spec.title, equals: one }]"),
    )
    expect(world.server.read("Job", "default/shop")).toBeDefined()
    world.server.edit("Website", "default/shop", edit)
    await world.settle()
    expect(world.server.read("Job", "default/shop")).toBeUndefined()
  })

  test("that exists already is marked as ours and otherwise left as it is, once", async () => {
    const template = { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "a" }] } }
    const existing = foreign("Job", "batch/v1", { spec: { backoffLimit: 9, template } })
    await using world = await worldOf(job, [shop, existing])
    expect(world.server.read("Job", "default/shop")?.["spec"]).toMatchObject({ backoffLimit: 9 })
    world.server.takeWrites()
    await world.advance("1h")
    expect(writesTo(world, "Job")).toEqual([])
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(world.server.read("Job", "default/shop")).toBeUndefined()
  })

  test("is renewed when its author asks for that", async () => {
    await using world = await worldOf(job.replace("name: shop", "name: shop, onImmutable: recreate"))
    world.server.takeWrites()
    world.server.edit("Website", "default/shop", edit)
    await world.settle()
    expect(writesTo(world, "Job")).toEqual(["delete Job/default/shop", "apply Job/default/shop"])
    expect(argsOf(world)).toContain('"args":["two"]')
  })
})

describe("a pod", () => {
  const pod = `pods: [{ name: shop, image: nginx, command: [${title}] }]`

  test("is deleted and made anew when its spec changes", async () => {
    await using world = await worldOf(pod)
    const before = world.server.read("Pod", "default/shop")?.metadata.uid
    world.server.takeWrites()
    world.server.edit("Website", "default/shop", edit)
    await world.settle()
    expect(writesTo(world, "Pod")).toEqual(["delete Pod/default/shop", "apply Pod/default/shop"])
    const after = world.server.read("Pod", "default/shop")
    expect(after?.metadata.uid).not.toBe(before)
    expect(JSON.stringify(after?.["spec"])).toContain('"command":["two"]')
  })

  test("is changed in place when only its labels change", async () => {
    await using world = await worldOf(`pods: [{ name: shop, image: nginx, labels: { title: ${title} } }]`)
    world.server.takeWrites()
    world.server.edit("Website", "default/shop", edit)
    await world.settle()
    expect(writesTo(world, "Pod")).toEqual(["apply Pod/default/shop"])
  })

  test("is not replaced because of what the server makes of it", async () => {
    await using world = await worldOf(pod)
    world.server.takeWrites()
    world.server.edit("Pod", "default/shop", { spec: { containers: [{ name: "shop", image: "nginx:2" }] } })
    await world.settle()
    expect(writesTo(world, "Pod")).toEqual(["apply Pod/default/shop"])
  })
})

describe("a secret that is made once", () => {
  const secret = 'secrets: [{ name: shop, once: true, data: { password: "{{ randomAlphanumeric 12 }}" } }]'
  const passwordOf = (world: World) => world.server.read("Secret", "default/shop")?.["data"]

  test("keeps what was generated, through passes, edits and restarts", async () => {
    await using world = await worldOf(secret)
    const first = passwordOf(world)
    expect(first).toBeDefined()
    world.server.takeWrites()
    world.server.edit("Website", "default/shop", edit)
    await world.advance("1h")
    await world.restart()
    expect(writesTo(world, "Secret")).toEqual([])
    expect(passwordOf(world)).toEqual(first ?? "")
  })

  test("that outlived an earlier owner of the same name keeps it too", async () => {
    await using world = await worldOf(secret.replace("once", "deletionPolicy: retain, once"))
    const first = passwordOf(world)
    world.server.remove("Website", "default/shop")
    await world.settle()
    world.server.put(website("shop", { title: "again" }))
    await world.settle()
    expect(passwordOf(world)).toEqual(first ?? "")
    world.server.takeWrites()
    await world.advance("1h")
    expect(writesTo(world, "Secret")).toEqual([])
  })
})

describe("a field that cannot change", () => {
  const refuse: Fault = ({ verb, kind, body, object }) => {
    const renamed = isRecord(body) && JSON.stringify(body).includes('"title":"two"')
    if (
      verb !== "apply" ||
      kind !== "ConfigMap" ||
      !renamed ||
      JSON.stringify(body).includes('"resourceVersion":"1"')
    ) {
      return undefined
    }
    const message = "data: Forbidden: field is immutable when `immutable` is set"
    return statusError(`${object}: apply`, 422, { kind: "Status", reason: "Invalid", message }, undefined)
  }
  const map = (more = "") => `configMaps: [{ name: shop, data: { title: ${title} }${more} }]`

  test("is reported, and the object stays", async () => {
    await using world = await worldOf(map())
    world.server.faults.add(refuse)
    world.server.edit("Website", "default/shop", edit)
    await world.settle()
    expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "ImmutableField" })
    expect(world.server.read("ConfigMap", "default/shop")?.["data"]).toEqual({ title: "one" })
  })

  test("makes the object anew when its author allows that", async () => {
    await using world = await worldOf(map(", onImmutable: recreate"))
    world.server.faults.add(refuse)
    world.server.takeWrites()
    world.server.edit("Website", "default/shop", edit)
    await world.settle()
    expect(writesTo(world, "ConfigMap")).toContain("delete ConfigMap/default/shop")
    expect(world.server.read("ConfigMap", "default/shop")?.["data"]).toEqual({ title: "two" })
    expect(world.condition("Ready")?.status).toBe("True")
  })

  test("that somebody else brought in makes nothing anew: that would never end", async () => {
    await using world = await worldOf(map(", onImmutable: recreate"))
    world.server.faults.add(({ verb, kind, object }) => {
      if (verb !== "apply" || kind !== "ConfigMap") return undefined
      const message = "data: Forbidden: field is immutable when `immutable` is set"
      return statusError(`${object}: apply`, 422, { kind: "Status", reason: "Invalid", message }, undefined)
    })
    world.server.takeWrites()
    world.server.edit("ConfigMap", "default/shop", { data: { title: "theirs" } })
    await world.settle()
    expect(world.server.takeWrites().filter((write) => write.startsWith("delete"))).toEqual([])
    expect(world.condition("Ready")).toMatchObject({ reason: "ImmutableField" })
  })
})

describe("one entry for several namespaces", () => {
  test("makes an object in each, and takes it out of one that is no longer named", async () => {
    const lists = 'configMaps: [{ name: shop, toNamespaces: "{{ .spec.title | splitList \\",\\" }}", data: { a: b } }]'
    await using world = await worldOf(lists, [website("shop", { title: "one,two" })])
    const homes = () => world.server.all("ConfigMap").map(({ metadata }) => metadata.namespace)
    expect([...homes()].sort()).toEqual(["one", "two"])
    world.server.edit("Website", "default/shop", { spec: { title: "two,three" } })
    await world.settle()
    expect([...homes()].sort()).toEqual(["three", "two"])
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(homes()).toEqual([])
  })
})
