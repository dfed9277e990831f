import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { CrdHealth, readBody } from "../../src/server/mod.ts"
import { pause } from "../cluster/processes.ts"
import { TestCluster } from "../support/cluster.ts"
import { Ork, ork as runOrk } from "../support/ork.ts"
import { conditionOf, describeEntry, katalog, type Live, until, World } from "./world.ts"

let cluster: TestCluster
let world: World
beforeAll(async () => {
  cluster = await TestCluster.start({ audit: true })
  world = new World(cluster)
})
afterAll(() => cluster?.[Symbol.asyncDispose]())

const start = async (name: string) => Ork.start({ katalog: katalog(name), kubeconfig: await cluster.identity(name) })

async function healthOf(ork: Ork, operator: string) {
  const body = readBody(CrdHealth, await (await ork.get(`/katalog/${operator}/health`)).json())
  if (!body.ok) throw new Error(body.error)
  return body.value
}

interface Cr {
  readonly resource: string
  readonly kind: string
  readonly name: string
  readonly spec?: Readonly<Record<string, unknown>>
}

function createCr({ resource, kind, name, spec = { value: "wanted" } }: Cr): Promise<Live> {
  const apiVersion = resource.slice(resource.indexOf(".") + 1)
  return world.create(resource, { apiVersion, kind, metadata: { name, namespace: "default" }, spec })
}

const message = (live: Live | undefined, type = "Ready") => conditionOf(live, type)?.message ?? ""

async function eventsOf(cr: Live): Promise<readonly Live[]> {
  return (await world.list("events", "default")).filter((event) => event["involvedObject"].uid === cr.metadata.uid)
}

describe("other hands on the children", () => {
  const claims = "claims.claim.example.io/v1"
  const claim = (name: string, spec: Readonly<Record<string, unknown>> = {}) =>
    createCr({ resource: claims, kind: "Claim", name, spec: { value: "wanted", needed: "yes", ...spec } })
  const textOf = async (name: string) => (await world.get("configmaps", "default", name))?.["data"].value
  let ork: Ork
  beforeAll(async () => {
    ork = await start("claims")
    await ork.line({ message: "operator started" })
  })
  afterAll(() => ork?.[Symbol.asyncDispose]())

  test("a declared field is taken back, with an event that names the manager", async () => {
    const cr = await claim("firm")
    await world.ready(claims, "default", "firm")
    const target = { resource: "configmaps", namespace: "default", name: "firm-firm" }
    await world.patch(target, { data: { value: "mine", extra: "kept" } }, "meddler")
    await until("the repair", async () => (await textOf("firm-firm")) === "wanted")
    expect((await world.get("configmaps", "default", "firm-firm"))?.["data"].extra).toBe("kept")
    await until("the event", async () =>
      (await eventsOf(cr)).some((e) => e["reason"] === "DriftCorrected" && e["message"].includes("meddler")),
    )
  })

  test("with forceConflict: false it is left alone, and the condition names manager and path", async () => {
    await claim("polite")
    await world.ready(claims, "default", "polite")
    const target = { resource: "configmaps", namespace: "default", name: "polite-polite" }
    await world.patch(target, { data: { value: "mine" } }, "meddler")
    const cr = await world.ready(claims, "default", "polite", "False")
    expect(conditionOf(cr, "Ready")?.reason).toBe("FieldConflict")
    expect(conditionOf(cr, "FieldConflict")).toMatchObject({ status: "True" })
    expect(message(cr, "FieldConflict")).toContain("meddler")
    expect(message(cr, "FieldConflict")).toContain("data.value")
    expect(await textOf("polite-polite")).toBe("mine")
    await world.patch(target, { data: { value: "wanted" } }, "meddler")
    const again = await world.ready(claims, "default", "polite")
    expect(conditionOf(again, "FieldConflict")).toBeUndefined()
  })

  test("a foreign object of the same name is never touched, and the condition names its owner", async () => {
    const owner = await world.create("configmaps", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "owner", namespace: "default" },
    })
    const reference = { apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: owner.metadata.uid, controller: true }
    const metadata = { name: "foreign-firm", namespace: "default", ownerReferences: [reference] }
    const before = await world.create("configmaps", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata,
      data: { value: "theirs" },
    })
    await claim("foreign")
    const cr = await world.ready(claims, "default", "foreign", "False")
    expect(message(cr, "Conflict")).toContain("ConfigMap/owner")
    expect(conditionOf(cr, "Stalled")?.status).toBe("True")
    expect(await textOf("foreign-polite")).toBe("wanted")
    const after = await world.get("configmaps", "default", "foreign-firm")
    expect(after?.metadata.resourceVersion).toBe(before.metadata.resourceVersion)
    await world.delete(claims, "default", "foreign")
    await pause(500)
    expect((await world.get("configmaps", "default", "foreign-firm"))?.metadata.uid).toBe(before.metadata.uid)
  })

  test("of two CRs that want one child the first keeps it, and the second says whose it is", async () => {
    await claim("twin", { elsewhere: "default" })
    const first = await world.ready(claims, "default", "twin")
    const metadata = { name: "twin", namespace: await world.namespace("twins") }
    const spec = { value: "other", needed: "yes", elsewhere: "default" }
    await world.create(claims, { apiVersion: "claim.example.io/v1", kind: "Claim", metadata, spec })
    const second = await world.ready(claims, "twins", "twin", "False")
    expect(message(second, "Conflict")).toContain("claim.example.io/Claim/default/twin")
    expect((await world.children("configmaps", first)).map((child) => child.metadata.name)).toContain("twin-far")
    await world.delete(claims, "twins", "twin")
    await until("the second is gone", async () => !(await world.get(claims, "twins", "twin")))
    expect(await textOf("twin-far")).toBe("wanted")
  })

  test("a template that fails takes down its own entry only, and names its line", async () => {
    await claim("fragile", { needed: undefined })
    const cr = await world.ready(claims, "default", "fragile", "False")
    expect(conditionOf(cr, "Ready")?.reason).toBe("TemplateError")
    expect(conditionOf(cr, "Stalled")?.status).toBe("True")
    expect(message(cr)).toContain("spec.needed must be set")
    expect(message(cr)).toContain("katalog.yaml:22")
    expect([await textOf("fragile-firm"), await textOf("fragile-polite")]).toEqual(["wanted", "wanted"])
    await world.patch({ resource: claims, namespace: "default", name: "fragile" }, { spec: { needed: "now" } })
    await world.ready(claims, "default", "fragile")
    expect(await textOf("fragile-fragile")).toBe("now")
  })

  test("a CR whose entries fail is still deleted, with its children in other namespaces", async () => {
    await world.namespace("elsewhere")
    await claim("doomed", { elsewhere: "elsewhere" })
    const cr = await world.ready(claims, "default", "doomed")
    expect(cr.metadata["finalizers"]).toEqual(["orkestra.orkspace.io/cleanup"])
    expect(await world.get("configmaps", "elsewhere", "doomed-far")).toBeDefined()
    await world.patch({ resource: claims, namespace: "default", name: "doomed" }, { spec: { needed: null } })
    await world.ready(claims, "default", "doomed", "False")
    await world.delete(claims, "default", "doomed")
    await until("the CR is gone", async () => (await world.get(claims, "default", "doomed")) === undefined)
    expect(await world.get("configmaps", "elsewhere", "doomed-far")).toBeUndefined()
  })

  test("a finalizer goes when its need is gone", async () => {
    await claim("freed", { elsewhere: "elsewhere" })
    await world.ready(claims, "default", "freed")
    await world.patch({ resource: claims, namespace: "default", name: "freed" }, { spec: { elsewhere: null } })
    await until(
      "the far child is pruned",
      async () => (await world.get("configmaps", "elsewhere", "freed-far")) === undefined,
    )
    await until("no finalizer", async () => !(await world.get(claims, "default", "freed"))?.metadata["finalizers"])
  })

  test("the API server goes away and comes back: ork goes on, and repairs what changed after", async () => {
    await claim("lasting")
    await world.ready(claims, "default", "lasting")
    await cluster.restartApiServer()
    const target = { resource: "configmaps", namespace: "default", name: "lasting-firm" }
    await world.patch(target, { data: { value: "mine" } }, "meddler")
    await until("the repair", async () => (await textOf("lasting-firm")) === "wanted", 30_000)
    expect(ork.isRunning).toBe(true)
  })
})

describe("CRDs that come and go", () => {
  const [earlies, lates] = ["earlies.late.example.io/v1", "lates.late.example.io/v1"] as const
  const applyCrd = () => cluster.kubectl("apply", "-f", katalog("late/late-crd.yaml"))
  const makesChild = async (cr: Cr) => {
    await createCr(cr)
    await world.ready(cr.resource, "default", cr.name)
    expect((await world.get("configmaps", "default", cr.name))?.["data"]).toEqual({ value: "wanted" })
  }

  test("an operator waits for its CRD, starts when it comes, and the others never notice", async () => {
    await using ork = await start("late")
    await ork.line({ message: "operator pending", operator: "late" })
    expect(await healthOf(ork, "late")).toMatchObject({ state: "pending", pending: true, status: 200 })
    expect((await healthOf(ork, "late")).why).toContain("late.example.io/v1, Kind=Late")
    await until("ready, with a named reason to wait", async () => (await ork.get("/ready")).status === 200)
    await makesChild({ resource: earlies, kind: "Early", name: "early-one" })

    let mark = ork.lines.length
    const appliedAt = performance.now()
    await applyCrd()
    await ork.line({ message: "operator started", operator: "late" }, { after: mark })
    expect(performance.now() - appliedAt).toBeLessThan(2_000)
    await makesChild({ resource: lates, kind: "Late", name: "late-one" })

    mark = ork.lines.length
    await world.delete("customresourcedefinitions", undefined, "lates.late.example.io")
    await ork.line({ message: "operator stopped", operator: "late" }, { after: mark })
    await until("pending again", async () => (await healthOf(ork, "late")).state === "pending")
    await makesChild({ resource: earlies, kind: "Early", name: "early-two" })
    expect((await healthOf(ork, "early")).state).toBe("healthy")

    await until("the CRD is back", async () => (await applyCrd()).code === 0)
    await until("late is working", async () => (await healthOf(ork, "late")).started)
    await until("a CR is taken", async () => {
      await createCr({ resource: lates, kind: "Late", name: "late-two" })
      return true
    })
    await world.ready(lates, "default", "late-two")
  })
})

describe("trouble in one operator", () => {
  test("stays there: a kind that is not served, beside a healthy operator", async () => {
    const [goods, bads] = ["goods.islands.example.io/v1", "bads.islands.example.io/v1"] as const
    await using ork = await start("islands")
    await ork.line({ message: "operator started", operator: "bad" })
    await createCr({ resource: bads, kind: "Bad", name: "bad-one" })
    await createCr({ resource: goods, kind: "Good", name: "good-one" })
    await world.ready(goods, "default", "good-one")
    const bad = await world.ready(bads, "default", "bad-one", "False")
    expect(message(bad)).toContain("Phantom")
    expect(await world.get("configmaps", "default", "bad-one")).toBeDefined()
    expect(await healthOf(ork, "good")).toMatchObject({ state: "healthy", consecutiveFails: 0 })
    expect((await ork.get("/ready")).status).toBe(200)
  })
})

describe("a permission that is missing", () => {
  const denieds = "denieds.denied.example.io/v1"
  const rules = (...verbs: readonly string[]) => [
    { apiGroups: ["denied.example.io"], resources: ["*"], verbs: ["*"] },
    { apiGroups: ["apiextensions.k8s.io"], resources: ["customresourcedefinitions"], verbs: ["*"] },
    { apiGroups: ["", "events.k8s.io"], resources: ["services", "events"], verbs: ["*"] },
    { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["*"] },
    ...(verbs.length > 0 ? [{ apiGroups: [""], resources: ["configmaps"], verbs }] : []),
  ]
  const allow = (...verbs: readonly string[]) =>
    world.patch({ resource: "clusterroles", name: "limited" }, { rules: rules(...verbs) })

  beforeAll(async () => {
    const rbac = "rbac.authorization.k8s.io"
    const role = { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name: "limited" }, rules: rules() }
    await world.create("clusterroles", role)
    await world.create("clusterrolebindings", {
      ...{ apiVersion: `${rbac}/v1`, kind: "ClusterRoleBinding", metadata: { name: "limited" } },
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "limited" },
      subjects: [{ apiGroup: rbac, kind: "Group", name: "limited" }],
    })
  })

  const names = ["denied-one", "denied-two", "denied-three", "denied-four", "denied-five", "denied-six"]
  const startDenied = async (user: string) =>
    Ork.start({ katalog: katalog("denied"), kubeconfig: await cluster.identity(user, { groups: ["limited"] }) })
  const refused = async (user: string) =>
    (await world.asked({ user }))
      .filter((entry) => entry.code === 403 && entry.resource === "configmaps" && entry.verb !== "list")
      .map(describeEntry)

  test("to write a kind: one condition, one event, no storm, and it goes on after the grant", async () => {
    await allow("get", "list", "watch")
    await using ork = await startDenied("denied")
    await ork.line({ message: "operator started" })
    for (const name of names) await createCr({ resource: denieds, kind: "Denied", name })
    for (const name of names) {
      await until(`${name} names verb and resource`, async () =>
        /patch.*configmaps/.test(message(await world.get(denieds, "default", name))),
      )
    }
    for (const name of names) {
      const said = message(await world.get(denieds, "default", name))
      expect(names.filter((other) => said.includes(`ConfigMap/default/${other}`))).toEqual([name])
    }
    await pause(5_000)
    const asked = await refused("denied")
    // Three workers may have asked before the first answer came.
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.length).toBeLessThanOrEqual(3)
    expect(asked.filter((call) => !call.startsWith("patch configmaps default/denied-"))).toEqual([])
    const cr = await world.ready(denieds, "default", "denied-one", "False")
    const events = (await eventsOf(cr)).filter((event) => /patch.*configmaps/.test(event["message"]))
    expect(events.map((event) => [event["type"], event["reason"]])).toEqual([["Warning", "Forbidden"]])

    await allow("*")
    const isReady = async (name: string) =>
      conditionOf(await world.get(denieds, "default", name), "Ready")?.status === "True"
    for (const name of names) await until(`${name} is Ready`, () => isReady(name), 60_000)
  })

  test("to list a kind: a condition that says so, other kinds are made, and it goes on after the grant", async () => {
    await allow()
    await using ork = await startDenied("blind")
    await ork.line({ message: "operator started" })
    await createCr({ resource: denieds, kind: "Denied", name: "blind" })
    const cr = await world.ready(denieds, "default", "blind", "False")
    expect(conditionOf(cr, "Ready")?.reason).toBe("Forbidden")
    expect(message(cr)).toMatch(/(list|watch).*configmaps/)
    await until("the Service", () => world.get("services", "default", "blind"))
    expect((await refused("blind")).length).toBeLessThan(6)
    await allow("*")
    await world.ready(denieds, "default", "blind")
  })
})

describe("before anything is touched", () => {
  test("a wrong Katalog ends with 2 and asks the cluster nothing", async () => {
    const kubeconfig = await cluster.identity("wrong")
    const answer = await runOrk(["run", "-f", katalog("wrong"), "--kubeconfig", kubeconfig, "--port", "0"])
    expect(answer.code).toBe(2)
    expect(answer.stderr).toContain("wrokers")
    expect((await world.asked({ user: "wrong" })).map(describeEntry)).toEqual([])
  })

  test("a busy port ends with 1 and is named", async () => {
    const holder = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() })
    const kubeconfig = await cluster.identity("busy")
    const port = String(holder.port)
    const answer = await runOrk(["run", "-f", katalog("pair"), "--kubeconfig", kubeconfig, "--port", port])
    await holder.stop(true)
    expect(answer.code).toBe(1)
    expect(answer.stderr).toContain(port)
  })

  test("Ctrl-C during setup ends at once with 0", async () => {
    await using ork = await start("endless")
    await ork.line({ message: /created ConfigMap/ })
    await pause(300)
    const askedAt = performance.now()
    expect(await ork.stop("SIGINT")).toBe(0)
    expect(performance.now() - askedAt).toBeLessThan(2_000)
  })
})

describe("a pass that hangs in the API server", () => {
  test("is waited for after one Ctrl-C, and cut off by a second one", async () => {
    // An admission webhook that takes the connection and never answers.
    const silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } })
    const admission = "admissionregistration.k8s.io/v1"
    await world.create("validatingwebhookconfigurations", {
      ...{ apiVersion: admission, kind: "ValidatingWebhookConfiguration", metadata: { name: "silent" } },
      webhooks: [
        {
          ...{ name: "silent.example.io", sideEffects: "None", admissionReviewVersions: ["v1"], timeoutSeconds: 30 },
          clientConfig: { url: `https://127.0.0.1:${silent.port}/` },
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "hanging" } },
          rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
        },
      ],
    })
    await world.namespace("hanging")
    await using ork = await start("pair")
    await ork.line({ message: "operator started" })
    const metadata = { name: "stuck", namespace: "hanging" }
    const cr = { apiVersion: "pair.example.io/v1", kind: "Pair", metadata, spec: { value: "wanted" } }
    await world.create("pairs.pair.example.io/v1", cr)
    await until("the Service is made, the ConfigMap hangs", () => world.get("services", "hanging", "stuck-service"))
    ork.send("SIGINT")
    await pause(1_000)
    expect(ork.isRunning).toBe(true)
    const askedAt = performance.now()
    expect(await ork.stop("SIGINT")).toBe(1)
    expect(performance.now() - askedAt).toBeLessThan(1_000)
    await world.delete("validatingwebhookconfigurations", undefined, "silent")
    silent.stop(true)
  })
})
