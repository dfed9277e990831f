import { rfc3339 } from "../base/mod.ts"
import { type Condition, conditionsOf, isTerminating, type KubeObject, withCondition } from "../kube/mod.ts"
import type { Api } from "./api.ts"
import type { Action, Pass, ServerController } from "./controllers.ts"
import { listAt, specOf, statusOf } from "./fields.ts"
import { gvrs, prefixOf } from "./gvrs.ts"
import type { Resource } from "./resource.ts"

interface Content {
  readonly resource: Resource
  readonly objects: readonly KubeObject[]
}

const recheckMs = 5_000

/**
 * The life cycle of namespaces: what is in one that was asked to go is deleted, and the namespace says what still holds
 * it; once it is empty, the finalizer `kubernetes` is taken off.
 */
export function namespaceController(api: Api): ServerController {
  const prefix = prefixOf(gvrs.namespaces)
  return {
    name: "namespaces",
    manager: "kube-controller-manager",
    prefixes: undefined,
    keys: (change) => {
      if (change.prefix === prefix) return isTerminating(change.object) ? [change.name] : []
      if (change.type === "ADDED" || change.namespace === "") return []
      const home = api.get(gvrs.namespaces, { namespace: "", name: change.namespace })
      return home && isTerminating(home) ? [change.namespace] : []
    },
    look: (key, nowMs) => {
      const namespace = api.get(gvrs.namespaces, { namespace: "", name: key })
      return namespace && isTerminating(namespace) ? empty(api, namespace, rfc3339(nowMs)) : { actions: [] }
    },
  }
}

function empty(api: Api, namespace: KubeObject, now: string): Pass {
  const { name = "" } = namespace.metadata
  const contents = contentsOf(api, name)
  if (contents.length === 0) return { actions: released(namespace, now) }
  const deletions = contents.flatMap(({ resource, objects }) =>
    objects
      .filter((object) => !isTerminating(object))
      .map((object): Action => {
        const ref = { namespace: name, name: object.metadata.name ?? "" }
        return { do: "delete", gvr: resource.gvr, ref, options: { propagation: "Background" } }
      }),
  )
  // The first look only deletes: what goes at once is never reported.
  if (deletions.length > 0) return { actions: deletions, afterMs: 1 }
  return { actions: reported(namespace, remaining(contents), now), afterMs: recheckMs }
}

function contentsOf(api: Api, namespace: string): readonly Content[] {
  const stored = api.resources().filter((r) => r.namespaced && r.gvr.version === r.storageVersion)
  const byPrefix = new Map(stored.filter((r) => r.verbs.includes("delete")).map((r) => [r.prefix, r]))
  return [...byPrefix.values()]
    .map((resource) => ({ resource, objects: api.list(resource.gvr, namespace) }))
    .filter(({ objects }) => objects.length > 0)
}

function released(namespace: KubeObject, now: string): readonly Action[] {
  const finalizers = listAtText(namespace).filter((name) => name !== "kubernetes")
  const object = { ...namespace, spec: { ...specOf(namespace), finalizers } }
  const said = conditionsOf(statusOf(namespace)).length > 0 ? reported(namespace, nothingRemains, now) : []
  // A report changes the version: the finalizer goes at the next look.
  if (said.length > 0) return said
  return [{ do: "update", gvr: gvrs.namespaces, object, subresource: "finalize" }]
}

function listAtText(namespace: KubeObject): readonly string[] {
  const { finalizers } = specOf(namespace)
  return Array.isArray(finalizers) ? finalizers.filter((name) => typeof name === "string") : []
}

interface Remaining {
  readonly content: string
  readonly finalizers: string
}

const nothingRemains: Remaining = { content: "", finalizers: "" }

function remaining(contents: readonly Content[]): Remaining {
  const counts = contents.map(({ resource, objects }) => {
    const { group, resource: plural } = resource.gvr
    return `${plural}.${group} has ${objects.length} resource instances`
  })
  const finalizers = new Map<string, number>()
  for (const { objects } of contents) {
    for (const name of objects.flatMap(({ metadata }) => metadata.finalizers ?? [])) {
      finalizers.set(name, (finalizers.get(name) ?? 0) + 1)
    }
  }
  const held = [...finalizers].sort().map(([name, count]) => `${name} in ${count} resource instances`)
  return { content: counts.sort().join(", "), finalizers: held.join(", ") }
}

/** The conditions that a real server writes, as one status update; none when nothing differs. */
function reported(namespace: KubeObject, { content, finalizers }: Remaining, now: string): readonly Action[] {
  const status = statusOf(namespace)
  const wanted: readonly Omit<Condition, "lastTransitionTime">[] = [
    no("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    no(
      "NamespaceDeletionGroupVersionParsingFailure",
      "ParsedGroupVersions",
      "All legacy kube types successfully parsed",
    ),
    no(
      "NamespaceDeletionContentFailure",
      "ContentDeleted",
      "All content successfully deleted, may be waiting on finalization",
    ),
    content === ""
      ? no("NamespaceContentRemaining", "ContentRemoved", "All content successfully removed")
      : yes("NamespaceContentRemaining", "SomeResourcesRemain", `Some resources are remaining: ${content}`),
    finalizers === ""
      ? no("NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished")
      : yes(
          "NamespaceFinalizersRemaining",
          "SomeFinalizersRemain",
          `Some content in the namespace has finalizers remaining: ${finalizers}`,
        ),
  ]
  const before = listAt(status, "conditions")
  const conditions = wanted.reduce((all, next) => withCondition(all, next, now), conditionsOf(status))
  const isSaid = wanted.every(({ type, status: is, message }) =>
    before.some((c) => c["type"] === type && c["status"] === is && c["message"] === message),
  )
  if (isSaid) return []
  const object = { ...namespace, status: { ...status, conditions } }
  return [{ do: "update", gvr: gvrs.namespaces, object, subresource: "status" }]
}

function yes(type: string, reason: string, message: string) {
  return { type, status: "True", reason, message } as const
}

function no(type: string, reason: string, message: string) {
  return { type, status: "False", reason, message } as const
}
