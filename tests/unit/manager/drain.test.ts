import { describe, expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import type { KubeObject } from "../../../src/kube/mod.ts"
import { drain } from "../../../src/manager/mod.ts"
import { cleanupFinalizer } from "../../../src/operator/mod.ts"
import { FakeClock } from "../../support/clock.ts"
import { EmbeddedServer } from "../../support/embedded-server.ts"
import { crd, katalog, website } from "../../support/makers.ts"
import { planOf } from "../../support/world.ts"

const theirs = "example.io/theirs"

function held(name: string, finalizers: readonly string[], kind = "Website"): KubeObject {
  const cr = website(name, {}, { kind })
  return { ...cr, metadata: { ...cr.metadata, finalizers } }
}

function serverWith(...objects: readonly KubeObject[]): EmbeddedServer {
  const server = new EmbeddedServer(new FakeClock())
  for (const kind of ["Website", "Blog"]) server.put(crd(kind))
  for (const object of objects) server.put(object)
  return server
}

const plan = (box = "", keys = "") => planOf(katalog(box, keys)).operators

const run = (
  server: EmbeddedServer,
  { operators = plan(), all = false, dryRun = false }: Partial<Parameters<typeof drain>[1]> = {},
) => drain({ client: server, discovery: server }, { operators, all, dryRun, signal: new AbortController().signal })

const finalizers = (server: EmbeddedServer, name: string, kind = "Website") =>
  server.read(kind, `default/${name}`)?.metadata.finalizers ?? []

describe("draining", () => {
  test("takes off what is ours and leaves what is others'", async () => {
    const server = serverWith(held("a", [theirs, cleanupFinalizer]), held("b", [theirs]), held("c", [cleanupFinalizer]))
    const { objects } = await run(server)
    expect(objects.map(({ name, finalizers: off }) => [name, off])).toEqual([
      ["a", [cleanupFinalizer]],
      ["c", [cleanupFinalizer]],
    ])
    expect(finalizers(server, "a")).toEqual([theirs])
    expect(finalizers(server, "c")).toEqual([])
    expect(server.takeWrites()).toEqual(["patch Website/default/a", "patch Website/default/c"])
  })

  test("takes off the finalizers that the Katalog declares", async () => {
    const server = serverWith(held("a", ["example.io/ours", theirs]))
    await run(server, { operators: plan("finalizers: [example.io/ours]") })
    expect(finalizers(server, "a")).toEqual([theirs])
  })

  test("lets a deletion that waits go on", async () => {
    const server = serverWith(held("a", [cleanupFinalizer]))
    server.remove("Website", "default/a")
    const { objects } = await run(server)
    expect(objects[0]?.deleting).toBe(true)
    expect(server.read("Website", "default/a")).toBeUndefined()
  })

  test("changes nothing in a dry run, and nothing when it is done again", async () => {
    const server = serverWith(held("a", [cleanupFinalizer]))
    const dry = await run(server, { dryRun: true })
    expect(server.takeWrites()).toEqual([])
    const { objects } = await run(server)
    expect(objects).toEqual(dry.objects)
    expect((await run(server)).objects).toEqual([])
  })

  test("looks only at the kinds of the Katalog, or at all that CRDs define", async () => {
    const server = serverWith(held("a", [cleanupFinalizer]), held("b", [cleanupFinalizer], "Blog"))
    await run(server)
    expect(finalizers(server, "b", "Blog")).toEqual([cleanupFinalizer])
    await run(server, { operators: [], all: true })
    expect(finalizers(server, "b", "Blog")).toEqual([])
  })

  test("reads again what somebody changed meanwhile, and loses none of their finalizers", async () => {
    const server = serverWith(held("a", [cleanupFinalizer]))
    let edits = 0
    server.faults.add(({ verb }) => {
      if (verb !== "patch" || edits++ > 0) return undefined
      server.edit("Website", "default/a", { metadata: { finalizers: [cleanupFinalizer, theirs] } })
      return undefined
    })
    await run(server)
    expect(finalizers(server, "a")).toEqual([theirs])
  })

  test("goes on after an object that refuses, and says which", async () => {
    const server = serverWith(held("a", [cleanupFinalizer]), held("b", [cleanupFinalizer]))
    server.faults.add(({ verb, object }) =>
      verb === "patch" && object === "Website/default/a" ? new OrkError("api/forbidden", "no") : undefined,
    )
    const { objects } = await run(server)
    expect(objects.map(({ name, error }) => [name, error])).toEqual([
      ["a", "no"],
      ["b", undefined],
    ])
    expect(finalizers(server, "b")).toEqual([])
  })

  test("says which kinds it may not look at", async () => {
    const server = serverWith(held("a", [cleanupFinalizer]))
    server.faults.add(({ verb, kind }) =>
      verb === "list" && kind === "Website" ? new OrkError("api/forbidden", "may not") : undefined,
    )
    expect((await run(server)).kinds).toEqual([{ kind: "demo.example/v1, Kind=Website", error: "may not" }])
  })

  test("has nothing to do where the CRD is not served", async () => {
    const server = new EmbeddedServer(new FakeClock())
    expect(await run(server)).toEqual({ objects: [], policies: [], kinds: [] })
  })
})
