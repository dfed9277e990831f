import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pause } from "../cluster/processes.ts"
import { TestCluster } from "../support/cluster.ts"
import { Ork } from "../support/ork.ts"
import { conditionOf, type Live, until, World } from "./world.ts"

const sites = "sites.call.example.io/v1"

const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: sites.call.example.io }
spec:
  group: call.example.io
  scope: Namespaced
  names: { kind: Site, plural: sites }
  versions:
    - name: v1
      served: true
      storage: true
      subresources: { status: {} }
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: { type: object, properties: { note: { type: string } } }
            status: { type: object, x-kubernetes-preserve-unknown-fields: true }
`

const katalog = (port: number) => `apiVersion: orkestra.orkspace.io/v1
kind: Katalog
metadata: { name: call }
security: { external: { allowedHosts: ["127.0.0.1:${port}"] } }
spec:
  crds:
    site:
      crdFile: crd.yaml
      operatorBox:
        onReconcile:
          external:
            - name: quota
              url: "http://127.0.0.1:${port}/quota/{{ .metadata.name }}"
              auth: { secretRef: { name: api, key: token, namespace: default } }
              retryBackoff: { initial: 300ms, maxAttempts: 2 }
          configMaps:
            - name: "{{ .metadata.name }}"
              data: { left: "{{ .external.quota.left }}" }
        status: { fields: [{ path: left, value: "{{ .external.quota.left }}" }] }
`

const requests: { readonly path: string; readonly authorization: string | null }[] = []
let answer: () => Response = () => Response.json({ left: 3 })
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request) {
    requests.push({ path: new URL(request.url).pathname, authorization: request.headers.get("authorization") })
    return answer()
  },
})

let cluster: TestCluster
let world: World
let ork: Ork
const folder = mkdtempSync(join(tmpdir(), "ork-external-"))
const start = async () => Ork.start({ katalog: folder, kubeconfig: await cluster.identity("caller"), flags: [] })
beforeAll(async () => {
  writeFileSync(join(folder, "crd.yaml"), crd)
  writeFileSync(join(folder, "katalog.yaml"), katalog(server.port ?? 0))
  cluster = await TestCluster.start({ audit: true })
  world = new World(cluster)
  ork = await start()
  await ork.line({ message: "operator started" })
})
afterAll(async () => {
  await ork?.[Symbol.asyncDispose]()
  await cluster?.[Symbol.asyncDispose]()
  await server.stop(true)
  rmSync(folder, { recursive: true })
})

const site = () => world.get(sites, "default", "shop")
const leftOf = async () => (await world.get("configmaps", "default", "shop"))?.["data"].left
const ready = (what: string, fits: (cr: Live) => boolean) =>
  until(what, async () => {
    const cr = await site()
    return cr && fits(cr) && cr
  })
const touch = async (note: string) => {
  await world.patch({ resource: sites, namespace: "default", name: "shop" }, { spec: { note } })
}

test("a call waits for its Secret, is signed with it, and its answer makes the child", async () => {
  const metadata = { name: "shop", namespace: "default" }
  await world.create(sites, { apiVersion: "call.example.io/v1", kind: "Site", metadata, spec: { note: "a" } })
  await ready("the Site waits", (cr) => /Secret\/default\/api/.test(conditionOf(cr, "Ready")?.message ?? ""))
  expect(requests).toHaveLength(0)
  await world.create("secrets", {
    ...{ apiVersion: "v1", kind: "Secret", metadata: { name: "api", namespace: "default" } },
    data: { token: btoa("s3cret") },
  })
  await ready("the Site is Ready", (cr) => conditionOf(cr, "Ready")?.status === "True")
  expect(requests[0]).toEqual({ path: "/quota/shop", authorization: "Bearer s3cret" })
  expect(await leftOf()).toBe("3")
})

test("the same answer writes nothing, another one does", async () => {
  const since = new Date()
  const before = requests.length
  await touch("b")
  await until("it is asked again", () => requests.length > before)
  await pause(500)
  // The status says which generation it belongs to.
  expect(await world.writes("caller", since)).toEqual(["patch sites/status default/shop"])
  answer = () => Response.json({ left: 2 })
  await touch("c")
  await until("the child follows", async () => (await leftOf()) === "2")
})

test("a failure keeps the child, is tried again without another edit, and heals", async () => {
  answer = () => new Response("s3cret inside", { status: 503 })
  await touch("d")
  const cr = await ready("the Site says so", (found) => conditionOf(found, "Ready")?.reason === "ExternalFailed")
  expect(conditionOf(cr, "Ready")?.message).toContain("answered 503")
  expect(JSON.stringify(cr)).not.toContain("s3cret")
  expect(await leftOf()).toBe("2")
  answer = () => Response.json({ left: 1 })
  await ready("the Site is Ready again", (found) => conditionOf(found, "Ready")?.status === "True")
  expect(await leftOf()).toBe("1")
})

test("a redirect to another host is not followed, and says so", async () => {
  // The same server by another name: it would be asked, if it was followed.
  answer = () => Response.redirect(`http://localhost:${server.port}/elsewhere`, 302)
  await touch("e")
  const cr = await ready("the Site is stalled", (found) => conditionOf(found, "Stalled")?.status === "True")
  expect(conditionOf(cr, "Stalled")?.message).toContain("another host")
  expect(requests.map(({ path }) => path)).not.toContain("/elsewhere")
  answer = () => Response.json({ left: 1 })
  await touch("f")
  await ready("the Site is Ready again", (found) => conditionOf(found, "Ready")?.status === "True")
})

test("a restart writes nothing, and a deletion makes no call", async () => {
  await pause(700)
  await ork[Symbol.asyncDispose]()
  const since = new Date()
  const before = requests.length
  ork = await start()
  await until("it is asked after the restart", () => requests.length > before)
  await pause(700)
  expect(await world.writes("caller", since)).toEqual([])
  const asked = requests.length
  await world.delete(sites, "default", "shop")
  await until("the Site is gone", async () => (await site()) === undefined)
  await pause(300)
  expect(requests).toHaveLength(asked)
})
