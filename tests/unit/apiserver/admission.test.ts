import { describe, expect, test } from "bun:test"
import { webhookAdmission } from "../../../src/apiserver/admission.ts"
import { type Api, builtinResources } from "../../../src/apiserver/mod.ts"
import type { WebhookSend } from "../../../src/apiserver/webhook-client.ts"
import { seeded } from "../../../src/base/mod.ts"
import { TestApi } from "../../support/api-client.ts"

// Texts and codes are those of a real server in front of the same webhooks.

const group = "/apis/admissionregistration.k8s.io/v1"
const configMaps = "/api/v1/namespaces/shop/configmaps"
const rules = [{ operations: ["*"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] }]

function hook(fields: object = {}) {
  const clientConfig = { url: "https://hook.example.com/p", caBundle: "Q0E=" }
  return {
    name: "check.example.com",
    clientConfig,
    rules,
    admissionReviewVersions: ["v1"],
    sideEffects: "None",
    ...fields,
  }
}

interface Review {
  readonly url: string
  readonly caBundle: string | undefined
  readonly signal: AbortSignal
  // biome-ignore lint/suspicious/noExplicitAny: tests look into reviews as they please
  readonly request: any
}

type Say = (review: Review) => Response | object | Promise<Response>

/** A server whose webhooks answer what `say` says, and what they were asked. */
async function start(say: Say = () => ({ allowed: true })) {
  const reviews: Review[] = []
  const server: { api?: Api } = {}
  const send: WebhookSend = async (request, { caBundle }) => {
    const body = (await request.json()) as { request: { uid: string } } // what we sent
    const review = { url: request.url, caBundle, signal: request.signal, request: body.request }
    reviews.push(review)
    const answer = await say(review)
    if (answer instanceof Response) return answer
    const response = { uid: body.request.uid, ...answer }
    return Response.json({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response })
  }
  const holder: { test?: TestApi } = {}
  const admission = webhookAdmission({
    clock: {
      nowMs: () => 0,
      steadyMs: () => 0,
      sleep: (length, signal) => holder.test?.clock.sleep(length, signal) ?? Promise.resolve(),
      after: (length, fire) => holder.test?.clock.after(length, fire) ?? new DisposableStack(),
      turn: () => Promise.resolve(),
    },
    random: seeded(3),
    api: () => server.api as Api, // set before the first request
    send,
    serviceUrl: ({ name, port }) => (name === "here" ? `https://10.0.0.1:${port}` : undefined),
  })
  const api = new TestApi({ resources: builtinResources(), admission })
  holder.test = api
  server.api = api.server.api
  await api.ask("POST", "/api/v1/namespaces", { metadata: { name: "shop", labels: { team: "a" } } })
  const configure = (kind: "Mutating" | "Validating", webhooks: readonly object[], name = "hooks") =>
    api.ask("POST", `${group}/${kind.toLowerCase()}webhookconfigurations`, {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: `${kind}WebhookConfiguration`,
      metadata: { name },
      webhooks,
    })
  const create = (data: object = { a: "b" }, query = "") =>
    api.ask("POST", `${configMaps}${query}`, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "c", labels: { app: "x" } },
      data,
    })
  return { api, reviews, configure, create, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() }
}

const patch = (...operations: readonly object[]) => ({
  allowed: true,
  patchType: "JSONPatch",
  patch: Buffer.from(JSON.stringify(operations)).toString("base64"),
})

test("a webhook is asked as the API asks it", async () => {
  await using world = await start()
  await world.configure("Validating", [hook()])
  expect((await world.create()).code).toBe(201)
  expect(world.reviews).toMatchObject([
    {
      url: "https://hook.example.com/p?timeout=10s",
      caBundle: "Q0E=",
      request: {
        kind: { group: "", version: "v1", kind: "ConfigMap" },
        resource: { group: "", version: "v1", resource: "configmaps" },
        requestKind: { kind: "ConfigMap" },
        name: "c",
        namespace: "shop",
        operation: "CREATE",
        userInfo: { groups: expect.arrayContaining(["system:masters"]) },
        object: { metadata: { name: "c" }, data: { a: "b" } },
        oldObject: null,
        dryRun: false,
        options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1" },
      },
    },
  ])
})

test("a deletion shows the old object only", async () => {
  await using world = await start()
  await world.create()
  await world.configure("Validating", [hook()])
  await world.api.ask("DELETE", `${configMaps}/c`)
  expect(world.reviews).toMatchObject([
    { request: { operation: "DELETE", object: null, oldObject: { data: { a: "b" } } } },
  ])
})

describe("a denial is worded and coded as a real server does", () => {
  test.each([
    [{ allowed: false }, 400, 'admission webhook "check.example.com" denied the request without explanation'],
    [
      { allowed: false, status: { message: "because" } },
      400,
      'admission webhook "check.example.com" denied the request: because',
    ],
    [
      { allowed: false, status: { reason: "Odd" } },
      400,
      'admission webhook "check.example.com" denied the request: Odd',
    ],
    [
      { allowed: false, status: { message: "m", code: 418, reason: "Teapot" } },
      418,
      'admission webhook "check.example.com" denied the request: m',
    ],
    [
      { allowed: false, status: { message: "m", code: 200 } },
      400,
      'admission webhook "check.example.com" denied the request: m',
    ],
  ])("%j", async (answer, code, message) => {
    await using world = await start(() => answer)
    await world.configure("Validating", [hook()])
    expect(await world.create()).toMatchObject({ code, body: { message } })
    expect((await world.api.ask("GET", `${configMaps}/c`)).code).toBe(404)
  })
})

describe("a webhook that fails refuses the request, unless it may be ignored", () => {
  const failing = "Internal error occurred: failed calling webhook"
  test.each<[string, object, Say, string]>([
    [
      "another uid",
      {},
      () => ({ uid: "x", allowed: true }),
      "received invalid webhook response: expected response.uid=",
    ],
    ["an error", {}, () => new Response("oops", { status: 500 }), 'an error on the server ("oops") has prevented'],
    ["no JSON", {}, () => new Response("oops"), "failed to call webhook: couldn't get version/kind"],
    ["no review", {}, () => Response.json({ kind: "Odd" }), "expected webhook response of"],
    ["no base64", {}, () => ({ allowed: true, patchType: "JSONPatch", patch: "!!!" }), "illegal base64 data"],
    [
      "a patch without a type",
      {},
      () => ({ allowed: true, patch: "W10=" }),
      "webhook returned response.patch but not response.patchType",
    ],
    [
      "no connection",
      {},
      () => Promise.reject(new Error("connection refused")),
      'Post "https://hook.example.com/p?timeout=10s": connection refused',
    ],
    [
      "no service",
      { clientConfig: { service: { namespace: "nope", name: "svc", path: "/a" } } },
      () => ({}),
      'Post "https://svc.nope.svc:443/a?timeout=10s": service "svc" not found',
    ],
  ])("%s", async (_, fields, say, why) => {
    await using world = await start(say)
    await world.configure("Validating", [hook(fields)])
    const refused = await world.create()
    expect(refused).toMatchObject({ code: 500, body: { reason: "InternalError" } })
    expect(refused.body.message).toStartWith(failing)
    expect(refused.body.message).toContain(why)
    await world.api.ask("DELETE", `${group}/validatingwebhookconfigurations/hooks`)
    await world.configure("Validating", [hook({ ...fields, failurePolicy: "Ignore" })])
    expect((await world.create()).code).toBe(201)
  })

  test("a webhook that is silent for too long", async () => {
    await using world = await start(
      ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    )
    await world.configure("Validating", [hook({ timeoutSeconds: 2 })])
    const waiting = world.create()
    for (let i = 0; i < 5; i++) await world.api.clock.advance("1s")
    expect((await waiting).body.message).toEndWith(
      'Post "https://hook.example.com/p?timeout=2s": context deadline exceeded',
    )
  })
})

test("a service is called where it is", async () => {
  await using world = await start()
  await world.configure("Validating", [
    hook({ clientConfig: { service: { namespace: "shop", name: "here", path: "/a", port: 8443 } } }),
  ])
  await world.create()
  expect(world.reviews[0]?.url).toBe("https://10.0.0.1:8443/a?timeout=10s")
})

test("warnings reach the user", async () => {
  await using world = await start(() => ({ allowed: true, warnings: ["careful"] }))
  await world.configure("Validating", [hook()])
  expect((await world.create()).headers.get("warning")).toBe('299 - "careful"')
})

test("a dry run is told to the webhook", async () => {
  await using world = await start()
  await world.configure("Validating", [hook()])
  await world.create({}, "?dryRun=All")
  expect(world.reviews).toMatchObject([{ request: { dryRun: true } }])
})

const wishes: readonly (readonly [string, object, number])[] = [
  ["another resource", { rules: [{ ...rules[0], resources: ["secrets"] }] }, 0],
  ["all resources", { rules: [{ ...rules[0], resources: ["*"] }] }, 1],
  ["everything", { rules: [{ operations: ["CREATE"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*/*"] }] }, 1],
  ["subresources only", { rules: [{ ...rules[0], resources: ["configmaps/*"] }] }, 0],
  ["another operation", { rules: [{ ...rules[0], operations: ["UPDATE"] }] }, 0],
  ["cluster-wide kinds", { rules: [{ ...rules[0], scope: "Cluster" }] }, 0],
  ["namespaced kinds", { rules: [{ ...rules[0], scope: "Namespaced" }] }, 1],
  ["this namespace", { namespaceSelector: { matchLabels: { team: "a" } } }, 1],
  [
    "other namespaces",
    { namespaceSelector: { matchExpressions: [{ key: "team", operator: "NotIn", values: ["a"] }] } },
    0,
  ],
  ["these labels", { objectSelector: { matchLabels: { app: "x" } } }, 1],
  ["other labels", { objectSelector: { matchLabels: { app: "y" } } }, 0],
  [
    "a condition that holds",
    { matchConditions: [{ name: "c", expression: "object.data.a == 'b' && request.operation == 'CREATE'" }] },
    1,
  ],
  ["a condition that does not", { matchConditions: [{ name: "c", expression: "object.data.a == 'z'" }] }, 0],
  [
    "a condition on what one may",
    { matchConditions: [{ name: "c", expression: "authorizer.group('').resource('pods').check('get').allowed()" }] },
    1,
  ],
  ["no old object", { matchConditions: [{ name: "c", expression: "oldObject == null" }] }, 1],
  [
    "a condition that fails beside a false one",
    {
      matchConditions: [
        { name: "c", expression: "object.data.z == ''" },
        { name: "d", expression: "false" },
      ],
    },
    0,
  ],
]

describe("whether a webhook is asked", () => {
  test.each(wishes)("%s", async (_, fields, expected) => {
    await using world = await start()
    await world.configure("Validating", [hook(fields)])
    expect((await world.create()).code).toBe(201)
    expect(world.reviews.length).toBe(expected)
  })

  test("a condition that fails refuses", async () => {
    await using world = await start()
    await world.configure("Validating", [hook({ matchConditions: [{ name: "c", expression: "object.data.z == ''" }] })])
    expect(await world.create()).toMatchObject({
      code: 403,
      body: {
        message: `configmaps "c" is forbidden: expression 'object.data.z == ''' resulted in error: no such key: z`,
      },
    })
  })

  test("webhooks are never asked about the configuration of webhooks", async () => {
    await using world = await start(() => ({ allowed: false }))
    const all = [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*"] }]
    await world.configure("Validating", [hook({ rules: all })])
    expect((await world.configure("Mutating", [hook()])).code).toBe(201)
    expect((await world.api.ask("DELETE", `${group}/validatingwebhookconfigurations/hooks`)).code).toBe(200)
  })
})

describe("webhooks that change", () => {
  test("one after the other, in the order of the configurations", async () => {
    await using world = await start(({ request }) =>
      patch({
        op: "add",
        path: "/data/seen",
        value: `${request.object.data.seen ?? ""}${request.object.metadata.name}`,
      }),
    )
    await world.configure("Mutating", [hook()], "b")
    await world.configure("Mutating", [hook()], "a")
    expect((await world.create()).body.data).toEqual({ a: "b", seen: "cc" })
  })

  test("a later change brings back those that want to see it", async () => {
    let calls = 0
    await using world = await start(() => patch({ op: "add", path: "/data/count", value: String(++calls) }))
    await world.configure("Mutating", [hook({ reinvocationPolicy: "IfNeeded" }), hook({ name: "two.example.com" })])
    expect((await world.create()).body.data).toEqual({ a: "b", count: "3" })
  })

  test("what they make is validated", async () => {
    await using world = await start(() => patch({ op: "add", path: "/metadata/name", value: "X_Y" }))
    await world.configure("Mutating", [hook()])
    expect(await world.create()).toMatchObject({
      code: 422,
      body: { details: { causes: [{ field: "metadata.name" }] } },
    })
  })

  test("what they make has the types of its kind", async () => {
    await using world = await start(() => patch({ op: "add", path: "/data/count", value: 5 }))
    await world.configure("Mutating", [hook()])
    expect(await world.create()).toMatchObject({
      code: 500,
      body: {
        message:
          "Internal error occurred: json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
      },
    })
  })

  test("a patch that does not fit refuses", async () => {
    await using world = await start(() => patch({ op: "remove", path: "/data/gone" }))
    await world.configure("Mutating", [hook()])
    expect(await world.create()).toMatchObject({ code: 500, body: { reason: "InternalError" } })
  })
})
