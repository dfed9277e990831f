import { isRecord } from "../../kube/mod.ts"
import { deletionOf } from "../deletion.ts"
import { deleteObject } from "../verbs/delete.ts"
import { deleteCollection } from "../verbs/delete-collection.ts"
import { list } from "../verbs/list.ts"
import { parseBody } from "./body.ts"
import { callOf, shownOf } from "./calls.ts"
import { mustBeListOptions } from "./list-options.ts"
import { listAnswer } from "./long-list.ts"
import { oneBody } from "./objects.ts"
import { deleteRequest } from "./query.ts"
import { listOptions } from "./reading.ts"
import { json } from "./reply.ts"
import type { ResourceRequest } from "./request.ts"

/** Answers a DELETE with a Status, or with the object where the kind does so or something holds it. */
export async function answerDelete(request: ResourceRequest): Promise<Response> {
  const { answering, resource, asked } = request
  const { call, options } = await deletionCall(request)
  const { object, isGone } = await deleteObject(answering.core, call, options)
  if (!isGone || deletionOf(resource).answersObject === true) {
    return json(200, oneBody(object, shownOf(request)), asked.warnings)
  }
  const { group, resource: kind } = resource.gvr
  const details = { name: call.name, ...(group === "" ? {} : { group }), kind, uid: object.metadata.uid }
  return json(200, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details }, asked.warnings)
}

/** Answers a DELETE of many objects with a list of them. */
export async function answerDeleteCollection(request: ResourceRequest): Promise<Response> {
  const { answering, asked, query } = request
  const { call, options } = await deletionCall(request)
  mustBeListOptions(query, false)
  const page = await list(answering.core, listOptions(request))
  const items = await deleteCollection(answering.core, call, {
    items: page.items,
    request: options,
    signal: asked.request.signal,
  })
  const { clock } = answering.core
  return listAnswer({ ...page, items }, shownOf(request), { warnings: asked.warnings, turn: () => clock.turn() })
}

const preserved =
  "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning"

async function deletionCall(request: ResourceRequest) {
  const { answering, query, asked } = request
  const parsing = { parseYaml: answering.parseYaml, kind: "DeleteOptions", isOptional: true }
  const { value } = await parseBody(asked.request, parsing)
  const options = deleteRequest(query, value)
  const base = callOf(request, "DeleteOptions")
  if (request.resource.prefix === "batch/jobs" && options.propagation === undefined) base.warn(preserved)
  const given = isRecord(value) ? value : base.options
  return { call: { ...base, options: given, context: { ...base.context, dryRun: options.isDryRun } }, options }
}
