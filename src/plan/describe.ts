import { formatDuration } from "../base/mod.ts"
import { type CrdSpec, type EntrySpec, isTemplate, type KatalogSpec } from "../katalog/mod.ts"
import { formatGroupKind, formatGvk, isRecord } from "../kube/mod.ts"
import { type AccessRule, accessOf, type ProcessPlace, pluralsOf, processAccess } from "./access.ts"
import { entriesOf } from "./check-world.ts"
import { callsOf } from "./external.ts"
import type { OperatorPlan, Plan, ResourcePlan, StatusFieldPlan } from "./plan.ts"
import { type Profiles, profilesOf, settingsPlaces } from "./profiles.ts"
import { isDerived, isWritten } from "./value.ts"

/** A plan as plain data, for a person or a program: what will run, with which settings, and what it must be allowed. */
export interface PlanDescription {
  readonly katalog: string
  readonly operators: readonly OperatorDescription[]
  /** What the process needs beside its operators. */
  readonly permissions: readonly AccessRule[]
}

/** One operator of a plan. */
export interface OperatorDescription {
  readonly name: string
  readonly gvk: string
  /** What holds, whether it is written or not. */
  readonly settings: Readonly<Record<string, string>>
  readonly dependsOn: readonly { readonly name: string; readonly condition: string }[]
  readonly blocks: readonly { readonly name: string; readonly entries: readonly EntryDescription[] }[]
  readonly status: readonly { readonly path: string; readonly type: string; readonly when: string }[]
  readonly profiles: readonly ProfileDescription[]
  readonly permissions: readonly AccessRule[]
}

/** What one entry makes, and how it is kept. */
export interface EntryDescription {
  readonly id: string
  readonly kind: string
  /** As written, with its templates. */
  readonly name: string
  /** How it differs from one object that is kept, adopted where nobody has it, and removed when no longer declared. */
  readonly notes: readonly string[]
}

/** A profile that an entry names, and what it stands for; undefined where a template chooses it. */
export interface ProfileDescription {
  readonly class: string
  readonly name: string
  readonly usedBy: readonly string[]
  readonly fields: unknown
}

/** Describes a plan; `specs` are what it was built from. */
export function describePlan(plan: Plan, specs: readonly KatalogSpec[], place: ProcessPlace): PlanDescription {
  const pluralOf = pluralsOf(plan.operators)
  const operators = plan.operators.map((operator): OperatorDescription => {
    const spec = specs.find(({ name }) => name === operator.katalog)
    const crd = spec?.crds.find(({ name }) => name === operator.name)
    const { name, gvk, dependsOn } = operator
    return {
      name,
      gvk: formatGvk(gvk),
      settings: settingsOf(operator),
      dependsOn,
      blocks: blocksOf(operator),
      status: operator.status.fields.map(describeField),
      profiles: spec && crd ? profilesUsed(crd, profilesOf(spec.profiles)) : [],
      permissions: accessOf(operator, pluralOf),
    }
  })
  return { katalog: plan.katalog, operators, permissions: processAccess(place) }
}

/** What stands on every custom resource, and which pages are missing. */
function onEachCr({ marks, endpoints }: OperatorPlan): Readonly<Record<string, string>> {
  const { labels, finalizers, removesFinalizers } = marks
  const keys = Object.keys(isRecord(labels?.source) ? labels.source : {})
  const off = Object.entries(endpoints).flatMap(([page, isOn]) => (isOn ? [] : [page]))
  return {
    ...(keys.length > 0 && { labels: keys.join(", ") }),
    ...(finalizers.length > 0 && { finalizers: finalizers.join(", ") }),
    ...(removesFinalizers && { "finalizers of others": "taken off with the deletion" }),
    ...(off.length > 0 && { "pages off": off.join(", ") }),
  }
}

function settingsOf(operator: OperatorPlan): Readonly<Record<string, string>> {
  const {
    workers,
    workersSource,
    resync,
    failureThreshold,
    finalizer,
    fieldManager,
    status,
    enrich,
    autoscale,
    watches,
    cross,
    observedEvents,
    calls,
  } = operator
  return {
    workers: `${workers}${workersSource === "default" ? " (default)" : ""}`,
    resync: formatDuration(resync),
    failureThreshold: String(failureThreshold),
    finalizer,
    fieldManager,
    conditions: status.conditions ? "Ready, Reconciling, Stalled" : "none",
    ...onEachCr(operator),
    ...(autoscale && { autoscale: `${autoscale.workers} workers while ${gateText(autoscale.gate.source)}` }),
    ...(enrich.length > 0 && { enrich: enrich.map(({ target }) => target).join(", ") }),
    ...(watches.length > 0 && { "woken by": watches.map(({ gvk }) => formatGroupKind(gvk)).join(", ") }),
    ...(observedEvents.length > 0 && { "woken by Events": observedEvents.map(({ name }) => name).join(", ") }),
    ...(callsOf(calls).length > 0 && {
      calls: callsOf(calls)
        .map(({ name }) => name)
        .join(", "),
      "may reach": [...new Set(callsOf(calls).flatMap(({ hosts }) => hosts))].join(", "),
    }),
    ...(cross.length > 0 && { reads: cross.map(({ as, gvk }) => `${formatGroupKind(gvk)} as ${as}`).join(", ") }),
  }
}

// The id of an entry begins with its block, unless its author chose it.
function blocksOf(operator: OperatorPlan): OperatorDescription["blocks"] {
  const blocks = [
    { name: "made once", entries: operator.resources.filter(({ lifecycle }) => lifecycle === "once") },
    { name: "kept", entries: operator.resources.filter(({ lifecycle }) => lifecycle === "managed") },
    ...(operator.deletion?.groups ?? []).flatMap(({ name, remove, run }) => {
      const step = name && `, step ${name}`
      return [
        { name: `removed first on deletion${step}`, entries: remove },
        { name: `run on deletion${step}`, entries: run },
      ]
    }),
  ]
  return blocks
    .filter(({ entries }) => entries.length > 0)
    .map(({ name, entries }) => ({ name, entries: entries.map(describeEntry) }))
}

function describeEntry(entry: ResourcePlan): EntryDescription {
  const { id, gvk, object, forEach, gate, toNamespaces, source, generated, autoscale, childStatus, sleep } = entry
  const metadata = isRecord(object.source) ? object.source["metadata"] : undefined
  const name = isRecord(metadata) ? textOf(metadata["name"]) : ""
  const notes: readonly (string | false | undefined)[] = [
    forEach && `for each of ${forEach.path.join(".")}`,
    gate.conditional && `when ${gateText(gate.source)}`,
    toNamespaces && `in each of ${textOf(toNamespaces.source)}`,
    source && `copies ${textOf(source.name.source)}${source.namespace ? ` of ${textOf(source.namespace.source)}` : ""}`,
    generated && `generated${generated.rotateAfterMs ? `, anew after ${formatDuration(generated.rotateAfterMs)}` : ""}`,
    autoscale && "scaled by conditions",
    childStatus && "with a status",
    sleep > 0 && `made ${formatDuration(sleep)} after its custom resource`,
    entry.updatePolicy === "create" && "never changed once it is there",
    entry.updatePolicy === "replace" && "made anew when it changes",
    entry.onImmutable === "recreate" && "made anew when a fixed field changes",
    entry.adoption === "never" && "never adopts what exists",
    entry.adoption === "force" && "adopts what exists, whoever has it",
    !entry.forceConflict && "leaves fields to others who set them",
    !entry.prune && "stays when it is no longer declared",
    entry.retain && "stays when its owner is deleted",
  ]
  return { id, kind: gvk.kind, name, notes: notes.filter((note) => typeof note === "string") }
}

function describeField({ path, type, gate, clearOnFalse }: StatusFieldPlan): OperatorDescription["status"][number] {
  const when = gate.conditional ? `${gateText(gate.source)}${clearOnFalse ? ", else cleared" : ""}` : ""
  return { path: path.join("."), type, when }
}

function textOf(value: unknown): string {
  const plain = Array.isArray(value) && value.length === 1 ? value[0] : value
  return typeof plain === "string" ? plain : JSON.stringify(plain ?? "")
}

/** The source of a gate in words: `spec.on equals true and (a exists or b exists)`. */
function gateText(source: unknown): string {
  if (Array.isArray(source)) return source.map(gateText).filter(Boolean).join(" and ")
  if (!isRecord(source)) return ""
  const { when, or } = source
  const texts = (list: unknown) => (Array.isArray(list) ? list.filter(isRecord).map(conditionText) : [])
  const any = texts(or)
  return [...texts(when), ...(any.length > 1 ? [`(${any.join(" or ")})`] : any)].join(" and ")
}

function conditionText({ field, operator, value, negate }: Readonly<Record<string, unknown>>): string {
  const words = [field, operator, value].filter((part) => part !== undefined && part !== "").map(textOf)
  return `${negate === true ? "not " : ""}${words.join(" ")}`
}

function profilesUsed(crd: CrdSpec, profiles: Profiles): readonly ProfileDescription[] {
  const motifEntries = crd.motifs.flatMap((motif) => [...motif.onCreate, ...motif.onReconcile])
  const uses = [...entriesOf(crd), ...motifEntries].flatMap(usesOf)
  return [...Map.groupBy(uses, (use) => `${use.class} ${use.name}`).values()].flatMap((list) => {
    const [first] = list
    if (!first) return []
    const fields = isTemplate(first.name) ? undefined : plain(profiles.find(first.class, first.name))
    return [{ class: first.class, name: first.name, usedBy: list.map(({ entry }) => entry), fields }]
  })
}

function usesOf({ kind, fields, at, id }: EntrySpec) {
  return settingsPlaces(kind, fields, at).flatMap(({ block, class: className }) => {
    const name = isRecord(block) ? block["profile"] : undefined
    return typeof name === "string" ? [{ class: className, name, entry: id }] : []
  })
}

/** What was written, without its places. */
function plain(value: unknown): unknown {
  if (isWritten(value)) return plain(value.value)
  if (isDerived(value)) return plain(value.input)
  if (Array.isArray(value)) return value.map(plain)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).flatMap(([key, at]) => (at === undefined ? [] : [[key, plain(at)]])))
}

/** A description as text. */
export function describeText(description: PlanDescription): string {
  const { katalog, operators, permissions } = description
  const graph = operators.filter(({ dependsOn }) => dependsOn.length === 0).map(({ name }) => tree(name, operators))
  return [
    `Katalog ${katalog}`,
    section("starts in this order, dependents below what they depend on", graph.flat()),
    ...operators.map(operatorText),
    section("the process needs beside its operators", permissionLines(permissions)),
  ].join("\n")
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `${title}\n${lines.map((line) => `  ${line}\n`).join("")}`
}

/** An operator and below it those that wait for it; one that waits for several stands below each. */
function tree(name: string, operators: readonly OperatorDescription[], condition = ""): readonly string[] {
  const below = operators.flatMap((operator) =>
    operator.dependsOn.filter((need) => need.name === name).map((need) => ({ operator, need })),
  )
  const lines = below.flatMap(({ operator, need }, index) => {
    const isLast = index === below.length - 1
    const [head = "", ...rest] = tree(operator.name, operators, need.condition)
    return [`${isLast ? "└─" : "├─"} ${head}`, ...rest.map((line) => `${isLast ? "  " : "│ "} ${line}`)]
  })
  return [`${name}${condition && ` (needs it ${condition})`}`, ...lines]
}

function operatorText(operator: OperatorDescription): string {
  const { name, gvk, settings, blocks, status, profiles, permissions } = operator
  const body = [
    ...Object.entries(settings).map(([key, value]) => `${key}: ${value}`),
    ...blocks.flatMap((block) => [`${block.name}:`, ...block.entries.flatMap(entryLines)]),
    ...(status.length > 0 ? ["status:"] : []),
    ...status.map(({ path, type, when }) => `  ${path} (${type})${when && ` when ${when}`}`),
    ...(profiles.length > 0 ? ["profiles:"] : []),
    ...profiles.flatMap(profileLines),
    "permissions:",
    ...permissionLines(permissions).map((line) => `  ${line}`),
  ]
  return section(`operator ${name}  ${gvk}`, body)
}

function entryLines({ id, kind, name, notes }: EntryDescription): readonly string[] {
  return [`  ${kind} ${name || "(named by a template)"}  [${id}]`, ...notes.map((note) => `    ${note}`)]
}

function profileLines({ class: className, name, usedBy, fields }: ProfileDescription): readonly string[] {
  const expanded = fields === undefined ? "chosen for each custom resource" : JSON.stringify(fields)
  return [`  ${className} ${name}: ${expanded}`, `    used by ${usedBy.join(", ")}`]
}

const namesMax = 10

function resourceName({ group, resource }: AccessRule): string {
  const [plural = "", part] = resource.split("/")
  return `${plural}${group && `.${group}`}${part === undefined ? "" : `/${part}`}`
}

function permissionLines(rules: readonly AccessRule[]): readonly string[] {
  const byReason = Map.groupBy(rules, (rule) => `${rule.required} ${rule.verbs.join(",")} ${rule.reason}`)
  return [...byReason.values()].flatMap((list) => {
    const [first] = list
    if (!first) return []
    const names = list.length > namesMax ? `${list.length} kinds` : list.map(resourceName).join(", ")
    const where = first.namespace === undefined ? "" : ` in namespace ${first.namespace}`
    return [`${names}${where}: ${first.verbs.join(", ")}`, `  to ${first.reason}${first.required ? "" : " (optional)"}`]
  })
}
