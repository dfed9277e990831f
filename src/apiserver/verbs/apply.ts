import {
  apiVersionOf,
  apply as applyFields,
  isRecord,
  type KubeObject,
  noFields,
  parseApiVersion,
} from "../../kube/mod.ts"
import type { Call, Core } from "../core.ts"
import { decode } from "../decode.ts"
import { badRequest, conflict, internal, notFound, Refusal } from "../refusal.ts"
import { createObject, mustHaveName, placed, type Updated, updateObject } from "../write.ts"

/** A server-side apply. */
export interface ApplyRequest {
  readonly value: unknown
  readonly force: boolean
}

/** Applies a configuration: creates the object, or changes what the manager owns. */
export function apply(core: Core, call: Call, { value, force }: ApplyRequest): Promise<Updated> {
  const { resource, name, context } = call
  const config = configOf(call, value)
  return updateObject(core, call, {
    next: (live) => ({ object: merged(call, config, { live, force }), isOwned: true }),
    create: () => {
      if (context.subresource !== "") throw notFound(resource, name)
      const { uid = "" } = config.metadata
      if (uid !== "") {
        const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`
        throw conflict(resource, name, why)
      }
      return createObject(core, call, { object: merged(call, config, { live: undefined, force }), isOwned: true })
    },
  })
}

function configOf({ resource }: Call, given: unknown): KubeObject {
  const value = given ?? {}
  if (!isRecord(value)) {
    throw badRequest(
      `error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${Array.isArray(value) ? "array" : typeof value} into Go value of type map[string]interface {}`,
    )
  }
  const { apiVersion = "", kind = "", metadata } = value
  if (apiVersion !== apiVersionOf(resource.gvr) || kind !== resource.kind) {
    const { group, version } = parseApiVersion(String(apiVersion))
    throw badRequest(`invalid object type: ${group}/${version}, Kind=${kind}`)
  }
  const own = (metadata ?? {}) as KubeObject["metadata"] // the check against the schema comes before all else
  return { ...value, apiVersion: String(apiVersion), kind: String(kind), metadata: own }
}

function merged(
  call: Call,
  config: KubeObject,
  { live, force }: { readonly live: KubeObject | undefined; readonly force: boolean },
): KubeObject {
  const { resource, manager, context } = call
  const { schema, set, strategy } = resource
  const through = context.subresource === "" ? {} : { subresource: context.subresource }
  const reset = resource.reset(context.subresource) ?? noFields
  const complete = (object: KubeObject) => strategy.complete(object)
  const result = applyFields({
    live,
    config,
    manager,
    schema,
    set,
    now: context.now,
    force,
    reset,
    complete,
    ...through,
  })
  if (result.ok) {
    mustBeReadable(call, config)
    const object = placed(call, withoutNulls(call, config, result.value.object))
    mustHaveName(call, object.metadata.name)
    return object
  }
  const refusal = result.error
  switch (refusal.kind) {
    case "conflict":
      throw new Refusal(409, "Conflict", refusal.message, { causes: refusal.causes })
    case "untyped":
      throw internal(refusal.message)
    case "bad-request":
      throw badRequest(refusal.message)
  }
}

/** Nothing in a list is an empty item of its type. */
function withoutNulls({ resource }: Call, config: KubeObject, object: KubeObject): KubeObject {
  if (resource.isCustom || !hasNull(config)) return object
  const decoded = decode(object, resource)
  return decoded.ok ? decoded.object : object
}

function hasNull(value: unknown): boolean {
  if (typeof value !== "object") return false
  return value === null || Object.values(value).some(hasNull)
}

/** A configuration is checked against a schema, but only the types themselves know which texts they can read. */
function mustBeReadable({ resource }: Call, config: KubeObject): void {
  if (resource.isCustom) return
  const decoded = decode(config, resource)
  if (decoded.ok) return
  const { group, version } = resource.gvr
  const { namespace = "", name = "" } = config.metadata
  const kind = `${group}/${version}, Kind=${resource.kind}`
  throw internal(
    `failed to convert new object (${namespace}/${name}; ${kind}) to proper version: unable to convert unstructured object to ${kind}: ${/^illegal base64/.test(decoded.error) ? "error decoding from json: " : ""}${decoded.error}`,
  )
}
