import { isRecord, type KubeObject, semanticEqual, stableHash } from "../kube/mod.ts"
import type { Api } from "./api.ts"
import type { ServerController } from "./controllers.ts"
import { gvrs, prefixOf } from "./gvrs.ts"
import { selectsLabels } from "./label-selector.ts"

/** Fills ClusterRoles that collect the rules of others by their labels. */
export function roleAggregation(api: Api): ServerController {
  const prefix = prefixOf(gvrs.roles)
  return {
    name: "role-aggregation",
    manager: "clusterrole-aggregation-controller",
    prefixes: [prefix],
    // Any role may belong to any that collects.
    keys: () =>
      api
        .list(gvrs.roles)
        .filter(selectors)
        .map(({ metadata }) => metadata.name ?? ""),
    look: (key) => {
      const role = api.get(gvrs.roles, { namespace: "", name: key })
      const wanted = role && selectors(role)
      if (role === undefined || wanted === undefined) return { actions: [] }
      const rules = unique(
        api
          .list(gvrs.roles)
          .filter((other) => isSelected(other, role, wanted))
          .flatMap(rulesIn),
      )
      if (semanticEqual(rulesIn(role), rules)) return { actions: [] }
      return { actions: [{ do: "update", gvr: gvrs.roles, object: { ...role, rules } }] }
    },
  }
}

function selectors({ aggregationRule }: KubeObject): readonly unknown[] | undefined {
  const list = isRecord(aggregationRule) ? aggregationRule["clusterRoleSelectors"] : undefined
  return Array.isArray(list) && list.length > 0 ? list : undefined
}

function isSelected(other: KubeObject, role: KubeObject, wanted: readonly unknown[]): boolean {
  const { name, labels } = other.metadata
  return name !== role.metadata.name && wanted.some((selector) => selectsLabels(selector, labels))
}

function rulesIn({ rules }: KubeObject): readonly unknown[] {
  return Array.isArray(rules) ? rules : []
}

function unique(rules: readonly unknown[]): readonly unknown[] {
  return [...new Map(rules.map((rule) => [stableHash(rule), rule])).values()]
}
