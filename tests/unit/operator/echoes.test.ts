import { describe, expect, test } from "bun:test"
import { type KubeObject, objectKey } from "../../../src/kube/mod.ts"
import { Echoes, heardMax } from "../../../src/operator/echoes.ts"
import { configMap, resource } from "../../support/makers.ts"
import { ScriptedClient } from "../../support/scenario.ts"

const shop = objectKey("default", "shop")
const at = (resourceVersion: string): KubeObject => configMap("a", {}, { resourceVersion })
const event = (version: string, type: "added" | "updated" | "deleted" = "updated") => ({
  type,
  object: at(version),
  before: at("1"),
})

async function written(echoes: Echoes, version: string, dryRun = false): Promise<void> {
  const client = new ScriptedClient()
  client.always("update", () => at(version))
  await echoes.over(client).update(resource("", "ConfigMap"), at("1"), { dryRun })
}

describe("an event that comes while a pass runs", () => {
  test("is no news when the pass wrote it", async () => {
    const echoes = new Echoes("ork")
    echoes.begin(shop)
    expect(echoes.holds(shop, event("5"), "child")).toBe(true)
    await written(echoes, "5")
    expect(echoes.end(shop)).toBeUndefined()
  })

  test("is news when somebody else wrote it, with the reason that says most", async () => {
    const echoes = new Echoes("ork")
    echoes.begin(shop)
    for (const [version, reason] of [
      ["5", "child"],
      ["6", "child"],
      ["7", "user"],
    ] as const) {
      echoes.holds(shop, event(version), reason)
    }
    await written(echoes, "5")
    expect(echoes.end(shop)).toBe("user")
  })

  test("is never held back when it changes what another manager owns: a write that changes nothing answers with theirs", () => {
    const echoes = new Echoes("ork")
    echoes.begin(shop)
    const managedFields = [{ manager: "kubectl", operation: "Update", fieldsV1: { "f:data": {} } }]
    const theirs = { ...event("5"), object: configMap("a", {}, { resourceVersion: "5", managedFields }) }
    expect(echoes.holds(shop, theirs, "child")).toBe(false)
  })

  test("is news when it was only asked for in a dry run", async () => {
    const echoes = new Echoes("ork")
    echoes.begin(shop)
    echoes.holds(shop, event("5"), "child")
    await written(echoes, "5", true)
    expect(echoes.end(shop)).toBe("child")
  })

  test("of a deletion is never held back", () => {
    const echoes = new Echoes("ork")
    echoes.begin(shop)
    expect(echoes.holds(shop, event("5", "deleted"), "child")).toBe(false)
  })

  test("beyond the bound is not held back", () => {
    const echoes = new Echoes("ork")
    echoes.begin(shop)
    for (let i = 0; i < heardMax; i++) expect(echoes.holds(shop, event(String(i)), "child")).toBe(true)
    expect(echoes.holds(shop, event("more"), "child")).toBe(false)
  })
})

test("an event without a pass is news at once, also after the pass has ended", () => {
  const echoes = new Echoes("ork")
  expect(echoes.holds(shop, event("5"), "child")).toBe(false)
  echoes.begin(shop)
  echoes.end(shop)
  expect(echoes.holds(shop, event("6"), "child")).toBe(false)
})
