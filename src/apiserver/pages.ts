import type { Api } from "./api.ts"
import { discoveryDocument } from "./discovery.ts"
import { documentResponse } from "./document.ts"
import { openApiDocument } from "./openapi.ts"

const unacceptable = {
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message: "only the following media types are accepted: application/json",
  reason: "NotAcceptable",
  code: 406,
}

/** Answers discovery, OpenAPI, version and health; undefined for every other path, and for writes. */
export function handleDiscovery(request: Request, api: Pick<Api, "resources">): Response | undefined {
  if (request.method !== "GET" && request.method !== "HEAD") return undefined
  const { pathname, host } = new URL(request.url)
  const accept = request.headers.get("accept") ?? ""
  const document = pathname.startsWith("/openapi/")
    ? openApiDocument(pathname, accept, api.resources())
    : discoveryDocument(pathname, accept, { resources: api.resources(), host })
  if (document === undefined) return undefined
  if (document === "unacceptable") return Response.json(unacceptable, { status: 406 })
  return documentResponse(document, request)
}
