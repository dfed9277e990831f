import { isRecord, type StatusCause } from "../kube/mod.ts"
import { forbidden, invalidValue, required, unsupported } from "./names.ts"

type Node = Readonly<Record<string, unknown>>

const listTypes = ["atomic", "set", "map"]
const scalars = ["string", "integer", "boolean", "number"]

/** What is wrong with the list type, its keys and the map type of one schema. */
export function* listShapeCauses(schema: Node, path: string): Generator<StatusCause> {
  const { type, items } = schema
  const listType = schema["x-kubernetes-list-type"]
  const mapType = schema["x-kubernetes-map-type"]
  const keys = schema["x-kubernetes-list-map-keys"]
  const hasKeys = Array.isArray(keys) && keys.length > 0
  if (mapType !== undefined) {
    if (mapType !== "atomic" && mapType !== "granular") {
      yield unsupported(`${path}.x-kubernetes-map-type`, mapType, ["atomic", "granular"])
    }
    if (type !== "object") {
      yield invalidValue(`${path}.type`, type ?? "", "must be object if x-kubernetes-map-type is specified")
    }
  }
  if (listType !== undefined) {
    if (!listTypes.includes(String(listType))) yield unsupported(`${path}.x-kubernetes-list-type`, listType, listTypes)
    if (type !== "array") {
      yield invalidValue(`${path}.type`, type ?? "", "must be array if x-kubernetes-list-type is specified")
    }
  }
  if (listType === "map" && !hasKeys) {
    yield required(`${path}.x-kubernetes-list-map-keys`, "must not be empty if x-kubernetes-list-type is map")
  }
  if (hasKeys && listType !== "map") {
    yield required(`${path}.x-kubernetes-list-type`, "must be map if x-kubernetes-list-map-keys is non-empty")
  }
  if (listType === "map" && isRecord(items)) yield* mapCauses(items, keys, path)
  if (listType === "set" && isRecord(items)) yield* setCauses(items, `${path}.items`)
}

function* mapCauses(items: Node, keys: unknown, path: string): Generator<StatusCause> {
  const { type, properties, required: needed } = items
  if (type !== "object") {
    const why = "must be object if parent array's x-kubernetes-list-type is map"
    yield invalidValue(`${path}.items.type`, type ?? "", why)
    return
  }
  if (!Array.isArray(keys)) return
  const members = isRecord(properties) ? properties : {}
  const field = `${path}.x-kubernetes-list-map-keys`
  if (keys.some((key) => !Object.hasOwn(members, String(key)))) {
    yield invalidValue(field, keys, "entries must all be names of item properties")
  }
  if (new Set(keys).size < keys.length) yield invalidValue(field, keys, "must not contain duplicate entries")
  for (const key of new Set(keys.map(String))) {
    const member = members[key]
    if (!isRecord(member)) continue
    const at = `${path}.items.properties[${key}]`
    const isNeeded = Array.isArray(needed) && needed.includes(key)
    if (!isNeeded && member["default"] === undefined) {
      const why = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"
      yield required(`${at}.default`, why)
    }
    if (!scalars.includes(String(member["type"])) && member["x-kubernetes-int-or-string"] !== true) {
      // The server names the type of the item here, not that of its key.
      yield invalidValue(`${at}.type`, type, "must be a scalar type if parent array's x-kubernetes-list-type is map")
    }
    if (member["nullable"] === true) {
      yield forbidden(`${at}.nullable`, "cannot be nullable when x-kubernetes-list-type is map")
    }
  }
}

function* setCauses(items: Node, path: string): Generator<StatusCause> {
  if (items["nullable"] === true) {
    yield forbidden(`${path}.nullable`, "cannot be nullable when x-kubernetes-list-type is set")
  }
  const mapType = items["x-kubernetes-map-type"]
  const why = "as item of a list with x-kubernetes-list-type=set"
  if (items["type"] === "object" && mapType !== "atomic") {
    yield invalidValue(`${path}.x-kubernetes-map-type`, mapType ?? null, `must be atomic ${why}`)
  }
  const listType = items["x-kubernetes-list-type"]
  if (items["type"] === "array" && listType !== undefined && listType !== "atomic") {
    yield invalidValue(`${path}.x-kubernetes-list-type`, listType, `must be atomic ${why}`)
  }
}
