import { noSuchResource } from "../refusal.ts"
import { callOf } from "./calls.ts"
import type { ResourceRequest } from "./request.ts"

/** Answers a subresource with a handler of its own. */
export async function answerConnect(request: ResourceRequest): Promise<Response> {
  const { answering, asked, route, resource } = request
  const handler = answering.connect?.[`${route.resource}/${route.subresource}`]
  if (handler === undefined) throw noSuchResource()
  const { context } = callOf(request, "CreateOptions")
  const { namespace, name, subresource } = route
  return await handler({ request: asked.request, resource, subresource, namespace, name, context, api: answering.api })
}
