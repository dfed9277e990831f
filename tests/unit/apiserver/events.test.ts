import { describe, expect, test } from "bun:test"
import { builtinResources } from "../../../src/apiserver/mod.ts"
import { TestApi } from "../../support/api-client.ts"

const about = { apiVersion: "v1", kind: "Website", namespace: "shop", name: "hello" }
const older = {
  metadata: { name: "older" },
  involvedObject: about,
  reason: "A",
  type: "Normal",
  reportingComponent: "x",
}
const newer = {
  metadata: { name: "newer" },
  regarding: about,
  reason: "A",
  type: "Normal",
  action: "Reconcile",
  eventTime: "2026-01-01T00:00:00.000000Z",
  reportingController: "x",
  reportingInstance: "x-1",
}

describe("events of either group", () => {
  test.each([
    ["/api/v1", "involvedObject.kind=Website,reportingComponent=x"],
    ["/apis/events.k8s.io/v1", "regarding.kind=Website,reportingController=x"],
  ])("are selected in the words of %s, whoever wrote them", async (base, selector) => {
    await using api = await TestApi.start({ resources: builtinResources() })
    await api.ask("POST", "/api/v1/namespaces/shop/events", older)
    await api.ask("POST", "/apis/events.k8s.io/v1/namespaces/shop/events", newer)
    const names = async (query: string) => {
      const { body } = await api.ask("GET", `${base}/namespaces/shop/events?fieldSelector=${encodeURIComponent(query)}`)
      return body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)
    }
    expect(await names(selector)).toEqual(["newer", "older"])
    expect(await names(selector.replace("Website", "Pod"))).toEqual([])
  })
})
