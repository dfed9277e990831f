import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { seeded } from "../../src/base/mod.ts"
import {
  apiVersionOf,
  builtinKinds,
  builtinSchemas,
  coerce,
  isKubeObject,
  isRecord,
  type KubeObject,
} from "../../src/kube/mod.ts"
import { type EntryResult, renderEntry, type SourceAnswer, type SourceRef } from "../../src/plan/mod.ts"
import { katalog } from "./makers.ts"
import { planOf } from "./world.ts"

/** The folder with one file of rich entries per list. */
export const kindsFolder = join(import.meta.dir, "..", "golden", "kinds")

/** The lists that have such a file. */
export const kindNames: readonly string[] = readdirSync(kindsFolder)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => file.replace(/\.yaml$/, ""))
  .sort()

/** The entries of a list, as written. */
export function entriesText(kind: string): string {
  return readFileSync(join(kindsFolder, `${kind}.yaml`), "utf8")
}

/** The custom resource that the entries read. */
export const owner = {
  apiVersion: "demo.example/v1",
  kind: "Website",
  metadata: { name: "shop", namespace: "default", labels: { team: "blue" } },
  spec: {
    image: "nginx:1",
    replicas: 3,
    port: 8080,
    memory: "1024Mi",
    on: true,
    text: "many",
    list: ["a", "b"],
    env: { B: "two", A: "one" },
    namespaces: ["default", "kube-public"],
    security: "hardened",
    probe: "patient",
    policy: "allow-dns-egress",
    scaling: "web",
    size: "large",
  },
}

/** The objects that the entries copy. */
const sources: Readonly<Record<string, object>> = {
  ConfigMap: { data: { color: "red", size: "small" } },
  Secret: { type: "kubernetes.io/basic-auth", data: { username: "YQ==", password: "Yg==" } },
  NetworkPolicy: { spec: { podSelector: { matchLabels: { app: "shop" } }, policyTypes: ["Ingress"] } },
  ResourceQuota: { spec: { hard: { pods: "5" } } },
  LimitRange: { spec: { limits: [{ type: "Pod", max: { cpu: "2" } }] } },
}

function sourceOf({ gvk, namespace, name }: SourceRef): SourceAnswer {
  const content = namespace === "platform" ? sources[gvk.kind] : undefined
  if (content === undefined) return "missing"
  return {
    apiVersion: apiVersionOf(gvk),
    kind: gvk.kind,
    metadata: { namespace, name, uid: "of-the-source" },
    ...content,
  }
}

const clusterScoped = new Set(builtinKinds.filter(({ namespaced }) => !namespaced).map(({ gvk }) => gvk.kind))

/** Kinds that only add-ons bring: they have no schema here. */
export const addOnKinds: readonly (readonly [kind: string, plural: string, group: string])[] = [
  ["VolumeSnapshot", "volumesnapshots", "snapshot.storage.k8s.io"],
  ["ServiceMonitor", "servicemonitors", "monitoring.coreos.com"],
  ["StorageBackup", "storagebackups", "storage.example.com"],
  ["StorageLocation", "storagelocations", "storage.example.com"],
  ["StoragePool", "storagepools", "storage.example.com"],
  ["StorageVolume", "storagevolumes", "storage.example.com"],
]

/** What the entries of a list render to: typed, and in the namespace of their owner. */
export function objectsOf(kind: string): readonly KubeObject[] {
  return resultsOf(kind).flatMap((result) => {
    const [trouble] = [...result.failures, ...result.waits]
    if (trouble !== undefined) throw new Error(JSON.stringify(trouble))
    const schemas = builtinSchemas()
    const schema = schemas.root(result.resource.gvk)
    const isAddOn = addOnKinds.some(([name]) => name === result.resource.gvk.kind)
    if (!schema && isAddOn) return result.rendered.map(({ object }) => placed(object))
    if (!schema) throw new Error(`no schema of ${result.resource.gvk.kind}`)
    return result.rendered.map(({ object, tls }) => {
      const typed = coerce(
        tls ? { ...object, data: { ...generated, ...recordOf(object["data"]) } } : object,
        schema,
        schemas,
      )
      if (!typed.ok) throw new Error(`${object.metadata.name}: ${JSON.stringify(typed.error)}`)
      return placed(typed.value)
    })
  })
}

/** In place of a certificate, which is another one each time. */
const generated = { "tls.crt": "Z2VuZXJhdGVk", "tls.key": "Z2VuZXJhdGVk", "ca.crt": "Z2VuZXJhdGVk" }

function recordOf(value: unknown): object {
  return isRecord(value) ? value : {}
}

function resultsOf(kind: string): readonly EntryResult[] {
  const text = katalog(`onReconcile:\n  ${kind}:\n${entriesText(kind).replace(/^/gm, "    ")}`)
  const scope = { data: owner, nowMs: Date.UTC(2026, 0, 2), random: seeded(1), sources: sourceOf }
  return planOf(text).operators.flatMap(({ resources }) => resources.map((resource) => renderEntry(resource, scope)))
}

function placed(object: unknown): KubeObject {
  if (!isKubeObject(object)) throw new Error("not an object")
  if (clusterScoped.has(object.kind) || object.metadata.namespace) return object
  return { ...object, metadata: { ...object.metadata, namespace: owner.metadata.namespace } }
}
