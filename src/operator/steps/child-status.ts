import { isOrkError, OrkError } from "../../base/mod.ts"
import {
  coerce,
  describeObject,
  diffToMergePatch,
  isRecord,
  isTerminating,
  type KubeObject,
  prune,
} from "../../kube/mod.ts"
import { mergeOver } from "../../plan/mod.ts"
import { childId } from "../inventory.ts"
import type { Desired, Pass } from "../pass.ts"

/** Writes the declared status of children: what differs of the declared fields, and nothing of the others. */
export async function childStatus(pass: Pass): Promise<"next"> {
  for (const item of pass.desired) {
    const live = pass.live.get(childId(item.resource.gvr, item.key))
    if (item.rendered.status && live && !isTerminating(live)) await writeOne(pass, item, live)
  }
  return "next"
}

async function writeOne(pass: Pass, item: Desired, live: KubeObject): Promise<void> {
  const isPart = item.resource.subresources.includes("status")
  const { value, hasStatus = isPart } = item.rendered.status ?? { value: undefined }
  const before = isRecord(live["status"]) ? live["status"] : {}
  const isOnce = item.rendered.resource.lifecycle === "once"
  if (!hasStatus || !isRecord(value) || (isOnce && Object.keys(before).length > 0)) return
  const patch = diffToMergePatch(before, mergeOver(before, typed(pass, item, value)))
  if (!isRecord(patch) || Object.keys(patch).length === 0) return
  const body = { metadata: { uid: live.metadata.uid }, status: patch }
  const { signal } = pass
  const options = { fieldManager: pass.plan.fieldManager, signal, ...(isPart && { subresource: "status" as const }) }
  signal.throwIfAborted()
  try {
    const object = await pass.ports.client.patch(item.resource, item.key, { type: "merge", body }, options)
    pass.ports.cache.observe(item.resource.gvr, object)
    pass.live.set(childId(item.resource.gvr, item.key), object)
    pass.marks.changes.push({ verb: "updated", object: describeObject(object), detail: "status" })
  } catch (error) {
    if (!isOrkError(error, "api/not-found")) throw error // its deletion wakes this CR again
  }
}

/** The status in the types of its schema; what the schema does not have would be dropped by the server each time. */
function typed(pass: Pass, item: Desired, value: Readonly<Record<string, unknown>>): unknown {
  const { schemas } = pass.ports
  const schema = schemas.root(item.rendered.resource.gvk)?.properties?.["status"]
  if (schema === undefined) return value
  const made = coerce(prune(value, schema, schemas).value, schema, schemas)
  if (made.ok) return made.value
  const what = made.error.map(({ path, message }) => `status.${path} ${message}`).join(", ")
  throw new OrkError("template/type", `${describeObject(item.object)}: ${what}`, {
    where: item.rendered.resource.where,
  })
}
