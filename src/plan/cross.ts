import { didYouMean } from "../base/mod.ts"
import { type CrdSpec, type CrossSpec, diagnose } from "../katalog/mod.ts"
import { type Gvk, isRecord, type KubeObject, keyOf, memberOf, type Schema, type SchemaSet } from "../kube/mod.ts"
import { home } from "./copies.ts"
import { asText } from "./entry.ts"
import {
  type CompileContext,
  compileValue,
  type RenderFailure,
  type RenderScope,
  type SourceAnswer,
  type SourceRef,
  type ValueTemplate,
} from "./value.ts"

/** One read of custom resources of another entry, shown under `.cross.<as>`. */
export interface CrossPlan {
  readonly as: string
  readonly gvk: Gvk
  /** Undefined: found by labels. */
  readonly name: ValueTemplate | undefined
  /** Renders to nothing where it is not written. */
  readonly namespace: ValueTemplate
  readonly labels: ValueTemplate | undefined
  /** Every match is shown, not the first alone. */
  readonly all: boolean
  /** Its entry lets nobody read: nothing is found. */
  readonly closed: boolean
}

/** Objects of a kind by labels; all of the labels must fit. */
export interface LabelQuery {
  readonly gvk: Gvk
  /** Undefined: in all namespaces. */
  readonly namespace: string | undefined
  readonly labels: Readonly<Record<string, string>>
}

/** Where other objects are looked up. */
export interface Look {
  get(ref: SourceRef): SourceAnswer
  /** `pending`: the kind has not been listed yet. */
  list(query: LabelQuery): readonly KubeObject[] | "pending"
}

/** What was read, what must be known first, and what could not be asked for. */
export interface CrossReads {
  /** By `as`. */
  readonly values: Readonly<Record<string, unknown>>
  readonly waits: readonly string[]
  readonly failures: readonly RenderFailure[]
}

/** The entries that a read can mean: one by its name, or those whose CRD has the labels. */
function targetsOf({ crd, labels }: CrossSpec, crds: readonly CrdSpec[]): readonly CrdSpec[] {
  if (crd !== undefined) return crds.filter(({ name }) => name === crd)
  const isMeant = (own: Readonly<Record<string, string>> | undefined) =>
    Object.entries(labels).every(([key, value]) => own?.[key] === value)
  return crds.filter((one) => one.crd && isMeant(one.crd.object.metadata.labels))
}

/** Compiles what an operator reads of the others; `crds` are all entries of its Katalog. */
export function compileCross(crd: CrdSpec, crds: readonly CrdSpec[], compile: CompileContext): readonly CrossPlan[] {
  return crd.operatorBox.cross.flatMap((cross): readonly CrossPlan[] => {
    const [target, ...more] = targetsOf(cross, crds)
    if (!target || more.length > 0) {
      compile.report(noTarget(cross, crds, { compile, more: [target, ...more].flatMap((one) => one?.name ?? []) }))
      return []
    }
    if (!target.crossAccess) compile.report(closedTarget(target.name, cross.at, compile))
    const value = (written: unknown, key: string) => compileValue(written, `${cross.at}.selector.${key}`, compile)
    const { group, version, kind } = target.apiTypes
    const byLabels = cross.matchLabels !== undefined
    return [
      {
        as: cross.as,
        gvk: { group, version, kind },
        name: byLabels ? undefined : value(cross.name, "name"),
        namespace: value(cross.namespace, "namespace"),
        labels: byLabels ? value(cross.matchLabels, "matchLabels") : undefined,
        all: cross.all,
        closed: !target.crossAccess,
      },
    ]
  })
}

function closedTarget(name: string, at: string, { spans }: CompileContext) {
  const message = `cross finds nothing of "${name}", which says "crossAccess: false"`
  const span = spans.locate(at, "value")
  return diagnose({ code: "ORK0221", message, help: "remove one of the two" }, { path: at, span }, "warning")
}

function noTarget(
  { crd, at }: CrossSpec,
  crds: readonly CrdSpec[],
  { compile, more }: { readonly compile: CompileContext; readonly more: readonly string[] },
) {
  const path = `${at}.${crd === undefined ? "labelSelector" : "crd"}`
  const span = compile.spans.locate(path, "value") ?? compile.spans.locate(at, "value")
  const names = crds.map(({ name }) => name)
  const near = crd === undefined ? undefined : didYouMean(crd, names)
  const help = near === undefined ? `name one with crd: ${names.join(", ")}` : `did you mean "${near}"?`
  const message =
    crd !== undefined
      ? `cross names "${crd}", which is not in spec.crds`
      : more.length > 0
        ? `the labels of cross fit the CRDs of ${more.join(" and ")}`
        : "no crdFile of this Katalog has the labels of cross"
  return diagnose({ code: "ORK0217", message, help }, { path, span })
}

/** What reads mean: part of a fingerprint. */
export function crossSource(cross: readonly CrossPlan[]): unknown {
  return cross.map(({ as, gvk, name, namespace, labels, all, closed }) => {
    return [as, gvk, name?.source, namespace.source, labels?.source, all, closed]
  })
}

/** What the reads themselves ask of the custom resource. */
export function crossRefs(cross: readonly CrossPlan[]): readonly (readonly string[])[] {
  return cross.flatMap(({ name, namespace, labels }) => [
    ...(name?.refs ?? []),
    ...namespace.refs,
    ...(labels?.refs ?? []),
  ])
}

/** Reads what `cross` says for the data in `scope`. */
export function readCross(cross: readonly CrossPlan[], scope: RenderScope, look: Look): CrossReads {
  const values: Record<string, unknown> = {}
  const waits: string[] = []
  const failures: RenderFailure[] = []
  for (const plan of cross) {
    if (plan.closed) {
      values[plan.as] = shown([], plan.all)
      continue
    }
    const namespace = plan.namespace.render(scope)
    const chosen = (plan.labels ?? plan.name)?.render(scope)
    if (!namespace.ok) failures.push(...namespace.error)
    if (chosen && !chosen.ok) failures.push(...chosen.error)
    if (!namespace.ok || !chosen?.ok) continue
    const found = find(plan, { chosen: chosen.value, namespace: asText(namespace.value) }, { scope, look })
    if (found === "pending") waits.push(`cross ${plan.as}: ${plan.gvk.kind} is still being listed`)
    else values[plan.as] = shown(found, plan.all)
  }
  return { values, waits, failures }
}

function find(
  { gvk, labels }: CrossPlan,
  { chosen, namespace }: { readonly chosen: unknown; readonly namespace: string },
  { scope, look }: { readonly scope: RenderScope; readonly look: Look },
): readonly KubeObject[] | "pending" {
  if (labels) {
    const wanted = Object.entries(isRecord(chosen) ? chosen : {}).map(([key, value]) => [key, asText(value)] as const)
    const found = look.list({
      gvk,
      namespace: namespace === "" ? undefined : namespace,
      labels: Object.fromEntries(wanted),
    })
    return found === "pending" ? found : found.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  }
  const name = asText(chosen)
  if (name === "") return []
  const found = look.get({ gvk, name, namespace: namespace === "" ? asText(home(scope)) : namespace })
  return found === "missing" ? [] : found === "pending" ? found : [found]
}

/** Matches that are shown; what comes after is left out, `count` says how many there are. */
export const shownMax = 500

function shown(found: readonly KubeObject[], all: boolean): unknown {
  const more = all ? { count: found.length, items: found.slice(0, shownMax) } : {}
  return { ...found[0], ...more, found: found.length > 0 }
}

/** The schema of `.cross`, and the kinds behind its members. */
export function crossWorld(
  crd: CrdSpec,
  crds: readonly CrdSpec[],
  set: SchemaSet,
): { readonly schema: Schema; readonly kinds: ReadonlyMap<Schema, string> } {
  const kinds = new Map<Schema, string>()
  const members = crd.operatorBox.cross.map((cross) => {
    const [target] = targetsOf(cross, crds)
    const root = target?.crd && set.root(target.apiTypes)
    if (!target || !root) return [cross.as, { "x-kubernetes-preserve-unknown-fields": true }] as const
    const many: Record<string, Schema> = cross.all
      ? { count: { type: "integer" }, items: { type: "array", items: root } }
      : {}
    const metadata = memberOf(root, "metadata")
    const properties = {
      ...root.properties,
      ...(metadata && { metadata }),
      ...many,
      found: { type: "boolean" as const },
    }
    const schema: Schema = { ...root, properties }
    kinds.set(schema, target.apiTypes.kind)
    kinds.set(root, target.apiTypes.kind)
    return [cross.as, schema] as const
  })
  return { schema: { type: "object", properties: Object.fromEntries(members) }, kinds }
}
