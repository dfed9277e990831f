import type { EnrichTarget } from "../katalog/mod.ts"
import { builtinKinds, builtinSchemas, formatGroupKind, type Gvk, isRecord, type KubeObject } from "../kube/mod.ts"
import { enrichedKinds } from "./enrich.ts"
import { callsOf } from "./external.ts"
import type { OperatorPlan, Plan, ResourcePlan } from "./plan.ts"

/** One thing that must be allowed, and what for. */
export interface AccessRule {
  readonly group: string
  /** Plural; with a subresource after a slash. */
  readonly resource: string
  readonly verbs: readonly string[]
  /** Only in this namespace; undefined: in all, or the resource has none. */
  readonly namespace: string | undefined
  readonly reason: string
  /** False: without it everything works but what the reason names. */
  readonly required: boolean
}

/** The plural of a kind; undefined where it is not known. */
export type PluralOf = (gvk: Gvk) => string | undefined

/** Where the process that runs a plan lives. */
export interface ProcessPlace {
  readonly namespace: string
  readonly leaseName: string
}

/** Plurals as far as plans know them: built-in kinds, CRDs that they ship, plurals that their Katalog names. */
export function pluralsOf(operators: readonly OperatorPlan[]): PluralOf {
  const known = new Map(builtinKinds.map(({ gvk, gvr }) => [formatGroupKind(gvk), gvr.resource]))
  for (const { gvk, plural, crd } of operators) {
    const name = plural ?? shippedPlural(crd)
    if (name !== undefined) known.set(formatGroupKind(gvk), name)
  }
  return (gvk) => known.get(formatGroupKind(gvk))
}

function shippedPlural(crd: KubeObject | undefined): string | undefined {
  const spec = crd?.["spec"]
  const names = isRecord(spec) ? spec["names"] : undefined
  const plural = isRecord(names) ? names["plural"] : undefined
  return typeof plural === "string" ? plural : undefined
}

/** A kind whose plural nobody knows yet is shown in the usual form: lower case, with an s. */
function resourceOf(gvk: Gvk, pluralOf: PluralOf): { readonly group: string; readonly resource: string } {
  return { group: gvk.group, resource: pluralOf(gvk) ?? `${gvk.kind.toLowerCase()}s` }
}

const reading = ["list", "watch"] as const
const making = ["get", "list", "watch", "create", "patch", "delete"] as const
const anywhere = { namespace: undefined, required: true } as const

/** What one operator must be allowed: its custom resources, its children, and what it reads beside them. */
export function accessOf(plan: OperatorPlan, pluralOf: PluralOf): readonly AccessRule[] {
  return merged([
    ...ownRules(plan, pluralOf),
    ...childRules(plan, pluralOf),
    ...grantRules(plan.resources),
    ...sourceRules(plan, pluralOf),
    ...enrichRules(plan, pluralOf),
    ...watchRules(plan, pluralOf),
    ...guardRules(plan),
    ...crossRules(plan, pluralOf),
    ...eventRules(plan),
    ...callRules(plan),
  ])
}

function ownRules(plan: OperatorPlan, pluralOf: PluralOf): readonly AccessRule[] {
  const { kind } = plan.gvk
  const own = resourceOf(plan.gvk, pluralOf)
  const of = (part: string) => ({ ...anywhere, ...own, resource: `${own.resource}${part}` })
  const rules: AccessRule[] = [{ ...of(""), verbs: reading, reason: `follow every ${kind}` }]
  const hasChildren = plan.resources.length + plan.onDelete.length > 0
  const { labels, finalizers, removesFinalizers } = plan.marks
  if (plan.prepare.persist) rules.push({ ...of(""), verbs: ["patch"], reason: "write what mutation sets" })
  if (labels) rules.push({ ...of(""), verbs: ["patch"], reason: "write its labels" })
  if (hasChildren || plan.finalizer === "always" || finalizers.length > 0 || removesFinalizers) {
    rules.push({ ...of(""), verbs: ["patch"], reason: "set and remove the finalizer" })
  }
  if (plan.resources.some(({ lifecycle }) => lifecycle === "once")) {
    rules.push({ ...of(""), verbs: ["patch"], reason: "note what was made once" })
  }
  // Only asked for where the admission plugin OwnerReferencesPermissionEnforcement runs.
  if (hasChildren) {
    rules.push({ ...of("/finalizers"), verbs: ["update"], reason: "own children that block its deletion" })
  }
  if (plan.status.conditions || plan.status.fields.length > 0) {
    rules.push({ ...of("/status"), verbs: ["patch"], reason: "write its status" })
  }
  return rules
}

function childRules({ resources, deletion }: OperatorPlan, pluralOf: PluralOf): readonly AccessRule[] {
  const of = (entries: readonly ResourcePlan[], verbs: readonly string[], what: string) =>
    byKind(entries).map(({ gvk, ids }) => {
      return { ...anywhere, ...resourceOf(gvk, pluralOf), verbs, reason: `${what} the objects of ${ids}` }
    })
  const statuses = byKind(resources.filter(({ childStatus }) => childStatus)).map(({ gvk, ids }) => {
    const { group, resource } = resourceOf(gvk, pluralOf)
    const reason = `write the status of the objects of ${ids}`
    return { ...anywhere, group, resource: `${resource}/status`, verbs: ["patch"], reason }
  })
  const groups = deletion?.groups ?? []
  return [
    ...of(resources, making, "keep"),
    ...statuses,
    ...of(
      groups.flatMap(({ remove }) => remove),
      [...reading, "delete"],
      "remove",
    ),
    ...of(
      groups.flatMap(({ run }) => run),
      making,
      "run",
    ),
  ]
}

function byKind(entries: readonly ResourcePlan[]): readonly { readonly gvk: Gvk; readonly ids: string }[] {
  const groups = Map.groupBy(entries, ({ gvk }) => formatGroupKind(gvk))
  return [...groups.values()].flatMap((list) => {
    const [first] = list
    return first ? [{ gvk: first.gvk, ids: list.map(({ id }) => id).join(", ") }] : []
  })
}

const rbac = "rbac.authorization.k8s.io"
const roleResources: ReadonlyMap<string, string> = new Map([
  ["Role", "roles"],
  ["ClusterRole", "clusterroles"],
])

// The server lets nobody give away more than they have, unless they may do just that.
function grantRules(resources: readonly ResourcePlan[]): readonly AccessRule[] {
  const entries = resources.filter(({ gvk }) => gvk.group === rbac)
  const grants = entries.flatMap((entry) => {
    const own = roleResources.get(entry.gvk.kind)
    if (own !== undefined) return [{ resource: own, verb: "escalate", id: entry.id }]
    return boundKinds(entry.object.source).map((resource) => ({ resource, verb: "bind", id: entry.id }))
  })
  return [...Map.groupBy(grants, ({ resource, verb }) => `${verb} ${resource}`).values()].flatMap((list) => {
    const [first] = list
    if (!first) return []
    const what = first.verb === "bind" ? "bind roles to others" : "grant what it may not do itself"
    const reason = `${what}, for ${list.map(({ id }) => id).join(", ")}`
    return [{ ...anywhere, group: rbac, resource: first.resource, verbs: [first.verb], reason }]
  })
}

function boundKinds(binding: unknown): readonly string[] {
  const ref = isRecord(binding) ? binding["roleRef"] : undefined
  const named = roleResources.get(String(isRecord(ref) ? ref["kind"] : undefined))
  return named === undefined ? [...roleResources.values()] : [named]
}

function sourceRules({ resources, onDelete }: OperatorPlan, pluralOf: PluralOf): readonly AccessRule[] {
  return [...resources, ...onDelete].flatMap(({ id, source }): readonly AccessRule[] => {
    if (!source) return []
    const namespace = source.namespace?.isStatic ? String(source.namespace.source) : undefined
    const reason = `follow what ${id} copies`
    return [{ ...anywhere, ...resourceOf(source.gvk, pluralOf), verbs: reading, namespace, reason }]
  })
}

const podOwners = ["Deployment.apps", "StatefulSet.apps", "ReplicaSet.apps", "DaemonSet.apps", "Job.batch"]

/** What is read for a target, and the kinds of children for which it is; without kinds, for all. */
const readFor: Readonly<Record<EnrichTarget, readonly { readonly kind: string; readonly of?: readonly string[] }[]>> = {
  pods: [{ kind: "Pod" }, { kind: "ReplicaSet", of: ["Deployment.apps"] }],
  events: [
    { kind: "Event" },
    { kind: "Pod", of: [...podOwners, "CronJob.batch"] },
    { kind: "ReplicaSet", of: ["Deployment.apps"] },
    { kind: "Job", of: ["CronJob.batch"] },
  ],
  replicasets: [{ kind: "ReplicaSet" }],
  pvcs: [{ kind: "PersistentVolumeClaim" }],
  pvc: [{ kind: "PersistentVolumeClaim" }],
  pv: [{ kind: "PersistentVolume" }],
  storageclass: [{ kind: "StorageClass" }],
  backingpods: [{ kind: "Pod" }],
  endpoints: [{ kind: "EndpointSlice" }],
  node: [{ kind: "Node" }],
  cronjob: [{ kind: "Job" }],
  owner: [],
  hpa: [],
  ingress: [],
}

function enrichRules({ enrich, resources }: OperatorPlan, pluralOf: PluralOf): readonly AccessRule[] {
  const made = new Set(resources.map(({ gvk }) => formatGroupKind(gvk)))
  const isMade = (kinds: Iterable<string>) => [...kinds].some((kind) => made.has(kind))
  return enrich.flatMap(({ target }) => {
    const kinds = enrichedKinds[target]
    if (kinds && !isMade(kinds)) return []
    return readFor[target].flatMap(({ kind, of }): readonly AccessRule[] => {
      const found = builtinKinds.find(({ gvk }) => gvk.kind === kind)
      if (!found || (of && !isMade(of))) return []
      const reason = `enrich children with ${target}`
      return [{ ...anywhere, ...resourceOf(found.gvk, pluralOf), verbs: reading, reason }]
    })
  })
}

function watchRules({ watches }: OperatorPlan, pluralOf: PluralOf): readonly AccessRule[] {
  return watches.map(({ gvk, namespace }) => {
    return { ...anywhere, ...resourceOf(gvk, pluralOf), verbs: reading, namespace, reason: `watch every ${gvk.kind}` }
  })
}

function crossRules({ cross }: OperatorPlan, pluralOf: PluralOf): readonly AccessRule[] {
  return cross.map(({ gvk, as }) => {
    return { ...anywhere, ...resourceOf(gvk, pluralOf), verbs: reading, reason: `read .cross.${as}` }
  })
}

const guardResources = ["validatingadmissionpolicies", "validatingadmissionpolicybindings"]

function guardRules({ guards, name }: OperatorPlan): readonly AccessRule[] {
  if (!guards.deletion && !guards.namespaces) return []
  const at = { ...anywhere, group: "admissionregistration.k8s.io", verbs: [...reading, "create", "patch", "delete"] }
  const reason = `keep the protection of ${name}`
  return guardResources.map((resource) => ({
    ...at,
    resource,
    reason,
  }))
}

function eventRules({ observedEvents }: OperatorPlan): readonly AccessRule[] {
  const events = { group: "events.k8s.io", resource: "events", verbs: reading, required: true }
  return observedEvents.map(({ name, namespace }) => ({ ...events, namespace, reason: `observe the Events ${name}` }))
}

function callRules({ calls }: OperatorPlan): readonly AccessRule[] {
  return callsOf(calls).flatMap(({ name, secret }): readonly AccessRule[] => {
    if (!secret) return []
    const reason = `sign the external call ${name}`
    return [{ group: "", resource: "secrets", verbs: reading, namespace: secret.namespace, required: true, reason }]
  })
}

/** Kinds that no entry makes, in which no child is looked for. */
const foreignGroups = new Set(["apiextensions.k8s.io", "coordination.k8s.io"])

/** What the process that runs a plan must be allowed beside its operators' needs. */
export function processAccess(place: ProcessPlace): readonly AccessRule[] {
  const lease = { group: "coordination.k8s.io", resource: "leases", namespace: place.namespace, required: true }
  const reason = `elect a leader with the Lease ${place.leaseName}`
  const swept = builtinKinds.filter(({ gvk }) => builtinSchemas().root(gvk) && !foreignGroups.has(gvk.group))
  return [
    {
      ...anywhere,
      group: "apiextensions.k8s.io",
      resource: "customresourcedefinitions",
      verbs: reading,
      reason: "notice CRDs that come, change and go",
    },
    { ...anywhere, group: "events.k8s.io", resource: "events", verbs: ["create", "patch"], reason: "record events" },
    { ...lease, verbs: ["get", "list", "create", "update", "delete"], reason },
    ...swept.map(({ gvr: { group, resource } }) => ({
      group,
      resource,
      verbs: ["list"],
      namespace: undefined,
      reason: "find children that an earlier version of the Katalog left",
      required: false,
    })),
    ...guardResources.map((resource) => ({
      ...{ group: "admissionregistration.k8s.io", resource, verbs: ["list"], namespace: undefined },
      ...{ reason: "find protection that an earlier version of the Katalog left", required: false },
    })),
  ]
}

/** Rules for the same thing and the same reason as one; the order of first mention stays. */
function merged(rules: readonly AccessRule[]): readonly AccessRule[] {
  const byPlace = Map.groupBy(rules, ({ group, resource, namespace, required }) =>
    JSON.stringify([group, resource, namespace ?? null, required]),
  )
  return [...byPlace.values()].map((list) => ({
    ...(list[0] as AccessRule), // a group has at least one member
    verbs: [...new Set(list.flatMap(({ verbs }) => verbs))],
    reason: [...new Set(list.map(({ reason }) => reason))].join("; "),
  }))
}

/** The rules of a plan as a ClusterRole: exactly what its process and all of its operators need. */
export function clusterRoleOf(
  plan: Plan,
  place: ProcessPlace,
  options: { readonly name: string; readonly optional: boolean },
): KubeObject {
  const pluralOf = pluralsOf(plan.operators)
  const all = [...plan.operators.flatMap((operator) => accessOf(operator, pluralOf)), ...processAccess(place)]
  const kept = all.filter(({ required }) => required || options.optional)
  const everywhere = kept.map((rule) => ({ ...rule, namespace: undefined, required: true }))
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: options.name },
    rules: merged(everywhere).map(({ group, resource, verbs }) => ({
      apiGroups: [group],
      resources: [resource],
      verbs,
    })),
  }
}
