import { describe, expect, test } from "bun:test"
import { seeded, type Transport } from "../../../../src/base/mod.ts"
import { objectKey } from "../../../../src/kube/mod.ts"
import { client } from "../../../../src/runtime/client/client.ts"
import { FakeClock } from "../../../support/clock.ts"
import { deployments, failure } from "./resources.ts"

const web = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "shop" } }
const key = objectKey("shop", "web")

/** A client of a server that always answers the same, and the requests that it got. */
function against(answer: () => Response) {
  const requests: Request[] = []
  const clock = new FakeClock()
  const transport: Transport = async (request) => {
    requests.push(request)
    return answer()
  }
  return { requests, clock, api: client({ transport, clock, random: seeded(1) }, { server: "http://host" }) }
}

const status = (fields: object) => ({ kind: "Status", apiVersion: "v1", status: "Failure", ...fields })
const refusal = (code: number, fields: object = {}, headers: Record<string, string> = {}) =>
  Response.json(status({ code, ...fields }), { status: code, headers })

describe("an answer that says no", () => {
  test("is an error that begins with what was asked", async () => {
    const { api } = against(() => refusal(403, { reason: "Forbidden", message: "no rights" }))
    const denied = await failure(api.apply(deployments, web, { fieldManager: "m", force: true }))
    expect(denied).toMatchObject({ code: "api/forbidden", message: "Deployment/shop/web: apply: no rights" })
    expect(await failure(api.list(deployments, { namespace: "shop" }))).toMatchObject({
      message: "Deployment.apps in shop: list: no rights",
    })
  })

  test.each([
    ["seconds", () => refusal(429, {}, { "retry-after": "3" }), 3_000],
    [
      "a date",
      () => refusal(503, {}, { "retry-after": new Date(new FakeClock().nowMs() + 4_000).toUTCString() }),
      4_000,
    ],
    ["details", () => refusal(429, { details: { retryAfterSeconds: 5 } }), 5_000],
    ["nothing", () => refusal(503), undefined],
  ])("names when to come back: %s", async (_, answer, retryAfterMs) => {
    const { api } = against(answer)
    expect(await failure(api.create(deployments, web))).toMatchObject({ retryAfterMs })
  })

  test("may be a plain text, of which no more than a line's worth is kept", async () => {
    const { api } = against(() => new Response("x".repeat(10_000), { status: 502 }))
    const error = await failure(api.get(deployments, key))
    expect(error).toMatchObject({ code: "api/unavailable" })
    expect(String(error).length).toBeLessThan(300)
  })

  test("is an answer where absence is expected, and an error where the kind itself is missing", async () => {
    const absent = against(() => refusal(404, { reason: "NotFound", details: { name: "web", kind: "deployments" } }))
    expect(await absent.api.get(deployments, key)).toBeUndefined()
    expect(await absent.api.delete(deployments, key)).toBe(false)
    expect(await failure(absent.api.update(deployments, web))).toMatchObject({ code: "api/not-found" })
    const missing = against(() => new Response("404 page not found\n", { status: 404 }))
    expect(await failure(missing.api.get(deployments, key))).toMatchObject({ code: "api/unknown-kind" })
  })
})

describe("an answer that says yes", () => {
  test("of a list has items that name their kind, and copies none that does already", async () => {
    const named = { ...web, spec: {} }
    const items = [{ metadata: { name: "a" } }, named]
    const { api } = against(() => Response.json({ metadata: { resourceVersion: "5", continue: "" }, items }))
    expect(await api.list(deployments)).toEqual({
      resourceVersion: "5",
      continueToken: undefined,
      items: [{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a" } }, named],
    })
  })

  test.each(["<html>", "{}", "[]", '"x"'])("but is not Kubernetes' is an error: %s", async (body) => {
    const { api } = against(() => new Response(body))
    expect(await failure(api.list(deployments))).toMatchObject({ code: "api/unavailable" })
    expect(await failure(api.get(deployments, key))).toMatchObject({ code: "api/unavailable" })
  })

  test("of an apply tells whether it created", async () => {
    for (const httpStatus of [200, 201]) {
      const { api } = against(() => Response.json(web, { status: httpStatus }))
      expect(await api.apply(deployments, web, { fieldManager: "m", force: true })).toEqual({
        object: web,
        created: httpStatus === 201,
      })
    }
  })
})

test("watches ask for 5 to 10 minutes, each for another time", async () => {
  const { api, requests } = against(() => new Response(""))
  for (let i = 0; i < 20; i++) for await (const _ of api.watch(deployments));
  const seconds = requests.map((r) => Number(new URL(r.url).searchParams.get("timeoutSeconds")))
  expect(Math.min(...seconds)).toBeGreaterThanOrEqual(300)
  expect(Math.max(...seconds)).toBeLessThanOrEqual(600)
  expect(new Set(seconds).size).toBeGreaterThan(10)
})
