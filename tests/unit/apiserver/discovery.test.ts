import { describe, expect, test } from "bun:test"
import { compareVersions } from "../../../src/apiserver/discovery.ts"
import { builtinResources, handleDiscovery, type Resource } from "../../../src/apiserver/mod.ts"
import { ProtobufReader } from "../../../src/apiserver/protobuf-reader.ts"
import { Refusal } from "../../../src/apiserver/refusal.ts"
import type { Schema } from "../../../src/kube/mod.ts"

const schema: Schema = {
  type: "object",
  description: "A widget.",
  properties: {
    metadata: { $ref: "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" },
    spec: { type: "object", description: "What is wanted.", properties: { size: { type: "integer" } } },
  },
}

function custom(version: string): Resource {
  const deployments = builtinResources().find(({ kind }) => kind === "Deployment")!
  return {
    ...deployments,
    gvr: { group: "example.com", version, resource: "widgets" },
    kind: "Widget",
    singular: "widget",
    prefix: "example.com/widgets",
    storageVersion: "v1",
    isCustom: true,
    schema,
  }
}

const resources = [...builtinResources(), custom("v1beta1"), custom("v1")]

function get(path: string, headers: Record<string, string> = {}): Response | undefined {
  return handleDiscovery(new Request(`http://localhost${path}`, { headers }), { resources: () => resources })
}

const parsed = async (answer: Response | undefined) => JSON.parse((await answer?.text()) ?? "null")
const read = (path: string, headers?: Record<string, string>) => parsed(get(path, headers))
const aggregated = { accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json" }

describe("discovery", () => {
  test("lists CRDs behind the built-in groups, the preferred version first", async () => {
    const { groups } = await read("/apis")
    expect(groups.at(-1)).toMatchObject({ name: "example.com", preferredVersion: { version: "v1" } })
    expect(groups[1].name).toBe("apps")
  })

  test("aggregates when it is asked to, and is not sent twice", async () => {
    const answer = get("/apis", aggregated)!
    expect(answer.headers.get("content-type")).toStartWith("application/json;g=apidiscovery.k8s.io;v=v2")
    const { items } = await parsed(answer)
    expect(items.at(-1).versions.map(({ version }: { version: string }) => version)).toEqual(["v1", "v1beta1"])
    expect(items.at(-1).versions[0].resources[0].responseKind).toEqual({
      group: "example.com",
      version: "v1",
      kind: "Widget",
    })
    const again = get("/apis", { ...aggregated, "if-none-match": answer.headers.get("etag")! })
    expect(again?.status).toBe(304)
  })

  test("lists resources with their subresources and the hash of their storage version", async () => {
    const { resources: listed } = await read("/apis/example.com/v1")
    expect(listed.map(({ name }: { name: string }) => name)).toEqual(["widgets", "widgets/scale", "widgets/status"])
    expect(listed[1]).toMatchObject({ group: "autoscaling", version: "v1", kind: "Scale", singularName: "" })
    expect((await read("/api/v1")).resources[2]).toMatchObject({
      name: "configmaps",
      storageVersionHash: "qFsyl6wFWjQ=",
    })
  })

  test("leaves what it does not know to others", () => {
    for (const path of ["/apis/nope", "/apis/apps/v2", "/api/v2", "/healthz/nope", "/x"]) {
      expect(get(path)).toBeUndefined()
    }
  })

  test("only reads where a real server only reads", () => {
    const ask = (path: string) => () =>
      handleDiscovery(new Request(`http://localhost${path}`, { method: "POST" }), { resources: () => resources })
    for (const path of ["/version", "/api", "/api/v1", "/apis/apps/v1"]) expect(ask(path)).toThrow(Refusal)
    for (const path of ["/apis", "/apis/apps", "/healthz", "/"]) expect(ask(path)()?.status).toBe(200)
  })

  test("refuses what it cannot be written in", () => {
    for (const path of ["/version", "/api", "/api/v1", "/apis", "/apis/apps"]) {
      const request = new Request(`http://localhost${path}`, { headers: { Accept: "text/html" } })
      expect(() => handleDiscovery(request, { resources: () => resources })).toThrow(Refusal)
    }
  })

  test("says nothing about groups that have no OpenAPI document", async () => {
    const answer = get("/openapi/v3/apis/nope/v1")
    expect([answer?.status, await answer?.text()]).toEqual([404, ""])
  })

  test("tells each check of its health", async () => {
    expect(await get("/readyz/etcd")?.text()).toBe("ok")
    const lines = (await get("/readyz?verbose&exclude=etcd&exclude=nope")?.text())?.split("\n") ?? []
    expect(lines).toContain("[+]etcd excluded: ok")
    expect(lines).toContain("[+]ping ok")
    expect(lines.at(-3)).toContain('"nope"')
  })

  test.each(["/healthz", "/readyz", "/livez"])("is well: %s", async (path) => {
    expect(await get(path)?.text()).toBe("ok")
  })

  test("puts versions in the order of their stability", () => {
    const names = ["v10beta3", "foo1", "v1", "v3beta1", "v11alpha2", "v2", "bar", "v12alpha1"]
    expect(names.sort(compareVersions)).toEqual([
      "v2",
      "v1",
      "v10beta3",
      "v3beta1",
      "v12alpha1",
      "v11alpha2",
      "bar",
      "foo1",
    ])
  })
})

describe("OpenAPI", () => {
  test("indexes a document per version, whose address changes with a CRD", async () => {
    const { paths } = await read("/openapi/v3")
    const changed = [...builtinResources(), { ...custom("v1"), schema: { ...schema, description: "Other." } }]
    const request = new Request("http://localhost/openapi/v3")
    const after = (await parsed(handleDiscovery(request, { resources: () => changed }))).paths
    expect(after["apis/apps/v1"]).toEqual(paths["apis/apps/v1"])
    expect(after["apis/example.com/v1"]).not.toEqual(paths["apis/example.com/v1"])
    expect(paths["apis/apps/v1"].serverRelativeURL).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{128}$/)
  })

  test("describes built-in kinds with the server's own words, and everything that they refer to", async () => {
    const { components, paths } = await read("/openapi/v3/apis/apps/v1")
    const strategy = components.schemas["io.k8s.api.apps.v1.DeploymentSpec"].properties.strategy
    expect(strategy.description).toContain("deployment strategy")
    expect(strategy["x-kubernetes-patch-strategy"]).toBe("retainKeys")
    const names = JSON.stringify(components).match(/#\/components\/schemas\/[\w.]+/g) ?? []
    expect(names.filter((name) => !Object.hasOwn(components.schemas, name.slice(21)))).toEqual([])
    const patch = paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"].patch
    expect(patch["x-kubernetes-group-version-kind"]).toEqual({ group: "apps", version: "v1", kind: "Deployment" })
    expect(patch.parameters.map(({ name }: { name: string }) => name)).toContain("fieldValidation")
  })

  test("describes CRDs", async () => {
    const { components } = await read("/openapi/v3/apis/example.com/v1")
    const widget = components.schemas["com.example.v1.Widget"]
    expect(widget.properties.spec.description).toBe("What is wanted.")
    expect(widget.properties.metadata.allOf[0].$ref).toEndWith("v1.ObjectMeta")
    expect(widget["x-kubernetes-group-version-kind"][0].kind).toBe("Widget")
  })

  test("is there as protobuf for older clients, in version 2", async () => {
    const accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
    const answer = get("/openapi/v2", { accept })
    const document = new ProtobufReader(await answer!.bytes()).message()
    const inner = (message: { bytes(number: number): Uint8Array }, number: number) =>
      new ProtobufReader(message.bytes(number)).message()
    const named = (list: { all(number: number): readonly unknown[] }, number: number, name: string) => {
      const all = list.all(number).map((bytes) => new ProtobufReader(bytes as Uint8Array).message()) // messages are bytes
      return inner(all.find((one) => one.text(1) === name)!, 2)
    }
    expect(document.text(1)).toBe("2.0")
    const widget = named(inner(document, 9), 1, "com.example.v1.Widget")
    expect(widget.text(22)).toContain("object")
    expect(named(inner(widget, 25), 1, "spec").text(4)).toBe("What is wanted.")
    const kinds = named({ all: () => widget.all(31) }, 31, "x-kubernetes-group-version-kind")
    expect(JSON.parse(kinds.text(2))).toMatchObject([{ kind: "Widget" }])
    const path = named(inner(document, 8), 2, "/api/v1/namespaces/{namespace}/configmaps")
    const [parameter] = inner(path, 4).all(8)
    const wrapped = new ProtobufReader(parameter as Uint8Array).message() // as above
    expect(inner(inner(inner(wrapped, 1), 2), 3).text(4)).toBe("dryRun")
  })

  test("is refused in other forms", async () => {
    expect(get("/openapi/v2", { accept: "text/html" })?.status).toBe(406)
    expect(get("/openapi/v3/api/v1", { accept: "text/html" })?.status).toBe(406)
    expect((await read("/openapi/v2", { accept: "application/json" })).swagger).toBe("2.0")
  })
})
