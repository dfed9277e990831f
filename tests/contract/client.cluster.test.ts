import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { isOrkError, ms } from "../../src/base/mod.ts"
import { type KubeObject, objectKey, type ResourceInfo, statusOf } from "../../src/kube/mod.ts"
import { type Connection, connect, fixedEndpoint, listPages, loadKubeconfig } from "../../src/runtime/mod.ts"
import { systemClock as clock, systemFiles as files, systemRandom as random } from "../../src/system.ts"
import { TestCluster } from "../support/cluster.ts"

const deps = { clock, random }
const options = { version: "0.0.0-test" }

async function connectAs(kubeconfig: string): Promise<Connection> {
  const endpoint = await loadKubeconfig({ clock, files }, { path: kubeconfig, env: {}, home: undefined })
  return connect(endpoint, deps, options)
}

function configMap(name: string, data: Record<string, string> = {}): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data }
}

function widgets(plural: string, kind: string): KubeObject {
  const schema = {
    type: "object",
    properties: { spec: { type: "object", properties: { size: { type: "integer" } } }, status: { type: "object" } },
  }
  const version = { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.test.ork` },
    spec: {
      group: "test.ork",
      scope: "Namespaced",
      names: { plural, kind, shortNames: [plural.slice(0, 2)] },
      versions: [{ ...version, subresources: { status: {} } }],
    },
  }
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  )

if (TestCluster.available()) {
  let cluster: TestCluster
  let connection: Connection
  let maps: ResourceInfo
  let crds: ResourceInfo

  beforeAll(async () => {
    cluster = await TestCluster.start({ audit: true })
    connection = await connectAs(await cluster.identity("ork"))
    const mapper = await connection.discovery.mapper()
    const known = (group: string, kind: string) => {
      const [found] = mapper.byGroupKind(group, kind)
      if (!found) throw new Error(`${kind} is not served`)
      return found
    }
    maps = known("", "ConfigMap")
    crds = known("apiextensions.k8s.io", "CustomResourceDefinition")
  }, 120_000)
  afterAll(async () => {
    connection?.[Symbol.dispose]()
    await cluster?.[Symbol.asyncDispose]()
  }, 60_000)

  /** Creates a CRD and waits until discovery names it and its list is served. */
  async function serve(plural: string, kind: string): Promise<ResourceInfo> {
    const { client, discovery } = connection
    await client.create(crds, widgets(plural, kind))
    for (let tried = 0; tried < 100; tried++) {
      const found = (await discovery.refresh()).byGroupKind("test.ork", kind)[0]
      const served = found && !isOrkError(await failure(client.list(found)))
      if (found && served) return found
      await clock.sleep(ms(50))
    }
    throw new Error(`${plural} was not served in time`)
  }

  describe("who we are", () => {
    test("a client certificate names the user", async () => {
      const since = new Date()
      await connection.client.get(maps, objectKey("default", "whoami"))
      for (let tried = 0; tried < 50; tried++) {
        const seen = await cluster.audit({ user: "ork", verbs: ["get"], since })
        if (seen.some((entry) => entry.name === "whoami")) return
        await clock.sleep(ms(50))
      }
      throw new Error("the audit log does not name the user")
    })

    test("a token of a service account logs in; a wrong one is api/unauthorized", async () => {
      const made = await cluster.kubectl("create", "serviceaccount", "robot")
      expect(made.code).toBe(0)
      const { stdout: token } = await cluster.kubectl("create", "token", "robot")
      const config = readFileSync(cluster.kubeconfig, "utf8")
      const admin = await loadKubeconfig({ clock, files }, { path: cluster.kubeconfig, env: {}, home: undefined })
      expect(config).toContain(admin.server)
      const { ca } = await admin.material()
      const as = (bearer: string) =>
        connect(fixedEndpoint(admin.server, { ca, authorization: `Bearer ${bearer}` }), deps, options)
      using robot = as(token.trim())
      const denied = await failure(robot.client.list(maps, { namespace: "default" }))
      expect(denied).toMatchObject({ code: "api/forbidden" })
      expect(String(denied.message)).toContain("system:serviceaccount:default:robot")
      using nobody = as("wrong")
      expect(await failure(nobody.client.list(maps))).toMatchObject({ code: "api/unauthorized" })
    })

    test("a server whose authority is not known is net/tls", async () => {
      using stranger = connect(fixedEndpoint(connection.server), deps, options)
      expect(await failure(stranger.client.raw("/version"))).toMatchObject({ code: "net/tls" })
    })
  })

  describe("discovery", () => {
    test("knows kinds, plurals, scopes and subresources", async () => {
      const mapper = await connection.discovery.mapper()
      expect(mapper.byKind({ group: "apps", version: "v1", kind: "Deployment" })).toMatchObject({
        gvr: { group: "apps", version: "v1", resource: "deployments" },
        namespaced: true,
        shortNames: ["deploy"],
        subresources: expect.arrayContaining(["status", "scale"]),
      })
      expect(mapper.byResource({ group: "", version: "v1", resource: "namespaces" })?.namespaced).toBe(false)
    })

    test("shows a fresh CRD after a refresh, and a kind that is not served is api/unknown-kind", async () => {
      const gadgets = await serve("gadgets", "Gadget")
      expect(gadgets).toMatchObject({ singular: "gadget", shortNames: ["ga"], subresources: ["status"] })
      const missing: ResourceInfo = { ...gadgets, gvr: { ...gadgets.gvr, resource: "gizmos" } }
      const calls = [
        () => connection.client.list(missing),
        () => connection.client.get(missing, objectKey("default", "a")),
        () =>
          connection.client.delete(
            { ...missing, gvr: { ...missing.gvr, group: "no.such" } },
            objectKey("default", "a"),
          ),
      ]
      for (const call of calls) expect(await failure(call())).toMatchObject({ code: "api/unknown-kind" })
    })
  })

  describe("reading and writing", () => {
    test("all verbs do what they say", async () => {
      const { client } = connection
      const key = objectKey("default", "verbs")
      expect(await client.get(maps, key)).toBeUndefined()
      const created = await client.create(maps, configMap("verbs", { a: "1" }))
      expect(await failure(client.create(maps, configMap("verbs")))).toMatchObject({ code: "api/already-exists" })
      const updated = await client.update(maps, { ...created, data: { a: "2" } })
      expect(await failure(client.update(maps, { ...created, data: { a: "3" } }))).toMatchObject({
        code: "api/conflict",
      })
      expect(updated["data"]).toEqual({ a: "2" })
      const merged = await client.patch(maps, key, { type: "merge", body: { data: { b: "1" } } })
      expect(merged["data"]).toEqual({ a: "2", b: "1" })
      const add = [{ op: "add", path: "/data/c", value: "1" }]
      expect((await client.patch(maps, key, { type: "json", body: add }))["data"]).toMatchObject({ c: "1" })
      const strategic = { metadata: { labels: { x: "y" } } }
      expect((await client.patch(maps, key, { type: "strategic", body: strategic })).metadata.labels?.["x"]).toBe("y")
      expect(await client.get(maps, key)).toMatchObject({ apiVersion: "v1", kind: "ConfigMap", data: { c: "1" } })
      expect(await failure(client.delete(maps, key, { uid: "other" }))).toMatchObject({ code: "api/conflict" })
      expect(await client.delete(maps, key, { uid: created.metadata.uid ?? "", propagation: "Background" })).toBe(true)
      expect(await client.delete(maps, key)).toBe(false)
    })

    test("a list comes in pages whose items name their kind, and a collection is deleted by its selector", async () => {
      const { client } = connection
      const labels = { pages: "yes" }
      for (const name of ["p1", "p2", "p3"]) {
        const object = configMap(name)
        await client.create(maps, { ...object, metadata: { ...object.metadata, labels } })
      }
      const query = { namespace: "default", labelSelector: "pages=yes" }
      const names: unknown[][] = []
      for await (const page of listPages(client, maps, { ...query, limit: 2 })) {
        names.push(page.items.map((item) => `${item.apiVersion} ${item.kind} ${item.metadata.name}`))
      }
      expect(names).toEqual([["v1 ConfigMap p1", "v1 ConfigMap p2"], ["v1 ConfigMap p3"]])
      await client.deleteCollection(maps, query)
      expect((await client.list(maps, query)).items).toEqual([])
    })

    test("a dry run answers and changes nothing; an unknown field is an error when asked for", async () => {
      const { client } = connection
      await client.create(maps, configMap("dry"), { dryRun: true })
      expect(await client.get(maps, objectKey("default", "dry"))).toBeUndefined()
      const wrong = { ...configMap("strict"), dat: {} }
      expect(await failure(client.create(maps, wrong, { fieldValidation: "Strict" }))).toMatchObject({
        code: "api/bad-request",
      })
    })

    test("the status of a custom resource is its own subresource", async () => {
      const { client } = connection
      const gears = await serve("gears", "Gear")
      const metadata = { name: "one", namespace: "default" }
      const gear = { apiVersion: "test.ork/v1", kind: "Gear", metadata, spec: { size: 1 }, status: {} }
      const invalid = { ...gear, spec: { size: "big" } }
      expect(await failure(client.create(gears, invalid))).toMatchObject({ code: "api/invalid" })
      const created = await client.create(gears, gear)
      expect(created["status"]).toBeUndefined()
      const body = { status: {} }
      const patched = await client.patch(gears, objectKey("default", "one"), { type: "merge", body }, subresource)
      expect(patched["status"]).toEqual({})
    })
    const subresource = { subresource: "status" } as const

    test("raw gives JSON, text, or undefined", async () => {
      const { client } = connection
      expect(await client.raw("/version")).toMatchObject({ major: "1" })
      expect(await client.raw("/readyz")).toBe("ok")
      expect(await client.raw("/no-such-path")).toBeUndefined()
    })
  })

  describe("server-side apply", () => {
    test("with resourceVersion 1 it creates, and is api/conflict where the object exists, even with force", async () => {
      const { client } = connection
      const object = configMap("first", { a: "1" })
      const first = { ...object, metadata: { ...object.metadata, resourceVersion: "1" } }
      const how = { fieldManager: "ork/test/a", force: true }
      expect((await client.apply(maps, first, how)).created).toBe(true)
      expect(await failure(client.apply(maps, first, how))).toMatchObject({ code: "api/conflict" })
      expect(await client.apply(maps, object, how)).toMatchObject({ created: false, object: { data: { a: "1" } } })
    })

    test("a field of another manager is api/field-conflict that names field and manager; force takes it", async () => {
      const { client } = connection
      await client.apply(maps, configMap("owned", { a: "1" }), { fieldManager: "one", force: false })
      const claim = (force: boolean) =>
        client.apply(maps, configMap("owned", { a: "2" }), { fieldManager: "two", force })
      const conflict = await failure(claim(false))
      if (!isOrkError(conflict, "api/field-conflict")) throw conflict
      expect(statusOf(conflict)?.details?.causes).toEqual([
        { reason: "FieldManagerConflict", field: ".data.a", message: expect.stringContaining('"one"') },
      ])
      expect((await claim(true)).object["data"]).toEqual({ a: "2" })
    })
  })

  describe("watching", () => {
    test("starts with the whole state, marks its end, and resumes from there without a gap", async () => {
      const { client } = connection
      await client.create(maps, configMap("watched", { a: "1" }))
      const query = { namespace: "default", fieldSelector: "metadata.name=watched" }
      const seen: string[] = []
      let from = ""
      for await (const event of client.watch(maps, { ...query, sendInitialEvents: true })) {
        seen.push(event.type)
        if (event.type !== "BOOKMARK" || !event.initialEventsEnd) continue
        from = event.resourceVersion
        break
      }
      expect(seen).toEqual(["ADDED", "BOOKMARK"])
      await client.patch(maps, objectKey("default", "watched"), { type: "merge", body: { data: { a: "2" } } })
      await client.delete(maps, objectKey("default", "watched"))
      const resumed: string[] = []
      for await (const event of client.watch(maps, { ...query, resourceVersion: from })) {
        if (event.type !== "BOOKMARK") resumed.push(`${event.type} ${event.object.kind}`)
        if (event.type === "DELETED") break
      }
      expect(resumed).toEqual(["MODIFIED ConfigMap", "DELETED ConfigMap"])
    })

    test("ends with the reason of its signal", async () => {
      const controller = new AbortController()
      const reason = new Error("enough")
      const watched = (async () => {
        const how = { namespace: "default", sendInitialEvents: true, signal: controller.signal }
        for await (const event of connection.client.watch(maps, how)) {
          if (event.type === "BOOKMARK") controller.abort(reason)
        }
      })()
      expect(await failure(watched)).toBe(reason)
    })

    test("ends quietly when the server's own limit is reached", async () => {
      for await (const event of connection.client.watch(maps, { namespace: "default", timeoutSeconds: 1 })) {
        expect(event.type).not.toBe("DELETED")
      }
    })

    test("from a version that is too old is api/expired", async () => {
      const cogs = await serve("cogs", "Cog")
      const watched = (async () => {
        for await (const _ of connection.client.watch(cogs, { resourceVersion: "1", timeoutSeconds: 2 }));
      })()
      expect(await failure(watched)).toMatchObject({ code: "api/expired" })
    })
  })
} else {
  test.skip("the client speaks to a real API server (no control plane here)", () => {})
}
