import { describe, expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import { ownerAnnotation, ownerUidLabel } from "../../../src/operator/mod.ts"
import { configMap, katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const names = (world: World) =>
  world.server
    .all("ConfigMap")
    .map(({ metadata }) => metadata.name)
    .sort()

const gated = (extra = "") =>
  katalog(`onReconcile:
  configMaps:
    - name: always
    - name: sometimes
      when: [{ field: spec.extra, equals: true }]
      ${extra}`)

const each = katalog(`onReconcile:
  configMaps:
    - name: "page-{{ .language }}"
      forEach: { field: spec.languages, as: language }`)

describe("a child that nothing declares any more is removed", () => {
  test("when its condition turns false", async () => {
    await using world = await World.start(gated(), { objects: [website("shop", { extra: true })] })
    expect(names(world)).toEqual(["always", "sometimes"])
    world.server.takeWrites()
    world.server.edit("Website", "default/shop", { spec: { extra: false } })
    await world.settle()
    expect(world.server.takeWrites()).toEqual([
      "delete ConfigMap/default/sometimes",
      "patch Website/default/shop/status",
    ])
    expect(names(world)).toEqual(["always"])
    expect(world.events().at(-1)?.message).toBe("deleted ConfigMap/default/sometimes")
  })

  test("when the condition of its block turns false", async () => {
    const block = katalog("onReconcile:\n  when: [{ field: spec.on, equals: true }]\n  configMaps: [{ name: a }]")
    await using world = await World.start(block, { objects: [website("shop", { on: true })] })
    expect(names(world)).toEqual(["a"])
    world.server.edit("Website", "default/shop", { spec: { on: null } })
    await world.settle()
    expect(names(world)).toEqual([])
  })

  test("when its element of forEach is gone, also from the middle", async () => {
    await using world = await World.start(each, { objects: [website("shop", { languages: ["de", "en", "fr"] })] })
    expect(names(world)).toEqual(["page-de", "page-en", "page-fr"])
    world.server.takeWrites()
    world.server.edit("Website", "default/shop", { spec: { languages: ["de", "fr"] } })
    await world.settle()
    expect(names(world)).toEqual(["page-de", "page-fr"])
    expect(world.server.takeWrites()).toEqual(["delete ConfigMap/default/page-en", "patch Website/default/shop/status"])
  })

  test("when its name changes", async () => {
    const named = katalog(`onReconcile:\n  configMaps:\n    - name: "{{ .spec.page }}"`)
    await using world = await World.start(named, { objects: [website("shop", { page: "old" })] })
    world.server.edit("Website", "default/shop", { spec: { page: "new" } })
    await world.settle()
    expect(names(world)).toEqual(["new"])
  })

  test("when its entry is gone from the Katalog", async () => {
    await using world = await World.start(gated(), { objects: [website("shop", { extra: true })] })
    await world.restart(katalog("onReconcile:\n  configMaps:\n    - name: always"))
    expect(names(world)).toEqual(["always"])
  })

  test("when the only entry of its kind is gone from the Katalog", async () => {
    await using world = await World.start(gated(), { objects: [website("shop", { extra: true })] })
    await world.restart(katalog("onReconcile:\n  serviceAccounts:\n    - name: other"))
    expect(names(world)).toEqual([])
  })
})

describe("a child stays", () => {
  test.each(["prune: false", "deletionPolicy: retain"])("with %s", async (extra) => {
    await using world = await World.start(gated(extra), { objects: [website("shop", { extra: true })] })
    world.server.edit("Website", "default/shop", { spec: { extra: false } })
    await world.settle()
    await world.restart()
    expect(names(world)).toEqual(["always", "sometimes"])
  })

  test("when it was made once", async () => {
    const once = katalog(`onCreate:
  configMaps:
    - name: first
      when: [{ field: spec.extra, equals: true }]
onReconcile:
  configMaps: [{ name: always }]`)
    await using world = await World.start(once, { objects: [website("shop", { extra: true })] })
    world.server.edit("Website", "default/shop", { spec: { extra: false } })
    await world.settle()
    expect(names(world)).toEqual(["always", "first"])
  })

  test("when only its label says that it is ours", async () => {
    await using world = await World.start(gated(), { objects: [website("shop")] })
    const uid = world.server.read("Website", "default/shop")?.metadata.uid ?? ""
    const owner = { [ownerAnnotation]: "demo.example/Website/default/shop" }
    const lifecycle = { "orkestra.orkspace.io/lifecycle": "managed" }
    const labels = { [ownerUidLabel]: uid }
    world.server.put(configMap("label-only", {}, { labels, annotations: lifecycle }))
    world.server.put(configMap("copied-by-kubectl", {}, { labels, annotations: { ...owner, ...lifecycle } }))
    const managedFields = [{ manager: "ork/demo/website", operation: "Apply" }]
    const elsewhere = { ...lifecycle, [ownerAnnotation]: "demo.example/Website/default/other" }
    world.server.put(configMap("other-owner", {}, { labels, annotations: elsewhere, managedFields }))
    world.server.takeWrites()
    await world.advance("30m")
    expect(world.server.takeWrites()).toEqual([])
    expect(names(world)).toEqual(["always", "copied-by-kubectl", "label-only", "other-owner"])
  })

  test("when it changed while it was being removed, until the next pass", async () => {
    await using world = await World.start(gated(), { objects: [website("shop", { extra: true })] })
    let races = 0
    world.server.faults.add(({ verb }) => {
      if (verb === "delete" && races++ === 0) {
        world.server.edit("ConfigMap", "default/sometimes", { metadata: { labels: { more: "yes" } } })
      }
      return undefined
    })
    world.server.edit("Website", "default/shop", { spec: { extra: false } })
    await world.settle()
    expect(races).toBe(2)
    expect(names(world)).toEqual(["always"])
  })
})

describe("the old child stays while the new one cannot be made", () => {
  const named = katalog(`onReconcile:\n  configMaps:\n    - name: "{{ .spec.page }}"`)

  test("because the server refuses it", async () => {
    await using world = await World.start(named, { objects: [website("shop", { page: "old" })] })
    world.server.faults.add(({ verb }) => (verb === "apply" ? new OrkError("api/invalid", "no") : undefined))
    world.server.edit("Website", "default/shop", { spec: { page: "new" } })
    await world.settle()
    expect(names(world)).toEqual(["old"])
  })

  test("because somebody else has its name", async () => {
    const boss = [{ apiVersion: "v1", kind: "Boss", name: "big", uid: "uid-boss", controller: true }]
    const theirs = configMap("new", {}, { ownerReferences: boss })
    await using world = await World.start(named, { objects: [theirs, website("shop", { page: "old" })] })
    world.server.edit("Website", "default/shop", { spec: { page: "new" } })
    await world.settle()
    expect(names(world)).toEqual(["new", "old"])
  })
})

describe("an entry that fails to render", () => {
  const failing = katalog(`onReconcile:
  configMaps:
    - name: good
      data: { title: "{{ .spec.title }}" }
    - name: bad
      data: { must: '{{ required "spec.must is needed" .spec.must }}' }
    - name: sometimes
      when: [{ field: spec.extra, equals: true }]`)

  test("leaves the others applied, prunes nothing, and says where it is written", async () => {
    const shop = website("shop", { title: "a", must: "x", extra: true })
    await using world = await World.start(failing, { objects: [shop] })
    world.server.edit("Website", "default/shop", { spec: { title: "b", must: null, extra: false } })
    await world.settle()
    expect(names(world)).toEqual(["bad", "good", "sometimes"])
    expect(world.server.read("ConfigMap", "default/good")?.["data"]).toEqual({ title: "b" })
    expect(world.conditions()).toEqual({ Ready: "False", Reconciling: "False", Stalled: "True" })
    expect(world.condition("Ready")).toMatchObject({ reason: "TemplateError" })
    expect(world.condition("Ready")?.message).toContain("katalog.yaml:14:")
    expect(world.condition("Ready")?.message).toContain("spec.must is needed")
    world.server.edit("Website", "default/shop", { spec: { must: "y" } })
    await world.settle()
    expect(names(world)).toEqual(["bad", "good"])
    expect(world.conditions()).toEqual({ Ready: "True", Reconciling: "False", Stalled: "False" })
  })

  test("is reported once, however many places its template serves", async () => {
    const name = katalog(`onReconcile:
  deployments:
    - name: '{{ required "spec.name is needed" .spec.name }}'
      image: nginx`)
    await using world = await World.start(name, { objects: [website("shop")] })
    expect(world.condition("Ready")?.message).not.toContain("more)")
    expect(world.events()).toHaveLength(1)
  })
})

test("a name with a colon is fine where Kubernetes takes it", async () => {
  const role = katalog(
    'onReconcile:\n  manifests: [{ apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: { name: "shop:Reader" } }]',
  )
  await using world = await World.start(role, { objects: [website("shop")] })
  expect(world.server.read("ClusterRole", "shop:Reader")).toBeDefined()
})

describe("what cannot be applied as a whole is said before any write of it", () => {
  test("two entries that make the same object", async () => {
    const twice = katalog(`onReconcile:
  configMaps:
    - { name: page, id: first }
    - { name: "{{ .spec.page }}", id: second }
    - { name: third }`)
    await using world = await World.start(twice, { objects: [website("shop", { page: "page" })] })
    expect(names(world)).toEqual(["third"])
    expect(world.condition("Ready")?.message).toContain("first, second")
    expect(world.condition("Stalled")?.status).toBe("True")
  })

  test.each([
    ["an empty name", `configMaps: [{ name: "{{ .spec.none }}" }]`],
    ["a name that Kubernetes refuses", `configMaps: [{ name: "{{ .metadata.name }}_One" }]`],
    ["a type that does not fit", 'deployments: [{ name: web, image: nginx, replicas: "{{ .spec.text }}" }]'],
    [
      "a namespace for a cluster-scoped kind",
      "manifests: [{ apiVersion: v1, kind: Namespace, metadata: { name: a, namespace: b } }]",
    ],
  ])("%s", async (_, entry) => {
    const box = katalog(`onReconcile:\n  serviceAccounts: [{ name: good }]\n  ${entry}`)
    await using world = await World.start(box, { objects: [website("shop", { text: "many" })] })
    expect(world.server.takeWrites()).toEqual([
      "apply ServiceAccount/default/good",
      "patch Website/default/shop/status",
    ])
    expect(world.conditions()).toMatchObject({ Ready: "False", Stalled: "True" })
  })
})
