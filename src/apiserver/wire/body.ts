import { Refusal } from "../refusal.ts"

/** Bytes of a request body beyond this are refused. */
export const bodyBytesMax = 3_145_728

/** The body as text; refuses what is too large without reading on. */
export async function readBody(request: Request): Promise<string> {
  const declared = Number(request.headers.get("Content-Length") ?? "0")
  if (declared > bodyBytesMax) throw tooLarge()
  const text = await request.text()
  // Text has at most three bytes per unit: small texts need no count.
  if (text.length * 3 > bodyBytesMax && Buffer.byteLength(text) > bodyBytesMax) throw tooLarge()
  return text
}

function tooLarge(): Refusal {
  const message = `Request entity too large: limit is ${bodyBytesMax}`
  return new Refusal(413, "RequestEntityTooLarge", message, {})
}

/** The media type of the body, without parameters. */
export function mediaType(request: Request): string {
  return (request.headers.get("Content-Type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? ""
}

/** How a body is read. */
export interface Parsing {
  readonly parseYaml: ((text: string) => unknown) | undefined
  /** The kind that the body should be, for errors. */
  readonly kind: string
  /** Whether there may be none. */
  readonly isOptional?: boolean
}

/** The value of a body; refuses what cannot be read. */
export async function parseBody(request: Request, { parseYaml, kind, isOptional }: Parsing): Promise<unknown> {
  const text = await readBody(request)
  if (text === "" && isOptional === true) return undefined
  const type = mediaType(request)
  const isYaml = type === "application/yaml"
  if (!isYaml && type !== "" && type !== "application/json" && type !== "*/*") {
    const accepted = "application/json, application/yaml"
    throw new Refusal(
      415,
      "UnsupportedMediaType",
      `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
    )
  }
  try {
    return isYaml && parseYaml !== undefined ? parseYaml(text) : JSON.parse(text)
  } catch {
    const shown = text === "" ? "<empty>" : text.slice(0, 100)
    throw new Refusal(
      400,
      "BadRequest",
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${text === "" ? "unexpected end of JSON input" : "invalid JSON"} (${shown})`,
    )
  }
}
