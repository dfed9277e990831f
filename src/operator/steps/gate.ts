import { ms } from "../../base/mod.ts"
import type { Outcome } from "../../runtime/mod.ts"
import { isNews } from "../emit.ts"
import { isPlanned } from "../gates.ts"
import { type Pass, revisit, revisitAt } from "../pass.ts"

/** When a gate is asked again whose call failed. */
const failedRevisitMs = ms("30s")

/**
 * Ends the pass while a gate is closed: nothing is written, and nothing is lost, since it is looked at again at the next
 * resync or when time may have opened the gate. Comes after the deletion, which no gate holds.
 *
 * What the operator itself planned did not come through the door, so both gates are asked. A door cannot wait for calls:
 * an enqueueGate that makes some is always asked here.
 */
export async function gate(pass: Pass): Promise<"next" | Outcome> {
  const { calls, gates: plan } = pass.plan
  const atDoor = calls.gates.length + calls.enqueueGate.length === 0 && !isPlanned(pass.reason)
  const gates = atDoor ? (["reconcile"] as const) : (["enqueue", "reconcile"] as const)
  let shared = calls.gates
  for (const which of gates) {
    const end = await pass.ports.calls.make(pass, [...shared, ...calls[`${which}Gate`]])
    shared = []
    if (end.kind === "wait") return { kind: "waiting", on: end.on, afterMs: end.afterMs }
    const isSaid = !isNews(pass, `call of the ${which}Gate`, end.kind === "failed" ? end.error.message : undefined)
    if (end.kind === "failed") {
      if (!isSaid) pass.log.warn("a call of a gate failed", { gate: `${which}Gate`, reason: end.error.message })
      if (plan[which]?.failPolicy !== "closed") continue
      revisit(pass, failedRevisitMs)
      return { kind: "gated", why: `${which}Gate: ${end.error.message}` }
    }
    const { open, nextChangeMs, failures } = pass.ports.gates.judge(which, pass)
    if (open) continue
    revisitAt(pass, nextChangeMs)
    const [failure] = failures
    return { kind: "gated", why: failure ? `${which}Gate: ${failure.message}` : `${which}Gate is closed` }
  }
  return "next"
}
