/**
 * Objects of every built-in kind, mutated, written in every way to the embedded API server and to a real one: both must
 * accept or refuse, with the same words, and keep the same objects. Prints what differs, most frequent first.
 */
import { join } from "node:path"
import { builtinResources, type Cluster, type Resource, startCluster } from "../../src/apiserver/mod.ts"
import { silent } from "../../src/base/mod.ts"
import { apiVersionOf, isRecord, type KubeObject } from "../../src/kube/mod.ts"
import { systemClock, systemRandom } from "../../src/system.ts"
import type { Send } from "../contract/apiserver/interaction.ts"
import { sendTo } from "../support/ask.ts"
import { TestCluster } from "../support/cluster.ts"
import { type Draw, draw, type FuzzOptions, fuzzMain } from "../support/fuzz.ts"
import { type Answer, mismatch } from "./kinds-compare.ts"
import { asJsonPatch, asMergePatch, changedAt, type Mutation, mutate, type Pool, poolOf } from "./kinds-mutate.ts"

/** One way to write an object. */
interface Written {
  readonly method: string
  readonly path: string
  readonly type: string
  readonly body: unknown
}

interface Sample {
  readonly object: KubeObject
  readonly resource: Resource
  readonly all: string
  /** Where it is stored, when it is. */
  readonly base: KubeObject | undefined
}

interface Found {
  count: number
  readonly example: string
}

const shown = 3000
const parallel = 6
/** Groups whose kinds no Katalog makes: tried less often. */
const rare = new Set(["certificates.k8s.io", "flowcontrol.apiserver.k8s.io", "resource.k8s.io"])
/** What is in the way of others when it is stored. */
const bounds = new Set(["LimitRange", "ResourceQuota"])
const unstored = new Set(["admissionregistration.k8s.io", "apiregistration.k8s.io", "flowcontrol.apiserver.k8s.io"])

async function samplesOf(only: string | undefined): Promise<readonly Omit<Sample, "base">[]> {
  const file = join(import.meta.dir, "../unit/apiserver/builtin-answers.json")
  const answers: readonly { readonly sent: KubeObject }[] = await Bun.file(file).json()
  const more: readonly KubeObject[] = (await import("./kinds-samples.ts")).moreSamples
  return [...answers.map(({ sent }) => sent), ...more].flatMap((object) => {
    const resource = builtinResources().find(
      ({ gvr, kind }) => kind === object.kind && apiVersionOf(gvr) === object.apiVersion,
    )
    if (resource === undefined || (only !== undefined && resource.kind !== only)) return []
    const root = resource.gvr.group === "" ? "/api" : "/apis"
    const space = resource.namespaced ? `/namespaces/${bounds.has(resource.kind) ? "kube-public" : "default"}` : ""
    return [{ object, resource, all: `${root}/${object.apiVersion}${space}/${resource.gvr.resource}` }]
  })
}

function requestOf(random: Draw, { object, resource, all, base }: Sample, pool: Pool, name: string): Written {
  const { schema = {}, set } = resource
  const validation = random.one(["", "&fieldValidation=Strict", "&fieldValidation=Ignore", "&fieldValidation=Warn"])
  const query = `?dryRun=All&fieldManager=fuzz${validation}`
  const json = "application/json"
  const sources = { random, set, pool }
  const named = (own: string) => ({ ...object, metadata: { ...object.metadata, name: own } })
  const ways =
    base === undefined ? ["create", "apply"] : ["create", "create", "apply", "put", "merge", "json", "smp", "over"]
  const way = random.one(ways)
  const isNew = way === "create" || way === "apply"
  const start = isNew || base === undefined ? named(ownName(object) ?? name) : base
  const mutation = mutate(start, schema, sources)
  const twice = random.chance(0.15)
  const whole = () => {
    const once = changedAt(start, mutation)
    return twice ? changedAt(once, mutate(once, schema, sources)) : once
  }
  const own = String(start.metadata.name)
  return written({ way, all, own, query, json, whole, mutation, start })
}

/** The name of an object that only one name fits. */
function ownName({ kind, metadata }: KubeObject): string | undefined {
  return ["APIService", "CustomResourceDefinition", "IPAddress"].includes(kind) ? metadata.name : undefined
}

function written({
  way,
  all,
  own,
  query,
  json,
  whole,
  mutation,
  start,
}: {
  readonly way: string
  readonly all: string
  readonly own: string
  readonly query: string
  readonly json: string
  readonly whole: () => unknown
  readonly mutation: Mutation
  readonly start: unknown
}): Written {
  const path = `${all}/${own}${query}`
  const patch = (type: string, body: unknown): Written => ({ method: "PATCH", path, type, body })
  switch (way) {
    case "create":
      return { method: "POST", path: `${all}${query}`, type: json, body: whole() ?? {} }
    case "put":
      return { method: "PUT", path, type: json, body: whole() ?? {} }
    case "merge":
      return patch("application/merge-patch+json", asMergePatch(start, mutation))
    case "smp":
      return patch("application/strategic-merge-patch+json", asMergePatch(start, mutation))
    case "json":
      return patch("application/json-patch+json", asJsonPatch(mutation))
    default:
      return { ...patch("application/apply-patch+yaml", whole() ?? {}), path: `${path}&force=true` }
  }
}

async function ask(send: Send, { method, path, type, body }: Written): Promise<Answer> {
  const headers = { "Content-Type": type, "User-Agent": "fuzz/1" }
  const response = await send({ method, path, headers, body: JSON.stringify(body) })
  const warning = response.headers.get("Warning") ?? ""
  const warnings = [...warning.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? "")
  const text = await response.text()
  return { code: response.status, warnings, body: text.startsWith("{") ? JSON.parse(text) : text }
}

async function store(samples: readonly Omit<Sample, "base">[], sends: readonly Send[]): Promise<readonly Sample[]> {
  const stored: Sample[] = []
  for (const [index, sample] of samples.entries()) {
    const { object, all, resource } = sample
    const name = ownName(object) ?? `base-${index}`
    // A volume that no claim of the others may get.
    const apart =
      resource.kind === "PersistentVolume" ? { spec: { ...(object["spec"] as object), storageClassName: "apart" } } : {} // a volume has a spec
    const named = { ...object, ...apart, metadata: { ...object.metadata, name } }
    // What other roles give is written by a controller.
    if (unstored.has(resource.gvr.group) || "aggregationRule" in object) {
      stored.push({ ...sample, base: undefined })
      continue
    }
    const path = `${all}?fieldManager=fuzz`
    const answers = []
    for (const send of sends)
      answers.push(await ask(send, { method: "POST", path, type: "application/json", body: named }))
    const isThere = answers.every(({ code }) => code < 300)
    if (!isThere)
      console.log(
        `not stored: ${JSON.stringify(named)}: ${answers.map(({ code, body }) => `${code} ${isRecord(body) ? body["message"] : ""}`).join(" | ")}`,
      )
    stored.push({ ...sample, base: isThere ? named : undefined })
  }
  return stored
}

/** Tries `count` requests on both servers; returns the differences. */
export async function fuzzKinds({ seed, count }: FuzzOptions, real: Send, only?: string): Promise<readonly string[]> {
  const deps = { clock: systemClock, random: systemRandom, log: silent }
  const cluster: Cluster = await startCluster(deps, { pretend: false, authority: "none", port: 1 })
  const ours: Send = ({ method, path, headers, body }) =>
    cluster.fetch(new Request(`http://embedded${path}`, { method, headers, ...(body === undefined ? {} : { body }) }), {
      name: "admin",
      groups: ["system:masters", "system:authenticated"],
    })
  const plain = await samplesOf(only)
  const pool = poolOf((await samplesOf(undefined)).map(({ object }) => object))
  const samples = await store(plain, [real, ours])
  const found = new Map<string, Found>()
  let next = 0
  const byKind = Map.groupBy(samples, ({ resource }) => resource.prefix)
  const kinds = [...byKind].flatMap(([prefix, [first]]) =>
    Array(rare.has(first?.resource.gvr.group ?? "") ? 1 : 3).fill(prefix),
  )
  const worker = async () => {
    for (let i = next++; i < count; i = next++) {
      const random = draw(seed + i)
      const sample = random.one(byKind.get(random.one(kinds)) ?? samples)
      const request = requestOf(random, sample, pool, "fuzz")
      const [theirs, own] = await Promise.all([ask(real, request).catch(() => undefined), ask(ours, request)])
      if (theirs === undefined) console.log(`no answer: ${JSON.stringify(request)}`)
      if (theirs === undefined) continue
      const wrong = mismatch(theirs, own)
      if (wrong === undefined) continue
      const key = `${wrong.sort}: ${sample.resource.kind}: ${wrong.what}`
      const asked = `seed ${seed + i} ${request.method} ${request.path} ${JSON.stringify(request.body)}`
      const told = wrong.all ?? [`real ${short(theirs)}`, `ours ${short(own)}`]
      const example = [asked, ...told.slice(0, 8)].join("\n   ")
      const known = found.get(key) ?? { count: 0, example }
      known.count++
      found.set(key, known)
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  await cluster.close()
  return [...found]
    .sort(([, a], [, b]) => b.count - a.count)
    .map(([key, one]) => `${one.count} x ${key}\n   ${one.example}`)
}

function short({ code, body, warnings }: Answer): string {
  const told =
    isRecord(body) && body["kind"] === "Status" ? `${body["reason"]} ${body["message"]}` : JSON.stringify(body)
  return `${code} ${told.slice(0, 1500)} ${warnings.join(" / ")}`
}

if (import.meta.main) {
  if (TestCluster.available()) {
    const kind = process.argv[process.argv.indexOf("--kind") + 1]
    const only = process.argv.includes("--kind") ? kind : undefined
    const real = await TestCluster.start()
    const send = await sendTo(real)
    await fuzzMain("kinds", 2_000, async (options) => {
      const findings = await fuzzKinds(options, send, only)
      console.log(`${findings.length} different findings; the first ${shown}:`)
      return findings.slice(0, shown)
    })
    await real[Symbol.asyncDispose]()
  } else console.log("kinds: there is no real API server to compare with")
}
