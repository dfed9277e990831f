import { inParallel, isOrkError, type OrkError } from "../../base/mod.ts"
import { describeObject, isTerminating, type KubeObject, readinessOf, statusOf } from "../../kube/mod.ts"
import { type DeletionGroupPlan, renderEntry } from "../../plan/mod.ts"
import { entryAnnotation, isFormerLife, isManagedBy, ownerNamed, ownershipOf } from "../ownership.ts"
import { type Desired, type Pass, revisitAt } from "../pass.ts"
import { removeChild } from "../removal.ts"
import { scopeOf } from "../scope.ts"
import { finish } from "./render.ts"
import { type Turn, tell, unreadable } from "./turn.ts"

const parallelMax = 8

/**
 * Makes the Jobs of a group that have not run yet, and looks how the others do.
 *
 * A Job counts once it is seen Complete, which the record keeps; one that is deleted before is made again. It has no
 * owner reference: the garbage collector may be taking the children of the CR already.
 */
export async function runJobs(pass: Pass, group: DeletionGroupPlan, turn: Turn): Promise<void> {
  await inParallel(jobsOf(pass, group, turn), parallelMax, (item) => runOne(pass, item, turn))
}

function jobsOf(pass: Pass, group: DeletionGroupPlan, { found }: Turn): readonly Desired[] {
  if (group.run.length === 0) return []
  const scope = scopeOf(pass)
  return group.run.flatMap((entry) => {
    const { rendered, failures, nextChangeMs } = renderEntry(entry, scope)
    revisitAt(pass, nextChangeMs)
    const all = [...failures]
    const items = rendered.flatMap((one) => {
      const item = finish(pass, one)
      if (item.ok) return [item.value]
      if ("wait" in item.error) found.broken.push(`${one.id}: ${item.error.wait}`)
      else all.push(...item.error.failures)
      return []
    })
    const texts = all.map(({ where, message }) => `${entry.id} (${where}): ${message}`)
    tell(pass, "TemplateError", texts, "it is tried again")
    found.broken.push(...texts)
    return items
  })
}

async function runOne(pass: Pass, item: Desired, turn: Turn): Promise<void> {
  if (turn.done.has(describeObject(item.object))) return
  const { cache } = pass.ports
  const problem = cache.problem(item.resource.gvr)
  if (problem === "syncing") turn.found.waits.push(`${item.rendered.id}: its kind is still being listed`)
  else if (problem) turn.found.broken.push(unreadable(item.rendered.id, problem))
  else {
    const live = cache.get(item.resource.gvr, item.key)
    if (live) await follow(pass, item, { turn, live })
    else if (turn.mayMake) await make(pass, item, turn)
    else turn.found.waits.push(`${describeObject(item.object)}: it has not run`)
  }
}

/** As for every child: version "1" makes the server say no when somebody has the name already. */
async function make(pass: Pass, item: Desired, turn: Turn): Promise<void> {
  const probe = { ...item.object, metadata: { ...item.object.metadata, resourceVersion: "1" } }
  const { signal } = pass
  const options = { fieldManager: pass.plan.fieldManager, force: true, fieldValidation: "Strict" as const, signal }
  signal.throwIfAborted()
  try {
    const { object } = await pass.ports.client.apply(item.resource, probe, options)
    pass.ports.cache.observe(item.resource.gvr, object)
    pass.marks.changes.push({ verb: "created", object: describeObject(object) })
    turn.found.waits.push(`${describeObject(object)}: it was just made`)
  } catch (error) {
    if (!isOrkError(error) || signal.aborted) throw error
    if (!isOrkError(error, "api/conflict", "api/already-exists")) return refused(pass, item, { turn, error })
    const live = await pass.ports.client.get(item.resource, item.key, { signal })
    if (!live) throw error // it was deleted at this moment: again
    await follow(pass, item, { turn, live })
  }
}

function refused(pass: Pass, item: Desired, { turn, error }: { readonly turn: Turn; readonly error: OrkError }): void {
  const text = `${describeObject(item.object)}: ${error.message}`
  const causes = statusOf(error)?.details?.causes ?? []
  // Nothing new is made in a namespace that goes: it would never go.
  if (causes.some(({ reason }) => reason === "NamespaceTerminating")) {
    tell(pass, "NamespaceTerminating", [text], "the deletion goes on without it")
  } else if (error.retryable && !turn.isLate) throw error
  else turn.found.broken.push(text)
}

async function follow(
  pass: Pass,
  item: Desired,
  { turn, live }: { readonly turn: Turn; readonly live: KubeObject },
): Promise<void> {
  const name = describeObject(live)
  const { found, done } = turn
  const { fieldManager } = pass.plan
  const ownership = ownershipOf(live, pass.cr, fieldManager)
  if (ownership === "other" && isFormerLife(live, pass.cr) && isManagedBy(live, fieldManager)) {
    if (!isTerminating(live)) await removeChild(pass, { gvr: item.resource.gvr, object: live })
    found.waits.push(`${name}: that of an earlier ${pass.cr.kind} of this name is being deleted`)
  } else if (ownership !== "ours" || live.metadata.annotations?.[entryAnnotation] !== item.rendered.id) {
    const owner = ownership === "ours" ? live.metadata.annotations?.[entryAnnotation] : ownerNamed(live)
    found.broken.push(`${name} exists and belongs to ${owner}; give the Job of onDelete another name`)
  } else {
    const readiness = readinessOf(live)
    if (readiness.ready) done.add(name)
    else if (!readiness.failed) found.waits.push(`${name}: ${readiness.why}`)
    else if (pass.plan.deletion?.onFailure === "continue") {
      done.add(name) // it has had its try, and is not made again once it is removed
      tell(pass, "JobFailed", [`${name} failed: ${readiness.why}`], "the deletion goes on")
    } else found.failed.push(`${name} failed: ${readiness.why}; delete the Job to run it again`)
  }
}
