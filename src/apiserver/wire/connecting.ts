import { noSuchResource } from "../refusal.ts"
import { callOf } from "./calls.ts"
import type { ResourceRequest } from "./request.ts"

/** Answers a subresource, or a kind that is never stored, with a handler of its own. */
export async function answerConnect(request: ResourceRequest): Promise<Response> {
  const { answering, asked, route, resource } = request
  const key = route.subresource === "" ? route.resource : `${route.resource}/${route.subresource}`
  const handler = answering.connect?.[key]
  if (handler === undefined) throw noSuchResource()
  const { context } = callOf(request, "CreateOptions")
  const { namespace, name, subresource } = route
  return await handler({ request: asked.request, resource, subresource, namespace, name, context, api: answering.api })
}
