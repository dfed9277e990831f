import type { PrinterColumn, Resource, Strategy } from "../../src/apiserver/mod.ts"
import { builtinSchemas, type Gvr, type KubeObject, resetFields, type SchemaSet } from "../../src/kube/mod.ts"

const plain: Strategy = {
  complete: (object) => object,
  prepareCreate: (object) => object,
  prepareUpdate: (object) => object,
  validate: () => [],
  warnings: () => [],
}

/** A kind whose status has an endpoint of its own, and whose generation grows with its spec. */
const withStatus: Strategy = {
  ...plain,
  prepareCreate: ({ status: _, ...object }) => ({ ...object, metadata: { ...object.metadata, generation: 1 } }),
  prepareUpdate: (object, old, { subresource }) => {
    const { status: _, ...rest } = object
    if (subresource === "status") return { ...old, metadata: object.metadata, ...statusOf(object) }
    const isSame = JSON.stringify(rest["spec"]) === JSON.stringify(old["spec"])
    const generation = (old.metadata.generation ?? 0) + (isSame ? 0 : 1)
    return { ...rest, metadata: { ...object.metadata, generation }, ...statusOf(old) }
  },
}

function statusOf(object: KubeObject): { readonly status?: unknown } {
  return object["status"] === undefined ? {} : { status: object["status"] }
}

const columns: readonly PrinterColumn[] = [
  { name: "Name", type: "string", format: "name", description: "", priority: 0, cell: (o) => o.metadata.name ?? "" },
]

const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"] as const

/** A resource for tests: the real schema when there is one, no rules beyond `options`. */
function testResource(gvr: Gvr, kind: string, options: Partial<Resource> & { readonly hasStatus?: boolean } = {}) {
  const { hasStatus = false, ...given } = options
  const set: SchemaSet = builtinSchemas()
  const isCustom = given.isCustom ?? false
  const status = { name: "status", verbs: ["get", "patch", "update"] as const }
  const resource: Resource = {
    gvr,
    kind,
    listKind: `${kind}List`,
    singular: kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced: true,
    verbs,
    subresources: hasStatus ? [status] : [],
    prefix: gvr.group === "" ? gvr.resource : `${gvr.group}/${gvr.resource}`,
    storageVersion: gvr.version,
    schema: set.root({ group: gvr.group, version: gvr.version, kind }),
    set,
    isCustom,
    columns,
    selectable: {},
    reset: (subresource) =>
      resetFields({ subresource: subresource === "" ? undefined : subresource, isCustom, hasStatus }),
    strategy: hasStatus ? withStatus : plain,
    ...given,
  }
  return resource
}

/** ConfigMaps. */
export const configMaps = testResource({ group: "", version: "v1", resource: "configmaps" }, "ConfigMap")

/** Namespaces. */
export const namespaces = testResource({ group: "", version: "v1", resource: "namespaces" }, "Namespace", {
  namespaced: false,
})

/** Deployments, with a status. */
export const deployments = testResource({ group: "apps", version: "v1", resource: "deployments" }, "Deployment", {
  hasStatus: true,
})

/** Pods, with a selectable phase. */
export const pods = testResource({ group: "", version: "v1", resource: "pods" }, "Pod", {
  selectable: {
    "status.phase": (pod) => String((pod["status"] as { phase?: unknown } | undefined)?.phase ?? ""), // a Pod's status is a map
  },
})
