import { rfc3339 } from "../base/mod.ts"
import {
  type Condition,
  conditionOf,
  conditionsOf,
  hasFinalizer,
  isRecord,
  isTerminating,
  type KubeObject,
  semanticEqual,
  stableHash,
  withCondition,
  withoutFinalizer,
} from "../kube/mod.ts"
import type { Api } from "./api.ts"
import type { Action, Pass, ServerController } from "./controllers.ts"
import { type CrdDeps, crdResources } from "./crd.ts"
import { approvalAnnotation, approvalOf } from "./crd-approval.ts"
import { acceptNames, groupOf } from "./crd-names.ts"
import { cleanupFinalizer } from "./deletion.ts"
import { gvrs, prefixOf } from "./gvrs.ts"
import type { Resource } from "./resource.ts"
import type { ApiServer } from "./server.ts"
import type { Change } from "./storage.ts"

const crdPrefix = prefixOf(gvrs.crds)

/**
 * Serves what CRDs declare, from what is stored already on. A change of a CRD counts for the next request; watches of
 * its objects end then, and when it goes.
 */
export function serveCrds(server: Pick<ApiServer, "api" | "register" | "unregister">, deps: CrdDeps = {}): Disposable {
  const served = new Map<string, { readonly mark: string; readonly resources: readonly Resource[] }>()
  const serve = (name: string, crd: KubeObject | undefined) => {
    const before = served.get(name)
    const mark = crd === undefined ? "" : markOf(crd)
    if (before?.mark === mark) return
    const resources = crd === undefined ? [] : crdResources(crd, deps)
    for (const { gvr } of before?.resources ?? []) {
      if (!resources.some((resource) => resource.gvr.version === gvr.version)) server.unregister(gvr)
    }
    for (const resource of resources) server.register(resource)
    if (crd === undefined) served.delete(name)
    else served.set(name, { mark, resources })
  }
  for (const crd of server.api.list(gvrs.crds)) serve(crd.metadata.name ?? "", crd)
  return server.api.onChange(({ prefix, name, type, object }) => {
    if (prefix === crdPrefix) serve(name, type === "DELETED" ? undefined : object)
  })
}

// What decides about serving: labels and the other conditions do not.
function markOf(crd: KubeObject): string {
  const { status } = crd
  const accepted = isRecord(status) ? status["acceptedNames"] : undefined
  const isEstablished = conditionOf(status, "Established")?.status
  return stableHash([crd["spec"], accepted, isEstablished, isTerminating(crd)])
}

/** Accepts names, establishes CRDs, and empties those that are deleted. */
export function crdController(api: Api): ServerController {
  const groups = new Map<string, Set<string>>()
  return {
    name: "crds",
    manager: "kube-apiserver",
    prefixes: undefined,
    keys(change: Change) {
      if (change.prefix === crdPrefix) {
        const group = groupOf(change.object)
        const peers = groups.get(group) ?? new Set<string>()
        groups.set(group, peers)
        if (change.type === "DELETED") peers.delete(change.name)
        else peers.add(change.name)
        // A name that is free again may be another's.
        return change.type === "DELETED" ? [...peers] : [change.name]
      }
      // The last object of a CRD that is on its way out.
      return change.type === "DELETED" && change.prefix.includes("/") ? [nameOfPrefix(change.prefix)] : []
    },
    look(key, nowMs) {
      const crd = api.get(gvrs.crds, { namespace: "", name: key })
      if (crd === undefined) return { actions: [] }
      return isTerminating(crd) ? cleanUp(api, crd, nowMs) : establish(api, crd, nowMs)
    },
  }
}

// `example.com/things` is where the objects of `things.example.com` are.
function nameOfPrefix(prefix: string): string {
  const slash = prefix.indexOf("/")
  return `${prefix.slice(slash + 1)}.${prefix.slice(0, slash)}`
}

function establish(api: Api, crd: KubeObject, nowMs: number): Pass {
  const { names, conflict } = acceptNames(crd, api.list(gvrs.crds))
  const wasEstablished = conditionOf(crd["status"], "Established")?.status === "True"
  const accepted: Verdict =
    conflict === undefined
      ? { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" }
      : { type: "NamesAccepted", status: "False", ...conflict }
  const established: Verdict =
    conflict === undefined
      ? { ...isEstablished, status: "True" }
      : { type: "Established", status: "False", reason: "NotAccepted", message: "not all names are accepted" }
  const verdicts = [...approval(crd), accepted, ...(wasEstablished ? [] : [established])]
  return { actions: statusUpdate(crd, { acceptedNames: names }, { verdicts, nowMs }) }
}

function approval(crd: KubeObject): readonly Verdict[] {
  const said = crd.metadata.annotations?.[approvalAnnotation] ?? ""
  const type = "KubernetesAPIApprovalPolicyConformant"
  switch (approvalOf(crd)) {
    case "approved":
      return [{ type, status: "True", reason: "ApprovedAnnotation", message: `approved in ${said}` }]
    case "unapproved":
      return [
        { type, status: "False", reason: "UnapprovedAnnotation", message: `not approved: ${JSON.stringify(said)}` },
      ]
    default:
      return []
  }
}

type Verdict = Omit<Condition, "lastTransitionTime" | "observedGeneration">

const isEstablished = {
  type: "Established",
  reason: "InitialNamesAccepted",
  message: "the initial names have been accepted",
}

function cleanUp(api: Api, crd: KubeObject, nowMs: number): Pass {
  if (!hasFinalizer(crd, cleanupFinalizer)) return { actions: [] }
  const resource = api
    .resources()
    .find(({ isCustom, prefix }) => isCustom && nameOfPrefix(prefix) === crd.metadata.name)
  const objects = resource === undefined ? [] : api.list(resource.gvr)
  if (resource === undefined || objects.length === 0) {
    return { actions: [{ do: "update", gvr: gvrs.crds, object: withoutFinalizer(crd, cleanupFinalizer) }] }
  }
  const verdicts: readonly Verdict[] = [
    {
      type: "Terminating",
      status: "True",
      reason: "InstanceDeletionInProgress",
      message: "CustomResource deletion is in progress",
    },
  ]
  const deletions = objects
    .filter((object) => !isTerminating(object))
    .map(({ metadata }): Action => {
      const { namespace = "", name = "" } = metadata
      return { do: "delete", gvr: resource.gvr, ref: { namespace, name } }
    })
  return { actions: [...statusUpdate(crd, {}, { verdicts, nowMs }), ...deletions] }
}

function statusUpdate(
  crd: KubeObject,
  fields: Readonly<Record<string, unknown>>,
  { verdicts, nowMs }: { readonly verdicts: readonly Verdict[]; readonly nowMs: number },
): readonly Action[] {
  const before = isRecord(crd["status"]) ? crd["status"] : {}
  const now = rfc3339(nowMs)
  const conditions = verdicts.reduce<readonly Condition[]>(
    (list, verdict) => withCondition(list, verdict, now),
    conditionsOf(before),
  )
  const status = { ...before, ...fields, conditions }
  if (semanticEqual(status, before)) return []
  return [{ do: "update", gvr: gvrs.crds, object: { ...crd, status }, subresource: "status" }]
}
