import { badRequest, wrongVersion } from "../refusal.ts"
import { get } from "../verbs/get.ts"
import { type ListOptions, list, selectionOf, tooNew } from "../verbs/list.ts"
import { shownOf } from "./calls.ts"
import { mustBeListOptions } from "./list-options.ts"
import { listAnswer } from "./long-list.ts"
import { oneBody } from "./objects.ts"
import { integerOf } from "./query.ts"
import { json } from "./reply.ts"
import type { ResourceRequest } from "./request.ts"

const noExport = "the export parameter, deprecated since v1.14, is no longer supported"

/** Answers with one object. */
export async function answerGet(request: ResourceRequest): Promise<Response> {
  const { answering, route, resource, query } = request
  const version = query.get("resourceVersion") ?? ""
  if (!/^\d*$/.test(version)) throw wrongVersion(version)
  if (query.get("export") === "true") throw badRequest(noExport)
  const newest = answering.core.storage.revision
  if (Number(version) > newest) throw tooNew(Number(version), newest)
  const object = await get(answering.core, { resource, namespace: route.namespace, name: route.name })
  return json(200, oneBody(object, shownOf(request)), request.asked.warnings)
}

/** Answers with a page of objects. */
export async function answerList(request: ResourceRequest): Promise<Response> {
  mustBeListOptions(request.query, false)
  integerOf(request.query, "timeoutSeconds")
  const page = await list(request.answering.core, listOptions(request))
  const { clock } = request.answering.core
  return listAnswer(page, shownOf(request), { warnings: request.asked.warnings, turn: () => clock.turn() })
}

/** What a request lists. */
export function listOptions({ resource, route, query }: ResourceRequest): ListOptions {
  return {
    resource,
    namespace: route.namespace,
    selection: selectionOf(resource, query),
    limit: integerOf(query, "limit") ?? 0,
    token: query.get("continue") ?? "",
    resourceVersion: query.get("resourceVersion") ?? "",
    match: query.get("resourceVersionMatch") ?? "",
  }
}
