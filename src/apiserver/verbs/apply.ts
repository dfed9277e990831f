import {
  apiVersionOf,
  apply as applyFields,
  isRecord,
  type KubeObject,
  noFields,
  parseApiVersion,
} from "../../kube/mod.ts"
import type { Call, Core } from "../core.ts"
import { withMetadata } from "../metadata.ts"
import { badRequest, conflict, internal, notFound, Refusal } from "../refusal.ts"
import { createObject, placed, type Updated, updateObject } from "../write.ts"

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

function configOf({ resource }: Call, value: unknown): KubeObject {
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
  return { ...value, apiVersion: String(apiVersion), kind: String(kind), metadata: isRecord(metadata) ? metadata : {} }
}

function merged(
  call: Call,
  config: KubeObject,
  { live, force }: { readonly live: KubeObject | undefined; readonly force: boolean },
): KubeObject {
  const { resource, manager, context, name } = call
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
    const object = placed(call, result.value.object)
    return object.metadata.name === undefined ? withMetadata(object, { ...object.metadata, name }) : object
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
