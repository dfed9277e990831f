import type { Outcome } from "../../runtime/mod.ts"
import { isPlanned } from "../gates.ts"
import { type Pass, revisitAt } from "../pass.ts"

/**
 * Ends the pass while a gate is closed: nothing is written, and nothing is lost, since it is looked at again at the next
 * resync or when time may have opened the gate. Comes after the deletion, which no gate holds.
 *
 * What the operator itself planned did not come through the door, so both gates are asked.
 */
export async function gate(pass: Pass): Promise<"next" | Outcome> {
  const gates = isPlanned(pass.reason) ? (["enqueue", "reconcile"] as const) : (["reconcile"] as const)
  for (const which of gates) {
    const { open, nextChangeMs, failures } = pass.ports.gates.judge(which, pass)
    if (open) continue
    revisitAt(pass, nextChangeMs)
    const [failure] = failures
    return { kind: "gated", why: failure ? `${which}Gate: ${failure.message}` : `${which}Gate is closed` }
  }
  return "next"
}
