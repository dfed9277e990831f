import { isTerminating, type KubeObject, semanticEqual } from "../kube/mod.ts"
import { type Amount, amountText, combined, none, onlyNamed, plus } from "./amounts.ts"
import type { Api } from "./api.ts"
import type { ServerController } from "./controllers.ts"
import { mapAt, specOf, statusOf } from "./fields.ts"
import { gvrs, prefixOf } from "./gvrs.ts"
import { isInScope, trackedNames, usageOf } from "./quota-usage.ts"
import type { Resource } from "./resource.ts"
import type { Change } from "./storage.ts"

/** Charges for writes that did not come about are forgotten after this. */
const recountMs = 300_000

/** Counts what each ResourceQuota is about: at first, and whenever something goes or changes. */
export function quotaController(api: Api): ServerController {
  const quotas = prefixOf(gvrs.quotas)
  return {
    name: "resource quotas",
    manager: "kube-controller-manager",
    prefixes: undefined,
    keys: (change: Change) => {
      const { prefix, namespace, name } = change
      if (prefix === quotas) return isAsked(change) ? [`${namespace}/${name}`] : []
      if (namespace === "" || api.resource(gvrs.quotas) === undefined) return []
      return api.list(gvrs.quotas, namespace).map(({ metadata }) => `${namespace}/${metadata.name}`)
    },
    look: (key, nowMs) => {
      const [namespace = "", name = ""] = key.split("/")
      const quota = api.get(gvrs.quotas, { namespace, name })
      if (quota === undefined || isTerminating(quota)) return { actions: [] }
      const status = { hard: mapAt(specOf(quota), "hard"), used: used(api, quota, nowMs) }
      if (semanticEqual(status, statusOf(quota))) return { actions: [], afterMs: recountMs }
      const object = { ...quota, status }
      return { actions: [{ do: "update", gvr: gvrs.quotas, object, subresource: "status" }], afterMs: recountMs }
    },
  }
}

// Admission writes what is used; only what is asked for is news.
function isAsked({ object, previous }: Change): boolean {
  return previous === undefined || !semanticEqual(specOf(object), specOf(previous))
}

function used(api: Api, quota: KubeObject, nowMs: number): Readonly<Record<string, string>> {
  const names = Object.keys(mapAt(specOf(quota), "hard"))
  let total: Readonly<Record<string, Amount>> = Object.fromEntries(names.map((name) => [name, none]))
  for (const resource of counted(api)) {
    const tracked = trackedNames(names, resource.gvr)
    if (tracked.length === 0) continue
    for (const object of api.list(resource.gvr, quota.metadata.namespace ?? "")) {
      if (!isInScope(quota, object)) continue
      const usage = onlyNamed(usageOf({ gvr: resource.gvr, object, nowMs }), tracked)
      total = combined(total, usage, plus)
    }
  }
  return Object.fromEntries(Object.entries(total).map(([name, amount]) => [name, amountText(amount)]))
}

/** Each stored kind once. */
function counted(api: Api): readonly Resource[] {
  const own = api
    .resources()
    .filter(({ gvr, namespaced, storageVersion }) => namespaced && gvr.version === storageVersion)
  return [...new Map(own.map((resource) => [resource.prefix, resource])).values()]
}
