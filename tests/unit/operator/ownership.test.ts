import { describe, expect, test } from "bun:test"
import { type KubeObject, shortenName } from "../../../src/kube/mod.ts"
import { ownerUidLabel } from "../../../src/operator/mod.ts"
import { otherManagers, ownershipOf, ownerText, parseOwner } from "../../../src/operator/ownership.ts"
import { configMap, katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const page = (extra = "") =>
  katalog(`onReconcile:\n  configMaps:\n    - name: page\n      data: { title: ours }\n      ${extra}`)

const shop = website("shop")
const controlled = {
  ownerReferences: [{ apiVersion: "v1", kind: "Boss", name: "big", uid: "uid-boss", controller: true }],
}
const otherCr = {
  labels: { [ownerUidLabel]: "uid-of-another" },
  annotations: { "orkestra.orkspace.io/owner": "x/Y/z/w" },
}

describe("an object that somebody else made", () => {
  const rows: readonly [string, string, Partial<KubeObject["metadata"]>, "taken" | "left"][] = [
    ["ifUnowned", "nobody controls", {}, "taken"],
    ["ifUnowned", "a controller controls", controlled, "left"],
    ["ifUnowned", "another custom resource has", otherCr, "left"],
    ["never", "nobody controls", {}, "left"],
    ["force", "a controller controls", controlled, "taken"],
    ["force", "another custom resource has", otherCr, "taken"],
  ]
  test.each(rows)("with adoption: %s, which %s, is %s", async (adoption, _who, metadata, expected) => {
    const theirs = configMap("page", { title: "theirs", more: "theirs" }, metadata)
    await using world = await World.start(page(`adoption: ${adoption}`), { objects: [theirs, shop] })
    const live = world.server.read("ConfigMap", "default/page")
    if (expected === "taken") {
      expect(live?.["data"]).toEqual({ title: "ours", more: "theirs" })
      expect(world.conditions()).toEqual({ Ready: "True", Reconciling: "False", Stalled: "False" })
      expect(world.events().map(({ message }) => message)).toEqual(["adopted ConfigMap/default/page"])
    } else {
      expect(live?.["data"]).toEqual({ title: "theirs", more: "theirs" })
      expect(world.conditions()).toMatchObject({ Ready: "False", Stalled: "True", Conflict: "True" })
      expect(world.condition("Ready")?.reason).toBe("Conflict")
    }
  })

  test("is named with its owner, tried again every minute only, and made ours when it is gone", async () => {
    const theirs = configMap("page", {}, controlled)
    await using world = await World.start(page(), { objects: [theirs, shop] })
    expect(world.condition("Conflict")?.message).toContain("Boss/big")
    world.server.takeWrites()
    await world.advance("59s")
    const tries = world.server.takeWrites().filter((write) => write.startsWith("apply"))
    expect(tries.length).toBeLessThanOrEqual(1)
    world.server.remove("ConfigMap", "default/page")
    await world.advance("61s")
    expect(world.server.read("ConfigMap", "default/page")?.["data"]).toEqual({ title: "ours" })
    expect(world.conditions()).toEqual({ Ready: "True", Reconciling: "False", Stalled: "False" })
  })

  test("is not deleted with the custom resource", async () => {
    await using world = await World.start(page(), { objects: [configMap("page", {}, controlled), shop] })
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(world.server.read("ConfigMap", "default/page")).toBeDefined()
  })

  test("of a former life of the same custom resource is taken over", async () => {
    await using world = await World.start(page("deletionPolicy: retain"), { objects: [shop] })
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(world.server.read("ConfigMap", "default/page")).toBeDefined()
    world.server.put(website("shop"))
    await world.settle()
    const uid = world.server.read("Website", "default/shop")?.metadata.uid
    expect(world.server.read("ConfigMap", "default/page")?.metadata.labels?.[ownerUidLabel]).toBe(uid)
    expect(world.condition("Ready")?.status).toBe("True")
  })

  test("with only the label of another custom resource is a conflict that names the label", async () => {
    const theirs = configMap("page", {}, { labels: otherCr.labels })
    await using world = await World.start(page(), { objects: [theirs, shop] })
    expect(world.condition("Conflict")?.message).toContain("uid-of-another")
    expect(world.condition("Conflict")?.message).not.toContain("ifUnowned")
  })

  test("gets its annotations back at once when somebody takes them off", async () => {
    await using world = await World.start(page(), { objects: [shop] })
    const { annotations } = world.server.read("ConfigMap", "default/page")?.metadata ?? {}
    world.server.edit("ConfigMap", "default/page", { metadata: { annotations: null } })
    await world.settle()
    expect(annotations).toBeDefined()
    expect(world.server.read("ConfigMap", "default/page")?.metadata.annotations).toEqual(annotations)
  })

  test("keeps a child ours with adoption: never, also when its label was removed", async () => {
    await using world = await World.start(page("adoption: never"), { objects: [shop] })
    world.server.edit("ConfigMap", "default/page", { metadata: { labels: null } })
    await world.settle()
    expect(world.server.read("ConfigMap", "default/page")?.metadata.labels?.[ownerUidLabel]).toBeDefined()
    expect(world.condition("Ready")?.status).toBe("True")
  })
})

describe("an object that a once entry finds", () => {
  const login = (extra = "") =>
    katalog(`onCreate:\n  secrets:\n    - name: login\n      data: { password: new }\n      ${extra}`)
  const found = (metadata: Partial<KubeObject["metadata"]> = {}): KubeObject => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "login", namespace: "default", ...metadata },
    data: { password: "b2xk" },
  })
  const password = (world: World) => world.server.read("Secret", "default/login")?.["data"]

  test("is left as it is, and counts as made", async () => {
    await using world = await World.start(login(), { objects: [found(), shop] })
    expect(password(world)).toEqual({ password: "b2xk" })
    expect(world.condition("Ready")?.status).toBe("True")
    world.server.takeWrites()
    await world.advance("1h")
    expect(world.server.takeWrites()).toEqual([])
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(password(world)).toEqual({ password: "b2xk" })
  })

  test("keeps its first value when it is retained and its custom resource comes back", async () => {
    await using world = await World.start(login("deletionPolicy: retain"), { objects: [shop] })
    world.server.edit("Secret", "default/login", { data: { password: "b2xk" } })
    world.server.remove("Website", "default/shop")
    await world.settle()
    world.server.put(website("shop"))
    await world.settle()
    expect(password(world)).toEqual({ password: "b2xk" })
    expect(world.condition("Ready")?.status).toBe("True")
  })

  test("is waited for while the end of its former owner is about to take it, then made anew", async () => {
    await using world = await World.start(login(), { objects: [shop] })
    const first = world.server.read("Secret", "default/login")
    world.server.isCollecting = false
    world.server.remove("Website", "default/shop")
    const ownerReferences = first?.metadata.ownerReferences?.map((owner) => ({ ...owner, uid: "former" })) ?? []
    world.server.put(found({ ...first?.metadata, ownerReferences })) // the garbage collector is late
    world.server.put(website("shop"))
    await world.settle()
    expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "Waiting" })
    world.server.remove("Secret", "default/login")
    await world.advance("6s")
    expect(password(world)).toEqual({ password: "bmV3" })
    expect(world.condition("Ready")?.status).toBe("True")
  })

  test("is taken with adoption: force, and a conflict when another controls it", async () => {
    {
      await using world = await World.start(login("adoption: force"), { objects: [found(controlled), shop] })
      expect(password(world)).toEqual({ password: "bmV3" })
    }
    await using world = await World.start(login(), { objects: [found(controlled), shop] })
    expect(password(world)).toEqual({ password: "b2xk" })
    expect(world.condition("Conflict")?.status).toBe("True")
  })
})

describe("two custom resources that want the same object", () => {
  test("the first has it, the second is told whose it is, and gets it when it is free", async () => {
    await using world = await World.start(page(), { objects: [shop] })
    world.server.put(website("late"))
    await world.settle()
    expect(world.condition("Ready")?.status).toBe("True")
    expect(world.condition("Conflict", "default/late")?.message).toContain("demo.example/Website/default/shop")
    world.server.remove("Website", "default/shop")
    await world.advance("61s")
    expect(world.condition("Ready", "default/late")?.status).toBe("True")
    expect(world.server.read("ConfigMap", "default/page")?.metadata.labels?.["orkestra-owner"]).toBe("late")
  })
})

test("a child that is still being deleted is waited for, then made anew", async () => {
  await using world = await World.start(page(), { objects: [shop] })
  const old = world.server.edit("ConfigMap", "default/page", { metadata: { finalizers: ["example.io/held"] } })
  world.server.remove("ConfigMap", "default/page")
  await world.settle()
  expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "Waiting" })
  world.server.edit("ConfigMap", "default/page", { metadata: { finalizers: [] } })
  await world.settle()
  expect(world.server.read("ConfigMap", "default/page")?.metadata.uid).not.toBe(old.metadata.uid)
  expect(world.condition("Ready")?.status).toBe("True")
})

describe("forceConflict: false", () => {
  test("leaves a field of another manager alone, says which and whose, and asks once", async () => {
    await using world = await World.start(page("forceConflict: false"), { objects: [shop] })
    world.server.edit("ConfigMap", "default/page", { data: { title: "helm's" } }, "helm")
    await world.settle()
    const live = () => world.server.read("ConfigMap", "default/page")?.["data"]
    expect(live()).toEqual({ title: "helm's" })
    expect(world.conditions()).toMatchObject({ Ready: "False", Stalled: "True", FieldConflict: "True" })
    const said = world.condition("FieldConflict")?.message
    expect(said).toContain("helm")
    expect(said).toContain("data.title")
    world.server.takeWrites()
    await world.advance("2h")
    expect(world.server.takeWrites().filter((write) => write.startsWith("apply"))).toEqual([])
    expect(world.condition("FieldConflict")?.message).toContain("helm")
  })

  test("asks again when the object changes, and is well when the other manager lets go", async () => {
    await using world = await World.start(page("forceConflict: false"), { objects: [shop] })
    world.server.edit("ConfigMap", "default/page", { data: { title: "helm's" } }, "helm")
    await world.settle()
    world.server.takeWrites()
    world.server.edit("ConfigMap", "default/page", { data: { title: "ours" } }, "helm")
    await world.settle()
    expect(world.conditions()).toEqual({ Ready: "True", Reconciling: "False", Stalled: "False" })
  })

  test("asks again when the intent changes", async () => {
    const titled = katalog(
      `onReconcile:\n  configMaps:\n    - { name: page, forceConflict: false, data: { title: "{{ .spec.title }}" } }`,
    )
    await using world = await World.start(titled, { objects: [website("shop", { title: "a" })] })
    world.server.edit("ConfigMap", "default/page", { data: { title: "helm's" } }, "helm")
    await world.settle()
    world.server.takeWrites()
    world.server.edit("Website", "default/shop", { spec: { title: "b" } })
    await world.settle()
    expect(world.server.takeWrites().filter((write) => write.startsWith("apply"))).toHaveLength(1)
  })
})

describe("whose child an object is", () => {
  const cr = { ...shop, metadata: { ...shop.metadata, uid: "uid-1" } }
  const child = (label: string | undefined, owner: string | undefined, manager: string) =>
    configMap(
      "page",
      {},
      {
        ...(label ? { labels: { [ownerUidLabel]: label } } : {}),
        ...(owner ? { annotations: { "orkestra.orkspace.io/owner": owner } } : {}),
        managedFields: [{ manager, operation: "Apply" }],
      },
    )
  test.each([
    ["ours", "uid-1", ownerText(cr), "ork/demo/website"],
    ["claimed", "uid-1", undefined, "ork/demo/website"],
    ["claimed", "uid-1", ownerText(cr), "kubectl"],
    ["claimed", "uid-1", "demo.example/Website/default/other", "ork/demo/website"],
    ["other", "uid-2", ownerText(cr), "ork/demo/website"],
    ["other", undefined, ownerText(cr), "ork/demo/website"],
  ] as const)("is %s with label %s, annotation %s and manager %s", (expected, label, owner, manager) => {
    expect(ownershipOf(child(label, owner, manager), cr, "ork/demo/website")).toBe(expected)
  })

  test("is written as one text and read back, cluster-scoped owners too", () => {
    expect(parseOwner(ownerText(cr))).toEqual({
      group: "demo.example",
      kind: "Website",
      namespace: "default",
      name: "shop",
    })
    expect(parseOwner(ownerText(website("t", {}, { namespace: undefined })))?.namespace).toBe("")
    for (const text of [undefined, "", "a/b/c", "a/b/c/d/e", "a//c/d"]) expect(parseOwner(text)).toBeUndefined()
  })

  test("other managers are named once, ours and those of the status left out", () => {
    const fieldsV1 = { "f:spec": { "f:replicas": {} } }
    const managedFields = [
      { manager: "hpa", operation: "Update", fieldsV1 },
      { manager: "hpa", operation: "Apply", fieldsV1 },
      { manager: "us", operation: "Apply", fieldsV1 },
      { manager: "status", operation: "Update", subresource: "status", fieldsV1 },
      { manager: "else", operation: "Update", fieldsV1: { "f:spec": { "f:paused": {} } } },
    ]
    expect(otherManagers(configMap("a", {}, { managedFields }), "spec.replicas", "us")).toBe("hpa")
    expect(otherManagers(configMap("a", {}, { managedFields }), "spec.replicas[0].x", "us")).toBe("hpa")
    expect(otherManagers(configMap("a", {}, { managedFields }), "spec.other", "us")).toBe("")
  })

  test("a long name of the owner is shortened for its label", async () => {
    const name = "n".repeat(80)
    await using world = await World.start(page(), { objects: [website(name)] })
    const label = world.server.read("ConfigMap", "default/page")?.metadata.labels?.["orkestra-owner"]
    expect(label).toBe(shortenName(name, 63))
    expect(label?.length).toBe(63)
  })
})
