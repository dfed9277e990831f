import { isTerminating, type KubeObject, ownerReferenceTo } from "../../kube/mod.ts"
import type { Action, OrElse, Pass, ServerController } from "../controllers.ts"
import { type Fields, listAt, mapAt, numberAt, specOf, statusOf, textAt, textsAt } from "../fields.ts"
import { gvrs } from "../gvrs.ts"
import { type Revision, revisionLabel, revisionOf } from "./revisions.ts"
import {
  adoptions,
  availableAtMs,
  controlledBy,
  event,
  failedCreate,
  isActive,
  isReady,
  makerOf,
  namespaceOf,
  nonZero,
  type PretendDeps,
  podOf,
  statusUpdate,
} from "./workload.ts"

const component = "statefulset-controller"

/** Keeps the numbered Pods of StatefulSets and their claims, one after another unless `Parallel`. */
export function statefulSetController(deps: PretendDeps): ServerController {
  return makerOf(deps, {
    name: "stateful sets",
    kind: "StatefulSet",
    gvr: gvrs.statefulSets,
    makes: [gvrs.controllerRevisions, gvrs.pods],
    look,
  })
}

interface Seen {
  readonly set: KubeObject
  readonly pods: readonly KubeObject[]
  readonly revision: Revision
  readonly wanted: number
  readonly isParallel: boolean
}

function look(deps: PretendDeps, set: KubeObject, nowMs: number): Pass {
  const adopted = adoptions(deps, set, gvrs.pods)
  if (adopted.length > 0) return { actions: adopted }
  const revision = revisionOf(deps, set)
  if (revision.actions.length > 0) return { actions: revision.actions }
  const pods = controlledBy(deps, set, gvrs.pods)
  const wanted = numberAt(specOf(set), "replicas", 1)
  const isParallel = specOf(set)["podManagementPolicy"] === "Parallel"
  const seen: Seen = { set, pods, revision, wanted, isParallel }
  const actions = [...grow(deps, seen), ...shrink(seen)]
  if (actions.length > 0) return { actions }
  const rolled = roll(seen)
  return rolled.length > 0 ? { actions: rolled } : reported(seen, nowMs)
}

function ordinalOf(pod: KubeObject): number {
  return Number(/-(\d+)$/.exec(pod.metadata.name ?? "")?.[1] ?? -1)
}

function startOf(set: KubeObject): number {
  return numberAt(mapAt(specOf(set), "ordinals"), "start")
}

/** The Pods that are missing; in order, each only when those before it are ready. What has failed is made anew. */
function grow(deps: PretendDeps, { set, pods, revision, wanted, isParallel }: Seen): readonly Action[] {
  const actions: Action[] = []
  for (let i = startOf(set); i < startOf(set) + wanted; i++) {
    const pod = pods.find((candidate) => ordinalOf(candidate) === i)
    const hasEnded = pod && !isActive(pod) && !isTerminating(pod)
    if (pod === undefined) actions.push(...claims(deps, set, i), ...born(set, i, revision))
    else if (hasEnded) actions.push(...gone(set, pod))
    if (!isParallel && !(pod && isActive(pod) && isReady(pod))) break
  }
  return actions
}

function born(set: KubeObject, ordinal: number, revision: Revision): readonly Action[] {
  const name = `${set.metadata.name}-${ordinal}`
  const labels = {
    [revisionLabel]: revision.update,
    "statefulset.kubernetes.io/pod-name": name,
    "apps.kubernetes.io/pod-index": String(ordinal),
  }
  const template = mapAt(specOf(set), "template")
  const volumes = claimTemplates(set).map((claim) => {
    const volume = textAt(mapAt(claim, "metadata"), "name")
    return { name: volume, persistentVolumeClaim: { claimName: `${volume}-${name}` } }
  })
  const own = listAt(mapAt(template, "spec"), "volumes").filter((v) => !volumes.some(({ name }) => name === v["name"]))
  const home = {
    hostname: name,
    ...(textAt(specOf(set), "serviceName") ? { subdomain: specOf(set)["serviceName"] } : {}),
  }
  const spec = { ...mapAt(template, "spec"), ...home, ...(volumes.length > 0 ? { volumes: [...volumes, ...own] } : {}) }
  const message = `Create Pod ${name} in StatefulSet ${set.metadata.name} successful`
  const failed = `Create Pod ${name} in StatefulSet ${set.metadata.name} failed error: `
  const orElse: OrElse = (why, isNews) => (isNews ? [failedCreate(set, component, `${failed}${why}`)] : [])
  return [
    { do: "create", gvr: gvrs.pods, object: podOf(set, { ...template, spec }, { name, labels }), orElse },
    event(set, component, { reason: "SuccessfulCreate", message }),
  ]
}

function claimTemplates(set: KubeObject): readonly Fields[] {
  return listAt(specOf(set), "volumeClaimTemplates")
}

function claims({ api }: PretendDeps, set: KubeObject, ordinal: number): readonly Action[] {
  const isDeleted = mapAt(specOf(set), "persistentVolumeClaimRetentionPolicy")["whenDeleted"] === "Delete"
  return claimTemplates(set).flatMap((claim): readonly Action[] => {
    const metadata = mapAt(claim, "metadata")
    const name = `${textAt(metadata, "name")}-${set.metadata.name}-${ordinal}`
    if (api.get(gvrs.claims, { namespace: set.metadata.namespace ?? "", name })) return []
    const labels = { ...textsAt(metadata, "labels"), ...textsAt(mapAt(specOf(set), "selector"), "matchLabels") }
    const annotations = textsAt(metadata, "annotations")
    const object: KubeObject = {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: {
        name,
        ...namespaceOf(set),
        labels,
        ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
        ...(isDeleted ? { ownerReferences: [ownerReferenceTo(set)] } : {}),
      },
      spec: mapAt(claim, "spec"),
    }
    const message = `Create Claim ${name} Pod ${set.metadata.name}-${ordinal} in StatefulSet ${set.metadata.name} success`
    return [{ do: "create", gvr: gvrs.claims, object }, event(set, component, { reason: "SuccessfulCreate", message })]
  })
}

function gone(set: KubeObject, pod: KubeObject): readonly Action[] {
  const { namespace = "", name = "", uid = "" } = pod.metadata
  const message = `Delete Pod ${name} in StatefulSet ${set.metadata.name} successful`
  return [
    { do: "delete", gvr: gvrs.pods, ref: { namespace, name }, options: { uid } },
    event(set, component, { reason: "SuccessfulDelete", message }),
  ]
}

/** Pods beyond the wanted ones, from the top; one after another unless `Parallel`. */
function shrink({ set, pods, wanted, isParallel }: Seen): readonly Action[] {
  const inRange = (pod: KubeObject) => ordinalOf(pod) >= startOf(set) && ordinalOf(pod) < startOf(set) + wanted
  const extra = pods.filter((pod) => !inRange(pod)).sort((a, b) => ordinalOf(b) - ordinalOf(a))
  const next = isParallel ? extra : extra.slice(0, 1)
  return next.filter((pod) => !isTerminating(pod)).flatMap((pod) => gone(set, pod))
}

/** One Pod of an older revision goes, from the top, when all others are ready. */
function roll({ set, pods, revision, wanted }: Seen): readonly Action[] {
  const strategy = mapAt(specOf(set), "updateStrategy")
  if (strategy["type"] === "OnDelete") return []
  const from = startOf(set) + numberAt(mapAt(strategy, "rollingUpdate"), "partition")
  const inOrder = pods.filter((pod) => ordinalOf(pod) >= from).sort((a, b) => ordinalOf(b) - ordinalOf(a))
  const old = inOrder.find((pod) => pod.metadata.labels?.[revisionLabel] !== revision.update)
  if (old === undefined || isTerminating(old)) return []
  const others = pods.filter((pod) => pod !== old)
  const allReady = others.length === wanted - 1 && others.every((pod) => isActive(pod) && isReady(pod))
  return allReady ? gone(set, old) : []
}

function reported({ set, pods, revision, wanted }: Seen, nowMs: number): Pass {
  const running = pods.filter((pod) => !isTerminating(pod) || isReady(pod))
  const updated = running.filter((pod) => pod.metadata.labels?.[revisionLabel] === revision.update)
  const before = textAt(statusOf(set), "currentRevision") || revision.update
  const isThrough = updated.length === wanted && running.length === wanted && running.every(isReady)
  const hasPartition = numberAt(mapAt(specOf(set), "updateStrategy", "rollingUpdate"), "partition") > 0
  const current = isThrough && !hasPartition ? revision.update : before
  const onCurrent = running.filter((pod) => pod.metadata.labels?.[revisionLabel] === current)
  const minReadySeconds = numberAt(specOf(set), "minReadySeconds")
  const times = running.flatMap((pod) => availableAtMs(pod, minReadySeconds) ?? [])
  const soonest = Math.min(...times.filter((atMs) => atMs > nowMs))
  const status = {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: running.length,
    availableReplicas: times.filter((atMs) => atMs <= nowMs).length,
    ...nonZero({
      readyReplicas: running.filter(isReady).length,
      currentReplicas: onCurrent.length,
      updatedReplicas: updated.length,
    }),
    ...{ currentRevision: current, updateRevision: revision.update, collisionCount: 0 },
  }
  const actions = statusUpdate(gvrs.statefulSets, set, status)
  return soonest === Infinity ? { actions } : { actions, afterMs: soonest - nowMs }
}
