import { describe, expect, test } from "bun:test"
import type { Transport } from "../../../../src/base/mod.ts"
import { discovery } from "../../../../src/runtime/client/discovery.ts"
import { failure } from "./resources.ts"

const server = "http://host"

interface Group {
  readonly name: string
  readonly kind: string
  readonly stale?: boolean
  readonly empty?: boolean
}

function aggregated(...groups: readonly Group[]) {
  const items = groups.map(({ name, kind, stale, empty }) => {
    const resource = {
      resource: `${kind.toLowerCase()}s`,
      responseKind: { group: name, version: "v1", kind },
      scope: "Namespaced",
      singularResource: kind.toLowerCase(),
      verbs: ["get"],
      subresources: [{ subresource: "status" }],
    }
    const freshness = stale ? "Stale" : "Current"
    return {
      metadata: name === "" ? {} : { name },
      versions: [{ version: "v1", freshness, resources: empty ? [] : [resource] }],
    }
  })
  return { kind: "APIGroupDiscoveryList", items }
}

/** A server whose documents can be changed; it counts what it was asked. */
function serverOf(documents: Record<string, unknown>) {
  const asked: string[] = []
  const transport: Transport = async (request) => {
    const path = new URL(request.url).pathname
    asked.push(path)
    await new Promise((resolve) => setImmediate(resolve))
    request.signal.throwIfAborted()
    const document = documents[path]
    return document === undefined ? new Response("no", { status: 503 }) : Response.json(document)
  }
  return { asked, documents, found: discovery({ transport }, { server }) }
}

const podKind = { group: "", version: "v1", kind: "Pod" }

describe("discovery", () => {
  test("reads aggregated documents, core group first", async () => {
    const { asked, found } = serverOf({
      "/api": aggregated({ name: "", kind: "Pod" }),
      "/apis": aggregated({ name: "apps", kind: "Deployment" }),
    })
    const mapper = await found.mapper()
    expect(mapper.all.map((r) => r.gvk.kind)).toEqual(["Pod", "Deployment"])
    expect(mapper.byKind(podKind)).toMatchObject({
      gvr: { group: "", version: "v1", resource: "pods" },
      namespaced: true,
      subresources: ["status"],
    })
    expect(await found.mapper()).toBe(mapper)
    expect(asked).toEqual(["/api", "/apis"])
  })

  test("shares one fetch among those who ask at once; a refresh fetches anew", async () => {
    const { asked, found } = serverOf({ "/api": aggregated(), "/apis": aggregated() })
    await Promise.all([found.mapper(), found.refresh(), found.mapper()])
    expect(asked).toHaveLength(2)
    await found.refresh()
    expect(asked).toHaveLength(4)
  })

  test("one caller's abort leaves the others their answer; the last one's ends the fetch", async () => {
    const { found } = serverOf({ "/api": aggregated({ name: "", kind: "Pod" }), "/apis": aggregated() })
    const impatient = new AbortController()
    const gone = failure(found.refresh({ signal: impatient.signal }))
    const patient = found.refresh()
    const reason = new Error("enough")
    impatient.abort(reason)
    expect(await gone).toBe(reason)
    expect((await patient).all).toHaveLength(1)
    const last = new AbortController()
    const alone = failure(found.refresh({ signal: last.signal }))
    last.abort(reason)
    expect(await alone).toBe(reason)
    expect((await found.refresh()).all).toHaveLength(1)
  })

  test("a group that is stale keeps what was known of it and hides no other", async () => {
    const { documents, found } = serverOf({
      "/api": aggregated(),
      "/apis": aggregated({ name: "metrics", kind: "Sample" }, { name: "apps", kind: "Deployment" }),
    })
    await found.mapper()
    documents["/apis"] = aggregated(
      { name: "metrics", kind: "Sample", stale: true, empty: true },
      { name: "apps", kind: "Deployment" },
    )
    expect((await found.refresh()).all.map((r) => r.gvk.kind)).toEqual(["Sample", "Deployment"])
    documents["/apis"] = aggregated({ name: "apps", kind: "Deployment" })
    expect((await found.refresh()).all.map((r) => r.gvk.kind)).toEqual(["Deployment"])
  })

  test("falls back to a document per group version, one of which may fail", async () => {
    const versions = [{ version: "v1beta1" }, { version: "v1" }]
    const list = (...resources: readonly object[]) => ({ kind: "APIResourceList", resources })
    const { asked, found } = serverOf({
      "/api": { kind: "APIVersions", versions: ["v1"] },
      "/apis": {
        kind: "APIGroupList",
        groups: [
          { name: "apps", versions, preferredVersion: { version: "v1" } },
          { name: "broken", versions: [{ version: "v1" }] },
        ],
      },
      "/api/v1": list(
        { name: "pods", kind: "Pod", namespaced: true, verbs: ["get"], singularName: "" },
        { name: "pods/status", kind: "Pod", namespaced: true, verbs: ["get"] },
      ),
      "/apis/apps/v1": list({ name: "deployments", kind: "Deployment", namespaced: true, verbs: [] }),
      "/apis/apps/v1beta1": list({ name: "deployments", kind: "Deployment", namespaced: true, verbs: [] }),
    })
    const mapper = await found.mapper()
    expect(mapper.byKind(podKind)).toMatchObject({ subresources: ["status"], singular: "pod" })
    expect(mapper.byGroupKind("apps", "Deployment").map((r) => r.gvk.version)).toEqual(["v1", "v1beta1"])
    expect(asked).toContain("/apis/broken/v1")
  })

  test("an unavailable server is an error, not an empty answer, and the next call asks again", async () => {
    const { documents, found } = serverOf({})
    expect(await failure(found.mapper())).toMatchObject({ code: "api/unavailable" })
    Object.assign(documents, { "/api": aggregated(), "/apis": aggregated({ name: "apps", kind: "Deployment" }) })
    expect((await found.mapper()).all).toHaveLength(1)
  })
})
