import { OrkError } from "../../base/mod.ts"
import type { Outcome } from "../../runtime/mod.ts"
import { makeCalls } from "../calls.ts"
import { finalize } from "../finalize.ts"
import { createdEntries } from "../once.ts"
import type { Pass } from "../pass.ts"
import { crossOf } from "../scope.ts"

/** What the entries read of others: the calls of `onCreate` only until each of its entries has made its object. */
async function callBlocks(pass: Pass): Promise<"next" | Outcome> {
  const { calls, resources } = pass.plan
  const once = resources.filter(({ lifecycle }) => lifecycle === "once")
  const isDone = once.length > 0 && createdEntries(pass.cr).size >= once.length
  return await makeCalls(pass, [calls.operatorBox, isDone ? [] : calls.onCreate, calls.onReconcile])
}

/**
 * What the templates read beside the CR and its children. While something of it cannot be known nothing is made: a kind
 * that is still being listed must not look as if it had no objects.
 */
export async function observe(pass: Pass): Promise<"next" | Outcome> {
  if (pass.plan.cross.length === 0) return await callBlocks(pass)
  const { waits, failures } = crossOf(pass)
  if (waits.length === 0 && failures.length === 0) return await callBlocks(pass)
  for (const { code, where, message: what } of failures) {
    const message = `cross (${where}): ${what}`
    pass.marks.problems.push({ reason: "TemplateError", message, terminal: true, error: new OrkError(code, message) })
  }
  pass.marks.waits.push(...waits)
  pass.complete = false
  pass.isBlind = true
  return await finalize(pass)
}
