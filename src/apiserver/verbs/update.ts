import type { KubeObject } from "../../kube/mod.ts"
import type { Call, Core } from "../core.ts"
import { invalidValue } from "../names.ts"
import { invalid } from "../refusal.ts"
import { updateRulesOf } from "../update-rules.ts"
import { createObject, type Updated, updateObject } from "../write.ts"
import { wrongUid } from "./delete.ts"

/** Replaces an object; a uid or resourceVersion in it is a precondition. */
export async function update(core: Core, call: Call, object: KubeObject): Promise<Updated> {
  const { resource, context } = call
  const { uid = "" } = object.metadata
  const rules = updateRulesOf(resource)
  const create = () => {
    if (uid !== "") throw wrongUid(call, uid, "")
    return createObject(core, call, { object, isOwned: false })
  }
  const mayCreate = rules.creates && context.subresource === ""
  return updateObject(core, call, {
    expect: (live) => {
      if (uid !== "" && uid !== live.metadata.uid) throw wrongUid(call, uid, live.metadata.uid ?? "")
    },
    next: () => ({ object, isOwned: false }),
    ...(mayCreate ? { create } : {}),
  })
}

/** Refuses an update without a resourceVersion where the kind wants one. */
export function mustNameVersion(core: Core, { resource, namespace, name }: Call, object: KubeObject): void {
  const { resourceVersion = "" } = object.metadata
  if ((resourceVersion !== "" && resourceVersion !== "0") || updateRulesOf(resource).isUnconditional) return
  // What is not there needs no version: it is made, or it is not found.
  if (core.storage.get({ prefix: resource.prefix, namespace, name }) === undefined) return
  // Here the resource stands where elsewhere the kind does.
  const named = { gvr: resource.gvr, kind: resource.gvr.resource }
  throw invalid(named, name, [invalidValue("metadata.resourceVersion", 0, "must be specified for an update")])
}
