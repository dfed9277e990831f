import type { EntryKind, EntrySpec } from "../katalog/mod.ts"
import { type Gvk, isRecord, parseApiVersion, shortenName } from "../kube/mod.ts"
import { field, type Skeleton } from "./entry.ts"
import { childPath, derived, type Written, written } from "./value.ts"
import { podTemplate, workloadLabel } from "./workload.ts"

/** What a short form needs to know about the operator around it. */
export interface ShortFormContext {
  /** The name text of the operator's only workload, where it has exactly one: the default Service selector. */
  readonly onlyWorkloadName: Written | undefined
}

/** The kind that an entry renders to, or undefined when `apiVersion` or `kind` is missing or a template. */
export function gvkOfEntry(entry: EntrySpec): Gvk | undefined {
  if (entry.kind !== "custom" && entry.kind !== "manifests") return builtinKinds[entry.kind]
  const body = entry.kind === "manifests" ? entry.fields["object"] : entry.fields
  if (!isRecord(body)) return undefined
  const { apiVersion, kind } = body
  if (typeof apiVersion !== "string" || typeof kind !== "string") return undefined
  return apiVersion.includes("{{") || kind.includes("{{") ? undefined : { ...parseApiVersion(apiVersion), kind }
}

const builtinKinds: Readonly<Record<Exclude<EntryKind, "custom" | "manifests">, Gvk>> = {
  configMaps: { group: "", version: "v1", kind: "ConfigMap" },
  secrets: { group: "", version: "v1", kind: "Secret" },
  services: { group: "", version: "v1", kind: "Service" },
  serviceAccounts: { group: "", version: "v1", kind: "ServiceAccount" },
  deployments: { group: "apps", version: "v1", kind: "Deployment" },
}

const defaultNameSuffix: Readonly<Record<EntryKind, string>> = {
  configMaps: "-config",
  secrets: "-secret",
  services: "-svc",
  serviceAccounts: "-sa",
  deployments: "-deployment",
  manifests: "",
  custom: "",
}

/** The complete object that an entry stands for, templates still in its leaves. */
export function skeletonOf(entry: EntrySpec, context: ShortFormContext): Skeleton {
  const bodies: Readonly<Record<EntryKind, () => Skeleton>> = {
    configMaps: () => ({ data: field(entry, "data") }),
    secrets: () => secretBody(entry),
    services: () => ({ spec: serviceSpec(entry, context) }),
    serviceAccounts: () => ({}),
    deployments: () => ({ spec: deploymentSpec(entry) }),
    manifests: () => ({}),
    custom: () => ({ spec: field(entry, "spec") }),
  }
  const body = entry.kind === "manifests" ? completeObject(entry) : { ...headOf(entry), ...bodies[entry.kind]() }
  return withOverrides(body, entry.overrides, `${entry.at}.overrides`)
}

/** The name of an entry's object: as written, or the published default. */
export function nameOf(entry: EntrySpec): Written {
  return field(entry, "name") ?? written(`{{ .metadata.name }}${defaultNameSuffix[entry.kind]}`, entry.at)
}

function headOf(entry: EntrySpec): Skeleton {
  if (entry.kind === "custom") {
    const metadata = isRecord(entry.fields["metadata"]) ? entry.fields["metadata"] : {}
    return {
      apiVersion: field(entry, "apiVersion"),
      kind: field(entry, "kind"),
      metadata: mergeLabels(placed(metadata, `${entry.at}.metadata`), entry),
    }
  }
  const gvk = gvkOfEntry(entry)
  return {
    apiVersion: gvk?.group ? `${gvk.group}/${gvk.version}` : gvk?.version,
    kind: gvk?.kind,
    metadata: mergeLabels(
      { name: nameOf(entry), namespace: field(entry, "namespace"), annotations: field(entry, "annotations") },
      entry,
    ),
  }
}

function completeObject(entry: EntrySpec): Skeleton {
  const object = isRecord(entry.fields["object"]) ? entry.fields["object"] : {}
  const at = `${entry.at}.object`
  const metadata = isRecord(object["metadata"]) ? object["metadata"] : {}
  return { ...placed(object, at), metadata: mergeLabels(placed(metadata, `${at}.metadata`), entry) }
}

function placed(record: Readonly<Record<string, unknown>>, at: string): Skeleton {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, written(value, childPath(at, key))]))
}

function mergeLabels(metadata: Skeleton, entry: EntrySpec): Skeleton {
  const own = placed(entry.labels, `${entry.at}.labels`)
  if (Object.keys(own).length === 0) return metadata
  const base = metadata["labels"]
  return {
    ...metadata,
    labels: derived([base ?? {}, own], (input) => {
      const [first, second] = Array.isArray(input) ? input : []
      return { ...(isRecord(first) ? first : {}), ...(isRecord(second) ? second : {}) }
    }),
  }
}

function secretBody(entry: EntrySpec): Skeleton {
  return {
    type: field(entry, "type") ?? "Opaque",
    data: derived([field(entry, "data") ?? {}, field(entry, "base64Data") ?? {}], (input) => {
      const [plain, encoded] = Array.isArray(input) ? input : []
      const data: Record<string, unknown> = {}
      for (const [key, value] of Object.entries(isRecord(plain) ? plain : {})) data[key] = base64(asText(value))
      Object.assign(data, isRecord(encoded) ? encoded : {})
      return data
    }),
  }
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64")
}

function asText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value ?? "")
}

function serviceSpec(entry: EntrySpec, context: ShortFormContext): Skeleton {
  const selector = field(entry, "selector") ?? defaultSelector(context)
  const port = field(entry, "port")
  return {
    type: field(entry, "type") ?? "ClusterIP",
    clusterIP: derived([field(entry, "headless") ?? false], (input) => (isTrue(first(input)) ? "None" : undefined)),
    selector,
    ports: port && [
      { port, targetPort: field(entry, "targetPort") ?? port, protocol: field(entry, "protocol") ?? "TCP" },
    ],
  }
}

function defaultSelector(context: ShortFormContext): unknown {
  const name = context.onlyWorkloadName
  return name && { [workloadLabel]: workloadValue(name) }
}

function workloadValue(name: Written): unknown {
  return derived([name], (input) => shortenName(asText(first(input)), 63))
}

function deploymentSpec(entry: EntrySpec): Skeleton {
  const selectorLabels = { [workloadLabel]: workloadValue(nameOf(entry)) }
  const rollingUpdate = field(entry, "rollingUpdate")
  return {
    replicas: field(entry, "replicas") ?? 1,
    selector: { matchLabels: selectorLabels },
    strategy: rollingUpdate && { type: "RollingUpdate", rollingUpdate },
    template: podTemplate(entry, nameOf(entry), selectorLabels),
  }
}

function first(input: unknown): unknown {
  return Array.isArray(input) ? input[0] : undefined
}

function isTrue(value: unknown): boolean {
  return value === true || value === "true"
}

function withOverrides(body: Skeleton, overrides: Readonly<Record<string, unknown>>, at: string): Skeleton {
  if (Object.keys(overrides).length === 0) return body
  return derivedRoot(body, written(overrides, at))
}

// Overrides are merged into the rendered object: maps key by key, lists of named items by name, the rest replaced.
function derivedRoot(body: Skeleton, overrides: Written): Skeleton {
  return derived([body, overrides], (input) => {
    const [base, top] = Array.isArray(input) ? input : []
    return mergeOver(base, top)
  }) as unknown as Skeleton // a derived node stands where a map is expected; compileValue accepts both
}

/** `top` over `base`: maps merge key by key, lists whose items have names merge by name, everything else is replaced. */
export function mergeOver(base: unknown, top: unknown): unknown {
  if (isRecord(base) && isRecord(top)) {
    const merged: Record<string, unknown> = { ...base }
    for (const [key, value] of Object.entries(top)) merged[key] = key in base ? mergeOver(base[key], value) : value
    return merged
  }
  if (!Array.isArray(base) || !Array.isArray(top) || top.length === 0) return top
  if (!top.every((item) => isRecord(item) && "name" in item)) return top
  const names = new Set(base.map((item) => (isRecord(item) ? item["name"] : undefined)))
  const changed = base.map((item) => {
    const over = isRecord(item) ? top.find((candidate) => candidate["name"] === item["name"]) : undefined
    return over === undefined ? item : mergeOver(item, over)
  })
  return [...changed, ...top.filter((item) => !names.has(item["name"]))]
}
