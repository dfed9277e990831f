/** What a path asks for: a place below a group and version, or something else. */
export interface Route {
  /** `apps/v1`, `v1`. */
  readonly apiVersion: string
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly namespace: string
  readonly name: string
  readonly subresource: string
  /** The old way to watch: `/api/v1/watch/...`. */
  readonly isWatch: boolean
}

/** Takes a path below `/api` or `/apis` apart; undefined when it is no resource's. */
export function parseRoute(path: string): Route | undefined {
  const parts = decoded(path)
  if (parts === undefined) return undefined
  const isCore = parts[0] === "api"
  if (!isCore && parts[0] !== "apis") return undefined
  const [group, version] = isCore ? ["", parts[1]] : [parts[1], parts[2]]
  let rest = parts.slice(isCore ? 2 : 3)
  if (group === undefined || version === undefined || rest.length === 0) return undefined
  const isWatch = rest[0] === "watch"
  if (isWatch) rest = rest.slice(1)
  const place = placeOf(rest)
  if (place === undefined) return undefined
  return { ...place, apiVersion: group === "" ? version : `${group}/${version}`, group, version, isWatch }
}

type Place = Pick<Route, "resource" | "namespace" | "name" | "subresource">

function placeOf(parts: readonly string[]): Place | undefined {
  const [first, namespace, resource, name = "", ...below] = parts
  // Beyond these a namespace has subresources of its own.
  const isWithin = first === "namespaces" && resource !== undefined && resource !== "finalize" && resource !== "status"
  if (isWithin) return { namespace: namespace ?? "", resource, name, subresource: below.join("/") }
  const [plural, object = "", ...rest] = parts
  if (plural === undefined) return undefined
  return { namespace: "", resource: plural, name: object, subresource: rest.join("/") }
}

/** The steps of a path, without a slash at its end; undefined when it cannot be decoded. */
function decoded(path: string): readonly string[] | undefined {
  const trimmed = path.endsWith("/") ? path.slice(1, -1) : path.slice(1)
  if (!trimmed.includes("%")) return trimmed.split("/")
  try {
    return trimmed.split("/").map(decodeURIComponent)
  } catch {
    return undefined
  }
}
