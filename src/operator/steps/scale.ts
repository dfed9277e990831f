import { type Ms, rfc3339 } from "../../base/mod.ts"
import { describeObject, isRecord, type KubeObject } from "../../kube/mod.ts"
import type { ScaleWish } from "../../plan/mod.ts"
import { childId } from "../inventory.ts"
import { scaledAtAnnotation } from "../ownership.ts"
import { type Desired, type Pass, revisit } from "../pass.ts"

/** Changes the replicas of workloads whose `autoscale` asks for it, one step in each cooldown. */
export async function scale(pass: Pass): Promise<"next"> {
  for (const item of pass.desired) {
    const { scale: wish } = item.rendered
    const live = pass.live.get(childId(item.resource.gvr, item.key))
    if (wish && live && !live.metadata.deletionTimestamp) await scaleOne(pass, item, { wish, live })
  }
  return "next"
}

async function scaleOne(
  pass: Pass,
  item: Desired,
  { wish, live }: { readonly wish: ScaleWish; readonly live: KubeObject },
): Promise<void> {
  const current = replicasOf(live)
  const wanted = clamp(wish.target ?? current + wish.step, wish)
  if (wanted === current) return
  const leftMs = cooldownLeft(pass, live, wish)
  // The bounds are not negotiable: outside of them nothing is waited for.
  if (leftMs > 0 && clamp(current, wish) === current) return revisit(pass, leftMs as Ms) // a difference of milliseconds
  const { uid, resourceVersion } = live.metadata
  const annotations = { [scaledAtAnnotation]: rfc3339(pass.ports.clock.nowMs()) }
  const body = { metadata: { uid, resourceVersion, annotations }, spec: { replicas: wanted } }
  const options = { fieldManager: pass.plan.fieldManager, signal: pass.signal }
  pass.signal.throwIfAborted()
  const object = await pass.ports.client.patch(item.resource, item.key, { type: "merge", body }, options)
  pass.ports.cache.observe(item.resource.gvr, object)
  pass.live.set(childId(item.resource.gvr, item.key), object)
  const detail = `scaled from ${current} to ${wanted}`
  pass.marks.changes.push({ verb: "updated", object: describeObject(object), detail })
  revisit(pass, wish.cooldownMs)
}

function replicasOf(live: KubeObject): number {
  const spec = live["spec"]
  const replicas = isRecord(spec) ? spec["replicas"] : undefined
  return typeof replicas === "number" ? replicas : 1
}

function clamp(replicas: number, { min, max }: ScaleWish): number {
  return Math.min(Math.max(replicas, min), max)
}

function cooldownLeft(pass: Pass, live: KubeObject, { cooldownMs }: ScaleWish): number {
  const scaledMs = Date.parse(live.metadata.annotations?.[scaledAtAnnotation] ?? "")
  return Number.isNaN(scaledMs) ? 0 : scaledMs + cooldownMs - pass.ports.clock.nowMs()
}
