import { gvkOf, type KubeObject } from "../kube/mod.ts"
import type { RenderScope } from "../plan/mod.ts"
import type { Pass } from "./pass.ts"

/** What templates and conditions of a pass may read. */
export function scopeOf(pass: Pass): RenderScope {
  const { cr, ports, plan } = pass
  const children = plan.readsChildren ? childrenScope(knownChildren(pass)) : {}
  return {
    nowMs: ports.clock.nowMs(),
    random: ports.random,
    data: {
      apiVersion: cr.apiVersion,
      kind: cr.kind,
      metadata: cr.metadata,
      spec: cr["spec"],
      status: cr["status"],
      children,
      ork: ports.process,
    },
  }
}

function knownChildren(pass: Pass): readonly KubeObject[] {
  if (pass.live.size > 0) return [...pass.live.values()]
  return pass.ports.cache.ownedBy(pass.cr.metadata.uid ?? "").map(({ object }) => object)
}

/** `.children.deployment` is the first of its kind, `.children.deployments.<name>` each by name; any case of letters. */
export function childrenScope(children: readonly KubeObject[]): Readonly<Record<string, unknown>> {
  const scope: Record<string, unknown> = {}
  const sorted = [...children].sort((a, b) => ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1))
  for (const child of sorted) {
    const { kind } = gvkOf(child)
    const camel = kind.charAt(0).toLowerCase() + kind.slice(1)
    for (const key of new Set([camel, kind.toLowerCase()])) {
      scope[key] ??= child
      const plural = `${key}s`
      const byName = scope[plural]
      scope[plural] = { ...(typeof byName === "object" ? byName : {}), [child.metadata.name ?? ""]: child }
    }
  }
  return scope
}
