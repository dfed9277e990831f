import { apiVersionOf } from "../kube/mod.ts"
import { servedResources } from "./builtin-data.ts"
import { type ApiDocument, hashOf } from "./document.ts"
import { healthPaths } from "./health.ts"
import { Refusal } from "./refusal.ts"
import type { Resource, Subresource } from "./resource.ts"
import { mustAcceptDocument } from "./wire/accept.ts"

/** The version of Kubernetes whose API this server serves. */
export const servedVersion = {
  major: "1",
  minor: "37",
  emulationMajor: "1",
  emulationMinor: "37",
  minCompatibilityMajor: "1",
  minCompatibilityMinor: "36",
  gitVersion: "v1.37.2",
  gitCommit: "$Format:%H$",
  gitTreeState: "",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "go1.26.8",
  compiler: "gc",
  platform: "linux/amd64",
} as const

const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

/** A version of a group, with its resources in order. */
interface Version {
  readonly group: string
  readonly version: string
  readonly resources: readonly Resource[]
}

/** What discovery answers at `path`; undefined when no discovery document is there. */
export function discoveryDocument(
  path: string,
  accept: string,
  { resources, host }: { readonly resources: readonly Resource[]; readonly host: string },
): ApiDocument | undefined {
  if (path === "/version" || path === "/version/") {
    mustAcceptVersion(accept)
    return indented(servedVersion)
  }
  const versions = versionsOf(resources)
  if (path === "/") return indented({ paths: indexOf(versions) })
  if (/^\/apis?\/?$/.test(path)) {
    const isCore = path.startsWith("/api/") || path === "/api"
    const ours = versions.filter(({ group }) => (group === "") === isCore)
    if (wantsAggregated(accept)) return aggregated(ours)
    mustAcceptDocument(accept)
    return json(isCore ? coreVersions(host) : groupList(ours))
  }
  const [root, ...rest] = path.slice(1).replace(/\/$/, "").split("/")
  const [group = "", version] = root === "api" ? ["", ...rest] : root === "apis" ? rest : []
  const isResourceList = rest.length === (root === "api" ? 1 : 2)
  if (isResourceList) {
    const found = versions.find((at) => at.group === group && at.version === version)
    if (found !== undefined) mustAcceptDocument(accept)
    return found && json(resourceList(found))
  }
  const ofGroup = versions.filter((at) => at.group === group)
  if (root !== "apis" || rest.length !== 1 || ofGroup.length === 0) return undefined
  mustAcceptDocument(accept)
  return json({ kind: "APIGroup", apiVersion: "v1", ...groupOf(group, ofGroup) })
}

/** What is served beside groups and health. */
const otherPaths = [
  ...["/.well-known/openid-configuration", "/api", "/api/v1", "/apis", "/apis/", "/flagz", "/metrics", "/metrics/slis"],
  ...["/openapi/v2", "/openapi/v3", "/openapi/v3/", "/openid/v1/jwks", "/statusz", "/version"],
]

/** All addresses in order. */
function indexOf(versions: readonly Version[]): readonly string[] {
  const groups = versions.filter(({ group }) => group !== "")
  const own = groups.flatMap((at) => [`/apis/${at.group}`, `/apis/${apiVersionOf(at)}`])
  return [...new Set([...otherPaths, ...healthPaths(), ...own])].sort()
}

function mustAcceptVersion(accept: string): void {
  if (accept === "" || /application\/json|\*\/\*|application\/\*/.test(accept)) return
  const message = "406: Not Acceptable\n\nAvailable representations: application/json"
  throw new Refusal(406, "NotAcceptable", message, {})
}

/** A document for people. */
function indented(value: unknown): ApiDocument {
  return { type: "application/json", body: JSON.stringify(value, undefined, 2), cache: "no-cache, private" }
}

function json(value: unknown): ApiDocument {
  return { type: "application/json", body: `${JSON.stringify(value)}\n`, cache: "no-cache, private" }
}

function wantsAggregated(accept: string): boolean {
  return accept.split(",").some((one) => one.replaceAll(" ", "").startsWith(aggregatedType))
}

/** The versions of all groups: built-in ones in their order, those of CRDs by group and by priority of the version. */
function versionsOf(resources: readonly Resource[]): readonly Version[] {
  const byVersion = Map.groupBy(resources, ({ gvr }) => apiVersionOf(gvr))
  const versions = [...byVersion.values()].flatMap((own): Version[] => {
    const [first] = own
    if (first === undefined) return []
    const sorted = first.isCustom ? own.toSorted((a, b) => (a.gvr.resource < b.gvr.resource ? -1 : 1)) : own
    return [{ group: first.gvr.group, version: first.gvr.version, resources: sorted }]
  })
  const isCustom = ({ resources }: Version) => resources[0]?.isCustom === true
  const custom = versions
    .filter(isCustom)
    .sort((a, b) => (a.group === b.group ? compareVersions(a.version, b.version) : a.group < b.group ? -1 : 1))
  return [...versions.filter((version) => !isCustom(version)), ...custom]
}

/** Stable versions first, then beta, then alpha, each with the highest first; other names last, in order. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [versionRank(a), versionRank(b)]
  if (left === undefined || right === undefined) {
    if (left !== right) return left === undefined ? 1 : -1
    return a < b ? -1 : a > b ? 1 : 0
  }
  for (const [index, value] of left.entries()) {
    const difference = (right[index] ?? 0) - value
    if (difference !== 0) return difference
  }
  return 0
}

function versionRank(name: string): readonly number[] | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(name)
  if (match === null) return undefined
  const stability = match[2] === undefined ? 2 : match[2] === "beta" ? 1 : 0
  return [stability, Number(match[1]), Number(match[3] ?? 0)]
}

function coreVersions(host: string): unknown {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: host }],
  }
}

function groupList(versions: readonly Version[]): unknown {
  const byGroup = Map.groupBy(versions, ({ group }) => group)
  const groups = [...byGroup].map(([group, own]) => groupOf(group, own))
  return { kind: "APIGroupList", apiVersion: "v1", groups }
}

function groupOf(name: string, versions: readonly Version[]): Readonly<Record<string, unknown>> {
  const all = versions.map((at) => ({ groupVersion: apiVersionOf(at), version: at.version }))
  return { name, versions: all, preferredVersion: all[0] }
}

function resourceList(at: Version): unknown {
  return {
    kind: "APIResourceList",
    // The oldest list has no apiVersion.
    ...(at.group === "" ? {} : { apiVersion: "v1" }),
    groupVersion: apiVersionOf(at),
    resources: at.resources.flatMap((resource) => [
      listedResource(resource),
      ...resource.subresources.map((subresource) => listedSubresource(resource, subresource)),
    ]),
  }
}

function listedResource(resource: Resource): unknown {
  const { gvr, kind, singular, namespaced, verbs, shortNames, categories } = resource
  const hash = storageHash(resource)
  return {
    name: gvr.resource,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(hash === undefined ? {} : { storageVersionHash: hash }),
  }
}

function listedSubresource(resource: Resource, { name, gvk, verbs }: Subresource): unknown {
  const { group, version, kind } = gvk ?? { group: "", version: "", kind: resource.kind }
  return {
    name: `${resource.gvr.resource}/${name}`,
    singularName: "",
    namespaced: resource.namespaced,
    ...(group === "" ? {} : { group }),
    ...(version === "" ? {} : { version }),
    kind,
    verbs,
  }
}

function storageHash({ isCustom, gvr, kind, storageVersion }: Resource): string | undefined {
  if (!isCustom) return servedResources().served[apiVersionOf(gvr)]?.find((row) => row.resource === gvr.resource)?.hash
  const hasher = new Bun.CryptoHasher("sha256").update(`${gvr.group}/${storageVersion}/${kind}`)
  return hasher.digest().subarray(0, 8).toString("base64")
}

function aggregated(versions: readonly Version[]): ApiDocument {
  const byGroup = Map.groupBy(versions, ({ group }) => group)
  const items = [...byGroup].map(([name, own]) => ({
    metadata: name === "" ? {} : { name },
    versions: own.map(({ version, resources }) => ({
      version,
      resources: resources.map(aggregatedResource),
      freshness: "Current",
    })),
  }))
  const list = { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items }
  const body = `${JSON.stringify(list)}\n`
  return { type: aggregatedType, body, cache: "public", vary: "Accept", tag: hashOf(body) }
}

function aggregatedResource(resource: Resource): unknown {
  const { gvr, kind, singular, namespaced, verbs, shortNames, categories, subresources } = resource
  const at = resource.isCustom ? { group: gvr.group, version: gvr.version } : { group: "", version: "" }
  const own = { ...at, kind }
  return {
    resource: gvr.resource,
    responseKind: own,
    scope: namespaced ? "Namespaced" : "Cluster",
    singularResource: singular,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0
      ? {
          subresources: subresources.map(({ name, gvk, verbs: can }) => ({
            subresource: name,
            responseKind: gvk ?? own,
            verbs: can,
          })),
        }
      : {}),
  }
}
