import { conditionOf, getPath, isRecord, type KubeObject, readinessOf } from "../kube/mod.ts"
import type { EventView, OperatorView } from "../manager/view.ts"
import { age, ageOf } from "./age.ts"
import type { Child, CrDetail, CrEvents, CrList } from "./contract.ts"

/** The body of `GET /katalog/{crd}/cr`; with `field`, each item carries the value at that path of the full object. */
export function crList(
  operator: OperatorView,
  objects: readonly KubeObject[],
  options: { readonly nowMs: number; readonly field: readonly (string | number)[] | undefined },
): CrList {
  const { nowMs, field } = options
  return {
    crd: operator.name,
    gvk: operator.gvk,
    total: objects.length,
    items: objects.map((object) => {
      const { readyMessage: _, ...state } = stateOf(object)
      return {
        ...state,
        age: ageOf(object.metadata.creationTimestamp, nowMs),
        value: field === undefined ? undefined : getPath(object, field),
      }
    }),
  }
}

/** The body of one CR. Of a child that is a Secret, only its name is told. */
export function crDetail(
  object: KubeObject,
  options: { readonly children: readonly KubeObject[]; readonly path: string },
): CrDetail {
  const status = object["status"]
  return {
    ...stateOf(object),
    status: isRecord(status) ? status : {},
    children: byKind(options.children.map(childOf)),
    eventsEndpoint: `${options.path}/events`,
  }
}

/** The body of `.../events`. */
export function crEvents(object: KubeObject, events: readonly EventView[], nowMs: number): CrEvents {
  const { name, namespace } = namesOf(object)
  return {
    name,
    namespace,
    events: events.map(({ type, reason, message, atMs }) => ({ type, reason, message, age: age(atMs, nowMs) })),
  }
}

/** True for a Secret of Kubernetes: nothing but its name and age may be shown. */
export function isSecret(object: { readonly apiVersion: string; readonly kind: string }): boolean {
  return object.apiVersion === "v1" && object.kind === "Secret"
}

function namesOf(object: KubeObject): { readonly name: string; readonly namespace: string } {
  return { name: object.metadata.name ?? "", namespace: object.metadata.namespace ?? "" }
}

function stateOf(object: KubeObject) {
  const status = object["status"]
  const phase = isRecord(status) ? status["phase"] : undefined
  const ready = conditionOf(status, "Ready")
  return {
    ...namesOf(object),
    phase: typeof phase === "string" ? phase : undefined,
    ready: ready?.status === "True",
    readyReason: ready?.reason,
    readyMessage: ready?.message,
    generation: object.metadata.generation ?? 0,
  }
}

/** The fields of a child's status that tell how far it is. */
const progressFields = [
  "phase",
  "replicas",
  "updatedReplicas",
  "readyReplicas",
  "availableReplicas",
  "active",
  "succeeded",
  "failed",
] as const

function childOf(object: KubeObject): Child {
  const readiness = readinessOf(object)
  return {
    ...namesOf(object),
    kind: object.kind,
    ready: readiness.ready,
    why: readiness.ready ? undefined : readiness.why,
    createdAt: object.metadata.creationTimestamp ?? "",
    status: isSecret(object) ? undefined : progressOf(object["status"]),
  }
}

function progressOf(status: unknown): Child["status"] {
  if (!isRecord(status)) return undefined
  const progress: Record<string, string | number> = {}
  for (const field of progressFields) {
    const value = status[field]
    if (typeof value === "string" || typeof value === "number") progress[field] = value
  }
  return Object.keys(progress).length === 0 ? undefined : progress
}

function byKind(children: readonly Child[]): CrDetail["children"] {
  const groups = Map.groupBy(children, (child) => child.kind)
  return Object.fromEntries(
    [...groups].map(([kind, group]) => [kind, group.length === 1 && group[0] ? group[0] : group]),
  )
}
