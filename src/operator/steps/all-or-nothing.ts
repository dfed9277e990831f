import { isOrkError, Lru } from "../../base/mod.ts"
import { describeObject, keyOf, stableHash } from "../../kube/mod.ts"
import type { Client } from "../../runtime/mod.ts"
import { childId } from "../inventory.ts"
import { noMarks, type Problem } from "../marks.ts"
import { hashAnnotation } from "../ownership.ts"
import { type Pass, revisit, type Written } from "../pass.ts"
import { removeChild } from "../removal.ts"
import { lastApplied } from "../rollback.ts"

/**
 * Runs `applyAll` so that the children are either all as declared or all as they were: the server is asked first,
 * without consequences, and what fails all the same is undone.
 */
export async function allOrNothing(pass: Pass, applyAll: (pass: Pass) => Promise<void>): Promise<void> {
  const key = keyOf(pass.cr)
  if (pass.marks.problems.length > 0) return keepLast(pass, [])
  const intent = stableHash(pass.desired.map(({ object }) => object.metadata.annotations?.[hashAnnotation]))
  const known = pass.ports.rollbacks.of(key, intent)
  if (known) {
    revisit(pass, known.leftMs)
    return keepLast(pass, known.problems)
  }
  const refused = await tryAll(pass, applyAll)
  if (refused.length > 0) {
    if (refused.every(({ terminal }) => terminal)) pass.ports.rollbacks.failed(key, intent, refused)
    return keepLast(pass, refused)
  }
  const journal: Written[] = []
  pass.journal = journal
  await applyAll(pass)
  const failed = pass.marks.problems.filter(({ terminal }) => terminal)
  if (failed.length === 0) return
  for (const written of journal.toReversed()) await undo(pass, written)
  pass.ports.rollbacks.failed(key, intent, failed)
  keepLast(pass, [])
}

/** Leaves the children as they are, and says why. */
function keepLast(pass: Pass, problems: readonly Problem[]): void {
  pass.complete = false
  pass.marks.problems.push(...problems)
  const cause = pass.marks.problems[0]
  if (!cause?.terminal) return // it is tried again in a moment
  const message = `the last good state is kept: ${cause.message}`
  pass.marks.problems.push({ reason: "RolledBack", message, terminal: true, condition: "RolledBack" })
}

/** What the server would refuse. Nothing of the pass is changed by the question. */
async function tryAll(pass: Pass, applyAll: (pass: Pass) => Promise<void>): Promise<readonly Problem[]> {
  const { ports } = pass
  const nothing = () => undefined
  const trial: Pass = {
    ...pass,
    marks: noMarks(),
    live: new Map(),
    ports: {
      ...ports,
      client: dryClient(ports.client),
      cache: { ...ports.cache, observe: nothing, observeGone: nothing },
      observeCr: nothing,
      settled: new Lru(1),
      contests: { ...ports.contests, of: () => new Map(), corrected: nothing },
    },
  }
  await applyAll(trial)
  // Its namespace may be one that is only just made.
  return trial.marks.problems.filter(({ error }) => error?.code !== "api/not-found")
}

/** The same client for which every write is a question. */
function dryClient(client: Client): Client {
  const dryRun = true
  return {
    get: (...call) => client.get(...call),
    list: (...call) => client.list(...call),
    watch: (...call) => client.watch(...call),
    raw: (...call) => client.raw(...call),
    create: (resource, object, options) => client.create(resource, object, { ...options, dryRun }),
    update: (resource, object, options) => client.update(resource, object, { ...options, dryRun }),
    patch: (...[resource, key, patch, options]) => client.patch(resource, key, patch, { ...options, dryRun }),
    apply: (resource, object, options) => client.apply(resource, object, { ...options, dryRun }),
    delete: async () => true,
    deleteCollection: async () => undefined,
  }
}

async function undo(pass: Pass, { item, before, object, verb }: Written): Promise<void> {
  const { gvr } = item.resource
  try {
    if (verb === "created") {
      await removeChild(pass, { gvr, object })
      pass.live.delete(childId(gvr, item.key))
      return
    }
    const config = before && lastApplied(before, pass.plan.fieldManager)
    if (!config) return // it was not ours before: what was declared is all that is known of it
    const { fieldManager } = pass.plan
    const bound = { ...config, metadata: { ...config.metadata, uid: object.metadata.uid ?? "" } }
    const answer = await pass.ports.client.apply(item.resource, bound, {
      fieldManager,
      force: true,
      signal: pass.signal,
    })
    pass.ports.cache.observe(gvr, answer.object)
    pass.live.set(childId(gvr, item.key), answer.object)
    pass.marks.changes.push({ verb: "updated", object: describeObject(object), detail: "put back" })
  } catch (error) {
    if (!isOrkError(error) || pass.signal.aborted) throw error
    const message = `${describeObject(object)} could not be put back: ${error.message}`
    pass.marks.problems.push({ reason: "ReconcileError", message, terminal: true, error })
  }
}
