import { describe, expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import { conditionsOf } from "../../../src/kube/mod.ts"
import { verdictOf } from "../../../src/operator/finalize.ts"
import { type Problem, summarize } from "../../../src/operator/marks.ts"
import { crd, katalog, website } from "../../support/makers.ts"
import { planOf, World } from "../../support/world.ts"

const page = katalog(`onReconcile:
  configMaps: [{ name: page, data: { title: "{{ .spec.title }}" } }]`)

const fields = (list: string) =>
  katalog(`onReconcile:
  configMaps: [{ name: page }]
status:
  fields:
    ${list}`)

const status = (world: World) => world.server.read("Website", "default/shop")?.["status"] as Record<string, unknown> // a map by its CRD

describe("the conditions", () => {
  const retry: Problem = {
    reason: "ReconcileError",
    message: "later",
    terminal: false,
    error: new OrkError("net/refused", "later"),
  }
  const final: Problem = { reason: "Conflict", message: "never", terminal: true }
  test.each([
    ["nothing to say", [], [], "ReconcileSucceeded", [true, false, false]],
    ["a wait", [], ["Deployment/a/b: 0 of 1"], "Waiting", [false, true, false]],
    ["a retryable problem", [retry], [], "ReconcileError", [false, true, false]],
    ["a terminal problem", [final], [], "Conflict", [false, false, true]],
    ["both: the one that may pass", [final, retry], ["x"], "ReconcileError", [false, true, false]],
    ["a terminal problem and a wait", [final], ["x"], "Conflict", [false, false, true]],
  ])("follow from %s", (_, problems, waits, reason, [ready, reconciling, stalled]) => {
    expect(verdictOf(problems, waits)).toMatchObject({ reason, ready, reconciling, stalled } as object)
  })

  test("count what they do not show, and stay within 1024 characters", () => {
    expect(verdictOf([final, final], []).message).toBe("never (and 1 more)")
    expect(verdictOf([], ["a", "b", "c"]).message).toBe("a (and 2 more)")
    const long = { ...final, message: "x".repeat(1024) }
    expect(verdictOf([long], []).message).toHaveLength(1024)
    expect(verdictOf([{ ...long, message: "x".repeat(1025) }], []).message).toHaveLength(1024)
  })

  test("are well-formed: every field set, the times RFC 3339, the generation observed", async () => {
    await using world = await World.start(page, { objects: [website("shop")] })
    const conditions = conditionsOf(status(world))
    expect(conditions.map(({ type }) => type)).toEqual(["Ready", "Reconciling", "Stalled"])
    for (const condition of conditions) {
      expect(condition.lastTransitionTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      expect(condition.reason).toMatch(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
      expect(condition.observedGeneration).toBe(1)
      expect(typeof condition.message).toBe("string")
    }
    expect(status(world)["observedGeneration"]).toBe(1)
  })

  test("move lastTransitionTime when the status flips, and only then", async () => {
    await using world = await World.start(page, { objects: [website("shop")] })
    const first = world.condition("Ready")?.lastTransitionTime
    await world.advance("1m")
    world.server.edit("Website", "default/shop", { spec: { title: "b" } })
    await world.settle()
    expect(world.condition("Ready")).toMatchObject({ lastTransitionTime: first, observedGeneration: 2 })
    const refuse = ({ verb }: { verb: string }) => (verb === "apply" ? new OrkError("api/invalid", "no") : undefined)
    world.server.faults.add(refuse)
    world.server.edit("Website", "default/shop", { spec: { title: "c" } })
    await world.settle()
    expect(world.condition("Ready")?.lastTransitionTime).not.toBe(first)
    expect(world.condition("Reconciling")?.lastTransitionTime).toBe(first)
  })

  test("of others are kept, and so are their fields", async () => {
    await using world = await World.start(page, { objects: [website("shop")] })
    const theirs = {
      type: "Approved",
      status: "True",
      reason: "Human",
      message: "",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    }
    world.server.edit("Website", "default/shop", {
      spec: { title: "b" },
      status: { note: "theirs", conditions: [theirs, ...conditionsOf(status(world))] },
    })
    await world.settle()
    expect(conditionsOf(status(world))[0]).toMatchObject(theirs as object)
    expect(status(world)["note"]).toBe("theirs")
    expect(world.condition("Ready")?.observedGeneration).toBe(2)
  })

  test("Waiting names the child and what is missing, until it is there", async () => {
    const web = katalog("onReconcile:\n  deployments: [{ name: web, image: nginx }]")
    await using world = await World.start(web, { objects: [website("shop")] })
    expect(world.conditions()).toEqual({ Ready: "False", Reconciling: "True", Stalled: "False" })
    expect(world.condition("Ready")).toMatchObject({ reason: "Waiting" })
    expect(world.condition("Ready")?.message).toContain("Deployment/default/web")
    world.server.edit("Deployment", "default/web", {
      status: {
        observedGeneration: 1,
        replicas: 1,
        updatedReplicas: 1,
        availableReplicas: 1,
        readyReplicas: 1,
        conditions: [{ type: "Available", status: "True", reason: "Min", message: "" }],
      },
    })
    await world.settle()
    expect(world.conditions()).toEqual({ Ready: "True", Reconciling: "False", Stalled: "False" })
  })

  test("are left out with conditions: false", async () => {
    const none = katalog(`onReconcile:
  configMaps: [{ name: page }]
status:
  conditions: false
  fields: [{ path: url, value: here }]`)
    await using world = await World.start(none, { objects: [website("shop")] })
    expect(status(world)).toEqual({ url: "here" })
  })
})

describe("a CRD", () => {
  test("without the status subresource gets no status, and no write to the main resource", async () => {
    await using world = await World.start(page, {
      crds: [crd("Website", { hasStatus: false })],
      objects: [website("shop")],
    })
    expect(world.server.takeWrites()).toEqual(["apply ConfigMap/default/page"])
    expect(status(world)).toBeUndefined()
  })

  test("whose status knows fewer fields gets those it knows, and is asked once", async () => {
    const small = { type: "object", properties: { observedGeneration: { type: "integer" } } }
    await using world = await World.start(page, {
      crds: [crd("Website", { status: small })],
      objects: [website("shop")],
    })
    expect(status(world)).toEqual({ observedGeneration: 1 })
    world.server.takeWrites()
    await world.advance("1h")
    expect(world.server.takeWrites()).toEqual([])
  })
})

describe("a declared field", () => {
  test("that yields nothing is removed", async () => {
    await using world = await World.start(fields(`- { path: url, value: "{{ .spec.url }}" }`), {
      objects: [website("shop", { url: "http://a" })],
    })
    expect(status(world)["url"]).toBe("http://a")
    world.server.edit("Website", "default/shop", { spec: { url: null } })
    await world.settle()
    expect(status(world)).not.toHaveProperty("url")
  })

  test("reads the children as they are after this pass, and the fields before it", async () => {
    const list = `- { path: version, value: "{{ len .children.configMap.metadata.ownerReferences }}" }
    - { path: deep.text, value: "v{{ .status.version }}" }`
    await using world = await World.start(fields(list), { objects: [website("shop")] })
    expect(status(world)).toMatchObject({ version: 1, deep: { text: "v1" } })
  })

  test("without conditions keeps its value when the pass failed; with conditions it is evaluated", async () => {
    const list = `- { path: title, value: "{{ .spec.title }}" }
    - { path: phase, value: "Bad {{ .spec.title }}", when: [{ field: spec.title, equals: b }] }`
    await using world = await World.start(fields(list), { objects: [website("shop", { title: "a" })] })
    world.server.faults.add(({ verb }) => (verb === "apply" ? new OrkError("api/invalid", "no") : undefined))
    world.server.edit("Website", "default/shop", { spec: { title: "b" } })
    world.server.remove("ConfigMap", "default/page")
    await world.settle()
    expect(status(world)).toMatchObject({ title: "a", phase: "Bad b" })
  })

  test("whose template fails stalls the object and leaves the rest of the status", async () => {
    const list = `- { path: bad, type: int, value: "{{ .spec.title }}" }
    - { path: good, value: fine }`
    await using world = await World.start(fields(list), { objects: [website("shop", { title: "many" })] })
    expect(status(world)).toMatchObject({ good: "fine" })
    expect(status(world)).not.toHaveProperty("bad")
    expect(world.conditions()).toEqual({ Ready: "False", Reconciling: "False", Stalled: "True" })
    expect(world.condition("Ready")?.message).toContain("status.bad")
    expect(world.server.read("ConfigMap", "default/page")).toBeDefined()
  })

  test("gets the type that the CRD's schema has, or is left out and says why", async () => {
    const list = `- { path: text, value: "{{ .spec.number }}" }
    - { path: number, value: "{{ .spec.text }}" }
    - { path: wrong, value: "{{ .spec.word }}" }`
    const types = { text: { type: "string" }, number: { type: "integer" }, wrong: { type: "integer" } }
    const statusSchema = {
      type: "object",
      properties: { ...types, conditions: { "x-kubernetes-preserve-unknown-fields": true } },
    }
    await using world = await World.start(fields(list), {
      crds: [crd("Website", { status: statusSchema })],
      objects: [website("shop", { number: 3, text: "4", word: "many" })],
    })
    expect(status(world)).toMatchObject({ text: "3", number: 4 })
    expect(status(world)).not.toHaveProperty("wrong")
    expect(world.condition("Ready")?.message).toContain("status.wrong")
  })

  test("does not lose to an edit of the spec that came between", async () => {
    await using world = await World.start(fields(`- { path: title, value: "{{ .spec.title }}" }`))
    let raced = false
    world.server.faults.add(({ verb, object }) => {
      if (verb !== "patch" || !object.endsWith("/status") || raced) return undefined
      raced = true
      world.server.edit("Website", "default/shop", { spec: { title: "new" } })
      return undefined
    })
    world.server.put(website("shop", { title: "old" }))
    await world.settle()
    expect(status(world)).toMatchObject({ title: "new", observedGeneration: 2 })
  })
})

test("the summary of a pass names each verb with its objects, five at most", () => {
  const made = Array.from({ length: 7 }, (_, i) => ({ verb: "created" as const, object: `ConfigMap/a/${i}` }))
  expect(summarize(made)).toBe(
    "created ConfigMap/a/0, ConfigMap/a/1, ConfigMap/a/2, ConfigMap/a/3, ConfigMap/a/4 and 2 more",
  )
  const drift = { verb: "corrected" as const, object: "Service/a/b", detail: "spec.type" }
  expect(summarize([drift, ...made.slice(0, 1)])).toBe("created ConfigMap/a/0; corrected Service/a/b (spec.type)")
  expect(summarize([])).toBe("")
})

test("an operator of a built-in kind leaves the status to the kind's own controller", () => {
  const head = "apiVersion: orkestra.orkspace.io/v1\nkind: Katalog\nspec:\n  crds:\n    app:\n"
  const types = "      apiTypes: { group: apps, version: v1, kind: Deployment, plural: deployments }\n"
  const plan = planOf(`${head}${types}      labelSelector: { app: ours }\n`)
  expect(plan.operators.map((operator) => operator.status.conditions)).toEqual([false])
})

test("with ignoreStatusPatch nothing is written to the status, and the children are made", async () => {
  const box = `onReconcile:
  configMaps: [{ name: page }]
status:
  fields: [{ path: title, value: "{{ .spec.title }}" }]`
  await using world = await World.start(katalog(box, "ignoreStatusPatch: true"), {
    objects: [website("shop", { title: "a" })],
  })
  expect(world.server.read("ConfigMap", "default/page")).toBeDefined()
  expect(status(world)).toBeUndefined()
})
