import { type Ms, ms, parseDuration, shorten } from "../base/mod.ts"
import { keyOf } from "../kube/mod.ts"
import type { Gate, RenderFailure } from "../plan/mod.ts"
import { type Pass, revisitAt } from "./pass.ts"
import { scopeOf } from "./scope.ts"

/** What an Event can hold. */
const messageMax = 1_024
const shortestMs = ms("1s")

/** True when `text` is not what was last said on this topic about the CR; undefined says that there is nothing to say. */
export function isNews({ cr, ports }: Pass, topic: string, text: string | undefined): boolean {
  return ports.said.isNews(keyOf(cr), topic, text)
}

/** Sends the declared events whose text or condition changed. After a failed pass only those that have conditions. */
export function emitEvents(pass: Pass): void {
  const { plan, ports, marks } = pass
  const due = plan.events.filter(({ gate }) => gate.conditional || marks.problems.length === 0)
  if (due.length === 0) return
  const scope = scopeOf(pass)
  for (const { name, type, reason, message, gate } of due) {
    const topic = `event ${name}`
    const open = isOpen(pass, topic, gate)
    const text = open ? message.render(scope) : undefined
    if (text && !text.ok) skip(pass, topic, text.error)
    const note = text?.ok ? shorten(String(text.value ?? ""), messageMax) : undefined
    if (!isNews(pass, topic, note)) continue
    ports.events.record({ regarding: pass.cr, action: "Reconcile", type, reason, message: note ?? "" })
  }
}

/** When the CR wants to be looked at again after a success; undefined: not before something happens. */
export function requeueAfter(pass: Pass): Ms | undefined {
  const { requeue } = pass.plan
  if (!requeue || !isOpen(pass, "requeue", requeue.gate)) return undefined
  const after = requeue.after.render(scopeOf(pass))
  if (!after.ok) {
    skip(pass, "requeue", after.error)
    return undefined
  }
  const parsed = parseDuration(String(after.value ?? "")) ?? 0
  return parsed > 0 ? ms(Math.max(shortestMs, parsed)) : undefined
}

function isOpen(pass: Pass, topic: string, gate: Gate): boolean {
  const judged = gate.judge(scopeOf(pass))
  if (!judged.ok) {
    skip(pass, topic, judged.error)
    return false
  }
  revisitAt(pass, judged.value.nextChangeMs)
  return judged.value.open
}

// What is told about the CR is no part of what it declares: a mistake in it fails nothing.
function skip(pass: Pass, topic: string, failures: readonly RenderFailure[]): void {
  const error = failures.map(({ where, message }) => `${where}: ${message}`).join("; ")
  if (isNews(pass, `mistake in ${topic}`, error)) pass.log.warn(`${topic} is left out`, { error })
}
