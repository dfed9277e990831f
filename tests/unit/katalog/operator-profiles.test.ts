import { expect, test } from "bun:test"
import { loadEntry, loadText, websiteKatalog } from "./support.ts"

const own = "profiles:\n  reconciler:\n    fast: { workers: 7, resync: 2m }\n    conservative: { workers: 2 }\nspec:"
const entryWith = (line: string) =>
  loadText(websiteKatalog(`      ${line}\n`).replace("spec:", own)).spec?.crds.map(({ workers, resync }) => [
    workers,
    resync,
  ])

test("a profile of the author's own stands for workers and resync, at every published address", () => {
  for (const line of [
    "profile: fast",
    "operatorBox: { reconciler: { profile: fast } }",
    "operatorBox: { profile: fast }",
  ]) {
    expect([line, entryWith(line)]).toEqual([line, [[7, 120_000]]])
  }
})

test("what a profile leaves out keeps its default, and own ones are found before the built-in ones", () => {
  expect(entryWith("profile: conservative")).toEqual([[2, 600_000]])
})

test("the published profiles are known", () => {
  expect(loadEntry("      profile: high-throughput\n")).toMatchObject({ workers: 10, resync: 300_000 })
  expect(loadEntry("      profile: conservative\n")).toMatchObject({ workers: 1 })
})

test("an autoscale profile of the author's own is found before the built-in one that it hides, with a warning", () => {
  const scaled = (workers: number) =>
    `{ conditions: { when: [{ field: metrics.queueDepth, gt: 1 }] }, do: { workers: ${workers} } }`
  const profiles = `profiles:\n  autoscale:\n    night: ${scaled(9)}\n    burst: ${scaled(7)}\nspec:`
  const withProfile = (name: string) =>
    loadText(
      websiteKatalog(`      operatorBox: { runtime: { autoscale: { profile: ${name} } } }\n`).replace(
        "spec:",
        profiles,
      ),
    )
  const workers = (name: string) => withProfile(name).spec?.crds[0]?.autoscale?.workers
  expect(["night", "burst", "steady"].map(workers)).toEqual([9, 7, 6])
  expect(withProfile("night").diagnostics.flatMap(({ code, path }) => (code === "ORK0423" ? [path] : []))).toEqual([
    "profiles.autoscale.burst",
  ])
})
