import { describe, expect, test } from "bun:test"
import { objectKey, type ResourceInfo } from "../../../../src/kube/mod.ts"
import {
  applyCall,
  createCall,
  deleteCall,
  deleteCollectionCall,
  getCall,
  listCall,
  patchCall,
  resourcePath,
  toRequest,
  updateCall,
  watchCall,
} from "../../../../src/runtime/client/requests.ts"
import { deployments, namespaces } from "./resources.ts"

const web = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "shop", resourceVersion: "7" },
}

describe("a path", () => {
  const cases: readonly (readonly [ResourceInfo, Parameters<typeof resourcePath>[1], string])[] = [
    [namespaces, {}, "/api/v1/namespaces"],
    [namespaces, { name: "shop", namespace: "ignored" }, "/api/v1/namespaces/shop"],
    [deployments, {}, "/apis/apps/v1/deployments"],
    [deployments, { namespace: "shop" }, "/apis/apps/v1/namespaces/shop/deployments"],
    [
      deployments,
      { namespace: "shop", name: "web", subresource: "status" },
      "/apis/apps/v1/namespaces/shop/deployments/web/status",
    ],
    [deployments, { namespace: "a/b", name: "x:y?z" }, "/apis/apps/v1/namespaces/a%2Fb/deployments/x%3Ay%3Fz"],
  ]
  test.each(cases)("is built from %j", (resource, parts, path) => expect(resourcePath(resource, parts)).toBe(path))
})

describe("a call", () => {
  const path = "/apis/apps/v1/namespaces/shop/deployments/web"
  const collection = "/apis/apps/v1/namespaces/shop/deployments"

  test("reads one object or one page", () => {
    expect(getCall(deployments, objectKey("shop", "web"))).toEqual({ method: "GET", path, query: {} })
    const page = { namespace: "shop", labelSelector: "a=b,c", fieldSelector: "x=y", limit: 5, continueToken: "t" }
    expect(listCall(deployments, page)).toEqual({
      method: "GET",
      path: collection,
      query: { labelSelector: "a=b,c", fieldSelector: "x=y", limit: "5", continue: "t" },
    })
    expect(deleteCollectionCall(deployments, { namespace: "shop" })).toMatchObject({
      method: "DELETE",
      path: collection,
    })
  })

  test("watches with bookmarks, and asks for the state only when told to", () => {
    expect(watchCall(deployments, { resourceVersion: "9" }, 300).query).toEqual({
      watch: "true",
      allowWatchBookmarks: "true",
      timeoutSeconds: "300",
      resourceVersion: "9",
    })
    expect(watchCall(deployments, { sendInitialEvents: true }, 300).query).toMatchObject({
      sendInitialEvents: "true",
      resourceVersionMatch: "NotOlderThan",
    })
  })

  test("writes with its options in the query", () => {
    const options = { fieldManager: "ork/shop/a", dryRun: true, fieldValidation: "Strict" } as const
    const query = { fieldManager: "ork/shop/a", dryRun: "All", fieldValidation: "Strict" }
    expect(createCall(deployments, web, options)).toMatchObject({ method: "POST", path: collection, query, body: web })
    expect(updateCall(deployments, web, { subresource: "status" })).toMatchObject({
      method: "PUT",
      path: `${path}/status`,
    })
    expect(applyCall(deployments, web, { fieldManager: "m", force: false })).toMatchObject({
      method: "PATCH",
      path,
      query: { fieldManager: "m", force: "false" },
      contentType: "application/apply-patch+yaml",
    })
    const patch = { type: "json", body: [], options: {} } as const
    expect(patchCall(deployments, objectKey("shop", "web"), patch).contentType).toBe("application/json-patch+json")
  })

  test("deletes with preconditions only where there are any", () => {
    const key = objectKey("shop", "web")
    expect(deleteCall(deployments, key, {}).body).not.toHaveProperty("preconditions")
    expect(deleteCall(deployments, key, { uid: "u", propagation: "Foreground" }).body).toMatchObject({
      preconditions: { uid: "u" },
      propagationPolicy: "Foreground",
    })
  })

  test("of a namespaced kind without a namespace or a name is refused before it is sent", () => {
    const nameless = { ...web, metadata: { namespace: "shop" } }
    for (const call of [
      () => getCall(deployments, objectKey(undefined, "web")),
      () => createCall(deployments, { ...web, metadata: { name: "web" } }, {}),
      () => updateCall(deployments, nameless, {}),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: "api/bad-request" }))
    }
  })
})

test("a request keeps the path of its server and encodes its query", async () => {
  const call = { ...listCall(namespaces, { labelSelector: "a in (b,c)" }), body: { x: 1 } }
  const request = toRequest("https://host/k8s/clusters/one", { ...call, method: "POST" }, undefined)
  expect(request.url).toBe("https://host/k8s/clusters/one/api/v1/namespaces?labelSelector=a+in+%28b%2Cc%29")
  expect(request.headers.get("content-type")).toBe("application/json")
  expect(await request.json()).toEqual({ x: 1 })
})

test("a body keeps the characters that a YAML reader would fold or refuse, written as escapes", async () => {
  const text = "a\u0085b\u007f\u009f\u2028\u2029\ufeff\uffffü€"
  const call = { ...listCall(namespaces, {}), method: "PATCH" as const, body: { text } }
  const sent = await toRequest("https://example.test", call, undefined).text()
  expect(sent).toMatch(/^[^\u007f-\u009f\u2028\u2029\ufeff\uffff]*$/)
  expect(JSON.parse(sent)).toEqual({ text })
})
