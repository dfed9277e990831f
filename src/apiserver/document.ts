/** A whole answer that is no object: a discovery or an OpenAPI document. */
export interface ApiDocument {
  readonly type: string
  readonly body: string | Uint8Array<ArrayBuffer>
  /** The Cache-Control header. */
  readonly cache: string
  readonly vary?: string
  /** The ETag, with which a client may ask whether it has changed. */
  readonly tag?: string
  /** The browser shall not guess what it is. */
  readonly isPlain?: boolean
}

/** A plain text. */
export function textDocument(body: string): ApiDocument {
  return { type: "text/plain; charset=utf-8", body, cache: "no-cache, private", isPlain: true }
}

/** The document as an HTTP answer: 304 when the client has it already, without a body for HEAD. */
export function documentResponse(document: ApiDocument, request: Request): Response {
  const tag = document.tag && `"${document.tag}"`
  const headers = new Headers({ "content-type": document.type, "cache-control": document.cache })
  if (document.vary !== undefined) headers.set("vary", document.vary)
  if (tag !== undefined) headers.set("etag", tag)
  if (document.isPlain === true) headers.set("x-content-type-options", "nosniff")
  if (tag !== undefined && request.headers.get("if-none-match") === tag)
    return new Response(null, { status: 304, headers })
  return new Response(request.method === "HEAD" ? null : document.body, { headers })
}

/** SHA-512 in capital hex, as the real server spells it. */
export function hashOf(text: string): string {
  return new Bun.CryptoHasher("sha512").update(text).digest("hex").toUpperCase()
}
