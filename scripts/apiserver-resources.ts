/** Reads from a real API server what it serves: names, verbs, subresources, and the columns of its tables. */
import type { ControlPlane } from "../tests/cluster/control-plane.ts"
import { definitionOf, isObject, readDefinitions, type Schema, slim } from "./openapi.ts"

const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

interface Gvk {
  readonly group: string
  readonly version: string
  readonly kind: string
}

interface Subresource {
  readonly subresource: string
  readonly responseKind?: Gvk
  readonly verbs: readonly string[]
}

interface Served {
  readonly resource: string
  readonly responseKind: Gvk
  readonly scope: "Cluster" | "Namespaced"
  readonly singularResource: string
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly subresources?: readonly Subresource[]
}

interface Group {
  readonly metadata: { readonly name?: string }
  readonly versions: readonly { readonly version: string; readonly resources: readonly Served[] }[]
}

interface Column {
  readonly name: string
  readonly type: string
  readonly format: string
  readonly description: string
  readonly priority: number
}

/** The text of resources.json, and which kinds need schemas. */
export interface ServedResources {
  readonly text: string
  readonly kindsByVersion: ReadonlyMap<string, readonly string[]>
  /** Where objects of a kind are created, in the namespace `default`. */
  readonly paths: ReadonlyMap<string, string>
}

/** Everything that the server's aggregated discovery lists, with the columns of the resources that can be listed. */
export async function readResources(plane: ControlPlane): Promise<ServedResources> {
  const groups = [...(await readGroups(plane, "/api")), ...(await readGroups(plane, "/apis"))]
  const texts: string[] = []
  const blocks: string[] = []
  const kindsByVersion = new Map<string, readonly string[]>()
  const paths = new Map<string, string>()
  for (const group of groups) {
    for (const { version, resources } of group.versions) {
      const name = group.metadata.name ?? ""
      const apiVersion = name === "" ? version : `${name}/${version}`
      const rows: string[] = []
      const definitions = await readDefinitions(plane, apiVersion)
      const hashes = await readHashes(plane, apiVersion)
      for (const resource of resources) {
        const fields = resource.verbs.includes("list")
          ? await readFields(plane, { apiVersion, resource, definitions })
          : []
        paths.set(`${apiVersion}/${resource.responseKind.kind}`, createPath(apiVersion, resource))
        const hash = hashes.get(resource.resource)
        const served = { ...(await row(plane, { apiVersion, resource, texts })), ...(hash ? { hash } : {}) }
        rows.push(`      ${JSON.stringify(fields.length > 0 ? { ...served, fields } : served)}`)
      }
      const own = resources.flatMap((resource) => [resource.responseKind, ...subresourceKinds(resource)])
      const fits = own.filter((gvk) => gvk.version === "" || (gvk.group === name && gvk.version === version))
      kindsByVersion.set(apiVersion, [...new Set(fits.map((gvk) => gvk.kind))])
      blocks.push(`    ${JSON.stringify(apiVersion)}: [\n${rows.join(",\n")}\n    ]`)
    }
  }
  kindsByVersion.set("autoscaling/v1", [...(kindsByVersion.get("autoscaling/v1") ?? []), "Scale"])
  const tables = texts.map((text) => `    ${JSON.stringify(text)}`)
  return {
    text: `{\n  "served": {\n${blocks.join(",\n")}\n  },\n  "texts": [\n${tables.join(",\n")}\n  ]\n}\n`,
    kindsByVersion,
    paths,
  }
}

function subresourceKinds({ subresources }: Served): readonly Gvk[] {
  return (subresources ?? []).flatMap(({ responseKind }) => (responseKind === undefined ? [] : [responseKind]))
}

async function readGroups(plane: ControlPlane, path: string): Promise<readonly Group[]> {
  const answer = await plane.request(path, undefined, { headers: { accept: aggregated } })
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  return ((await answer.json()) as { items: readonly Group[] }).items // an APIGroupDiscoveryList
}

async function row(
  plane: ControlPlane,
  { apiVersion, resource, texts }: { apiVersion: string; resource: Served; texts: string[] },
): Promise<object> {
  const { subresources = [], shortNames, categories, responseKind } = resource
  const columns = resource.verbs.includes("list") ? await readColumns(plane, pathOf(apiVersion, resource)) : []
  const textAt = (text: string) => {
    if (!texts.includes(text)) texts.push(text)
    return texts.indexOf(text)
  }
  return {
    resource: resource.resource,
    kind: responseKind.kind,
    singular: resource.singularResource,
    ...(resource.scope === "Cluster" ? { cluster: true } : {}),
    verbs: resource.verbs,
    ...(shortNames ? { shortNames } : {}),
    ...(categories ? { categories } : {}),
    ...(subresources.length > 0
      ? {
          subresources: subresources.map(({ subresource, responseKind: answers, verbs }) => ({
            name: subresource,
            ...(answers?.version || (answers && answers.kind !== responseKind.kind) ? { gvk: answers } : {}),
            verbs,
          })),
        }
      : {}),
    columns: columns.map(({ name, type, format, priority, description }) => [
      name,
      type,
      format,
      priority,
      textAt(description),
    ]),
  }
}

async function readColumns(plane: ControlPlane, path: string): Promise<readonly Column[]> {
  const answer = await plane.request(path, undefined, {
    headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
  })
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  return ((await answer.json()) as { columnDefinitions?: readonly Column[] }).columnDefinitions ?? [] // a Table
}

function pathOf(apiVersion: string, { resource }: Served): string {
  return `${apiVersion.includes("/") ? "/apis" : "/api"}/${apiVersion}/${resource}`
}

function createPath(apiVersion: string, { scope, resource }: Served): string {
  const base = `${apiVersion.includes("/") ? "/apis" : "/api"}/${apiVersion}`
  return scope === "Cluster" ? `${base}/${resource}` : `${base}/namespaces/default/${resource}`
}

/** Field labels that are no field of the object. */
const invented = ["name", "source", "status.podIP", "status.successful"]

/** Which fields a field selector may name: those of the schema that the server does not refuse. */
async function readFields(
  plane: ControlPlane,
  at: { apiVersion: string; resource: Served; definitions: Schema },
): Promise<readonly string[]> {
  const root = definitionOf(at.definitions, at.apiVersion, at.resource.responseKind.kind) ?? ""
  const found: string[] = []
  for (const field of new Set([...fieldsOf({ $ref: root }, at.definitions, []), ...invented])) {
    const query = new URLSearchParams({ fieldSelector: `${field}=1`, limit: "1" })
    const answer = await plane.request(`${pathOf(at.apiVersion, at.resource)}?${query}`)
    await answer.arrayBuffer()
    if (answer.ok) found.push(field)
  }
  return found
}

function fieldsOf(schema: Schema, definitions: Schema, above: readonly string[]): readonly string[] {
  const { $ref } = slim(schema, { keepsBeside: false })
  const definition = typeof $ref === "string" ? definitions[$ref] : schema
  const properties = isObject(definition) ? definition["properties"] : undefined
  if (!isObject(properties) || above.length > 2) return []
  return Object.entries(properties).flatMap(([key, value]) => {
    if (above.length === 0 && ["apiVersion", "kind", "metadata"].includes(key)) return []
    const path = [...above, key]
    return [path.join("."), ...(isObject(value) ? fieldsOf(value, definitions, path) : [])]
  })
}

/** The hash of each resource's storage version, which only the older form of discovery has. */
async function readHashes(plane: ControlPlane, apiVersion: string): Promise<ReadonlyMap<string, string>> {
  const answer = await plane.request(`${apiVersion.includes("/") ? "/apis" : "/api"}/${apiVersion}`)
  const list = (await answer.json()) as { resources: readonly { name: string; storageVersionHash?: string }[] } // an APIResourceList
  return new Map(list.resources.map(({ name, storageVersionHash }) => [name, storageVersionHash ?? ""]))
}
