import type { KubeObject, Status, StatusCause } from "../kube/mod.ts"
import type { Resource } from "./resource.ts"

/** `details` of a `metav1.Status`; `goOn` is no detail but the continue token in the answer's metadata. */
export type RefusalDetails = NonNullable<Status["details"]> & { readonly uid?: string; readonly goOn?: string }

/** A request that is answered with a `metav1.Status`: thrown inside the server, caught only at its HTTP border. */
export class Refusal extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    /** Absent in the answer when undefined. */
    readonly details: RefusalDetails | undefined = undefined,
  ) {
    super(message)
  }
}

/** 404 for one object, worded and detailed as a real server does. */
export function notFound(resource: Resource, name: string): Refusal {
  const { group, resource: plural } = resource.gvr
  return new Refusal(404, "NotFound", `${qualified(resource)} "${name}" not found`, { name, group, kind: plural })
}

/** 409: the name is taken, perhaps by something that is on its way out. */
export function alreadyExists(resource: Resource, name: string, isEnding = false): Refusal {
  const { group, resource: plural } = resource.gvr
  const details = { name, group, kind: plural }
  const prefix = isEnding ? "object is being deleted: " : ""
  return new Refusal(409, "AlreadyExists", `${prefix}${qualified(resource)} "${name}" already exists`, details)
}

/** 409: a precondition or an expected version was wrong. */
export function conflict(resource: Resource, name: string, why: string): Refusal {
  const { group, resource: plural } = resource.gvr
  const details = { name, group, kind: plural }
  return new Refusal(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    details,
  )
}

/** 422 with one cause per wrong field. */
export function invalid(
  resource: Pick<Resource, "gvr" | "kind">,
  name: string,
  causes: readonly StatusCause[],
): Refusal {
  const { group } = resource.gvr
  const texts = causes.map(({ field, message }) => `${field}: ${message}`)
  const why = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`
  const subject = group === "" ? resource.kind : `${resource.kind}.${group}`
  return new Refusal(422, "Invalid", `${subject} "${name}" is invalid: ${why}`, {
    name,
    group,
    kind: resource.kind,
    causes,
  })
}

/** Why a stored object cannot be read in the version that is asked for, and its key. */
function unread({ gvr }: Resource, { metadata }: KubeObject, why: string) {
  const { namespace = "", name = "", resourceVersion } = metadata
  const key = `/${[gvr.group, gvr.resource, namespace, name].filter((part) => part !== "").join("/")}`
  const text = (prefix: string) =>
    `StorageError: corrupt object, Code: 7, Key: ${prefix}${key}, ResourceVersion: 0, AdditionalErrorMsg: object not decodable revision=${resourceVersion}: ${why}`
  return { key, text }
}

/** 500 for one object that its conversion fails. */
export function unreadable(resource: Resource, object: KubeObject, { message: why }: Refusal): Refusal {
  const message = unread(resource, object, why).text("")
  return new Refusal(500, "InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] })
}

/** 500 for a list with objects that their conversion fails; each with why. */
export function unreadableList(
  resource: Resource,
  failed: readonly { readonly object: KubeObject; readonly why: string }[],
): Refusal {
  const { group, resource: kind } = resource.gvr
  const causes = failed.map(({ object, why }) => {
    const { key, text } = unread(resource, object, why)
    return { reason: "UnexpectedServerResponse", message: text("/registry"), field: `/registry${key}` }
  })
  const more = causes.length > 1 ? ` (and ${causes.length - 1} more)` : ""
  const said = `failed to read one or more ${qualified(resource)} from the storage: ${causes[0]?.message}${more}`
  return new Refusal(500, "StorageReadError", said, { name: "list", group, kind, causes })
}

/** 404 for an address that is no resource. */
export function noSuchResource(): Refusal {
  return new Refusal(404, "NotFound", "the server could not find the requested resource", {})
}

/** 405: the address is right, the verb is not. */
export function methodNotAllowed(): Refusal {
  return new Refusal(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})
}

/** 500 as a server says it when no reason fits. */
export function internal(message: string): Refusal {
  return new Refusal(500, "", message)
}

/** 500: a resourceVersion that is no number. */
export function wrongVersion(version: string): Refusal {
  const value = JSON.stringify(version)
  return internal(`resourceVersion: Invalid value: ${value}: strconv.ParseUint: parsing ${value}: invalid syntax`)
}

/** 403 for one object. */
export function forbiddenObject(resource: Resource, name: string, why: string): Refusal {
  const { group, resource: kind } = resource.gvr
  const subject = `${qualified(resource)}${name === "" ? "" : ` ${JSON.stringify(name)}`}`
  return new Refusal(403, "Forbidden", `${subject} is forbidden: ${why}`, { name, group, kind })
}

/** 400: the request makes no sense. */
export function badRequest(message: string): Refusal {
  return new Refusal(400, "BadRequest", message)
}

function qualified({ gvr }: Resource): string {
  return gvr.group === "" ? gvr.resource : `${gvr.resource}.${gvr.group}`
}
