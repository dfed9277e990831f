import { Bug, messageOf } from "../../base/mod.ts"
import { systemUser } from "../core.ts"
import { actingUser } from "../impersonation.ts"
import type { User } from "../ports.ts"
import { noSuchResource, Refusal } from "../refusal.ts"
import { parseRoute } from "../router.ts"
import { mustBeAllowed } from "./allowed.ts"
import { answerResource, wishOf } from "./dispatch.ts"
import { inForm } from "./layout.ts"
import { pageNotFound, refused } from "./reply.ts"
import type { Answering, Asked } from "./request.ts"

/** Requests to answers: the border at which refusals become statuses. */
export function handlerOf(answering: Answering): (request: Request, user?: User) => Promise<Response> {
  return async (request, user = systemUser) => inForm(request, await answered(answering, request, user))
}

async function answered(answering: Answering, request: Request, user: User): Promise<Response> {
  const warnings: string[] = []
  try {
    const acting = actingUser(request, user, (wish) => mustBeAllowed(answering.authorize, wish))
    return await answer(answering, { request, user: acting, warnings })
  } catch (error) {
    if (error instanceof Refusal) return refused(error, warnings)
    answering.log.error("request failed", { path: pathOf(request), error })
    const reason = error instanceof Bug ? "internal error" : messageOf(error)
    return refused(new Refusal(500, "InternalError", `Internal error occurred: ${reason}`, {}), warnings)
  }
}

async function answer(answering: Answering, asked: Asked): Promise<Response> {
  const path = pathOf(asked.request)
  const route = parseRoute(path)
  if (route !== undefined && answering.core.registry.hasGroup(route.group)) {
    return answerResource(answering, asked, route)
  }
  if (route === undefined) mayAsk(answering, asked, path)
  else wishOf(answering, asked, route)
  for (const page of answering.pages ?? []) {
    const response = await page(asked.request, answering.api)
    if (response !== undefined) return response
  }
  const [root, group = "", version] = path.split("/").slice(1)
  // A version that a known group does not have is told apart from a group that nobody knows.
  const known = root === "api" ? group !== "" : root === "apis" && version !== undefined
  if (known && answering.core.registry.hasGroup(root === "api" ? "" : group)) throw noSuchResource()
  return pageNotFound()
}

function mayAsk({ authorize }: Answering, { request, user }: Asked, path: string): void {
  const verb = request.method.toLowerCase()
  const nowhere = { group: "", version: "", resource: "", subresource: "", namespace: "", name: "" }
  const verdict = authorize?.({ user, verb, path, ...nowhere })
  if (verdict === undefined || verdict.allowed) return
  const why = verdict.reason === undefined || verdict.reason === "" ? "" : `: ${verdict.reason}`
  const said = `forbidden: User ${JSON.stringify(user.name)} cannot ${verb} path ${JSON.stringify(path)}${why}`
  throw new Refusal(403, "Forbidden", said, {})
}

function pathOf(request: Request): string {
  const start = request.url.indexOf("/", request.url.indexOf("://") + 3)
  if (start === -1) return "/"
  const end = request.url.indexOf("?", start)
  return end === -1 ? request.url.slice(start) : request.url.slice(start, end)
}
