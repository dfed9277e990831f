import { type KubeObject, ownerReferenceTo, semanticEqual } from "../../kube/mod.ts"
import type { Action, Pass, ServerController } from "../controllers.ts"
import { type Fields, mapAt, numberAt, specOf, statusOf, textAt, textsAt, withMeta } from "../fields.ts"
import { gvrs } from "../gvrs.ts"
import { deploymentStatus } from "./deployment-status.ts"
import { rollout, type Scaled, surgeOf } from "./rollout.ts"
import {
  adoptions,
  controlledBy,
  event,
  makerOf,
  namespaceOf,
  type PretendDeps,
  statusUpdate,
  templateHash,
} from "./workload.ts"

const component = "deployment-controller"
const hashLabel = "pod-template-hash"
/** Which revision of a Deployment a ReplicaSet holds. */
const revisionAnnotation = "deployment.kubernetes.io/revision"
const historyAnnotation = "deployment.kubernetes.io/revision-history"
const desiredAnnotation = "deployment.kubernetes.io/desired-replicas"
const maxAnnotation = "deployment.kubernetes.io/max-replicas"
const notCopied = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
])

/** Rolls Deployments out by their ReplicaSets, and reports as the real controller does. */
export function deploymentController(deps: PretendDeps): ServerController {
  return makerOf(deps, {
    name: "deployments",
    kind: "Deployment",
    gvr: gvrs.deployments,
    makes: [gvrs.replicaSets],
    look,
  })
}

function look(deps: PretendDeps, deployment: KubeObject, nowMs: number): Pass {
  const adopted = adoptions(deps, deployment, gvrs.replicaSets)
  if (adopted.length > 0) return { actions: adopted }
  const sets = controlledBy(deps, deployment, gvrs.replicaSets)
  const current = sets.find((set) => sameTemplate(set, deployment))
  const old = sets.filter((set) => set !== current)
  const isPaused = specOf(deployment)["paused"] === true
  if (current === undefined && !isPaused && mayBegin(deployment, old)) {
    return { actions: newSet(deployment, old) }
  }
  const revision = current && revisionFor(current, old)
  const marked = revision === undefined || !current ? [] : marks(deployment, current, revision)
  if (marked.length > 0) return { actions: marked }
  const scaled = rollout({ deployment, current, old, isPaused })
  const { status, againMs } = deploymentStatus({ deployment, current, sets, nowMs })
  const actions = [
    ...scaled.flatMap((change) => scaling(deployment, change)),
    ...cleanUp(deployment, current, old),
    ...statusUpdate(gvrs.deployments, deployment, status),
  ]
  return { actions, afterMs: againMs }
}

/** `Recreate` begins only when what was there is gone. */
function mayBegin(deployment: KubeObject, old: readonly KubeObject[]): boolean {
  if (textAt(mapAt(specOf(deployment), "strategy"), "type") !== "Recreate") return true
  return old.every((set) => numberAt(statusOf(set), "replicas") + numberAt(specOf(set), "replicas") === 0)
}

function sameTemplate(set: KubeObject, deployment: KubeObject): boolean {
  return semanticEqual(withoutHash(mapAt(specOf(set), "template")), mapAt(specOf(deployment), "template"))
}

function withoutHash(template: Fields): Fields {
  const metadata = mapAt(template, "metadata")
  const { [hashLabel]: _, ...labels } = textsAt(metadata, "labels")
  return { ...template, metadata: { ...metadata, labels } }
}

function newSet(deployment: KubeObject, old: readonly KubeObject[]): readonly Action[] {
  const spec = specOf(deployment)
  const template = mapAt(spec, "template")
  const metadata = mapAt(template, "metadata")
  const taken = new Set(old.map((set) => set.metadata.name))
  const free = [0, 1, 2, 3].map((n) => templateHash(template, n)).find((hash) => !taken.has(nameOf(deployment, hash)))
  const hash = free ?? templateHash(template)
  const labels = { ...textsAt(metadata, "labels"), [hashLabel]: hash }
  const name = nameOf(deployment, hash)
  const [first] = rollout({ deployment, current: undefined, old, isPaused: false })
  const replicas = first?.replicas ?? 0
  const object: KubeObject = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name,
      ...namespaceOf(deployment),
      labels,
      annotations: annotationsFor(deployment, maxRevision(old) + 1),
      ownerReferences: [ownerReferenceTo(deployment)],
    },
    spec: {
      replicas,
      ...(numberAt(spec, "minReadySeconds") > 0 ? { minReadySeconds: spec["minReadySeconds"] } : {}),
      selector: {
        ...mapAt(spec, "selector"),
        matchLabels: { ...textsAt(mapAt(spec, "selector"), "matchLabels"), [hashLabel]: hash },
      },
      template: { ...template, metadata: { ...metadata, labels } },
    },
  }
  const told = replicas === 0 ? [] : [scalingEvent(deployment, { name, from: 0, to: replicas })]
  return [{ do: "create", gvr: gvrs.replicaSets, object }, ...told]
}

function nameOf(deployment: KubeObject, hash: string): string {
  return `${deployment.metadata.name}-${hash}`
}

function annotationsFor(deployment: KubeObject, revision: number): Readonly<Record<string, string>> {
  const desired = numberAt(specOf(deployment), "replicas", 1)
  const own = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !notCopied.has(name))
  return {
    ...Object.fromEntries(own),
    [revisionAnnotation]: String(revision),
    [desiredAnnotation]: String(desired),
    [maxAnnotation]: String(desired + surgeOf(deployment)),
  }
}

function revisionOf(object: KubeObject): number {
  return Number(object.metadata.annotations?.[revisionAnnotation] ?? 0) || 0
}

function maxRevision(sets: readonly KubeObject[]): number {
  return Math.max(0, ...sets.map(revisionOf))
}

/** A set that was old and is wanted again gets a new number. */
function revisionFor(current: KubeObject, old: readonly KubeObject[]): number {
  return Math.max(revisionOf(current), maxRevision(old) + 1)
}

/** The annotations of the current set and of the Deployment, where they are not as they should be. */
function marks(deployment: KubeObject, current: KubeObject, revision: number): readonly Action[] {
  const annotations = {
    ...current.metadata.annotations,
    ...annotationsFor(deployment, revision),
    ...historyOf(current, revision),
  }
  const isMarked = semanticEqual(annotations, current.metadata.annotations)
  const own = { ...deployment.metadata.annotations, [revisionAnnotation]: String(revision) }
  return [
    ...(isMarked ? [] : [updated(gvrs.replicaSets, withMeta(current, { annotations }))]),
    ...(revisionOf(deployment) === revision
      ? []
      : [{ ...updated(gvrs.deployments, withMeta(deployment, { annotations: own })), subresource: "status" }]),
  ]
}

/** The revisions that a set has had before, where it gets a new one. */
function historyOf(current: KubeObject, revision: number): Readonly<Record<string, string>> {
  const before = revisionOf(current)
  if (before === 0 || before === revision) return {}
  const had = current.metadata.annotations?.[historyAnnotation]
  return { [historyAnnotation]: had ? `${had},${before}` : String(before) }
}

function updated(
  gvr: (typeof gvrs)["deployments" | "replicaSets"],
  object: KubeObject,
): Action & { readonly do: "update" } {
  return { do: "update", gvr, object }
}

function scaling(deployment: KubeObject, { set, replicas }: Scaled): readonly Action[] {
  if (set === undefined) return []
  const from = numberAt(specOf(set), "replicas")
  return [
    updated(gvrs.replicaSets, { ...set, spec: { ...specOf(set), replicas } }),
    scalingEvent(deployment, { name: set.metadata.name ?? "", from, to: replicas }),
  ]
}

function scalingEvent(
  deployment: KubeObject,
  { name, from, to }: { readonly name: string; readonly from: number; readonly to: number },
): Action {
  const way = to > from ? "up" : "down"
  const message = `Scaled ${way} replica set ${name} from ${from} to ${to}`
  return event(deployment, component, { reason: "ScalingReplicaSet", message })
}

/** Old sets beyond the history that is kept, once the rollout is through. */
function cleanUp(
  deployment: KubeObject,
  current: KubeObject | undefined,
  old: readonly KubeObject[],
): readonly Action[] {
  const limit = numberAt(specOf(deployment), "revisionHistoryLimit", 10)
  const wanted = numberAt(specOf(deployment), "replicas", 1)
  const status = current ? statusOf(current) : {}
  if (numberAt(status, "availableReplicas") < wanted) return []
  const empty = old.filter(
    (set) => numberAt(statusOf(set), "replicas") === 0 && numberAt(specOf(set), "replicas") === 0,
  )
  const oldest = [...empty].sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, Math.max(0, old.length - limit))
  return oldest.map(({ metadata: { namespace = "", name = "", uid = "" } }) => {
    return { do: "delete", gvr: gvrs.replicaSets, ref: { namespace, name }, options: { uid } }
  })
}
