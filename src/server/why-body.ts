import {
  conditionOf,
  conditionsOf,
  describeObject,
  entriesAt,
  getPath,
  gvkOf,
  type KubeObject,
  parsePath,
  readinessOf,
} from "../kube/mod.ts"
import type { OperatorView, PassView, PlaceView, View } from "../manager/view.ts"
import { age, ageOf } from "./age.ts"
import type { Why } from "./contract.ts"
import { hidden } from "./redact.ts"

/** What is asked about: a CR, or one of its children. */
export interface Subject {
  readonly operator: OperatorView
  readonly cr: KubeObject
  readonly object: KubeObject
}

/** Everything this process can say about why an object is as it is. */
export async function whyBody(view: View, { operator, cr, object }: Subject, path: string | undefined): Promise<Why> {
  const now = view.nowMs()
  const { namespace, name = "" } = cr.metadata
  const { place, passes } = view.passes(operator.name, namespace, name)
  const isCr = object === cr
  const waiters = isCr ? view.children(operator.name, namespace, name) : [object]
  return {
    ...refOf(object),
    crd: operator.name,
    cr: refOf(cr),
    ...(isCr ? stateOfCr(cr, now) : stateOfChild(object, cr, now)),
    waitsFor: await waitsOf(view, waiters, cr),
    conditions: otherConditions(cr, now),
    next: nextOf(view, operator, place),
    passes: passes.map((pass) => passOf(pass, now)),
    field: path === undefined ? undefined : fieldOf(object, path, now),
    declaredAt: isCr ? undefined : view.declaredAt(operator.name, object),
  }
}

/** The object that `kind` (or the name of a CRD) and a name mean: a CR, or a child of one. All that fit. */
export function subjectsOf(
  view: View,
  wanted: { readonly kind: string; readonly name: string; readonly namespace: string | undefined },
): readonly Subject[] {
  const isWord = (word: string) => word.toLowerCase() === wanted.kind.toLowerCase()
  const isMeant = (object: KubeObject) => view.words(object).some(isWord)
  const fits = ({ metadata }: KubeObject) =>
    metadata.name === wanted.name && (wanted.namespace === undefined || (metadata.namespace ?? "") === wanted.namespace)
  return view.operators().flatMap((operator) =>
    view.list(operator.name).flatMap((cr): readonly Subject[] => {
      const own = (isMeant(cr) || isWord(operator.name)) && fits(cr) ? [{ operator, cr, object: cr }] : []
      const { namespace, name = "" } = cr.metadata
      const children = view.children(operator.name, namespace, name)
      const meant = children.filter((child) => isMeant(child) && fits(child))
      return [...own, ...meant.map((object) => ({ operator, cr, object }))]
    }),
  )
}

function refOf(object: KubeObject) {
  const { namespace = "", name = "" } = object.metadata
  return { kind: object.kind, namespace, name }
}

function stateOfCr(cr: KubeObject, now: number) {
  const ready = conditionOf(cr["status"], "Ready")
  return {
    ready: ready?.status === "True",
    reason: ready?.reason ?? "Unknown",
    message: ready?.message ?? "it has no condition Ready yet",
    since: ageOf(ready?.lastTransitionTime ?? cr.metadata.creationTimestamp, now),
  }
}

function stateOfChild(child: KubeObject, cr: KubeObject, now: number) {
  const readiness = readinessOf(child)
  return {
    ready: readiness.ready,
    reason: readiness.ready ? "Ready" : "Waiting",
    message: readiness.ready ? "" : readiness.why,
    since: sinceOf(child, cr, now),
  }
}

/**
 * How long a child has been as it is: since a condition of it turned, or its rollout went on, else since it exists. A
 * child that is waited for cannot have waited for longer than its CR.
 */
function sinceOf(child: KubeObject, cr: KubeObject, now: number): string {
  const { ready } = readinessOf(child)
  const turned = ["Ready", "Available"]
    .map((type) => conditionOf(child["status"], type))
    .find((condition) => condition?.status === (ready ? "True" : "False"))
  const progressing = getPath(conditionOf(child["status"], "Progressing"), ["lastUpdateTime"])
  const own = [turned?.lastTransitionTime, progressing, child.metadata.creationTimestamp]
  const waiting = conditionOf(cr["status"], "Ready")
  const times = [
    own.find((time) => typeof time === "string"),
    ...(!ready && waiting?.status === "False" ? [waiting.lastTransitionTime] : []),
  ].filter((time) => typeof time === "string")
  return ageOf(times.toSorted().at(-1), now)
}

const waitsWithCauses = 5

async function waitsOf(view: View, children: readonly KubeObject[], cr: KubeObject): Promise<Why["waitsFor"]> {
  const now = view.nowMs()
  const waiting = children.flatMap((child) => {
    const readiness = readinessOf(child)
    return readiness.ready ? [] : [{ child, why: readiness.why }]
  })
  return Promise.all(
    waiting.map(async ({ child, why }, index) => {
      const causes = index < waitsWithCauses ? await view.causes(child) : []
      return {
        object: describeObject(child),
        why,
        since: sinceOf(child, cr, now),
        causes: causes.map(({ sinceMs, ...cause }) => ({
          ...cause,
          since: sinceMs === undefined ? undefined : age(sinceMs, now),
        })),
      }
    }),
  )
}

function otherConditions(cr: KubeObject, now: number): Why["conditions"] {
  return conditionsOf(cr["status"])
    .filter(({ type, status }) => status === "True" && type !== "Ready" && type !== "Reconciling")
    .map(({ type, reason, message, lastTransitionTime }) => ({
      type,
      reason: reason ?? "",
      message: message ?? "",
      since: ageOf(lastTransitionTime, now),
    }))
}

function nextOf(view: View, operator: OperatorView, place: PlaceView): string {
  const { isLeader, holder } = view.leadership()
  if (!isLeader) return `not here: ${holder ?? "nobody"} leads`
  if (operator.why !== "") return `not now: ${operator.why}`
  const now = view.nowMs()
  switch (place.kind) {
    case "processing":
      return "a worker has it now"
    case "queued":
      return `in the queue for ${age(place.sinceMs, now)} (${place.reason})`
    case "delayed":
      return `in ${age(now, place.atMs)} (${place.reason})`
    case "rest":
      return `when something changes, or at the next resync (every ${age(0, operator.resyncMs)})`
  }
}

function passOf({ atMs, ...pass }: PassView, now: number): Why["passes"][number] {
  return { ...pass, age: age(atMs, now) }
}

function fieldOf(object: KubeObject, path: string, now: number): NonNullable<Why["field"]> {
  const steps = parsePath(path)
  const { group, kind } = gvkOf(object)
  const isSecret = kind === "Secret" && group === ""
  const value = getPath(object, steps)
  return {
    path: path.replace(/^\./, ""),
    value: isSecret && value !== undefined && steps[0] !== "metadata" ? hidden : value,
    managers: entriesAt(object, steps).map(({ manager = "unknown", operation = "", subresource, time }) => ({
      manager,
      operation,
      subresource,
      age: ageOf(time, now),
    })),
  }
}
