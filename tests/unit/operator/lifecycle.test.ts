import { describe, expect, test } from "bun:test"
import { createdAnnotation, entryAnnotation, ownerAnnotation } from "../../../src/operator/mod.ts"
import { configMap, katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const three = katalog(`onReconcile:
  configMaps:
    - name: "{{ .metadata.name }}-a"
      data: { title: "{{ .spec.title }}" }
    - name: "{{ .metadata.name }}-b"
      data: { title: fixed }
  serviceAccounts:
    - name: "{{ .metadata.name }}"`)

const shop = website("shop", { title: "hi" })

describe("a custom resource", () => {
  test("costs exactly its children and one status", async () => {
    await using world = await World.start(three)
    world.server.put(shop)
    await world.settle()
    expect([...world.server.takeWrites()].sort()).toEqual([
      "apply ConfigMap/default/shop-a",
      "apply ConfigMap/default/shop-b",
      "apply ServiceAccount/default/shop",
      "patch Website/default/shop/status",
    ])
    expect(world.server.read("ConfigMap", "default/shop-a")).toMatchObject({
      data: { title: "hi" },
      metadata: {
        annotations: {
          [ownerAnnotation]: "demo.example/Website/default/shop",
          [entryAnnotation]: "onReconcile.configMaps[0]",
        },
        labels: { "managed-by": "orkestra", "orkestra-owner": "shop" },
        ownerReferences: [{ kind: "Website", name: "shop", controller: true }],
      },
    })
    expect(world.conditions()).toEqual({ Ready: "True", Reconciling: "False", Stalled: "False" })
  })

  test("is left alone in steady state: an hour of resyncs writes nothing", async () => {
    await using world = await World.start(three, { objects: [shop] })
    world.server.takeWrites()
    const before = world.operator().health.total
    await world.advance("1h")
    expect(world.operator().health.total).toBeGreaterThan(before + 4)
    expect(world.server.takeWrites()).toEqual([])
  })

  test("costs nothing at a restart", async () => {
    await using world = await World.start(three, { objects: [shop] })
    world.server.takeWrites()
    await world.restart()
    expect(world.operator().health.total).toBeGreaterThan(0)
    expect(world.server.takeWrites()).toEqual([])
  })

  test("that is edited costs the changed child and the status that follows its generation", async () => {
    await using world = await World.start(three, { objects: [shop] })
    world.server.takeWrites()
    world.server.edit("Website", "default/shop", { spec: { title: "new" } })
    await world.settle()
    expect(world.server.takeWrites()).toEqual(["apply ConfigMap/default/shop-a", "patch Website/default/shop/status"])
    expect(world.server.read("ConfigMap", "default/shop-a")?.["data"]).toEqual({ title: "new" })
    expect(world.condition("Ready")?.observedGeneration).toBe(2)
  })

  test("gets its namespaces first, then what its workloads read, then the workloads", async () => {
    const all = katalog(`onReconcile:
  deployments: [{ name: web, image: nginx }]
  configMaps: [{ name: a }]
  manifests: [{ apiVersion: v1, kind: Namespace, metadata: { name: n } }]`)
    await using world = await World.start(all, { objects: [shop] })
    const kinds = world.server
      .takeWrites()
      .flatMap((write) => (write.startsWith("apply") ? [write.split(/[ /]/)[1]] : []))
    expect(kinds).toEqual(["Namespace", "ConfigMap", "Deployment"])
  })

  test("of another name has children of its own", async () => {
    await using world = await World.start(three, { objects: [shop, website("other")] })
    expect(world.server.all("ConfigMap").map(({ metadata }) => metadata.name)).toContain("other-b")
    expect(world.server.all("ConfigMap")).toHaveLength(4)
  })
})

describe("drift", () => {
  test("is taken back, with an event that names the field and the other manager", async () => {
    await using world = await World.start(three, { objects: [shop] })
    world.server.takeWrites()
    world.server.edit("ConfigMap", "default/shop-b", { data: { title: "mine" } }, "kubectl-edit")
    await world.settle()
    expect(world.server.takeWrites()).toEqual(["apply ConfigMap/default/shop-b"])
    expect(world.server.read("ConfigMap", "default/shop-b")?.["data"]).toEqual({ title: "fixed" })
    const event = world.events().find(({ reason }) => reason === "DriftCorrected")
    expect(event?.message).toContain("data.title")
    expect(event?.message).toContain("kubectl-edit")
  })

  test("in a field that nobody declared stays", async () => {
    await using world = await World.start(three, { objects: [shop] })
    world.server.takeWrites()
    world.server.edit("ConfigMap", "default/shop-b", { data: { more: "mine" }, metadata: { labels: { team: "x" } } })
    await world.settle()
    expect(world.server.takeWrites()).toEqual([])
    expect(world.server.read("ConfigMap", "default/shop-b")?.["data"]).toEqual({ title: "fixed", more: "mine" })
  })

  test("by deletion is made anew at once", async () => {
    await using world = await World.start(three, { objects: [shop] })
    world.server.takeWrites()
    world.server.remove("ConfigMap", "default/shop-b")
    await world.settle()
    expect(world.server.takeWrites()).toEqual(["apply ConfigMap/default/shop-b"])
  })

  test("of our label is taken back, although the cache then says that the object is gone", async () => {
    await using world = await World.start(three, { objects: [shop] })
    const uid = world.server.read("ConfigMap", "default/shop-b")?.metadata.uid
    world.server.edit("ConfigMap", "default/shop-b", { metadata: { labels: null } })
    await world.settle()
    const live = world.server.read("ConfigMap", "default/shop-b")
    expect(live?.metadata.uid).toBe(uid)
    expect(live?.metadata.labels?.["managed-by"]).toBe("orkestra")
    expect(world.condition("Ready")?.status).toBe("True")
  })
})

describe("an object that takes a child's place while it is being written", () => {
  test("is never touched, and no warning is made of the race", async () => {
    await using world = await World.start(three, { objects: [shop] })
    const boss = [{ apiVersion: "v1", kind: "Boss", name: "big", uid: "uid-boss", controller: true }]
    let raced = false
    world.server.faults.add(({ verb, object }) => {
      if (verb !== "apply" || object !== "ConfigMap/default/shop-b" || raced) return undefined
      raced = true
      world.server.remove("ConfigMap", "default/shop-b")
      world.server.put(configMap("shop-b", { title: "theirs" }, { ownerReferences: boss }))
      return undefined
    })
    world.server.edit("ConfigMap", "default/shop-b", { data: { title: "drift" } })
    await world.settle()
    expect(raced).toBe(true)
    expect(world.server.read("ConfigMap", "default/shop-b")?.["data"]).toEqual({ title: "theirs" })
    expect(world.events().filter(({ reason }) => reason === "ReconcileError")).toEqual([])
    expect(world.condition("Ready")?.reason).toBe("Conflict")
  })
})

describe("an answer that differs from what was sent", () => {
  const box = (extra: string) =>
    katalog(`onReconcile:\n  configMaps:\n    - name: page\n      data: { title: " a " }\n      ${extra}`)
  const trimmed = (world: World) => {
    world.server.normalize = (object) => (object.kind === "ConfigMap" ? { ...object, data: { title: "a" } } : object)
  }

  test.each(["prune: true", "forceConflict: false"])("is asked for once more, then no more (%s)", async (extra) => {
    await using world = await World.start(box(extra))
    trimmed(world)
    world.server.put(shop)
    await world.settle()
    await world.advance("25m")
    world.server.takeWrites()
    await world.advance("1h")
    expect(world.server.takeWrites()).toEqual([])
    expect(world.conditions()).toEqual({ Ready: "True", Reconciling: "False", Stalled: "False" })
  })

  test("does not hide a later drift elsewhere in the object", async () => {
    await using world = await World.start(
      katalog(`onReconcile:
  deployments:
    - name: web
      image: " nginx "
      labels: { tier: front }`),
    )
    world.server.normalize = (object) =>
      object.kind === "Deployment"
        ? { ...object, spec: JSON.parse(JSON.stringify(object["spec"]).replace(/ nginx /g, "nginx")) }
        : object
    world.server.put(shop)
    await world.settle()
    await world.advance("25m")
    world.server.edit("Deployment", "default/web", { metadata: { labels: { tier: "back" } } })
    await world.settle()
    expect(world.server.read("Deployment", "default/web")?.metadata.labels?.["tier"]).toBe("front")
  })
})

describe("a once entry", () => {
  const login = katalog(`onCreate:
  secrets:
    - name: "{{ .metadata.name }}-login"
      data: { password: "{{ randomAlphanumeric 12 }}" }`)

  test("is made one time, recorded on the object, and never compared", async () => {
    await using world = await World.start(login, { objects: [shop] })
    const password = world.server.read("Secret", "default/shop-login")?.["data"]
    expect(world.server.read("Website", "default/shop")?.metadata.annotations?.[createdAnnotation]).toBe(
      "Secret/default/shop-login",
    )
    world.server.edit("Secret", "default/shop-login", { data: { password: "bWluZQ==" } })
    world.server.takeWrites()
    await world.advance("30m")
    await world.restart()
    expect(world.server.takeWrites()).toEqual([])
    expect(password).not.toEqual({ password: "bWluZQ==" })
    expect(world.server.read("Secret", "default/shop-login")?.["data"]).toEqual({ password: "bWluZQ==" })
  })

  test("that was deleted by its user stays away", async () => {
    await using world = await World.start(login, { objects: [shop] })
    world.server.remove("Secret", "default/shop-login")
    world.server.takeWrites()
    await world.advance("30m")
    await world.restart()
    expect(world.server.takeWrites()).toEqual([])
    expect(world.condition("Ready")?.status).toBe("True")
  })

  test("with reconcile: true is managed: no record, and made anew", async () => {
    const managed = katalog(`onCreate:
  configMaps:
    - { name: page, data: { a: b }, reconcile: true }`)
    await using world = await World.start(managed, { objects: [shop] })
    expect(world.server.read("Website", "default/shop")?.metadata.annotations?.[createdAnnotation]).toBeUndefined()
    world.server.remove("ConfigMap", "default/page")
    await world.settle()
    expect(world.server.read("ConfigMap", "default/page")).toBeDefined()
  })

  test("whose record could not be written keeps its first value", async () => {
    await using world = await World.start(login)
    let refused = 0
    world.server.faults.add(({ verb, object }) => {
      if (verb !== "patch" || object !== "Website/default/shop" || refused++ > 0) return undefined
      world.server.edit("Website", "default/shop", { metadata: { labels: { touched: "yes" } } })
      return undefined
    })
    world.server.put(shop)
    await world.settle()
    const applies = world.server.calls.filter(({ verb, kind }) => verb === "apply" && kind === "Secret")
    expect(applies).toHaveLength(1)
    expect(world.server.read("Website", "default/shop")?.metadata.annotations?.[createdAnnotation]).toBeDefined()
  })
})
