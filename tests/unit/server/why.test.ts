import { describe, expect, test } from "bun:test"
import { whyText } from "../../../src/cli/commands/why.ts"
import { createApp, readBody, Why } from "../../../src/server/mod.ts"
import { child, cr, type FakeView, fakeView, nowMs, operator } from "../../support/view.ts"

const waiting = cr("shop", {
  status: {
    conditions: [
      { type: "Ready", status: "False", reason: "Waiting", message: "x", lastTransitionTime: "2026-03-01T11:56:00Z" },
      { type: "Conflict", status: "True", reason: "Conflict", message: "ConfigMap/web/a belongs to b" },
    ],
  },
})
const deployment = child("apps/v1", "Deployment", {
  metadata: {
    name: "shop",
    managedFields: [
      {
        manager: "ork/sites/website",
        operation: "Apply",
        time: "2026-03-01T11:00:00Z",
        fieldsV1: { "f:spec": { "f:replicas": {}, "f:containers": { 'k:{"name":"web"}': { "f:image": {} } } } },
      },
      { manager: "scaler", operation: "Update", subresource: "scale", fieldsV1: { "f:spec": { "f:replicas": {} } } },
    ],
  },
  spec: { replicas: 3, containers: [{ name: "side" }, { name: "web", image: "nginx" }] },
  status: {
    observedGeneration: 2,
    updatedReplicas: 3,
    replicas: 3,
    availableReplicas: 1,
    conditions: [{ type: "Available", status: "False", lastTransitionTime: "2026-03-01T11:56:00Z" }],
  },
})
const secret = child("v1", "Secret", { metadata: { name: "shop" }, data: { token: "aGVsbG8=" } })
const pass = { durationMs: 5, trigger: "child", inputs: "a 1", outcome: "waiting", did: "", why: "w", times: 3 }
const fake: FakeView = {
  objects: { website: [waiting] },
  children: [deployment, secret],
  passes: {
    place: { kind: "delayed", reason: "requeue", atMs: nowMs + 90_000 },
    passes: [{ ...pass, atMs: nowMs - 5_000 }],
  },
}

async function ask(path: string, view = fake) {
  const response = await createApp(fakeView(view))(new Request(`http://localhost${path}`))
  return { status: response.status, json: await response.json() }
}

async function why(path: string, view = fake): Promise<Why> {
  const body = readBody(Why, (await ask(path, view)).json)
  if (!body.ok) throw new Error(body.error)
  return body.value
}

describe("why a custom resource is as it is", () => {
  test("names each child that is waited for, and since when", async () => {
    const body = await why("/katalog/website/cr/web/shop/why")
    expect(body).toMatchObject({ ready: false, reason: "Waiting", since: "4m", next: "in 1m (requeue)" })
    expect(body.waitsFor).toEqual([
      { object: "Deployment/web/shop", why: expect.stringContaining("1 of 3"), since: "4m", causes: [] },
    ])
    expect(body.conditions).toMatchObject([{ type: "Conflict", message: "ConfigMap/web/a belongs to b" }])
    expect(body.passes).toMatchObject([{ age: "5s", trigger: "child", times: 3 }])
  })

  test("goes down to the Pods and warnings behind a child, and says so in the text", async () => {
    const causes = {
      Deployment: [
        { object: "Pod/web/shop-1", why: "container web: ImagePullBackOff", sinceMs: nowMs - 60_000 },
        { object: "Deployment/web/shop", why: "its Pods and Events could not be read: forbidden" },
      ],
    }
    for (const path of ["/katalog/website/cr/web/shop/why", "/why?object=deploy/shop"]) {
      const body = await why(path, { ...fake, causes, shortNames: { Deployment: ["deploy"] } })
      expect(body.waitsFor[0]?.causes).toMatchObject([
        { object: "Pod/web/shop-1", since: "1m" },
        { object: "Deployment/web/shop" },
      ])
      expect(whyText(body)).toContain("    Pod/web/shop-1: container web: ImagePullBackOff (1m ago)\n")
    }
  })

  test("a child that was ready for long has not waited since then", async () => {
    const available = { type: "Available", status: "True", lastTransitionTime: "2026-03-01T08:00:00Z" }
    const progressing = { type: "Progressing", status: "True", lastUpdateTime: "2026-03-01T11:59:00Z" }
    const status = { observedGeneration: 2, updatedReplicas: 1, conditions: [available, progressing] }
    const rolling = child("apps/v1", "Deployment", { metadata: { name: "shop" }, spec: { replicas: 3 }, status })
    const body = await why("/katalog/website/cr/web/shop/why", { ...fake, children: [rolling] })
    expect(body.waitsFor).toMatchObject([{ since: "1m" }])
    const set = child("apps/v1", "StatefulSet", { metadata: { name: "shop" }, status: { observedGeneration: 2 } })
    expect((await why("/why?object=statefulset/shop", { ...fake, children: [set] })).since).toBe("4m")
  })

  test("is found by kind or CRD, in any case and in the plural", async () => {
    for (const object of ["website/shop", "Websites/shop", "WEBSITE/shop"]) {
      expect((await why(`/why?object=${object}`)).kind).toBe("Website")
    }
  })

  test("a follower says who leads", async () => {
    const body = await why("/why?object=website/shop", { ...fake, leadership: { isLeader: false, holder: "host-b" } })
    expect(body.next).toBe("not here: host-b leads")
  })
})

describe("why a child is as it is", () => {
  test("names the custom resource and the line that declares it", async () => {
    const body = await why("/why?object=deployment/shop&namespace=web")
    expect(body).toMatchObject({
      kind: "Deployment",
      cr: { kind: "Website", name: "shop" },
      declaredAt: "katalog.yaml:14:9",
    })
  })

  test("a field names all who own it, in lists by key", async () => {
    const replicas = (await why("/why?object=deployment/shop&path=.spec.replicas")).field
    expect(replicas).toMatchObject({ path: "spec.replicas", value: 3 })
    expect(replicas?.managers.map(({ manager }) => manager)).toEqual(["ork/sites/website", "scaler"])
    const image = (await why("/why?object=deployment/shop&path=spec.containers[1].image")).field
    expect(image?.managers.map(({ manager }) => manager)).toEqual(["ork/sites/website"])
    const other = (await why("/why?object=deployment/shop&path=spec.containers[0].name")).field
    expect(other?.managers).toEqual([])
  })

  test("never shows what a Secret holds", async () => {
    const { json } = await ask("/why?object=secret/shop&path=data.token")
    expect(json).toMatchObject({ field: { value: "(hidden)" } })
    expect(JSON.stringify((await ask("/why?object=secret/shop&path=data")).json)).not.toContain("aGVsbG8=")
  })
})

describe("a question that has no answer", () => {
  test.each([
    ["/why", 400],
    ["/why?object=website", 400],
    ["/why?object=a/b/c", 400],
    ["/why?object=website/other", 404],
    ["/why?object=website/shop&namespace=other", 404],
    ["/why?object=website/shop&path=", 400],
  ])("%s is %d, with something to do", async (path, status) => {
    const answer = await ask(path)
    expect(answer.status).toBe(status)
    expect(answer.json).toMatchObject({ help: expect.any(String) })
  })

  test("a name that fits several objects is 409", async () => {
    const two = {
      ...fake,
      objects: { website: [cr("a", { metadata: { namespace: "x" } }), cr("a", { metadata: { namespace: "y" } })] },
    }
    expect((await ask("/why?object=website/a", { ...two, children: [] })).status).toBe(409)
  })
})

test("the text begins with the verdict and ends with the passes", async () => {
  const text = whyText(
    await why("/why?object=deployment/shop&path=.spec.replicas", { ...fake, operators: [operator()] }),
  )
  const lines = text.split("\n")
  expect(lines[0]).toMatch(/^Deployment\/web\/shop is not ready: Waiting, for 4m$/)
  expect(text).toContain(
    "spec.replicas: 3\n  set by ork/sites/website (Apply, 1h ago)\n  set by scaler (Update of scale",
  )
  expect(lines.at(-2)).toMatch(/^5s ago \(3 times\) +child +waiting +5 ms +w$/)
})
