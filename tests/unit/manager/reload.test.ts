import { describe, expect, test } from "bun:test"
import { crd, group, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

/** A Katalog of entries, each with the kind of its name; the value is its operatorBox and what stands beside it. */
function katalog(entries: Readonly<Record<string, string>>): string {
  const lines = Object.entries(entries).map(
    ([name, rest]) => `    ${name}: { apiTypes: { group: ${group}, version: v1, kind: ${kindOf(name)} }, ${rest} }`,
  )
  return `apiVersion: orkestra.orkspace.io/v1\nkind: Katalog\nmetadata: { name: demo }\nspec:\n  crds:\n${lines.join("\n")}\n`
}

const kindOf = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`
const makes = (kinds: string) => `operatorBox: { onReconcile: { ${kinds} } }`
const configMap = (name: string, data = "{}") => makes(`configMaps: [{ name: ${name}, data: ${data} }]`)
const objects = [website("shop"), website("main", {}, { kind: "Blog" })]
const crds = [crd("Website"), crd("Blog")]
const said = (world: World, message: string) =>
  world.lines.filter((line) => line.message === message).map((line) => String(line.fields["operator"]))

describe("a changed Katalog", () => {
  test("replaces the operators that mean something else, and leaves the others alone", async () => {
    const before = katalog({ website: configMap("a"), blog: configMap("b") })
    await using world = await World.start(before, { objects, crds })
    const blog = world.operator("blog")
    world.server.takeWrites()
    const change = await world.want(katalog({ website: configMap("a", "{ x: y }"), blog: configMap("b") }))
    expect(change).toEqual({ added: [], replaced: ["website"], removed: [], kept: ["blog"] })
    expect(world.operator("blog")).toBe(blog)
    expect(world.server.takeWrites()).toEqual(["apply ConfigMap/default/a"])
    expect(said(world, "operator stopped")).toEqual(["website"])
  })

  test("that means the same writes nothing and stops nothing", async () => {
    const text = katalog({ website: configMap("a"), blog: configMap("b") })
    await using world = await World.start(text, { objects, crds })
    world.server.takeWrites()
    expect(await world.want(text.replace("metadata:", "# a comment\nmetadata:"))).toMatchObject({
      kept: ["website", "blog"],
    })
    expect(world.server.takeWrites()).toEqual([])
    expect(said(world, "operator stopped")).toEqual([])
  })

  test("prunes what no entry makes any more, also of a kind that no entry names now", async () => {
    const before = katalog({ website: makes("configMaps: [{ name: a }], secrets: [{ name: s }]") })
    await using world = await World.start(before, { objects, crds })
    expect(world.server.all("Secret")).toHaveLength(1)
    await world.want(katalog({ website: configMap("b") }))
    expect(world.server.all("Secret")).toEqual([])
    expect(world.server.all("ConfigMap").map(({ metadata }) => metadata.name)).toEqual(["b"])
  })

  test("brings an operator whose CRD comes later, and notices it", async () => {
    await using world = await World.start(katalog({ website: configMap("a") }), {
      objects: [website("shop")],
      crds: [crd("Website")],
    })
    const change = await world.want(katalog({ website: configMap("a"), blog: configMap("b") }))
    expect(change).toMatchObject({ added: ["blog"], kept: ["website"] })
    expect(world.manager.fleet.stateOf(world.operator("blog")).why).toContain("apply its CRD")
    world.server.put(crd("Blog"))
    world.server.put(website("main", {}, { kind: "Blog" }))
    await world.settle()
    expect(
      world.server
        .all("ConfigMap")
        .map(({ metadata }) => metadata.name)
        .sort(),
    ).toEqual(["a", "b"])
  })

  test("takes an operator away and leaves what it made", async () => {
    await using world = await World.start(katalog({ website: configMap("a"), blog: configMap("b") }), { objects, crds })
    expect(await world.want(katalog({ website: configMap("a") }))).toMatchObject({ removed: ["blog"] })
    expect(world.manager.view.operators().map(({ name }) => name)).toEqual(["website"])
    world.server.edit("Blog", "default/main", { spec: { title: "new" } })
    world.server.takeWrites()
    await world.advance("1h")
    expect(world.server.takeWrites()).toEqual([])
    expect(world.server.all("ConfigMap")).toHaveLength(2)
  })

  test("keeps the order of dependencies when it replaces several", async () => {
    const text = (data: string) =>
      katalog({ website: `dependsOn: [blog], ${configMap("a", data)}`, blog: configMap("b", data) })
    await using world = await World.start(text("{}"), { objects, crds })
    world.lines.length = 0
    await world.want(text("{ x: y }"))
    expect(said(world, "operator stopped")).toEqual(["website", "blog"])
    expect(said(world, "operator started")).toEqual(["blog", "website"])
  })

  test("hands the informers over: nothing that both follow is listed again", async () => {
    await using world = await World.start(katalog({ website: configMap("a") }), { objects, crds })
    const lists = () => world.server.calls.filter(({ verb, kind }) => verb !== "apply" && kind === "Website").length
    const before = lists()
    await world.want(katalog({ website: configMap("a", "{ x: y }") }))
    expect(lists()).toBe(before)
  })

  test("two changes at once come one after the other", async () => {
    await using world = await World.start(katalog({ website: configMap("a") }), { objects, crds })
    const first = world.want(katalog({ website: configMap("a", "{ x: one }") }))
    const second = world.want(katalog({ website: configMap("a", "{ x: two }") }))
    await Promise.all([first, second])
    expect(world.server.read("ConfigMap", "default/a")?.["data"]).toEqual({ x: "two" })
  })
})
