import { isRecord, type ResourceInfo } from "../../kube/mod.ts"

/** The Accept header that asks for one document with everything. */
export const aggregatedAccept = [
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
  "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
  "application/json",
].join(",")

/** What one group version serves; `resources` is undefined where the server could not tell. */
export interface GroupVersions {
  readonly group: string
  readonly version: string
  readonly resources: readonly ResourceInfo[] | undefined
}

/** Reads an `APIGroupDiscoveryList`; undefined when `document` is none: an older server. */
export function groupsOf(document: unknown): readonly GroupVersions[] | undefined {
  if (!isRecord(document) || document["kind"] !== "APIGroupDiscoveryList") return undefined
  return records(document["items"]).flatMap((item) => {
    const group = isRecord(item["metadata"]) ? text(item["metadata"]["name"]) : ""
    return records(item["versions"]).map((entry): GroupVersions => {
      const gv = { group, version: text(entry["version"]) }
      const resources = records(entry["resources"]).flatMap((r) => aggregatedResource(r, gv))
      const unknown = entry["freshness"] === "Stale" && resources.length === 0
      return { ...gv, resources: unknown ? undefined : resources }
    })
  })
}

/** The group versions in an old `APIVersions` or `APIGroupList`, the preferred version of a group first. */
export function groupVersionsOf(document: unknown): readonly { readonly group: string; readonly version: string }[] {
  if (!isRecord(document)) return []
  if (Array.isArray(document["versions"])) {
    return document["versions"].map((version: unknown) => ({ group: "", version: text(version) }))
  }
  return records(document["groups"]).flatMap((group) => {
    const preferred = isRecord(group["preferredVersion"]) ? text(group["preferredVersion"]["version"]) : ""
    const versions = records(group["versions"]).map((v) => text(v["version"]))
    const ordered = [...versions.filter((v) => v === preferred), ...versions.filter((v) => v !== preferred)]
    return ordered.map((version) => ({ group: text(group["name"]), version }))
  })
}

/** Reads an old `APIResourceList`. Subresources are entries named `deployments/status` there. */
export function resourcesOf(
  document: unknown,
  gv: { readonly group: string; readonly version: string },
): readonly ResourceInfo[] {
  const entries = isRecord(document) ? records(document["resources"]) : []
  return entries
    .filter((entry) => !text(entry["name"]).includes("/"))
    .map((entry) => {
      const resource = text(entry["name"])
      const below = entries.map((e) => text(e["name"])).filter((name) => name.startsWith(`${resource}/`))
      return {
        gvk: { ...gv, kind: text(entry["kind"]) },
        gvr: { ...gv, resource },
        namespaced: entry["namespaced"] === true,
        singular: text(entry["singularName"]) || text(entry["kind"]).toLowerCase(),
        shortNames: texts(entry["shortNames"]),
        verbs: texts(entry["verbs"]),
        subresources: below.map((name) => name.slice(resource.length + 1)),
      }
    })
}

function aggregatedResource(
  entry: Readonly<Record<string, unknown>>,
  gv: { readonly group: string; readonly version: string },
): readonly ResourceInfo[] {
  const responseKind = entry["responseKind"]
  if (!isRecord(responseKind) || text(responseKind["kind"]) === "") return []
  const kind = text(responseKind["kind"])
  return [
    {
      gvk: { ...gv, kind },
      gvr: { ...gv, resource: text(entry["resource"]) },
      namespaced: entry["scope"] === "Namespaced",
      singular: text(entry["singularResource"]) || kind.toLowerCase(),
      shortNames: texts(entry["shortNames"]),
      verbs: texts(entry["verbs"]),
      subresources: records(entry["subresources"]).map((s) => text(s["subresource"])),
    },
  ]
}

function records(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

function text(value: unknown): string {
  return typeof value === "string" ? value : ""
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(text) : []
}
