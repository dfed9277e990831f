import { type Clock, type Random, rfc3339 } from "../base/mod.ts"
import { isRecord, type KubeObject } from "../kube/mod.ts"
import bootstrapText from "./data/bootstrap.json" with { type: "text" }
import { gvrs, prefixOf } from "./gvrs.ts"
import type { Storage } from "./storage.ts"
import { uuid } from "./uuid.ts"

const flow = { group: "flowcontrol.apiserver.k8s.io", version: "v1" }

/** Where the objects of each kind are kept. */
const prefixes: Readonly<Record<string, string>> = {
  APIService: "apiregistration.k8s.io/apiservices",
  ClusterRole: prefixOf(gvrs.roles),
  ClusterRoleBinding: prefixOf(gvrs.bindings),
  FlowSchema: prefixOf({ ...flow, resource: "flowschemas" }),
  PriorityClass: prefixOf(gvrs.priorityClasses),
  PriorityLevelConfiguration: prefixOf({ ...flow, resource: "prioritylevelconfigurations" }),
  Role: prefixOf(gvrs.namespacedRoles),
  RoleBinding: prefixOf(gvrs.roleBindings),
}

let recorded: readonly KubeObject[] | undefined

/**
 * Stores what a real cluster has of its own accord: roles and who has them, priorities, the services of its API. They
 * were recorded whole, so they are stored as they are; what is there already stays.
 */
export function storeRecorded(storage: Storage, { clock, random }: { readonly clock: Clock; readonly random: Random }) {
  recorded ??= parseRecorded()
  const now = rfc3339(clock.nowMs())
  for (const object of recorded) {
    const { namespace = "", name = "" } = object.metadata
    const ref = { prefix: prefixes[object.kind] ?? "", namespace, name }
    if (storage.get(ref) !== undefined) continue
    const metadata = { ...object.metadata, uid: uuid(random), creationTimestamp: now }
    const status = object["status"] === undefined ? {} : { status: timed(object["status"], now) }
    storage.put(ref, { ...object, metadata, ...status }, undefined)
  }
}

function parseRecorded(): readonly KubeObject[] {
  return JSON.parse(String(bootstrapText))
}

function timed(status: unknown, now: string): unknown {
  const conditions = isRecord(status) && Array.isArray(status["conditions"]) ? status["conditions"] : []
  return { conditions: conditions.filter(isRecord).map((one) => ({ lastTransitionTime: now, ...one })) }
}
