import { messageOf } from "../../base/mod.ts"
import { shortText } from "../decode.ts"
import { jsonProblem } from "../go-json.ts"
import { decodeProtobuf } from "../protobuf.ts"
import { badRequest, Refusal } from "../refusal.ts"

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
  return new Refusal(413, "RequestEntityTooLarge", message)
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
  readonly isOptional?: boolean | undefined
}

/** A body as a value and as JSON text; the text is "" when it was none. */
export interface Parsed {
  readonly value: unknown
  readonly text: string
}

const accepted = "application/json, application/yaml, application/vnd.kubernetes.protobuf"

async function parseProtobuf(request: Request, { kind, isOptional }: Omit<Parsing, "parseYaml">): Promise<Parsed> {
  const bytes = await request.bytes()
  if (bytes.length > bodyBytesMax) throw tooLarge()
  if (bytes.length === 0 && isOptional === true) return { value: undefined, text: "" }
  try {
    return { value: decodeProtobuf(bytes), text: "" }
  } catch (error) {
    throw badRequest(`the object provided is unrecognized (must be of type ${kind}): ${messageOf(error)}`)
  }
}

/** The value of a body; refuses what cannot be read. */
export async function parseBody(request: Request, { parseYaml, kind, isOptional }: Parsing): Promise<Parsed> {
  const type = mediaType(request)
  if (type === "application/vnd.kubernetes.protobuf") return await parseProtobuf(request, { kind, isOptional })
  const isYaml = type === "application/yaml"
  if (!isYaml && type !== "" && type !== "application/json" && type !== "*/*") {
    const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`
    throw new Refusal(415, "UnsupportedMediaType", message)
  }
  const text = await readBody(request)
  if (text === "" && isOptional === true) return { value: undefined, text }
  try {
    return isYaml && parseYaml !== undefined ? { value: parseYaml(text), text: "" } : { value: JSON.parse(text), text }
  } catch (error) {
    const subject = `the object provided is unrecognized (must be of type ${kind})`
    if (isYaml) throw badRequest(`${subject}: yaml: ${messageOf(error)} (${shortText(text)})`)
    const why = `couldn't get version/kind; json parse error: ${jsonProblem(text)}`
    // Options are read without a word about what they should be.
    throw badRequest(isOptional === true ? why : `${subject}: ${why} (${shortText(text)})`)
  }
}

/** The value of a patch; refuses what cannot be read. An apply may be YAML. */
export async function readPatch(request: Request, type: string, parseYaml: Parsing["parseYaml"]): Promise<Parsed> {
  const text = await readBody(request)
  try {
    return { value: JSON.parse(text), text }
  } catch {
    if (type !== "apply") throw badRequest("invalid JSON patch")
  }
  try {
    return { value: parseYaml === undefined ? JSON.parse(text) : parseYaml(text), text: "" }
  } catch (error) {
    throw badRequest(`error encoding patch: yaml: ${messageOf(error)}`)
  }
}
