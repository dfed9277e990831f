import { type Call, contextOf } from "../core.ts"
import { decodeObject } from "../decode.ts"
import { deletionOf } from "../deletion.ts"
import { badRequest, methodNotAllowed, noSuchResource, Refusal } from "../refusal.ts"
import type { Resource, Verb } from "../resource.ts"
import type { Route } from "../router.ts"
import { deleteObject } from "../verbs/delete.ts"
import { deleteCollection } from "../verbs/delete-collection.ts"
import { get } from "../verbs/get.ts"
import { list, selectionOf } from "../verbs/list.ts"
import { mustNameVersion, update } from "../verbs/update.ts"
import { createObject, placed } from "../write.ts"
import { parseAccept } from "./accept.ts"
import { parseBody } from "./body.ts"
import { includeOf, listBody, oneBody } from "./objects.ts"
import { deleteRequest, fieldValidation, integerOf, isDryRun, managerOf } from "./query.ts"
import { json } from "./reply.ts"
import type { Answering, Asked, ResourceRequest } from "./request.ts"
import { answerWatch, isWatch } from "./watching.ts"

/** Answers a request whose path is below a group that is served. */
export async function answerResource(answering: Answering, asked: Asked, route: Route): Promise<Response> {
  const resource = answering.core.registry.find(route.apiVersion, route.resource)
  if (resource === undefined) throw noSuchResource()
  if (route.namespace !== "" && !resource.namespaced) throw noSuchResource()
  const { url } = asked.request
  const query = new URLSearchParams(url.includes("?") ? url.slice(url.indexOf("?") + 1) : "")
  const verb = verbOf(asked.request.method, route, query)
  mustServe(resource, route, verb)
  mustBeAllowed(answering, asked, { route, verb })
  const form = parseAccept(asked.request.headers.get("Accept"))
  const request: ResourceRequest = { answering, asked, route, resource, query, form }
  switch (verb) {
    case "get":
      return answerGet(request)
    case "list":
      return answerList(request)
    case "watch":
      return answerWatch(request)
    case "create":
      return answerCreate(request)
    case "update":
      return answerUpdate(request)
    case "patch":
      return answerPatch(request)
    case "delete":
      return answerDelete(request)
    case "deletecollection":
      return answerDeleteCollection(request)
  }
}

function verbOf(method: string, { name, isWatch: isOldWatch }: Route, query: URLSearchParams): Verb {
  switch (method) {
    case "GET":
    case "HEAD":
      if (isOldWatch || isWatch(query)) return "watch"
      return name === "" ? "list" : "get"
    case "POST":
      return "create"
    case "PUT":
      return "update"
    case "PATCH":
      return "patch"
    case "DELETE":
      return name === "" ? "deletecollection" : "delete"
    default:
      throw methodNotAllowed()
  }
}

function mustServe(resource: Resource, { name, subresource, namespace }: Route, verb: Verb): void {
  if (subresource !== "") {
    const below = resource.subresources.find((one) => one.name === subresource)
    if (below === undefined) throw noSuchResource()
    if (!below.verbs.includes(verb)) throw methodNotAllowed()
    return
  }
  const needsName = verb === "update" || verb === "patch"
  const wrongPlace = (needsName && name === "") || (verb === "create" && name !== "")
  if (wrongPlace || !resource.verbs.includes(verb)) throw methodNotAllowed()
  // An object of a namespace is named within it, and nothing is made in all namespaces at once.
  const needsHome =
    resource.namespaced && namespace === "" && (name !== "" || verb === "deletecollection" || verb === "create")
  if (needsHome) throw name === "" ? methodNotAllowed() : noSuchResource()
}

function mustBeAllowed(
  { authorize }: Answering,
  { user }: Asked,
  { route, verb }: { readonly route: Route; readonly verb: Verb },
): void {
  if (authorize === undefined) return
  const { group, version, resource, subresource, namespace, name } = route
  const verdict = authorize({ user, verb, group, version, resource, subresource, namespace, name, path: "" })
  if (verdict.allowed) return
  const full = subresource === "" ? resource : `${resource}/${subresource}`
  const subject = `${resource}${group === "" ? "" : `.${group}`}${name === "" ? "" : ` ${JSON.stringify(name)}`}`
  const where = namespace === "" ? " at the cluster scope" : ` in the namespace ${JSON.stringify(namespace)}`
  const said = `User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(full)} in API group ${JSON.stringify(group)}${where}`
  const why = verdict.reason === undefined || verdict.reason === "" ? said : `${said}: ${verdict.reason}`
  throw new Refusal(403, "Forbidden", `${subject} is forbidden: ${why}`, { name, group, kind: resource })
}

/** The call behind a request; `kind` is that of its options, for errors. */
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

function shownOf({ answering, resource, form, query }: ResourceRequest) {
  return { resource, form, include: includeOf(query), nowMs: answering.core.clock.nowMs() }
}

async function answerGet(request: ResourceRequest): Promise<Response> {
  const { answering, route, resource } = request
  const object = await get(answering.core, { resource, namespace: route.namespace, name: route.name })
  return json(200, oneBody(object, shownOf(request)), request.asked.warnings)
}

async function answerList(request: ResourceRequest): Promise<Response> {
  const { answering, route, resource, query } = request
  const page = await list(answering.core, {
    resource,
    namespace: route.namespace,
    selection: selectionOf(resource, query),
    limit: integerOf(query, "limit") ?? 0,
    token: query.get("continue") ?? "",
    resourceVersion: query.get("resourceVersion") ?? "",
    match: query.get("resourceVersionMatch") ?? "",
  })
  return json(200, listBody(page, shownOf(request)), request.asked.warnings)
}

async function answerCreate(request: ResourceRequest): Promise<Response> {
  const { answering, resource, query, asked } = request
  const call = callOf(request, "CreateOptions")
  const validation = fieldValidation(query, "CreateOptions")
  const value = await parseBody(asked.request, { parseYaml: answering.parseYaml, kind: resource.kind })
  const object = placed(call, decodeObject(value, { resource, validation, warn: call.warn }))
  const created = await createObject(answering.core, call, { object, isOwned: false })
  return json(201, oneBody(created, shownOf(request)), asked.warnings)
}

async function answerUpdate(request: ResourceRequest): Promise<Response> {
  const { answering, resource, query, asked } = request
  const call = callOf(request, "UpdateOptions")
  const validation = fieldValidation(query, "UpdateOptions")
  const value = await parseBody(asked.request, { parseYaml: answering.parseYaml, kind: resource.kind })
  const object = placed(call, decodeObject(value, { resource, validation, warn: call.warn }))
  if ((object.metadata.name ?? "") === "") throw badRequest("name must be provided")
  mustNameVersion(answering.core, call, object)
  const updated = await update(answering.core, call, object)
  return json(updated.isCreated ? 201 : 200, oneBody(updated.object, shownOf(request)), asked.warnings)
}

async function answerPatch(request: ResourceRequest): Promise<Response> {
  void request
  throw methodNotAllowed()
}

async function answerDelete(request: ResourceRequest): Promise<Response> {
  const { answering, resource, query, asked } = request
  const body = await parseBody(asked.request, {
    parseYaml: answering.parseYaml,
    kind: "DeleteOptions",
    isOptional: true,
  })
  const options = deleteRequest(query, body)
  const base = callOf(request, "DeleteOptions")
  const call = { ...base, context: { ...base.context, dryRun: options.isDryRun } }
  const { object, isGone } = await deleteObject(answering.core, call, options)
  if (!isGone || deletionOf(resource).answersObject === true) {
    return json(200, oneBody(object, shownOf(request)), asked.warnings)
  }
  const { group, resource: kind } = resource.gvr
  const details = { name: call.name, ...(group === "" ? {} : { group }), kind, uid: object.metadata.uid }
  return json(200, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details }, asked.warnings)
}

async function answerDeleteCollection(request: ResourceRequest): Promise<Response> {
  const { answering, resource, query, asked, route } = request
  const body = await parseBody(asked.request, {
    parseYaml: answering.parseYaml,
    kind: "DeleteOptions",
    isOptional: true,
  })
  const options = deleteRequest(query, body)
  const base = callOf(request, "DeleteOptions")
  const call = { ...base, context: { ...base.context, dryRun: options.isDryRun } }
  const page = await list(answering.core, {
    resource,
    namespace: route.namespace,
    selection: selectionOf(resource, query),
    limit: integerOf(query, "limit") ?? 0,
    token: query.get("continue") ?? "",
    resourceVersion: query.get("resourceVersion") ?? "",
    match: query.get("resourceVersionMatch") ?? "",
  })
  const items = await deleteCollection(answering.core, call, { items: page.items, request: options })
  return json(200, listBody({ ...page, items }, shownOf(request)), asked.warnings)
}
