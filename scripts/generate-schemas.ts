/** Writes src/kube/data/schemas.json: the schemas of the kinds that a user declares, from a real API server's OpenAPI. */

import { rmSync } from "node:fs"
import { join } from "node:path"
import { kubernetesVersion } from "../tests/cluster/build.ts"
import { ControlPlane, stopControlPlane } from "../tests/cluster/control-plane.ts"

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
type Schema = { readonly [key: string]: Json }

const kindsByVersion: Readonly<Record<string, string>> = {
  v1: "ConfigMap Secret Service ServiceAccount Pod Namespace PersistentVolumeClaim PersistentVolume ResourceQuota LimitRange ReplicationController PodTemplate",
  "apps/v1": "Deployment StatefulSet DaemonSet ReplicaSet",
  "batch/v1": "Job CronJob",
  "networking.k8s.io/v1": "Ingress NetworkPolicy IngressClass",
  "rbac.authorization.k8s.io/v1": "Role ClusterRole RoleBinding ClusterRoleBinding",
  "autoscaling/v2": "HorizontalPodAutoscaler",
  "policy/v1": "PodDisruptionBudget",
  "coordination.k8s.io/v1": "Lease",
  "apiextensions.k8s.io/v1": "CustomResourceDefinition",
  "storage.k8s.io/v1": "StorageClass",
  "scheduling.k8s.io/v1": "PriorityClass",
  "node.k8s.io/v1": "RuntimeClass",
  "flowcontrol.apiserver.k8s.io/v1": "PriorityLevelConfiguration",
}

const keptKeys = new Set(["type", "properties", "items", "additionalProperties", "required", "enum", "format"])

/** Definitions whose OpenAPI form says less than is known about them. */
const replaced: Readonly<Record<string, Schema>> = {
  "io.k8s.apimachinery.pkg.api.resource.Quantity": { type: "string", format: "quantity" },
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": { "x-kubernetes-int-or-string": true },
  "io.k8s.apimachinery.pkg.apis.meta.v1.Time": { type: "string", format: "date-time" },
  "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": { type: "string", format: "date-time" },
}

function isObject(value: Json | undefined): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** The schema without prose, examples and zero defaults; `allOf` of one reference becomes `$ref` with the bare name. */
function slim(schema: Schema): Schema {
  const ref = refOf(schema)
  if (ref !== undefined) return { $ref: ref }
  const kept = Object.entries(schema).flatMap(([key, value]): [string, Json][] => {
    if (key === "properties" && isObject(value)) return [[key, sorted(mapValues(value, slimValue))]]
    if (key === "items" || key === "additionalProperties") return [[key, slimValue(value)]]
    if (key === "default") return value === "" || value === 0 || typeof value === "object" ? [] : [[key, value]]
    return keptKeys.has(key) || key.startsWith("x-kubernetes-") ? [[key, value]] : []
  })
  return sorted(Object.fromEntries(kept))
}

function slimValue(value: Json): Json {
  return isObject(value) ? slim(value) : value
}

function refOf(schema: Schema): string | undefined {
  const allOf = schema["allOf"]
  const first = Array.isArray(allOf) && allOf.length === 1 ? allOf[0] : schema
  const ref = isObject(first) ? first["$ref"] : undefined
  return typeof ref === "string" ? ref.replace("#/components/schemas/", "") : undefined
}

function mapValues(object: Schema, change: (value: Json) => Json): Schema {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))
}

function sorted(object: Schema): Schema {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function referencesIn(value: Json): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  if (!isObject(value)) return []
  const own = typeof value["$ref"] === "string" ? [value["$ref"]] : []
  return [...own, ...Object.values(value).flatMap(referencesIn)]
}

/** The definitions that `roots` reach. */
function reachable(all: Schema, roots: readonly string[]): Schema {
  const found: Record<string, Json> = {}
  const open = [...roots]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name in found) continue
    const schema = replaced[name] ?? all[name]
    if (!isObject(schema)) throw new Error(`OpenAPI has no definition ${name}`)
    const slimmed = slim(schema)
    found[name] = slimmed
    open.push(...referencesIn(slimmed))
  }
  return sorted(found)
}

async function readDefinitions(plane: ControlPlane, version: string): Promise<Schema> {
  const answer = await plane.request(`/openapi/v3/${version.includes("/") ? "apis" : "api"}/${version}`)
  if (!answer.ok) throw new Error(`OpenAPI of ${version}: ${answer.status}`)
  const document = (await answer.json()) as { components: { schemas: Schema } } // OpenAPI 3
  return document.components.schemas
}

function kindsOf(definitions: Schema, version: string): Schema {
  const [group = "", name] = version.includes("/") ? version.split("/") : ["", version]
  const entries = kindsByVersion[version]!.split(" ").map((kind): [string, Json] => {
    const found = Object.entries(definitions).find(([, schema]) => {
      const claims = isObject(schema) ? schema["x-kubernetes-group-version-kind"] : undefined
      const fits = (claim: Json) =>
        isObject(claim) && claim["group"] === group && claim["version"] === name && claim["kind"] === kind
      return Array.isArray(claims) && claims.length === 1 && claims.some(fits)
    })
    if (found === undefined) throw new Error(`OpenAPI of ${version} has no kind ${kind}`)
    return [`${version}/${kind}`, found[0]]
  })
  return Object.fromEntries(entries)
}

/** One line per definition, so that a new version shows as a readable diff. */
function render(kinds: Schema, definitions: Schema): string {
  const lines = (object: Schema) =>
    Object.entries(object)
      .map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
      .join(",\n")
  return `{\n  "version": "${kubernetesVersion}",\n  "kinds": {\n${lines(kinds)}\n  },\n  "definitions": {\n${lines(definitions)}\n  }\n}\n`
}

const plane = await ControlPlane.startOwned({})
try {
  let all: Schema = {}
  let kinds: Schema = {}
  for (const version of Object.keys(kindsByVersion)) {
    const definitions = await readDefinitions(plane, version)
    all = { ...all, ...definitions }
    kinds = { ...kinds, ...kindsOf(definitions, version) }
  }
  const definitions = reachable(all, Object.values(kinds).map(String))
  const path = join(import.meta.dir, "../src/kube/data/schemas.json")
  const bytes = await Bun.write(path, render(sorted(kinds), definitions))
  console.log(`${Object.keys(kinds).length} kinds, ${Object.keys(definitions).length} definitions, ${bytes} bytes`)
} finally {
  await stopControlPlane(plane.dir)
  rmSync(plane.dir, { recursive: true, force: true })
}
