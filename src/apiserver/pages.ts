import type { Api } from "./api.ts"
import { discoveryDocument } from "./discovery.ts"
import { documentResponse } from "./document.ts"
import { healthDocument } from "./health.ts"
import { openApiDocument } from "./openapi.ts"
import { methodNotAllowed } from "./refusal.ts"

const headers = { "Cache-Control": "no-cache, private" }

/** Other documents are given whatever the method. */
const isReadOnly = /^\/(?:version|api(?:\/[^/]+)?|apis\/[^/]+\/[^/]+)\/?$/

/** Answers discovery, OpenAPI, version and health; undefined for every other path. */
export function handleDiscovery(request: Request, api: Pick<Api, "resources">): Response | undefined {
  const { pathname, host, searchParams } = new URL(request.url)
  const health = healthDocument(pathname, searchParams)
  if (health !== undefined) return documentResponse(health, request)
  const accept = request.headers.get("accept") ?? ""
  const document = pathname.startsWith("/openapi/")
    ? openApiDocument(pathname, accept, api.resources())
    : discoveryDocument(pathname, accept, { resources: api.resources(), host })
  if (document === undefined) {
    return pathname.startsWith("/openapi/v3/") ? new Response(null, { status: 404, headers }) : undefined
  }
  if (request.method !== "GET" && isReadOnly.test(pathname)) throw methodNotAllowed()
  if (document === "unacceptable") {
    const headers = { "cache-control": "no-cache, private", vary: "Accept-Encoding, Accept" }
    return new Response(null, { status: 406, headers })
  }
  return documentResponse(document, request)
}
