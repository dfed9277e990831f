import { methodNotAllowed, noSuchResource, notFound, Refusal } from "../refusal.ts"
import type { Resource, Subresource, Verb } from "../resource.ts"
import type { Route } from "../router.ts"
import { parseAccept } from "./accept.ts"
import { mustBeAllowed } from "./allowed.ts"
import { answerConnect } from "./connecting.ts"
import { answerDelete, answerDeleteCollection } from "./deleting.ts"
import { answerGet, answerList } from "./reading.ts"
import { pageNotFound } from "./reply.ts"
import type { Answering, Asked, ResourceRequest } from "./request.ts"
import { answerScale } from "./scaling.ts"
import { answerWatch, isWatch } from "./watching.ts"
import { answerCreate, answerPatch, answerUpdate } from "./writing.ts"

/** What is served, and should be used no more. */
const deprecated: Readonly<Record<string, string>> = {
  "v1/componentstatuses": "v1 ComponentStatus is deprecated in v1.19+",
  "v1/endpoints": "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
}

/** What a request wants of a resource; refuses what its user may not do, whether there is such a resource or not. */
export function wishOf(
  { authorize }: Answering,
  { request, user }: Asked,
  route: Route,
): { readonly verb: Verb; readonly query: URLSearchParams } {
  const { url } = request
  const query = new URLSearchParams(url.includes("?") ? url.slice(url.indexOf("?") + 1) : "")
  const verb = verbOf(request.method, route, query)
  const { group, version, resource, name } = route
  // A namespace is in itself.
  const namespace = resource === "namespaces" && group === "" ? name : route.namespace
  const [subresource = ""] = route.subresource.split("/", 1)
  mustBeAllowed(authorize, { user, verb, group, version, resource, subresource, namespace, name, path: "" })
  return { verb, query }
}

/** Answers a request whose path is below a group that is served. */
export async function answerResource(answering: Answering, asked: Asked, route: Route): Promise<Response> {
  const { verb, query } = wishOf(answering, asked, route)
  const resource = answering.core.registry.find(route.apiVersion, route.resource)
  // What no CRD serves is a page that nobody has.
  if (resource === undefined && answering.core.registry.isCustom(route.group)) return pageNotFound()
  if (resource === undefined) throw noSuchResource()
  const [subresource = "", more] = route.subresource.split("/", 2)
  // What is below a proxy is the business of what it leads to.
  if (more !== undefined && subresource !== "proxy") throw noSuchResource()
  if (route.namespace !== "" && !resource.namespaced) throw noSuchResource()
  mustServe(resource, { ...route, subresource }, verb)
  const old = resource.deprecation ?? deprecated[`${route.apiVersion}/${route.resource}`]
  if (old !== undefined) asked.warnings.push(old)
  const form = parseAccept(asked.request.headers.get("Accept"), verb === "watch")
  const request: ResourceRequest = { answering, asked, route: { ...route, subresource }, resource, query, form }
  const below = resource.subresources.find(({ name }) => name === subresource)
  if (below?.scale !== undefined) return answerScale(request, verb, below.scale)
  if (below !== undefined && isApart(answering, resource, below)) return answerConnect(request)
  const isReview = verb === "create" && answering.connect?.[route.resource] !== undefined
  if (isReview && route.subresource === "") return answerConnect(request)
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

/** Whether a subresource has answers of its own: it speaks another kind, or a handler is registered for it. */
function isApart({ connect }: Answering, resource: Resource, { name, gvk }: Subresource): boolean {
  return (
    connect?.[`${resource.gvr.resource}/${name}`] !== undefined || (gvk !== undefined && gvk.kind !== resource.kind)
  )
}

function verbOf(method: string, { name, isWatch: isOldWatch }: Route, query: URLSearchParams): Verb {
  switch (method) {
    case "GET":
      if (isOldWatch || (name === "" && isWatch(query))) return "watch"
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

const itemVerbs = new Set<Verb>(["delete", "get", "patch", "update"])

function mustServe(resource: Resource, { name, subresource, namespace }: Route, verb: Verb): void {
  if (subresource !== "") {
    const below = resource.subresources.find((one) => one.name === subresource)
    if (below === undefined) throw resource.isCustom ? notFound(resource, name) : noSuchResource()
    if (!below.verbs.includes(verb)) throw resource.isCustom ? unsupported(resource, verb) : methodNotAllowed()
    return
  }
  // What is only asked has no objects to name.
  if (name !== "" && !resource.verbs.some((one) => itemVerbs.has(one))) throw noSuchResource()
  const needsName = verb === "update" || verb === "patch"
  const wrongPlace = (needsName && name === "") || (verb === "create" && name !== "")
  if (wrongPlace || !resource.verbs.includes(verb)) throw methodNotAllowed()
  // An object of a namespace is named within it, and nothing is made in all namespaces at once.
  const needsHome =
    resource.namespaced && namespace === "" && (name !== "" || verb === "deletecollection" || verb === "create")
  if (needsHome) throw name === "" ? methodNotAllowed() : noSuchResource()
}

/** 405 in the words of custom resources. */
function unsupported({ gvr }: Resource, verb: Verb): Refusal {
  const { group, resource: kind } = gvr
  const message = `${verb} is not supported on resources of kind "${kind}.${group}"`
  return new Refusal(405, "MethodNotAllowed", message, { group, kind })
}
