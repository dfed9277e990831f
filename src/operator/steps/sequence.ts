import { inParallel } from "../../base/mod.ts"
import { describeObject, isTerminating, keyOf, objectKey } from "../../kube/mod.ts"
import { type DeletionGroupPlan, renderEntry } from "../../plan/mod.ts"
import { deletionRecord, writeDeletionRecord } from "../deletion-record.ts"
import { type Pass, revisitAt } from "../pass.ts"
import { removable, removeChild } from "../removal.ts"
import { scopeOf } from "../scope.ts"
import { runJobs } from "./last-jobs.ts"
import { type Found, type Turn, tell, unreadable } from "./turn.ts"

const parallelMax = 8

/** Where stands what comes before the end of a CR. `blocked`: time or a Job says no, and only a hand helps. */
export type Standing =
  | { readonly kind: "done" }
  | { readonly kind: "waiting"; readonly on: readonly string[] }
  | { readonly kind: "blocked"; readonly reason: "JobFailed" | "DeletionTimeout"; readonly on: readonly string[] }

/**
 * Does what `onDelete` asks for, as far as it can be done now; never waits.
 *
 * All state is in the cluster: which children are left, which Jobs ended, and on the CR since when. So every pass, also
 * that of another process, goes on where the last one stopped.
 */
export async function sequence(pass: Pass): Promise<Standing> {
  const { deletion } = pass.plan
  if (!deletion) return { kind: "done" }
  const nowMs = pass.ports.clock.nowMs()
  const record = deletionRecord(pass.cr)
  const sinceMs = record.sinceMs ?? nowMs
  const endMs = sinceMs + deletion.timeout
  const done = new Set(record.done)
  const standing = await standingOf(pass, done, nowMs >= endMs)
  const isOpen = standing.kind !== "done"
  if (isOpen && nowMs < endMs) revisitAt(pass, endMs)
  const isTimed = deletion.ordered || deletion.onFailure === "continue" || deletion.groups.some(hasJobs)
  // Before anything else: a Job that is removed must not look like one that never ran.
  const isNew = done.size > record.done.size || (isOpen && isTimed && record.sinceMs === undefined)
  if (isNew) await writeDeletionRecord(pass, sinceMs, done)
  return standing
}

function hasJobs({ run }: DeletionGroupPlan): boolean {
  return run.length > 0
}

async function standingOf(pass: Pass, done: Set<string>, isLate: boolean): Promise<Standing> {
  const { groups = [], onFailure } = pass.plan.deletion ?? {}
  const mayMake = !isLate || onFailure === "block"
  for (const group of groups) {
    const found: Found = { waits: [], broken: [], failed: [] }
    await look(pass, group, { found, done, isLate, mayMake })
    const at = (texts: readonly string[]) => texts.map((text) => (group.name ? `step ${group.name}: ${text}` : text))
    const { waits, broken, failed } = { waits: at(found.waits), broken: at(found.broken), failed: at(found.failed) }
    if (failed.length > 0) return { kind: "blocked", reason: "JobFailed", on: failed }
    if (isLate) tell(pass, "DeletionTimeout", broken, "the deletion goes on without it")
    const open = isLate ? waits : [...waits, ...broken]
    if (open.length === 0) continue
    if (!isLate) return { kind: "waiting", on: open }
    if (onFailure === "block") return { kind: "blocked", reason: "DeletionTimeout", on: open }
    tell(pass, "DeletionTimeout", open, "the deletion goes on without it")
    return { kind: "done" }
  }
  return { kind: "done" }
}

async function look(pass: Pass, group: DeletionGroupPlan, turn: Turn): Promise<void> {
  await Promise.all([removeNamed(pass, group, turn), runJobs(pass, group, turn)])
}

// Foreground: a step is over when the Pods of its workloads are gone too.
async function removeNamed(pass: Pass, group: DeletionGroupPlan, { found }: Turn): Promise<void> {
  const named = namesOf(pass, group, found)
  const isOrdered = pass.plan.deletion?.ordered === true
  const children = removable(pass).filter(({ object }) => named.has(`${object.kind} ${keyOf(object)}`))
  await inParallel(children, parallelMax, async (child) => {
    if (!isTerminating(child.object)) await removeChild(pass, child, isOrdered ? "Foreground" : "Background")
    if (pass.ports.cache.get(child.gvr, keyOf(child.object))) {
      found.waits.push(`${describeObject(child.object)}: is being deleted`)
    }
  })
  found.waits.sort()
}

function namesOf(pass: Pass, group: DeletionGroupPlan, found: Found): ReadonlySet<string> {
  const scope = scopeOf(pass)
  const isOrdered = pass.plan.deletion?.ordered === true
  return new Set(
    group.remove.flatMap((entry) => {
      const { rendered, failures, nextChangeMs } = renderEntry(entry, scope)
      revisitAt(pass, nextChangeMs)
      const texts = failures.map(({ where, message }) => `${entry.id} (${where}): ${message}`)
      tell(pass, "TemplateError", texts, isOrdered ? "it is tried again" : "the deletion goes on without it")
      // Without an order nothing is lost: what it names goes with all the others.
      if (isOrdered) found.broken.push(...texts)
      const info = pass.ports.resourceOf(entry.gvk)
      const problem = info && rendered.length > 0 ? pass.ports.cache.problem(info.gvr) : undefined
      if (problem === "syncing") found.waits.push(`${entry.id}: its kind is still being listed`)
      else if (problem && isOrdered) found.broken.push(unreadable(entry.id, problem))
      return rendered.map(({ object: { metadata } }) => {
        const namespace = info?.namespaced ? (metadata.namespace ?? pass.cr.metadata.namespace) : undefined
        return `${entry.gvk.kind} ${objectKey(namespace, metadata.name ?? "")}`
      })
    }),
  )
}
