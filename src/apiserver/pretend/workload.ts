import { createHash } from "node:crypto"
import { type Random, rfc3339, suffix } from "../../base/mod.ts"
import {
  type Condition,
  conditionOf,
  controllerOf,
  type Gvr,
  isTerminating,
  type KubeObject,
  ownerReferenceTo,
  semanticEqual,
  stableHash,
} from "../../kube/mod.ts"
import type { Api } from "../api.ts"
import type { Action, EventText, OrElse, Pass, ServerController } from "../controllers.ts"
import { type Fields, listAt, mapAt, specOf, statusOf, textAt, textsAt, withMeta } from "../fields.ts"
import { gvrs, prefixOf } from "../gvrs.ts"
import type { OwnedIndex } from "../owned.ts"

/** What the stand-ins stand on. */
export interface PretendDeps {
  readonly api: Api
  readonly owned: OwnedIndex
  readonly random: Random
}

/** The objects of one resource that `owner` controls, oldest first. */
export function controlledBy({ api, owned }: PretendDeps, owner: KubeObject, gvr: Gvr): readonly KubeObject[] {
  const { uid = "" } = owner.metadata
  return owned
    .of(uid, prefixOf(gvr))
    .flatMap(({ namespace, name }) => api.get(gvr, { namespace, name }) ?? [])
    .filter((object) => controllerOf(object)?.uid === uid)
    .sort(byAge)
}

/** Older first; by name where the second is the same. */
export function byAge(a: KubeObject, b: KubeObject): number {
  const [at, bt] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""]
  return at === bt ? compare(a.metadata.name ?? "", b.metadata.name ?? "") : compare(at, bt)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Takes over what matches the owner's selector and belongs to nobody. */
export function adoptions({ api, owned }: PretendDeps, owner: KubeObject, gvr: Gvr): readonly Action[] {
  const selector = mapAt(specOf(owner), "selector")
  const { namespace = "" } = owner.metadata
  return owned
    .alone(prefixOf(gvr), namespace)
    .flatMap(({ name }) => api.get(gvr, { namespace, name }) ?? [])
    .filter((object) => controllerOf(object) === undefined && !isTerminating(object))
    .filter((object) => selects(selector, object.metadata.labels ?? {}))
    .map((object) => {
      const ownerReferences = [...(object.metadata.ownerReferences ?? []), ownerReferenceTo(owner)]
      return { do: "update", gvr, object: withMeta(object, { ownerReferences }) }
    })
}

/** Whether a `LabelSelector` selects these labels; an empty one selects nothing here. */
export function selects(selector: Fields, labels: Readonly<Record<string, string>>): boolean {
  const wanted = Object.entries(textsAt(selector, "matchLabels"))
  const expressions = listAt(selector, "matchExpressions")
  if (wanted.length + expressions.length === 0) return false
  return wanted.every(([key, value]) => labels[key] === value) && expressions.every((e) => holds(e, labels))
}

function holds(expression: Fields, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[textAt(expression, "key")]
  const { values } = expression
  const isIn = value !== undefined && Array.isArray(values) && values.includes(value)
  switch (textAt(expression, "operator")) {
    case "In":
      return isIn
    case "NotIn":
      return !isIn
    case "Exists":
      return value !== undefined
    case "DoesNotExist":
      return value === undefined
    default:
      return false
  }
}

const alphabet = "bcdfghjklmnpqrstvwxz2456789"

/** The hash in names of ReplicaSets and revisions; the same for equal templates. */
export function templateHash(template: unknown, collisions = 0): string {
  const digest = createHash("sha256")
    .update(`${stableHash(template)} ${collisions}`)
    .digest()
  return [...digest.subarray(0, 10)].map((byte) => alphabet[byte % alphabet.length]).join("")
}

/** `count` hexadecimal digits that stand for `text`. */
export function hexOf(text: string, count: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, count)
}

/** A Pod as a controller makes it from its template. */
export function podOf(
  owner: KubeObject,
  template: Fields,
  pod: { readonly name: string; readonly labels?: Readonly<Record<string, string>> },
): KubeObject {
  const annotations = textsAt(mapAt(template, "metadata"), "annotations")
  const labels = { ...textsAt(mapAt(template, "metadata"), "labels"), ...pod.labels }
  const { finalizers } = mapAt(template, "metadata")
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: pod.name,
      generateName: `${owner.metadata.name}-`,
      ...namespaceOf(owner),
      labels,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ...(Array.isArray(finalizers) ? { finalizers } : {}),
      ownerReferences: [ownerReferenceTo(owner)],
    },
    spec: mapAt(template, "spec"),
  }
}

/** The namespace of an object as a member of metadata. */
export function namespaceOf(owner: KubeObject): { readonly namespace?: string } {
  const { namespace } = owner.metadata
  return namespace === undefined ? {} : { namespace }
}

/** A name with five characters at its end, as controllers give them. */
export function nameBelow(random: Random, owner: KubeObject): string {
  return `${(owner.metadata.name ?? "").slice(0, 57)}-${suffix(random, 5)}`
}

/** Neither ended nor asked to end. */
export function isActive(pod: KubeObject): boolean {
  const phase = textAt(statusOf(pod), "phase")
  return phase !== "Succeeded" && phase !== "Failed" && !isTerminating(pod)
}

/** Ready by its condition. */
export function isReady(pod: KubeObject): boolean {
  return conditionOf(statusOf(pod), "Ready")?.status === "True"
}

/** When a ready Pod has been ready for `minReadySeconds`; undefined when it is not ready. */
export function availableAtMs(pod: KubeObject, minReadySeconds: number): number | undefined {
  const ready = conditionOf(statusOf(pod), "Ready")
  return ready?.status === "True" ? Date.parse(ready.lastTransitionTime) + minReadySeconds * 1_000 : undefined
}

/** Numbers without the zeros, as a real server leaves them out. */
export function nonZero(numbers: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== 0))
}

/** The status of an object as an update; none when it is that already. */
export function statusUpdate(gvr: Gvr, object: KubeObject, status: Fields): readonly Action[] {
  if (semanticEqual(statusOf(object), status)) return []
  return [{ do: "update", gvr, object: { ...object, status }, subresource: "status" }]
}

/** One event as an action. */
export function event(
  about: KubeObject,
  component: string,
  text: Pick<EventText, "reason" | "message"> & { readonly type?: EventText["type"] },
): Action {
  const { type = "Normal", reason, message } = text
  return { do: "event", event: { about, component, type, reason, message } }
}

/** What is told when Pods are refused. */
export function failedCreate(about: KubeObject, component: string, message: string): Action {
  return event(about, component, { type: "Warning", reason: "FailedCreate", message })
}

/** The same and nothing else, while the Pods of `about` are refused. */
export function orFailedCreate(about: KubeObject, component: string): OrElse {
  return (why, isNews) => (isNews ? [failedCreate(about, component, `Error creating: ${why}`)] : [])
}

/** What a rule of a status says now, with the time of its last change. */
export function conditionsWith(
  before: readonly Condition[],
  wanted: readonly Omit<Condition, "lastTransitionTime">[],
  nowMs: number,
): readonly Condition[] {
  return wanted.map((next) => {
    const old = before.find(({ type }) => type === next.type)
    const since = old?.status === next.status ? old.lastTransitionTime : rfc3339(nowMs)
    return { ...next, lastTransitionTime: since }
  })
}

/** `25%` or a number, of `total`. */
export function shareOf(value: unknown, total: number, round: "up" | "down"): number {
  if (typeof value === "number") return value
  const percent = typeof value === "string" ? Number(/^(\d+)%$/.exec(value)?.[1] ?? 0) : 0
  return round === "up" ? Math.ceil((percent * total) / 100) : Math.floor((percent * total) / 100)
}

/** The objects that a key `namespace/name` names. */
export function getByKey(api: Api, gvr: Gvr, key: string): KubeObject | undefined {
  const slash = key.indexOf("/")
  return api.get(gvr, { namespace: key.slice(0, slash), name: key.slice(slash + 1) })
}

/** What a controller of one kind is made of: `look` says what to do about one object, `makes` what it makes for it. */
export interface Maker {
  readonly name: string
  readonly kind: string
  readonly gvr: Gvr
  readonly makes: readonly Gvr[]
  readonly look: (deps: PretendDeps, owner: KubeObject, nowMs: number) => Pass
}

/** A controller that looks at an object when it or what it made has changed, and leaves alone what is terminating. */
export function makerOf(deps: PretendDeps, { name, kind, gvr, makes, look }: Maker): ServerController {
  return {
    name,
    manager: "kube-controller-manager",
    prefixes: [gvr, ...makes].map(prefixOf),
    keys: (change) =>
      change.prefix === prefixOf(gvr) ? [`${change.namespace}/${change.name}`] : controllerKey(change.object, kind),
    look: (key, nowMs) => {
      const owner = getByKey(deps.api, gvr, key)
      return owner && !isTerminating(owner) ? look(deps, owner, nowMs) : { actions: [] }
    },
  }
}

function controllerKey(object: KubeObject, kind: string): readonly string[] {
  const owner = controllerOf(object)
  return owner?.kind === kind ? [`${object.metadata.namespace ?? ""}/${owner.name}`] : []
}

/** The prefix of Pods. */
export const podPrefix: string = prefixOf(gvrs.pods)
