import {
  type Gvr,
  hasFinalizer,
  isOwnedBy,
  isTerminating,
  type KubeObject,
  type OwnerReference,
  parseApiVersion,
  withoutFinalizer,
} from "../kube/mod.ts"
import type { Api, DeleteOptions } from "./api.ts"
import type { Action, Pass, ServerController } from "./controllers.ts"
import type { OwnedIndex } from "./owned.ts"
import type { Resource } from "./resource.ts"
import type { Change, StoredRef } from "./storage.ts"

/** The finalizer that holds an owner until its blocking dependents are gone. */
const foregroundFinalizer = "foregroundDeletion"
/** The finalizer that holds an owner until its dependents no longer name it. */
const orphanFinalizer = "orphan"

/** How long an owner of an unknown kind is taken for alive before it is looked for again. */
const unknownKindMs = 30_000

interface Found {
  readonly gvr: Gvr
  readonly object: KubeObject
}

type OwnerState = "solid" | "dangling" | "waiting" | "unknown"

/**
 * The garbage collector: what has owners, none of which exists any more, is deleted; an owner that is deleted in the
 * foreground waits for its blocking dependents; one that is deleted as an orphanage lets go of them first.
 */
export function garbageCollector(api: Api, owned: OwnedIndex): ServerController {
  const graph = { api, owned }
  return {
    name: "garbage collector",
    manager: "kube-controller-manager",
    prefixes: undefined,
    keys: (change) => concerned(graph, change),
    look: (key) => {
      const found = findByKey(api, key)
      return found ? judge(graph, found) : { actions: [] }
    },
  }
}

interface Graph {
  readonly api: Api
  readonly owned: OwnedIndex
}

function concerned({ api, owned }: Graph, change: Change): readonly string[] {
  const { object, type } = change
  const references = object.metadata.ownerReferences ?? []
  if (type !== "DELETED") return references.length > 0 || holdsDependents(object) ? [keyOfRef(change)] : []
  // Dependents have lost an owner; owners may have lost the last dependent that held them.
  const owners = references.flatMap((reference) => {
    const resource = resourceOf(api, reference)
    if (resource === undefined) return []
    const namespace = resource.namespaced ? change.namespace : ""
    return [keyOfRef({ prefix: resource.prefix, namespace, name: reference.name })]
  })
  return [...owned.of(object.metadata.uid ?? "").map(keyOfRef), ...owners]
}

function holdsDependents(object: KubeObject): boolean {
  return isTerminating(object) && (hasFinalizer(object, foregroundFinalizer) || hasFinalizer(object, orphanFinalizer))
}

function judge(graph: Graph, found: Found): Pass {
  const { object } = found
  if (isTerminating(object)) {
    if (hasFinalizer(object, orphanFinalizer)) return { actions: letGo(graph, found) }
    if (hasFinalizer(object, foregroundFinalizer)) return { actions: takeAlong(graph, found) }
    return { actions: [] }
  }
  return judgeOwners(graph, found)
}

function letGo(graph: Graph, owner: Found): readonly Action[] {
  const uid = owner.object.metadata.uid ?? ""
  const updates = dependentsOf(graph, uid).map((dependent) => without(dependent, [uid]))
  return [...updates, update(owner.gvr, withoutFinalizer(owner.object, orphanFinalizer))]
}

function takeAlong(graph: Graph, owner: Found): readonly Action[] {
  const uid = owner.object.metadata.uid ?? ""
  const blocking = dependentsOf(graph, uid).filter(({ object }) =>
    object.metadata.ownerReferences?.some((reference) => reference.uid === uid && reference.blockOwnerDeletion),
  )
  if (blocking.length === 0) return [update(owner.gvr, withoutFinalizer(owner.object, foregroundFinalizer))]
  return blocking.filter(({ object }) => !isTerminating(object)).flatMap((found) => judgeOwners(graph, found).actions)
}

/** Keeps an object that has an owner left, without its lost ones; deletes one that has none. */
function judgeOwners(graph: Graph, found: Found): Pass {
  const { object } = found
  const references = object.metadata.ownerReferences ?? []
  const states = references.map((reference) => stateOf(graph.api, reference, object))
  const gone = references.filter((_, i) => states[i] === "dangling" || states[i] === "waiting").map(({ uid }) => uid)
  const afterMs = states.includes("unknown") ? unknownKindMs : undefined
  if (gone.length === 0) return { actions: [], afterMs }
  if (states.some((state) => state === "solid" || state === "unknown")) {
    return { actions: [without(found, gone)], afterMs }
  }
  const isAwaited = states.includes("waiting") && graph.owned.of(object.metadata.uid ?? "").length > 0
  return { actions: [deletion(found, isAwaited ? "Foreground" : propagationOf(object))] }
}

function stateOf(api: Api, reference: OwnerReference, dependent: KubeObject): OwnerState {
  const resource = resourceOf(api, reference)
  const { namespace } = dependent.metadata
  // A cluster-wide object cannot be owned by one in a namespace: nobody knows which namespace was meant.
  if (resource === undefined || (resource.namespaced && namespace === undefined)) return "unknown"
  const owner = api.get(resource.gvr, { namespace: resource.namespaced ? (namespace ?? "") : "", name: reference.name })
  if (owner?.metadata.uid !== reference.uid) return "dangling"
  return isTerminating(owner) && hasFinalizer(owner, foregroundFinalizer) ? "waiting" : "solid"
}

function propagationOf(object: KubeObject): DeleteOptions["propagation"] {
  if (hasFinalizer(object, orphanFinalizer)) return "Orphan"
  return hasFinalizer(object, foregroundFinalizer) ? "Foreground" : "Background"
}

function deletion({ gvr, object }: Found, propagation: DeleteOptions["propagation"]): Action {
  const { namespace = "", name = "", uid = "" } = object.metadata
  return { do: "delete", gvr, ref: { namespace, name }, options: { ...(propagation ? { propagation } : {}), uid } }
}

function without({ gvr, object }: Found, uids: readonly string[]): Action {
  const { ownerReferences = [], ...metadata } = object.metadata
  const left = ownerReferences.filter(({ uid }) => !uids.includes(uid))
  return update(gvr, { ...object, metadata: left.length === 0 ? metadata : { ...metadata, ownerReferences: left } })
}

function update(gvr: Gvr, object: KubeObject): Action {
  return { do: "update", gvr, object }
}

function dependentsOf({ api, owned }: Graph, uid: string): readonly Found[] {
  return owned.of(uid).flatMap((ref) => {
    const found = find(api, ref)
    return found && isOwnedBy(found.object, uid) ? [found] : []
  })
}

function keyOfRef({ prefix, namespace, name }: StoredRef): string {
  return `${prefix} ${namespace} ${name}`
}

function findByKey(api: Api, key: string): Found | undefined {
  const [prefix = "", namespace = "", name = ""] = key.split(" ")
  return find(api, { prefix, namespace, name })
}

function find(api: Api, { prefix, namespace, name }: StoredRef): Found | undefined {
  const resource = lookedUp(api).byPrefix.get(prefix)
  const object = resource && api.get(resource.gvr, { namespace, name })
  return resource && object ? { gvr: resource.gvr, object } : undefined
}

function resourceOf(api: Api, { apiVersion, kind }: OwnerReference): Resource | undefined {
  const { group, version } = parseApiVersion(apiVersion)
  return lookedUp(api).byKind.get(kindKey(group, version, kind))
}

interface LookedUp {
  readonly byPrefix: ReadonlyMap<string, Resource>
  readonly byKind: ReadonlyMap<string, Resource>
}

const known = new WeakMap<readonly Resource[], LookedUp>()

/** The resources in the order in which they are asked for; made again when they change. */
function lookedUp(api: Api): LookedUp {
  const all = api.resources()
  const found = known.get(all)
  if (found !== undefined) return found
  // The first of each counts.
  const last = [...all].reverse()
  const own = last.filter(({ gvr, storageVersion }) => gvr.version === storageVersion)
  const made = {
    byPrefix: new Map(own.map((resource) => [resource.prefix, resource])),
    byKind: new Map(
      last.map((resource) => [kindKey(resource.gvr.group, resource.gvr.version, resource.kind), resource]),
    ),
  }
  known.set(all, made)
  return made
}

function kindKey(group: string, version: string, kind: string): string {
  return `${group} ${version} ${kind}`
}
