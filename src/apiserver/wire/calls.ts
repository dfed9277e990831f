import { type Call, contextOf } from "../core.ts"
import { includeOf, type Shown } from "./objects.ts"
import { isDryRun, managerOf } from "./query.ts"
import type { ResourceRequest } from "./request.ts"

/** The call behind a request; `kind` is that of its options, for errors and admission. */
export function callOf(request: ResourceRequest, kind: string): Call {
  const { answering, asked, route, resource, query } = request
  const context = contextOf(answering.core, {
    user: asked.user,
    subresource: route.subresource,
    dryRun: isDryRun(query, kind),
  })
  return {
    resource,
    namespace: route.namespace,
    name: route.name,
    context,
    manager: managerOf(asked.request, query, kind),
    options: { kind, apiVersion: "meta.k8s.io/v1", ...Object.fromEntries(query) },
    warn: (text) => void (asked.warnings.includes(text) || asked.warnings.push(text)),
  }
}

/** How a request wants its objects. */
export function shownOf({ answering, resource, form, query }: ResourceRequest): Shown {
  return { resource, form, include: includeOf(query), nowMs: answering.core.clock.nowMs() }
}
