/**
 * One storm in fake time: random edits of custom resources and children, answers that are lost or refused, restarts, a
 * machine whose time is set an hour forth or back, and in every second seed two replicas, of which the leader loses its
 * Lease now and then.
 */
import { expect } from "bun:test"
import { type Code, OrkError, type Random, seeded } from "../../src/base/mod.ts"
import { getPath } from "../../src/kube/mod.ts"
import { cleanupFinalizer, createdAnnotation } from "../../src/operator/mod.ts"
import type { Fault } from "../support/embedded-server.ts"
import { configMap, katalog, website } from "../support/makers.ts"
import { World } from "../support/world.ts"

const stepsMax = 40
const names = ["a", "b", "c"]
const leaseName = "ork-demo"
const hourMs = 3_600_000

const text = katalog(`onCreate:
  secrets:
    - name: "{{ .metadata.name }}-login"
      data: { user: "{{ .metadata.name }}" }
onReconcile:
  configMaps:
    - name: "{{ .metadata.name }}-page"
      data: { title: "{{ .spec.title }}" }
    - name: "{{ .metadata.name }}-{{ .item }}"
      forEach: { field: spec.list }
    - name: "{{ .metadata.name }}-far"
      namespace: far
      when: [{ field: spec.far, equals: true }]
  serviceAccounts:
    - name: '{{ .metadata.name }}-{{ required "spec.account" .spec.account }}'
status:
  fields:
    - { path: title, value: "{{ .children.configMap.data.title }}" }`)

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T // the list has elements

function specOf(random: Random): Readonly<Record<string, unknown>> {
  return {
    title: pick(random, ["x", "y", "z"]),
    list: ["p", "q", "r"].filter(() => random.next() < 0.5),
    far: random.next() < 0.5,
    account: pick(random, ["one", "two", ""]) || null,
  }
}

/** One thing that somebody does. */
async function act(world: World, random: Random): Promise<void> {
  const { server } = world
  const name = pick(random, names)
  const cr = server.read("Website", `default/${name}`)
  const roll = random.next()
  if (!cr) server.put(website(name, specOf(random)))
  else if (roll < 0.4) server.edit("Website", `default/${name}`, { spec: specOf(random) })
  else if (roll < 0.5) server.remove("Website", `default/${name}`)
  else if (roll < 0.7) drift(world, random)
  else if (roll < 0.75) await world.restart()
  else if (roll < 0.8) await withoutLease(world)
  else if (roll < 0.83) world.clock.set(pick(random, [-hourMs, hourMs]))
  else await world.advance(pick(random, ["10ms", "1s", "45s", "11m"]))
}

/** The leader cannot write its Lease for longer than that lives. */
async function withoutLease(world: World): Promise<void> {
  const holder = getPath(world.server.read("Lease", `default/${leaseName}`), ["spec", "holderIdentity"])
  const cut: Fault = ({ kind, body }) =>
    kind === "Lease" && getPath(body, ["spec", "holderIdentity"]) === holder
      ? new OrkError("net/timeout", "cut")
      : undefined
  world.server.faults.add(cut)
  await world.advance("40s")
  world.server.faults.delete(cut)
}

function drift(world: World, random: Random): void {
  const { server } = world
  const all = [...server.all("ConfigMap"), ...server.all("ServiceAccount")]
  const objects = all.filter(({ metadata }) => metadata.name !== "bystander")
  if (objects.length === 0) return
  const { kind, metadata } = pick(random, objects)
  const key = `${metadata.namespace}/${metadata.name}`
  const roll = random.next()
  if (roll < 0.4) server.remove(kind, key)
  else if (roll < 0.7) server.edit(kind, key, { metadata: { labels: { "orkestra-owner": "nobody" } } })
  else server.edit(kind, key, { data: { title: "drift" } })
}

function weather(random: Random): Fault {
  const codes: readonly Code[] = ["api/conflict", "api/unavailable", "api/forbidden", "api/throttled", "net/timeout"]
  return ({ verb, kind }) => {
    if (
      ["watch", "list"].includes(verb)
        ? kind === "CustomResourceDefinition" || random.next() > 0.2
        : random.next() > 0.15
    ) {
      return undefined
    }
    return new OrkError(pick(random, codes), "storm")
  }
}

/** What should exist for the custom resources that exist: `ConfigMap/default/a-page`. */
function wanted(world: World): readonly string[] {
  return world.server.all("Website").flatMap(({ metadata: { name }, spec }) => {
    const { list, far, account } = spec as { list: readonly string[]; far: boolean; account?: string } // made by specOf
    return [
      `ConfigMap/default/${name}-page`,
      ...list.map((item) => `ConfigMap/default/${name}-${item}`),
      ...(far ? [`ConfigMap/far/${name}-far`] : []),
      ...(account ? [`ServiceAccount/default/${name}-${account}`] : []),
    ]
  })
}

function found(world: World): readonly string[] {
  return ["ConfigMap", "ServiceAccount"].flatMap((kind) =>
    world.server.all(kind).map(({ metadata }) => `${kind}/${metadata.namespace}/${metadata.name}`),
  )
}

/** Plays the storm of a seed; fails where the world is not as declared afterwards, or not quiet. */
export async function storm(seed: number): Promise<void> {
  const random = seeded(seed)
  const replicated = seed % 2 === 0
  await using world = await World.start(text, replicated ? { leaseName } : {})
  const rival = replicated ? await world.join("rival") : undefined
  world.server.put(configMap("bystander", { title: "mine" }))
  const faults = weather(random)
  world.server.faults.add(faults)
  for (let step = 0; step < stepsMax; step++) await act(world, random)
  world.server.faults.delete(faults)
  for (const { metadata } of world.server.all("Website")) {
    if (metadata.deletionTimestamp === undefined)
      world.server.edit("Website", `default/${metadata.name}`, { spec: { account: "one" } })
  }
  await world.advance("30m")
  expect([...found(world)].sort()).toEqual([...wanted(world), "ConfigMap/default/bystander"].sort())
  for (const { metadata, spec } of world.server.all("Website")) {
    expect(world.conditions(`default/${metadata.name}`)).toEqual({
      Ready: "True",
      Reconciling: "False",
      Stalled: "False",
    })
    expect(metadata.finalizers ?? []).toEqual((spec as { far: boolean }).far ? [cleanupFinalizer] : []) // made by specOf
    expect(metadata.annotations?.[createdAnnotation]).toBe(`Secret/default/${metadata.name}-login`)
  }
  world.server.takeWrites()
  await world.advance("1h")
  await world.restart()
  expect(world.server.takeWrites()).toEqual([])
  for (const name of names) world.server.remove("Website", `default/${name}`)
  await world.advance("1m")
  expect(world.server.all("Website")).toEqual([])
  expect(found(world)).toEqual(["ConfigMap/default/bystander"])
  if (rival) expect([rival, world.manager].filter(({ view }) => view.leadership().isLeader)).toHaveLength(1)
}
