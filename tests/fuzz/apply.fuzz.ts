/**
 * Generated objects, applied to the embedded API server: an apply twice is an apply once, managers that share nothing
 * may come in any order, what was accepted can be read back. With `judge`, what is accepted here a real server accepts.
 */

import { isDeepStrictEqual } from "node:util"
import { builtinResources, createApiServer } from "../../src/apiserver/mod.ts"
import { seeded } from "../../src/base/mod.ts"
import { askCluster } from "../support/ask.ts"
import { FakeClock } from "../support/clock.ts"
import { TestCluster } from "../support/cluster.ts"
import { type Draw, draw, type FuzzOptions, fuzzMain } from "../support/fuzz.ts"

type Fields = Readonly<Record<string, unknown>>

interface Answer {
  readonly code: number
  readonly body: unknown
}

/** Sends an apply and tells what came of it. */
export type Apply = (path: string, object: Fields) => Promise<Answer>

const findingsMax = 20
const names = ["a", "b", "c-d"]
const awkward = [
  ...[
    "",
    "0",
    "1",
    "1.5Gi",
    "100m",
    "80",
    "a b",
    "http",
    "true",
    "🙂",
    "x".repeat(70),
    "TCP",
    "UDP",
    "Always",
    "Never",
  ],
  ...[0, 1, -1, 3, 80, 65536, 1.5, true, false, null, [], {}, ["a"], { a: "b" }],
]

function some(random: Draw, all: Readonly<Record<string, () => unknown>>): Fields {
  const taken = Object.entries(all).filter(() => random.chance(0.5))
  return Object.fromEntries(taken.map(([key, make]) => [key, random.chance(0.04) ? random.one(awkward) : make()]))
}

function several<T>(random: Draw, make: (name: string) => T): readonly T[] {
  return names.filter(() => random.chance(0.4)).map(make)
}

function container(random: Draw, name: string): Fields {
  const amount = () => random.one(["1", "1000m", 0.5, "64Mi", "1.5Gi", 1])
  const probe = () =>
    some(random, {
      httpGet: () => ({ port: random.one([80, "http"]), path: "/" }),
      periodSeconds: () => random.below(9),
      timeoutSeconds: () => random.below(3),
    })
  return {
    name,
    ...(random.chance(0.95) ? { image: random.one(["nginx", "nginx:1", ""]) } : {}),
    ...some(random, {
      args: () => several(random, (one) => one),
      env: () => several(random, (one) => ({ name: one.replace("-", "_"), value: random.one(["", "1", "x"]) })),
      ports: () => several(random, (one) => ({ name: one, containerPort: 80 + random.below(3) })),
      resources: () => some(random, { limits: () => ({ cpu: amount() }), requests: () => ({ memory: amount() }) }),
      readinessProbe: probe,
      imagePullPolicy: () => random.one(["Always", "IfNotPresent"]),
      volumeMounts: () => several(random, (one) => ({ name: one, mountPath: `/${one}` })),
      securityContext: () => some(random, { runAsUser: () => random.below(3), privileged: () => random.chance(0.5) }),
    }),
  }
}

function podSpec(random: Draw): Fields {
  const containers = several(random, (name) => container(random, name))
  return {
    containers: containers.length > 0 ? containers : [container(random, "only")],
    volumes: names.map((name) => ({ name, ...random.one<Fields>([{ emptyDir: {} }, { configMap: { name: "x" } }]) })),
    ...some(random, {
      nodeSelector: () => ({ a: "b" }),
      tolerations: () => [{ key: "a", operator: random.one(["Exists", "Equal"]) }],
      terminationGracePeriodSeconds: () => random.below(40),
      dnsPolicy: () => random.one(["ClusterFirst", "Default"]),
    }),
  }
}

const kinds: readonly {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly fields: (random: Draw) => Fields
}[] = [
  {
    ...{ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" },
    fields: (random) =>
      some(random, { data: () => ({ a: "1" }), binaryData: () => ({ b: "AA==" }), immutable: () => false }),
  },
  {
    ...{ apiVersion: "v1", kind: "Service", plural: "services" },
    fields: (random) => ({
      spec: {
        ports: names.map((name, i) => {
          const { protocol, ...more } = some(random, { targetPort: () => random.one([80, "x"]), protocol: () => "TCP" })
          // What the key of a list says for its default names another element the second time, on a real server too.
          return { name, port: 80 + i, ...more, ...(protocol === null || protocol === "" ? {} : { protocol }) }
        }),
        ...some(random, {
          selector: () => ({ a: "b" }),
          type: () => random.one(["ClusterIP", "NodePort"]),
          sessionAffinity: () => random.one(["None", "ClientIP"]),
          internalTrafficPolicy: () => "Local",
        }),
      },
    }),
  },
  {
    ...{ apiVersion: "apps/v1", kind: "Deployment", plural: "deployments" },
    fields: (random) => ({
      spec: {
        selector: { matchLabels: { app: "x" } },
        template: { metadata: { labels: { app: "x" } }, spec: podSpec(random) },
        ...some(random, {
          replicas: () => random.below(3),
          strategy: () => random.one([{ type: "Recreate" }, { rollingUpdate: { maxSurge: random.one([1, "25%"]) } }]),
          minReadySeconds: () => random.below(9),
          paused: () => random.chance(0.5),
        }),
      },
    }),
  },
  {
    ...{ apiVersion: "batch/v1", kind: "CronJob", plural: "cronjobs" },
    fields: (random) => ({
      spec: {
        schedule: random.one(["* * * * *", "@daily", "61 * * * *"]),
        jobTemplate: { spec: { template: { spec: { restartPolicy: "Never", ...podSpec(random) } } } },
        ...some(random, {
          suspend: () => random.chance(0.5),
          concurrencyPolicy: () => random.one(["Allow", "Forbid"]),
        }),
      },
    }),
  },
]

/** Tries `count` objects from `seed` on and returns what went wrong; `judge` applies to a real server. */
export async function fuzzApply({ seed, count }: FuzzOptions, judge?: Apply): Promise<readonly string[]> {
  const server = createApiServer({ clock: new FakeClock(), random: seeded(1), resources: builtinResources() })
  const ask = async (method: string, path: string, object?: Fields): Promise<Answer> => {
    const headers = method === "PATCH" ? { "Content-Type": "application/apply-patch+yaml" } : {}
    const body = object === undefined ? {} : { body: JSON.stringify(object) }
    const answer = await server.fetch(new Request(`http://api${path}`, { method, headers, ...body }))
    return { code: answer.status, body: await answer.json() }
  }
  await ask("POST", "/api/v1/namespaces", { metadata: { name: "default" } })
  const findings: string[] = []
  for (let i = 0; i < count && findings.length < findingsMax; i++) {
    const found = await attempt(draw(seed + i), `f${i}`, { ask, judge })
    if (found !== undefined) findings.push(`seed ${seed + i}: ${found}`)
    // There are only so many addresses and ports for Services.
    for (const name of [`f${i}`, `f${i}-other`]) await ask("DELETE", `/api/v1/namespaces/default/services/${name}`)
  }
  await server.close()
  return findings
}

interface Servers {
  readonly ask: (method: string, path: string, object?: Fields) => Promise<Answer>
  readonly judge: Apply | undefined
}

async function attempt(random: Draw, name: string, { ask, judge }: Servers): Promise<string | undefined> {
  const { apiVersion, kind, plural, fields } = random.one(kinds)
  const root = apiVersion === "v1" ? "/api" : "/apis"
  const all = `${root}/${apiVersion}/namespaces/default/${plural}`
  const object = (own: string, more: Fields = {}) => ({ apiVersion, kind, metadata: { name: own }, ...more })
  const apply = (own: string, manager: string, value: Fields) =>
    ask("PATCH", `${all}/${own}?force=true&fieldManager=${manager}`, value)
  const whole = object(name, fields(random))
  const once = await apply(name, "one", whole)
  const shown = JSON.stringify(whole)
  // What has the wrong type in an apply is a 500 of a real server too.
  const isTyped = !/failed to (create typed patch|convert new) object/.test(JSON.stringify(once.body))
  if (once.code >= 500 && isTyped) return `${once.code} ${JSON.stringify(once.body)}: ${shown}`
  if (once.code >= 400) return undefined
  const judged = await judge?.(`${all}/${name}?fieldManager=one&dryRun=All`, whole)
  if (judged && judged.code >= 400) return `accepted here, but really: ${JSON.stringify(judged.body)}: ${shown}`
  const twice = await apply(name, "one", whole)
  if (!isDeepStrictEqual(twice.body, once.body))
    return `the second apply differs: ${JSON.stringify(twice.body)}: ${shown}`
  const read = await ask("GET", `${all}/${name}`)
  if (!isDeepStrictEqual(read.body, once.body)) return `read back as ${JSON.stringify(read.body)}: ${shown}`
  const marks = (own: string) => ({
    ...object(own),
    metadata: { name: own, labels: { l: "1" }, annotations: { n: "2" } },
  })
  const other = `${name}-other`
  const here = await apply(name, "two", marks(name))
  // A kind with required fields cannot begin with marks alone: both come onto an object of a third manager.
  await apply(other, "zero", whole.kind === "ConfigMap" ? object(other) : { ...whole, metadata: { name: other } })
  await apply(other, "two", marks(other))
  const there = await apply(other, "one", { ...whole, metadata: { name: other } })
  const [a, b] = [contentOf(here.body), contentOf(there.body)]
  return isDeepStrictEqual(a, b) ? undefined : `the order of managers matters: ${JSON.stringify([a, b])}: ${shown}`
}

/** What two objects have in common when the same was applied to both. */
function contentOf(body: unknown): unknown {
  const { metadata, spec, ...rest } = body as Readonly<Record<"metadata" | "spec", Readonly<Record<string, unknown>>>> // an object that the server answered
  const { clusterIP: _, clusterIPs: __, ports, ...plain } = spec ?? {}
  const withoutNodes = (Array.isArray(ports) ? ports : []).map(({ nodePort: ___, ...port }) => port)
  return { ...rest, labels: metadata["labels"], annotations: metadata["annotations"], plain, withoutNodes }
}

if (import.meta.main) {
  const real = TestCluster.available() ? await TestCluster.start() : undefined
  const ask = real && (await askCluster(real))
  const type = "application/apply-patch+yaml"
  const judge: Apply = async (path, body) => {
    const answer = await ask?.({ method: "PATCH", path, type, body })
    return { code: answer?.httpStatus ?? 200, body: answer?.body }
  }
  await fuzzMain("apply", 3_000, (options) => fuzzApply(options, real && judge))
  await real?.[Symbol.asyncDispose]()
}
